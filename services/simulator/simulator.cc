#include "services/simulator/simulator.h"

#include <grpcpp/impl/codegen/service_type.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/rpc/server.h"
#include "fmt/format.h"
#include "services/simulator/clock.h"
#include "services/simulator/control/control_service.h"
#include "services/simulator/exchanges/gateio/gateio.h"
#include "services/simulator/exchanges/gateio/trading/credentials.h"
#include "services/simulator/exchanges/lighter/lighter.h"
#include "services/simulator/exchanges/lighter/trading/key_ring.h"
#include "services/simulator/faults/fault_table.h"
#include "services/simulator/json_writer.h"
#include "services/simulator/transport/server.h"

namespace switchyard::simulator {
namespace {

constexpr auto kCommandGrace = std::chrono::milliseconds(500);

gateio::GateioOptions GateioOptionsOf(const Options& options) {
  gateio::GateioOptions gateio;
  gateio.live.symbols = options.symbols;
  gateio.live.seed = options.seed;
  gateio.live.updates_per_second = options.updates_per_second;
  gateio.live.feed = {options.push_every_change, options.stamp};
  gateio.rate_limit_scale = options.rate_limit_scale;
  gateio.replay_spot = options.replay_spot;
  gateio.replay_futures = options.replay_futures;
  gateio.replay_when_subscribed = options.replay_when_subscribed;
  return gateio;
}

lighter::LighterOptions LighterOptionsOf(const Options& options) {
  lighter::LighterOptions lighter;
  lighter.symbols = options.symbols;
  lighter.seed = options.seed;
  lighter.updates_per_second = options.updates_per_second;
  lighter.feed = {options.push_every_change, options.stamp};
  lighter.limit_scale = options.rate_limit_scale;
  return lighter;
}

// A reader sees the old file or the whole new one.
absl::Status WriteFile(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp";
  {
    std::ofstream file(temporary, std::ios::trunc);
    file << text << '\n';
    if (!file.flush()) return absl::InternalError(fmt::format("cannot write {}", temporary));
  }
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) {
    return absl::InternalError(fmt::format("cannot rename {}: {}", temporary, error.message()));
  }
  return absl::OkStatus();
}

void WriteKey(JsonWriter& json, const gateio::ApiKey& key) {
  json.BeginObject()
      .Text("api_key", key.key)
      .Text("secret", key.secret)
      .Text("user_id", std::to_string(key.user))
      .EndObject();
}

void WriteKey(JsonWriter& json, const lighter::SeededKey& key) {
  json.BeginObject()
      .Number("account_index", key.account_index)
      .Number("api_key_index", key.api_key_index)
      .Text("private_key", key.private_key)
      .EndObject();
}

class RunningSimulator final : public Simulator {
 public:
  explicit RunningSimulator(const Options& options)
      : options_(options), io_(1), faults_(SteadyNowNs) {}

  ~RunningSimulator() override {
    // Commands are answered on the I/O thread, so they end first.
    if (grpc_ != nullptr) grpc_->Shutdown(kCommandGrace);
    if (!thread_.joinable()) return;
    boost::asio::post(io_, [this] {
      gateio_->Stop();
      lighter_->Stop();
      server_->Shutdown();
      lighter_server_->Shutdown();
    });
    thread_.join();
  }

  absl::Status Start() {
    metrics_.AddProcessMetrics();
    auto gateio = gateio::Gateio::Create(io_, GateioOptionsOf(options_), faults_, metrics_);
    if (!gateio.ok()) return gateio.status();
    gateio_ = *std::move(gateio);
    lighter_ =
        std::make_unique<lighter::Lighter>(io_, LighterOptionsOf(options_), faults_, metrics_);
    if (absl::Status status = Listen(); !status.ok()) return status;
    gateio_->Start(*server_);
    lighter_->Start(*lighter_server_);
    thread_ = std::thread([this] { io_.run(); });
    return options_.endpoints_file.empty() ? absl::OkStatus()
                                           : WriteFile(options_.endpoints_file, EndpointsJson());
  }

