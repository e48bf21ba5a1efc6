#include "services/router/router.h"

#include <grpcpp/channel.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <future>
#include <string_view>
#include <utility>
#include <vector>

#include "common/rpc/client_channel.h"
#include "common/rpc/server.h"
#include "common/rpc/tls_credentials.h"
#include "common/status/status.h"
#include "services/process/open_streams.h"
#include "services/process/ticker.h"
#include "services/process/unserved_fields.h"
#include "services/router/account_names.h"
#include "services/router/backend_health.h"
#include "services/router/backend_query.h"
#include "services/router/backends.h"
#include "services/router/capability_cache.h"
#include "services/router/connection_monitor.h"
#include "services/router/forwarded_methods.h"
#include "services/router/forwarding_service.h"
#include "services/router/router_metrics.h"
#include "services/router/router_service.h"
#include "services/router/service_context.h"
#include "services/router/status_service.h"
#include "services/router/stream_registry.h"

namespace switchyard::router {

// In the order of construction: each part uses those before it.
struct Router::Parts {
  Parts(std::unique_ptr<access::Gate> owned_gate, std::unique_ptr<Backends> owned_backends,
        const config::v1::RouterConfig& config, metrics::Metrics& registry, const Clock& clock)
      : gate(std::move(owned_gate)),
        backends(std::move(owned_backends)),
        metrics(registry),
        open_streams(clock, registry),
        capabilities(*backends, queries),
        accounts(*backends, queries),
        health(*backends, queries,
               [this](const std::string& name, bool serving) {
                 if (server) server->SetServing(name, serving);
               }),
        ticker(clock) {
    const ForwardingContext forwarding{
        *backends, streams, metrics, clock, std::chrono::milliseconds(config.default_deadline_ms()),
        *gate};
    for (const ForwardedService& service : ForwardedServices()) {
      Add(std::make_unique<ForwardingService>(service, forwarding), service.component);
    }
    const ServiceContext own{*backends, queries,      capabilities,
                             accounts,  open_streams, streams,
                             clock,     *gate,        self_channel.get_future().share()};
    Add(MakeRouterService(own), "router");
    Add(MakeStatusService(own), "status");
    ticker.AddTask([this](std::chrono::nanoseconds now) { streams.Tick(now); });
    ticker.AddTask([this](std::chrono::nanoseconds now) { open_streams.Tick(now); });
    ticker.AddTask([this](std::chrono::nanoseconds now) { health.Tick(now); });
    ticker.AddTask([this](std::chrono::nanoseconds now) { accounts.Tick(now); });
  }
  ~Parts() { Shutdown(std::chrono::milliseconds(0)); }

  // Behind the gate, where there is anything to check.
  void Add(std::unique_ptr<grpc::Service> service, std::string_view component) {
    if (gate->is_open()) {
      served.push_back(service.get());
    } else {
      served.push_back(guarded.emplace_back(gate->Guard(*service, component)).get());
    }
    services.push_back(std::move(service));
  }

  absl::Status Serve(const config::v1::RouterConfig& config) {
    rpc::ServerOptions options;
    if (config.process().has_tls()) {
      SWITCHYARD_ASSIGN_OR_RETURN(
          options.credentials,
          rpc::MakeServerCredentials(config.process().tls(), "process.tls", metrics.registry));
    }
    options.listen.assign(config.process().listen().begin(), config.process().listen().end());
    options.health_listen = config.process().health_listen();
    options.metrics = &metrics.registry;
    options.max_connection_age = std::chrono::seconds(config.max_connection_age_seconds());
    options.make_interceptors = [this] { return gate->MakeInterceptorFactory(); };
    auto started = rpc::Server::Start(options, served);
    if (!started.ok()) return started.status();
    server = *std::move(started);
    self_channel.set_value(server->InProcessChannel());
    ticker.Start();
    monitor = std::make_unique<ConnectionMonitor>(
        backends->connections(), [this](const BackendConnection&) { OnBackendChange(); });
    OnBackendChange();
    return absl::OkStatus();
  }

  void OnBackendChange() {
    health.OnBackendChange();
    capabilities.OnBackendChange();
    accounts.OnBackendChange();
    streams.OnBackendChange();
  }

  // Streams first, so that their clients learn why; then no question is left when its asker goes.
  void Shutdown(std::chrono::milliseconds grace) {
    monitor.reset();
    ticker.Stop();
    streams.Close();
    open_streams.Shutdown();
    if (server) server->Shutdown(grace);
    queries.Shutdown();
  }

  const std::unique_ptr<access::Gate> gate;
  std::unique_ptr<Backends> backends;
  RouterMetrics metrics;
  process::OpenStreams open_streams;
  StreamRegistry streams;
  BackendQueries queries;
  CapabilityCache capabilities;
  AccountNames accounts;
  BackendHealth health;
  process::Ticker ticker;
  std::promise<std::shared_ptr<grpc::Channel>> self_channel;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::vector<std::unique_ptr<grpc::Service>> guarded;
  std::vector<grpc::Service*> served;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<ConnectionMonitor> monitor;
};

Router::Router(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Router::~Router() = default;

absl::StatusOr<std::unique_ptr<Router>> Router::Start(const config::v1::RouterConfig& config,
                                                      metrics::Metrics& metrics,
                                                      const Clock& clock) {
  SWITCHYARD_RETURN_IF_ERROR(process::RefuseUnservedFields(config.process()));
  rpc::ChannelOptions channel;
  if (config.has_backend_tls()) {
    SWITCHYARD_ASSIGN_OR_RETURN(
        channel.credentials,
        rpc::MakeClientCredentials(config.backend_tls(), "backend_tls", metrics));
    channel.server_name = config.backend_tls().server_name();
  }
  auto backends = Backends::Create(config.backends(), clock, channel);
  if (!backends.ok()) return backends.status();
  // Known once there are parts; nobody calls before.
  const auto names = std::make_shared<const AccountNames*>(nullptr);
  SWITCHYARD_ASSIGN_OR_RETURN(
      auto gate,
      access::Gate::Create({.process = config.process(),
                            .accounts =
                                [names](const std::string& exchange, const std::string& component) {
                                  return (*names)->Known(exchange, component);
                                }},
                           metrics, clock));
  auto parts =
      std::make_unique<Parts>(std::move(gate), *std::move(backends), config, metrics, clock);
  *names = &parts->accounts;
  if (absl::Status status = parts->Serve(config); !status.ok()) return status;
  return std::unique_ptr<Router>(new Router(std::move(parts)));
}

int Router::port() const { return parts_->server->ports().front(); }
int Router::health_port() const { return parts_->server->health_port(); }

void Router::Shutdown(std::chrono::milliseconds grace) { parts_->Shutdown(grace); }

}  // namespace switchyard::router
