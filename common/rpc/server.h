#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"

namespace grpc {
class CallbackGenericService;
class Channel;
class ServerCredentials;
class Service;
}  // namespace grpc

namespace grpc::experimental {
class ServerInterceptorFactoryInterface;
}  // namespace grpc::experimental

namespace switchyard::rpc {

class RpcMetrics;

struct ServerOptions {
  // host:port (port 0 = any free one) or unix:/path; at least one.
  std::vector<std::string> listen;
  // Health alone, in plaintext, for probes; empty = none. `listen` serves health too.
  std::string health_listen;
  // For all of `listen` but unix sockets, which are plaintext. Null = plaintext.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  // Counts calls; must outlive the server. Null = not counted.
  metrics::Metrics* metrics = nullptr;
  // Makes one more interceptor of calls; unset or null = none.
  std::function<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>()>
      make_interceptors;
  // Answers methods that no service has. Must outlive the server.
  grpc::CallbackGenericService* generic_service = nullptr;
  bool reflection = true;

  int max_receive_message_bytes = 4 << 20;
  // For all calls together; beyond it gRPC refuses new work instead of growing.
  std::size_t memory_quota_bytes = 512u << 20;
  int max_concurrent_streams = 1000;
  // Connections older than this are closed gracefully, so that clients rebalance; 0 = never.
  std::chrono::milliseconds max_connection_age{0};
  std::chrono::milliseconds max_connection_age_grace{10'000};
};

// The gRPC server of a process: the same limits, keepalive rules, health and reflection everywhere.
// Serves from gRPC's own threads, callback API. Start and stop it from one thread.
class Server {
 public:
  // `services` must outlive the server.
  // Errors: InvalidArgument or Unavailable (port in use), naming the address.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // As Shutdown with no time left.
  ~Server();

  // In the order of ServerOptions::listen; 0 for unix sockets.
  const std::vector<int>& ports() const { return ports_; }
  // 0 without health_listen.
  int health_port() const { return health_port_; }

  // grpc.health.v1 of one name ("" = the process) on both servers. "" serves from the start; other
  // names are unknown until set. Any thread.
  void SetServing(std::string_view name, bool serving);

  // Reports NOT_SERVING for all names, accepts no new calls, lets those under way finish until
  // `grace` has passed, then cancels them. Returns when all are done. Only the first call counts.
  void Shutdown(std::chrono::milliseconds grace);

  // A channel to this server inside the process, without a socket. Uncounted by port limits; ends
  // with the server.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // For the ends of streams, see rpc_metrics.h; null without metrics.
  RpcMetrics* rpc_metrics() { return rpc_metrics_.get(); }

 private:
  struct State;
  Server();
  absl::Status StartMain(const ServerOptions& options, const std::vector<grpc::Service*>& services);
  absl::Status StartHealth(const ServerOptions& options);

  std::unique_ptr<State> state_;
  std::shared_ptr<RpcMetrics> rpc_metrics_;
  std::vector<int> ports_;
  int health_port_ = 0;
};

}  // namespace switchyard::rpc
