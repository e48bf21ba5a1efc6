#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "common/metrics/metrics.h"
#include "services/access/gate.h"
#include "services/process/component.h"
#include "services/process/exchange_clients.h"
#include "services/process/open_streams.h"
#include "services/process/service_context.h"
#include "services/process/ticker.h"
#include "services/status/status_board.h"
#include "services/status/status_metrics.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::rpc {
class Server;
class ShutdownSignals;
}  // namespace switchyard::rpc

namespace switchyard::status {
class StatusService;
}  // namespace switchyard::status

namespace switchyard::process {

// What a process is to be.
struct ProcessSpec {
  std::string name;  // `switchyard`, `gateio_order`
  std::vector<Component> components;
  config::v1::ProcessConfig process;
  std::vector<config::v1::ExchangeConfig> exchanges;  // each id once
  config::v1::OrderConfig orders{};
};

// A running process: exchange clients, services, gRPC server with health by "exchange/component",
// status and metrics. Made, stopped and destroyed by one thread.
class Process {
 public:
  // Serves when it returns. Errors name what is wrong: a field, an exchange, an address.
  static absl::StatusOr<std::unique_ptr<Process>> Start(ProcessSpec spec);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  // Lets commands under way end (OrderConfig's drain_ms), ends streams with SHUTTING_DOWN, then
  // calls, then the exchange clients; the latter within 2 s. Idempotent.
  void Stop();

  // Where it listens, with the actual ports: "switchyard listening grpc=127.0.0.1:50051".
  const std::string& ready_line() const { return ready_line_; }
  // Of the first listen address.
  int grpc_port() const;

 private:
  explicit Process(ProcessSpec spec);

  absl::Status CreateClients();
  absl::Status CreateServices();
  absl::Status CreateGate();
  absl::Status Listen();
  void StartTicker();
  void StartClients();
  void StopClients();
  // Polled status to health and metrics. Ticker thread.
  void Observe();

  struct Client {
    std::string id;
    std::unique_ptr<exchange::MarketDataClient> client;
    bool started = false;
  };

  const ProcessSpec spec_;
  metrics::Metrics metrics_;
  std::vector<Client> owned_clients_;
  ExchangeClients clients_;
  OpenStreams streams_;
  Ticker ticker_;
  std::vector<ServedComponent> served_;
  std::unique_ptr<access::Gate> gate_;
  std::vector<std::unique_ptr<grpc::Service>> guarded_;
  status::StatusBoard board_;
  status::StatusMetrics status_metrics_;
  std::unique_ptr<status::StatusService> status_service_;
  std::unique_ptr<metrics::MetricsServer> metrics_server_;
  std::unique_ptr<rpc::Server> server_;
  std::map<std::string, bool> health_;  // as last set, by name
  std::string ready_line_;
  bool stopped_ = false;
};

// For main: runs the process until a signal ends it. Returns the exit code.
int RunProcess(ProcessSpec spec, rpc::ShutdownSignals& signals);

}  // namespace switchyard::process
