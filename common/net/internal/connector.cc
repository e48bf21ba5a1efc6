#include "common/net/internal/connector.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <utility>

#include "absl/status/status.h"
#include "common/net/internal/tls_native.h"

namespace switchyard::net::internal {
namespace {

namespace beast = boost::beast;
using asio::ip::tcp;

// A proxy that answers more than this to CONNECT is none.
constexpr std::uint32_t kMaxTunnelHeaderBytes = 16 * 1024;

std::string Base64(const std::string& text) {
  std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

std::string TunnelRequest(const Endpoint& endpoint, const ProxyOptions& proxy) {
  const std::string authority = HostAndPort(endpoint.host, endpoint.port);
  std::string request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", authority);
  if (proxy.credentials) {
    request += fmt::format(
        "Proxy-Authorization: Basic {}\r\n",
        Base64(fmt::format("{}:{}", proxy.credentials->user, proxy.credentials->password)));
  }
  request += "\r\n";
  return request;
}

}  // namespace

absl::Status ValidateConnectOptions(const ConnectOptions& options) {
  if (options.endpoint.host.empty()) return absl::InvalidArgumentError("endpoint.host: empty");
  if (options.endpoint.port == 0) return absl::InvalidArgumentError("endpoint.port: 0");
  if (options.endpoint.tls && options.tls == nullptr) {
    return absl::InvalidArgumentError("tls: required for a TLS endpoint");
  }
  if (options.proxy && (options.proxy->host.empty() || options.proxy->port == 0)) {
    return absl::InvalidArgumentError("proxy: host or port missing");
  }
  if (options.timeout <= std::chrono::nanoseconds(0)) {
    return absl::InvalidArgumentError("connect_timeout: not positive");
  }
  return absl::OkStatus();
}

// The exchange with a proxy.
struct Connector::Tunnel {
  std::string request;
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::empty_body> parser;
};

std::shared_ptr<Connector> Connector::Start(asio::io_context& io, ConnectOptions options,
                                            Done done) {
  std::shared_ptr<Connector> connector(new Connector(io, std::move(options), std::move(done)));
  connector->Begin();
  return connector;
}

Connector::Connector(asio::io_context& io, ConnectOptions options, Done done)
    : options_(std::move(options)),
      done_(std::move(done)),
      resolver_(io.get_executor()),
      deadline_(io.get_executor()),
      attempt_timer_(io.get_executor()),
      transport_(std::make_unique<Transport>(io.get_executor())) {}

void Connector::Begin() {
  deadline_.expires_after(options_.timeout);
  deadline_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->Fail("timed out");
  });
  Resolve();
}

void Connector::Cancel() {
  done_ = nullptr;
  deadline_.cancel();
  attempt_timer_.cancel();
  resolver_.cancel();
  if (transport_ != nullptr) transport_->Close();
}

const std::string& Connector::NextHopHost() const {
  return options_.proxy ? options_.proxy->host : options_.endpoint.host;
}

std::uint16_t Connector::NextHopPort() const {
  return options_.proxy ? options_.proxy->port : options_.endpoint.port;
}

void Connector::Resolve() {
  ErrorCode not_an_address;
  const asio::ip::address address = asio::ip::make_address(NextHopHost(), not_an_address);
  if (!not_an_address) {
    addresses_.emplace_back(address, NextHopPort());
    asio::post(transport_->get_executor(), [self = shared_from_this()] { self->ConnectNext(); });
    return;
  }
  resolver_.async_resolve(
      NextHopHost(), std::to_string(NextHopPort()), tcp::resolver::numeric_service,
      [self = shared_from_this()](const ErrorCode& error,
                                  const tcp::resolver::results_type& found) {
        if (error) {
          self->Fail(fmt::format("resolve {}: {}", self->NextHopHost(), error.message()));
          return;
        }
        for (const auto& entry : found) self->addresses_.push_back(entry.endpoint());
        self->ConnectNext();
      });
}

