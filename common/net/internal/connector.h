#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/net/endpoint.h"
#include "common/net/internal/asio.h"
#include "common/net/internal/transport.h"
#include "common/net/proxy.h"
#include "common/net/tls_context.h"

namespace switchyard::net::internal {

struct ConnectOptions {
  Endpoint endpoint;
  std::shared_ptr<TlsContext> tls;
  std::optional<ProxyOptions> proxy;
  std::chrono::nanoseconds timeout{0};
};

// Checks what both clients share, for their Create.
// Errors: InvalidArgument, with the option's name.
absl::Status ValidateConnectOptions(const ConnectOptions& options);

// Opens one connection: resolves, connects (each address has its share of the
// time, so that one that swallows packets does not cost the others theirs), asks
// the proxy for a tunnel, shakes hands. Lives on the io_context's thread, held by
// its own operations.
class Connector : public std::enable_shared_from_this<Connector> {
 public:
  // Errors: Unavailable; nothing but handshakes was sent.
  using Done = std::function<void(absl::StatusOr<std::unique_ptr<Transport>>)>;

  // Calls `done` once and never from within, unless cancelled.
  static std::shared_ptr<Connector> Start(asio::io_context& io, ConnectOptions options, Done done);

  // Gives up; `done` is destroyed, not called.
  void Cancel();

 private:
  struct Tunnel;

  Connector(asio::io_context& io, ConnectOptions options, Done done);

  void Begin();
  void Resolve();
  void ConnectNext();
  void OnConnected(const ErrorCode& error);
  void OpenTunnel();
  void OnTunnelAnswer(const ErrorCode& error);
  void SecureOrFinish();
  void Finish();
  void Fail(const std::string& what);
  // Host and port that the TCP connection goes to.
  const std::string& NextHopHost() const;
  std::uint16_t NextHopPort() const;

  ConnectOptions options_;
  Done done_;
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver_;
  Timer deadline_;
  Timer attempt_timer_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Tunnel> tunnel_;
  std::vector<asio::ip::tcp::endpoint> addresses_;
  std::size_t next_address_ = 0;
  bool is_connecting_ = false;
  std::string last_failure_;
};

}  // namespace switchyard::net::internal
