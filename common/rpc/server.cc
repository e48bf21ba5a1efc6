#include "common/rpc/server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/server_interceptor.h>

#include <utility>

#include "common/config/listen_address.h"
#include "common/rpc/channel_arguments.h"
#include "common/rpc/rpc_metrics.h"

namespace switchyard::rpc {
namespace {

// Clients may ping every 10 s; a little less is allowed, so that jitter of the network is no
// strike. gRPC's own default of 5 minutes answers GOAWAY too_many_pings to most clients.
constexpr int kLeastPingIntervalMs = 9'000;
constexpr int kPingStrikes = 2;
// Finds clients whose machine is gone; their streams would hold memory for ever.
constexpr int kKeepaliveMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
// Only reflection runs on threads of its own, one per open stream.
constexpr int kMaxReflectionThreads = 16;

constexpr char kReflectionPlugin[] = "proto_server_reflection";

// gRPC turns reflection on for the whole process; this takes it out of one server again.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins, [](const auto& plugin) { return plugin->name() == kReflectionPlugin; });
  }
};

void SetArguments(const ServerOptions& options, grpc::ServerBuilder& builder) {
  const auto set = [&](const char* name, int value) { builder.AddChannelArgument(name, value); };
  SetSharedArguments(set);
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kLeastPingIntervalMs);
  set(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikes);
  set(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  // Two processes on one port would share its connections at random.
  set(GRPC_ARG_ALLOW_REUSEPORT, 0);
  if (options.max_connection_age.count() > 0) {
    set(GRPC_ARG_MAX_CONNECTION_AGE_MS, static_cast<int>(options.max_connection_age.count()));
    set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
        static_cast<int>(options.max_connection_age_grace.count()));
  }
  builder.SetMaxReceiveMessageSize(options.max_receive_message_bytes);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 1);
}

// Adds the address to the builder after a look at why it might fail. `port` must outlive the build.
absl::Status AddAddress(const std::string& listen,
                        const std::shared_ptr<grpc::ServerCredentials>& credentials,
                        grpc::ServerBuilder& builder, int* port) {
  const absl::StatusOr<config::ListenAddress> address = config::ParseListenAddress(listen);
  if (!address.ok()) return address.status();
  if (absl::Status status = config::CheckBindable(*address); !status.ok()) return status;
  // Null = plaintext; on a unix socket nobody listens in.
  const bool plaintext = credentials == nullptr || address->is_unix();
  builder.AddListeningPort(address->ToString(),
                           plaintext ? grpc::InsecureServerCredentials() : credentials, port);
  return absl::OkStatus();
}

absl::Status BuildFailed(const std::string& addresses) {
  return absl::UnavailableError(fmt::format("cannot serve gRPC on {}", addresses));
}

}  // namespace

struct Server::State {
  // Answers UNIMPLEMENTED. gRPC refuses to start a server without a service of the builder's, and
  // the health service is not one.
  grpc::CallbackGenericService no_service;
  // gRPC asks it for certificates as long as the server lives.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<grpc::Server> health_server;
  bool is_shut_down = false;
};

Server::Server() : state_(std::make_unique<State>()) {}

Server::~Server() {
  Shutdown(std::chrono::milliseconds(0));
  // The servers' interceptors refer to rpc_metrics_.
  state_.reset();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services) {
  if (options.listen.empty()) return absl::InvalidArgumentError("no address to serve gRPC on");
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<Server> server(new Server);
  // Health first: it exists before the first client can ask.
  if (absl::Status status = server->StartHealth(options); !status.ok()) return status;
  if (absl::Status status = server->StartMain(options, services); !status.ok()) return status;
  return server;
}

absl::Status Server::StartMain(const ServerOptions& options,
                               const std::vector<grpc::Service*>& services) {
  grpc::ServerBuilder builder;
  SetArguments(options, builder);
  builder.SetResourceQuota(grpc::ResourceQuota("switchyard")
                               .Resize(options.memory_quota_bytes)
                               .SetMaxThreads(kMaxReflectionThreads));
  state_->credentials = options.credentials;
  ports_.assign(options.listen.size(), 0);
  for (std::size_t i = 0; i < options.listen.size(); ++i) {
    const absl::Status status =
        AddAddress(options.listen[i], options.credentials, builder, &ports_[i]);
    if (!status.ok()) return status;
  }
  for (grpc::Service* const service : services) builder.RegisterService(service);
  if (options.generic_service != nullptr) {
    builder.RegisterCallbackGenericService(options.generic_service);
  }
  if (!options.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  if (options.metrics != nullptr) {
    rpc_metrics_ = std::make_shared<RpcMetrics>(*options.metrics);
    factories.push_back(rpc_metrics_->MakeInterceptorFactory());
  }
  if (options.make_interceptors) {
    if (auto factory = options.make_interceptors()) factories.push_back(std::move(factory));
  }
  if (!factories.empty()) builder.experimental().SetInterceptorCreators(std::move(factories));
  state_->server = builder.BuildAndStart();
  if (state_->server == nullptr) {
    return BuildFailed(fmt::format("{}", fmt::join(options.listen, ", ")));
  }
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    // gRPC reports port 1 for a unix socket.
    if (options.listen[i].starts_with("unix:")) ports_[i] = 0;
  }
  return absl::OkStatus();
}

absl::Status Server::StartHealth(const ServerOptions& options) {
  if (options.health_listen.empty()) return absl::OkStatus();
  grpc::ServerBuilder builder;
  SetArguments(options, builder);
  const absl::Status status =
      AddAddress(options.health_listen, /*credentials=*/nullptr, builder, &health_port_);
  if (!status.ok()) return status;
  builder.SetOption(std::make_unique<WithoutReflection>());
  builder.RegisterCallbackGenericService(&state_->no_service);
  state_->health_server = builder.BuildAndStart();
  return state_->health_server == nullptr ? BuildFailed(options.health_listen) : absl::OkStatus();
}

void Server::SetServing(std::string_view name, bool serving) {
  for (grpc::Server* const server : {state_->server.get(), state_->health_server.get()}) {
    if (server == nullptr) continue;
    server->GetHealthCheckService()->SetServingStatus(std::string(name), serving);
  }
}

void Server::Shutdown(std::chrono::milliseconds grace) {
  if (std::exchange(state_->is_shut_down, true)) return;
  const auto deadline = std::chrono::system_clock::now() + grace;
  // Probes see it while calls still run, so that no new ones are sent here.
  for (grpc::Server* const server : {state_->server.get(), state_->health_server.get()}) {
    if (server != nullptr) server->GetHealthCheckService()->Shutdown();
  }
  if (state_->server != nullptr) state_->server->Shutdown(deadline);
  if (state_->health_server != nullptr) {
    // A probe's watch never ends by itself.
    state_->health_server->Shutdown(std::chrono::system_clock::now());
  }
}

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  grpc::ChannelArguments arguments;
  SetSharedArguments([&](const char* name, int value) { arguments.SetInt(name, value); });
  return state_->server->InProcessChannel(arguments);
}

}  // namespace switchyard::rpc
