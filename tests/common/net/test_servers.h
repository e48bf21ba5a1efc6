#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "common/net/endpoint.h"
#include "tests/common/net/test_certificates.h"

namespace switchyard::net::testing {

using ErrorCode = boost::system::error_code;
using ServerRequest = boost::beast::http::request<boost::beast::http::string_body>;

// One accepted connection, in the hands of a script that runs on a thread of its
// own and may block: the server's end cuts it off. Also a stream as Beast wants
// it, so that a websocket::stream<ServerConnection&> can be put on it.
class ServerConnection {
 public:
  using executor_type = boost::asio::ip::tcp::socket::executor_type;

  // `index` counts the server's connections from 0.
  ServerConnection(boost::asio::ip::tcp::socket socket, int index)
      : socket_(std::move(socket)), index_(index) {}

  int index() const { return index_; }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

  // False where the handshake failed.
  bool StartTls(const TlsIdentity& identity);
  // What the client put into its TLS hello.
  std::string server_name() const;

  // The next request; none when the client has closed.
  std::optional<ServerRequest> ReadRequest();
  // The next request's head as it came, none when the client has closed.
  std::optional<std::string> ReadRawHead();
  // All of `bytes` in one piece.
  void Write(std::string_view bytes);
  // An answer with Content-Length.
  void Respond(int status, std::string_view body, std::string_view extra_headers = "");
  // Blocks until the client has closed; drops what it sends.
  void WaitForClose();
  // Makes the client see a reset instead of an orderly end.
  void Reset();
  // Unblocks the script; any thread.
  void Interrupt();

  executor_type get_executor() { return socket_.get_executor(); }

  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers, ErrorCode& error) {
    return tls_ ? tls_->read_some(buffers, error) : socket_.read_some(buffers, error);
  }
  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers) {
    return tls_ ? tls_->read_some(buffers) : socket_.read_some(buffers);
  }
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers, ErrorCode& error) {
    return tls_ ? tls_->write_some(buffers, error) : socket_.write_some(buffers, error);
  }
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers) {
    return tls_ ? tls_->write_some(buffers) : socket_.write_some(buffers);
  }
  friend void teardown(boost::beast::role_type, ServerConnection& connection, ErrorCode& error) {
    connection.socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
  }

 private:
  boost::asio::ip::tcp::socket socket_;
  const int index_;
  std::optional<boost::asio::ssl::context> tls_context_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  boost::beast::flat_buffer buffer_;
};

using ServerWebSocket = boost::beast::websocket::stream<ServerConnection&>;

// A server on a loopback port of the system's choice that runs `script` for each
// connection. Its destructor cuts all connections and waits for the scripts.
class TestServer {
 public:
  using Script = std::function<void(ServerConnection&)>;

  explicit TestServer(Script script);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::uint16_t port() const { return port_; }
  Endpoint endpoint(bool tls = false, std::string host = "127.0.0.1") const {
    return {std::move(host), port_, tls};
  }
  // Connections accepted so far.
  int accepted() const { return accepted_; }

 private:
  struct Running {
    Running(boost::asio::ip::tcp::socket socket, int index)
        : connection(std::move(socket), index) {}
    ServerConnection connection;
    std::thread thread;
    std::atomic<bool> is_done{false};
  };

  void AcceptLoop();
  void JoinDone();

  Script script_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<int> accepted_{0};
  std::mutex mutex_;  // guards running_ and is_stopping_
  std::list<std::unique_ptr<Running>> running_;
  bool is_stopping_ = false;
  std::thread thread_;
};

// A port on which nobody listens.
std::uint16_t ClosedPort();

// A server's WebSocket frame, not masked. `opcode`: 1 text, 2 binary, 8 close,
// 9 ping, 10 pong, 0 continuation.
std::string EncodeFrame(int opcode, std::string_view payload, bool is_final = true);

// Sec-WebSocket-Accept for a client's Sec-WebSocket-Key.
std::string AcceptKey(const std::string& key);

// Lets a script wait for the test, which must open it before the server ends.
class Gate {
 public:
  void Open();
  void Wait();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

// Runs `io` on this thread until `done()` or for 10 s; whether it was done.
bool RunUntil(boost::asio::io_context& io, const std::function<bool()>& done);

// Runs everything that is ready, without waiting.
void RunReady(boost::asio::io_context& io);

}  // namespace switchyard::net::testing