void Connector::ConnectNext() {
  if (done_ == nullptr) return;
  if (next_address_ == addresses_.size()) {
    Fail(last_failure_.empty() ? "no address" : last_failure_);
    return;
  }
  const auto remaining = deadline_.expiry() - Timer::clock_type::now();
  attempt_timer_.expires_after(remaining / (addresses_.size() - next_address_));
  const tcp::endpoint& address = addresses_[next_address_++];
  attempt_timer_.async_wait(
      [self = shared_from_this(), attempt = next_address_](const ErrorCode& error) {
        // The attempt may have ended while this wait was on its way here.
        if (error || !self->is_connecting_ || attempt != self->next_address_) return;
        self->transport_->Close();
      });
  transport_->Close();
  is_connecting_ = true;
  transport_->socket().async_connect(
      address, [self = shared_from_this()](const ErrorCode& error) { self->OnConnected(error); });
}

void Connector::OnConnected(const ErrorCode& error) {
  is_connecting_ = false;
  if (done_ == nullptr) return;
  if (error || !transport_->socket().is_open()) {
    last_failure_ = error == asio::error::operation_aborted ? "timed out" : error.message();
    attempt_timer_.cancel();
    ConnectNext();
    return;
  }
  attempt_timer_.cancel();
  ErrorCode option_error;
  transport_->socket().set_option(tcp::no_delay(true), option_error);
  if (option_error) {
    Fail(fmt::format("set TCP_NODELAY: {}", option_error.message()));
    return;
  }
  if (options_.proxy) {
    OpenTunnel();
  } else {
    SecureOrFinish();
  }
}

void Connector::OpenTunnel() {
  tunnel_ = std::make_unique<Tunnel>();
  tunnel_->request = TunnelRequest(options_.endpoint, *options_.proxy);
  // The answer to CONNECT has no body, whatever its headers say (RFC 9110 9.3.6).
  tunnel_->parser.skip(true);
  tunnel_->parser.header_limit(kMaxTunnelHeaderBytes);
  asio::async_write(
      *transport_, asio::buffer(tunnel_->request),
      [self = shared_from_this()](const ErrorCode& write_error, std::size_t) {
        if (self->done_ == nullptr) return;
        if (write_error) {
          self->Fail(fmt::format("ask the proxy: {}", write_error.message()));
          return;
        }
        beast::http::async_read_header(
            *self->transport_, self->tunnel_->buffer, self->tunnel_->parser,
            [self](const ErrorCode& error, std::size_t) { self->OnTunnelAnswer(error); });
      });
}

void Connector::OnTunnelAnswer(const ErrorCode& error) {
  if (done_ == nullptr) return;
  if (error) {
    Fail(fmt::format("read the proxy's answer: {}", error.message()));
    return;
  }
  const unsigned status = tunnel_->parser.get().result_int();
  if (status < 200 || status >= 300) {
    Fail(fmt::format("the proxy refused the tunnel with status {}", status));
    return;
  }
  // In all protocols used here the client speaks first.
  if (tunnel_->buffer.size() != 0) {
    Fail("the proxy sent more than its answer");
    return;
  }
  SecureOrFinish();
}

void Connector::SecureOrFinish() {
  if (!options_.endpoint.tls) {
    Finish();
    return;
  }
  if (absl::Status status = transport_->EnableTls(options_.tls, options_.endpoint.host);
      !status.ok()) {
    Fail(std::string(status.message()));
    return;
  }
  transport_->AsyncTlsHandshake([self = shared_from_this()](const ErrorCode& error) {
    if (self->done_ == nullptr) return;
    if (error) {
      self->Fail(fmt::format("tls handshake: {}", self->transport_->DescribeTlsFailure(error)));
    } else {
      self->Finish();
    }
  });
}

void Connector::Finish() {
  const Done done = std::exchange(done_, nullptr);
  deadline_.cancel();
  done(std::move(transport_));
}

void Connector::Fail(const std::string& what) {
  if (done_ == nullptr) return;
  const Done done = std::exchange(done_, nullptr);
  Cancel();
  const std::string via =
      options_.proxy ? fmt::format(" via proxy {}", HostAndPort(NextHopHost(), NextHopPort())) : "";
  done(absl::UnavailableError(
      fmt::format("connect to {}{}: {}",
                  HostAndPort(options_.endpoint.host, options_.endpoint.port), via, what)));
}

}  // namespace switchyard::net::internal
