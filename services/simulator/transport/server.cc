#include "services/simulator/transport/server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "services/simulator/transport/connection.h"

namespace switchyard::simulator::transport {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

class PortServer final : public Server {
 public:
  PortServer(asio::io_context& io, ServerHandler& handler, Tcp::endpoint endpoint,
             std::unique_ptr<asio::ssl::context> tls)
      : io_(io),
        handler_(handler),
        endpoint_(std::move(endpoint)),
        tls_(std::move(tls)),
        acceptor_(io) {}

  std::uint16_t port() const override { return endpoint_.port(); }

  absl::Status SetListening(bool listening) override {
    if (listening == acceptor_.is_open()) return absl::OkStatus();
    return listening ? Listen() : StopListening();
  }

  absl::Status Listen() {
    ErrorCode error;
    acceptor_.open(endpoint_.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint_, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      ErrorCode ignored;
      acceptor_.close(ignored);
      return absl::UnavailableError(fmt::format("cannot listen on {}:{}: {}",
                                                endpoint_.address().to_string(), endpoint_.port(),
                                                error.message()));
    }
    // A port that was chosen by the system is kept when listening again.
    endpoint_ = acceptor_.local_endpoint(error);
    Accept();
    return absl::OkStatus();
  }

  void CutHanging() override { hanging_.clear(); }

  void Shutdown() override {
    (void)StopListening();
    CutHanging();
    for (const auto& weak : connections_) {
      if (const auto connection = weak.lock()) connection->Cut();
    }
    connections_.clear();
  }

 private:
  absl::Status StopListening() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    return absl::OkStatus();
  }

  void Accept() {
    acceptor_.async_accept([this](ErrorCode error, Tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (!error) {
        if (handler_.OnAccept()) {
          hanging_.push_back(std::move(socket));
        } else {
          Keep(StartConnection(std::move(socket), tls_.get(), handler_));
        }
      }
      Accept();
    });
  }

  void Keep(std::weak_ptr<Connection> connection) {
    // Ended ones are swept out when they may be half of the list.
    if (connections_.size() >= sweep_at_) {
      std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
      sweep_at_ = 2 * connections_.size() + 64;
    }
    connections_.push_back(std::move(connection));
  }

  asio::io_context& io_;
  ServerHandler& handler_;
  Tcp::endpoint endpoint_;
  std::unique_ptr<asio::ssl::context> tls_;
  Tcp::acceptor acceptor_;
  std::vector<Tcp::socket> hanging_;
  std::vector<std::weak_ptr<Connection>> connections_;
  std::size_t sweep_at_ = 64;
};

absl::StatusOr<std::unique_ptr<asio::ssl::context>> TlsContext(const ServerOptions& options) {
  if (options.certificate_file.empty()) return std::unique_ptr<asio::ssl::context>();
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  ErrorCode error;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                           asio::ssl::context::no_tlsv1_1,
                       error);
  if (!error) context->use_certificate_chain_file(options.certificate_file, error);
  if (error) {
    return absl::InvalidArgumentError(
        fmt::format("cannot use certificate {}: {}", options.certificate_file, error.message()));
  }
  context->use_private_key_file(options.key_file, asio::ssl::context::pem, error);
  if (error) {
    return absl::InvalidArgumentError(
        fmt::format("cannot use key {}: {}", options.key_file, error.message()));
  }
  return context;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Create(asio::io_context& io,
                                                       const ServerOptions& options,
                                                       ServerHandler& handler) {
  ErrorCode error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) {
    return absl::InvalidArgumentError(fmt::format("'{}' is no IP address", options.address));
  }
  auto tls = TlsContext(options);
  if (!tls.ok()) return tls.status();
  auto server = std::make_unique<PortServer>(io, handler, Tcp::endpoint(address, options.port),
                                             *std::move(tls));
  if (absl::Status status = server->Listen(); !status.ok()) return status;
  return server;
}

}  // namespace switchyard::simulator::transport