  std::uint16_t port() const override { return server_->port(); }
  std::uint16_t lighter_port() const override { return lighter_server_->port(); }
  std::uint16_t grpc_port() const override {
    return static_cast<std::uint16_t>(grpc_->ports().front());
  }
  std::uint16_t metrics_port() const override {
    return metrics_server_ == nullptr ? 0 : static_cast<std::uint16_t>(metrics_server_->port());
  }

  std::string EndpointsJson() const override {
    std::string text;
    JsonWriter json(text);
    json.BeginObject();
    for (const std::string_view id : {"gateio", "gateio_futures"}) {
      BeginEndpoint(json, id, port());
      WriteKey(json.Key("credentials"), gateio::SeededKeys().front());
      json.Key("accounts").BeginObject();
      for (const gateio::ApiKey& key : gateio::SeededKeys()) WriteKey(json.Key(key.name), key);
      json.EndObject().EndObject();
    }
    BeginEndpoint(json, lighter_->id(), lighter_port());
    WriteKey(json.Key("credentials"), lighter::SeededKeys().front());
    json.Key("accounts").BeginObject();
    for (const lighter::SeededKey& key : lighter::SeededKeys()) WriteKey(json.Key(key.name), key);
    json.EndObject().EndObject();
    json.Key("simulator")
        .BeginObject()
        .Text("grpc", fmt::format("{}:{}", options_.listen_address, grpc_port()));
    if (metrics_server_ != nullptr) json.Number("metrics_port", metrics_port());
    json.EndObject().EndObject();
    return text;
  }

 private:
  void BeginEndpoint(JsonWriter& json, std::string_view id, std::uint16_t port) const {
    json.Key(id)
        .BeginObject()
        .Text("host", fmt::format("{}:{}", options_.listen_address, port))
        .Bool("tls", options_.tls);
  }

  absl::StatusOr<std::unique_ptr<transport::Server>> ListenFor(std::uint16_t port,
                                                               transport::ServerHandler& handler) {
    transport::ServerOptions server = {options_.listen_address, port, "", ""};
    if (options_.tls) {
      server.certificate_file = options_.certificate;
      server.key_file = options_.key;
    }
    return transport::Server::Create(io_, server, handler);
  }

  absl::Status Listen() {
    auto server = ListenFor(options_.port, *gateio_);
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    auto lighter_server = ListenFor(options_.lighter_port, *lighter_);
    if (!lighter_server.ok()) return lighter_server.status();
    lighter_server_ = *std::move(lighter_server);

    std::vector<Exchange*> exchanges = gateio_->exchanges();
    exchanges.push_back(lighter_.get());
    control_ = control::MakeControlService({io_, faults_, std::move(exchanges), [this] {
                                              gateio_->ApplyFaults();
                                              lighter_->ApplyFaults();
                                            }});
    rpc::ServerOptions grpc;
    grpc.listen = {fmt::format("{}:{}", options_.listen_address, options_.grpc_port)};
    grpc.metrics = &metrics_;
    auto started = rpc::Server::Start(grpc, {control_.get()});
    if (!started.ok()) return started.status();
    grpc_ = *std::move(started);
    grpc_->SetServing("switchyard.simulator.v1.SimulatorService", true);

    if (options_.metrics_listen.empty()) return absl::OkStatus();
    auto metrics_server = metrics::Serve(options_.metrics_listen, metrics_);
    if (!metrics_server.ok()) return metrics_server.status();
    metrics_server_ = *std::move(metrics_server);
    return absl::OkStatus();
  }

  // The I/O thread has run out of work before any of these goes.
  const Options options_;
  metrics::Metrics metrics_;
  boost::asio::io_context io_;
  faults::FaultTable faults_;
  std::unique_ptr<gateio::Gateio> gateio_;
  std::unique_ptr<lighter::Lighter> lighter_;
  std::unique_ptr<transport::Server> server_;
  std::unique_ptr<transport::Server> lighter_server_;
  std::unique_ptr<grpc::Service> control_;
  std::unique_ptr<rpc::Server> grpc_;
  std::unique_ptr<metrics::MetricsServer> metrics_server_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Simulator>> Simulator::Create(const Options& options) {
  auto simulator = std::make_unique<RunningSimulator>(options);
  if (absl::Status status = simulator->Start(); !status.ok()) return status;
  return simulator;
}

}  // namespace switchyard::simulator
