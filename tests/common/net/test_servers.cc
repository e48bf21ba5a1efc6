#include "tests/common/net/test_servers.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

namespace switchyard::net::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::chrono::seconds kRunLimit{10};

}  // namespace

bool ServerConnection::StartTls(const TlsIdentity& identity) {
  tls_context_.emplace(asio::ssl::context::tls_server);
  tls_context_->use_certificate(asio::buffer(identity.certificate), asio::ssl::context::pem);
  tls_context_->use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
  tls_.emplace(socket_, *tls_context_);
  ErrorCode error;
  tls_->handshake(asio::ssl::stream_base::server, error);
  return !error;
}

std::string ServerConnection::server_name() const {
  // OpenSSL's getter is not const.
  auto& tls = const_cast<decltype(tls_)&>(tls_);
  const char* name = SSL_get_servername(tls->native_handle(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? "" : name;
}

std::optional<ServerRequest> ServerConnection::ReadRequest() {
  http::request_parser<http::string_body> parser;
  ErrorCode error;
  http::read(*this, buffer_, parser, error);
  if (error) return std::nullopt;
  return parser.release();
}

std::optional<std::string> ServerConnection::ReadRawHead() {
  std::string text;
  ErrorCode error;
  asio::read_until(*this, asio::dynamic_buffer(text), "\r\n\r\n", error);
  if (error) return std::nullopt;
  return text;
}

void ServerConnection::Write(std::string_view bytes) {
  ErrorCode ignored;  // the client may have gone, which is the test's business
  asio::write(*this, asio::buffer(bytes), ignored);
}

void ServerConnection::Respond(int status, std::string_view body, std::string_view extra_headers) {
  Write(fmt::format("HTTP/1.1 {} Status\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(),
                    extra_headers, body));
}

void ServerConnection::WaitForClose() {
  char dropped[4096];
  ErrorCode error;
  while (!error) read_some(asio::buffer(dropped), error);
}

void ServerConnection::Reset() {
  ErrorCode ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

void ServerConnection::Interrupt() { ::shutdown(socket_.native_handle(), SHUT_RDWR); }

TestServer::TestServer(Script script)
    : script_(std::move(script)),
      acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      thread_([this] { AcceptLoop(); }) {}

TestServer::~TestServer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    for (const auto& running : running_) running->connection.Interrupt();
  }
  // Makes a blocked accept return; closing would race with it.
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  thread_.join();
  for (const auto& running : running_) running->thread.join();
}

void TestServer::AcceptLoop() {
  for (int index = 0;; ++index) {
    ErrorCode error;
    tcp::socket socket = acceptor_.accept(error);
    if (error) return;
    ErrorCode ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    ++accepted_;
    JoinDone();
    running_.push_back(std::make_unique<Running>(std::move(socket), index));
    Running* running = running_.back().get();
    running->thread = std::thread([this, running] {
      script_(running->connection);
      running->connection.Interrupt();
      running->is_done = true;
    });
  }
}

void TestServer::JoinDone() {
  std::erase_if(running_, [](const std::unique_ptr<Running>& running) {
    if (!running->is_done) return false;
    running->thread.join();
    return true;
  });
}

std::uint16_t ClosedPort() {
  asio::io_context io;
  const tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

std::string EncodeFrame(int opcode, std::string_view payload, bool is_final) {
  std::string frame;
  frame.push_back(static_cast<char>((is_final ? 0x80 : 0) | opcode));
  const std::size_t size = payload.size();
  std::size_t length_bytes = 0;
  if (size < 126) {
    frame.push_back(static_cast<char>(size));
  } else if (size <= 0xffff) {
    frame.push_back(126);
    length_bytes = 2;
  } else {
    frame.push_back(127);
    length_bytes = 8;
  }
  for (std::size_t i = length_bytes; i > 0; --i) {
    frame.push_back(static_cast<char>(size >> (8 * (i - 1)) & 0xff));
  }
  return frame.append(payload);
}

std::string AcceptKey(const std::string& key) {
  // RFC 6455 section 4.2.2.
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  unsigned char encoded[4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1];
  const int size = EVP_EncodeBlock(encoded, digest, SHA_DIGEST_LENGTH);
  return std::string(encoded, encoded + size);
}

void Gate::Open() {
  const std::lock_guard lock(mutex_);
  is_open_ = true;
  changed_.notify_all();
}

void Gate::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_open_; });
}

bool RunUntil(asio::io_context& io, const std::function<bool()>& done) {
  const auto work = asio::make_work_guard(io);
  const auto deadline = std::chrono::steady_clock::now() + kRunLimit;
  while (!done()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return false;
    if (io.stopped()) io.restart();
    // In slices, because some conditions are set by a server's thread.
    io.run_one_for(std::min<std::chrono::steady_clock::duration>(deadline - now,
                                                                 std::chrono::milliseconds(20)));
  }
  return true;
}

void RunReady(asio::io_context& io) {
  if (io.stopped()) io.restart();
  io.poll();
}

}  // namespace switchyard::net::testing
