#include "services/process/process.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "common/config/listen_address.h"
#include "common/log/log.h"
#include "common/rpc/server.h"
#include "common/rpc/signals.h"
#include "common/rpc/tls_credentials.h"
#include "common/status/status.h"
#include "services/process/command_line.h"
#include "services/process/unserved_fields.h"
#include "services/status/status_service.h"
#include "services/status/version.h"

namespace switchyard::process {
namespace {

// Calls that are under way at the end may take so long.
constexpr std::chrono::milliseconds kShutdownGrace{500};

// "host:port" with the port that was bound.
std::string BoundAddress(const std::string& listen, int port) {
  absl::StatusOr<config::ListenAddress> address = config::ParseListenAddress(listen);
  if (!address.ok() || address->is_unix()) return listen;
  address->port = static_cast<std::uint16_t>(port);
  return address->ToString();
}

absl::Status SetLogLevel(const std::string& name) {
  if (name.empty()) return absl::OkStatus();
  const absl::StatusOr<log::Level> level = log::ParseLevel(name);
  if (!level.ok()) {
    return InvalidField("process.log_level", std::string(level.status().message()));
  }
  log::SetLevel(*level);
  return absl::OkStatus();
}

// Of one component of an exchange, ordered; market data belongs to nobody.
std::vector<std::string> AccountNames(const std::vector<config::v1::ExchangeConfig>& configs,
                                      const std::string& id, const Component& component) {
  std::vector<std::string> names;
  if (component.role == exchanges::Component::kMarketData) return names;
  for (const config::v1::ExchangeConfig& config : configs) {
    if (config.exchange() != id) continue;
    for (const config::v1::AccountConfig& account : config.accounts()) {
      names.push_back(account.name());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Of several exchanges' configurations, tells whose is wrong.
absl::Status OfExchange(const std::string& id, const absl::Status& status) {
  return {status.code(), fmt::format("exchange {}: {}", id, std::string(status.message()))};
}

}  // namespace

Process::Process(ProcessSpec spec)
    : spec_(std::move(spec)),
      streams_(SystemClock(), metrics_),
      ticker_(SystemClock()),
      status_metrics_(metrics_) {}

Process::~Process() { Stop(); }

absl::StatusOr<std::unique_ptr<Process>> Process::Start(ProcessSpec spec) {
  SWITCHYARD_RETURN_IF_ERROR(SetLogLevel(spec.process.log_level()));
  SWITCHYARD_RETURN_IF_ERROR(RefuseUnservedFields(spec.process));
  std::unique_ptr<Process> process(new Process(std::move(spec)));
  process->metrics_.AddProcessMetrics();
  SWITCHYARD_RETURN_IF_ERROR(process->CreateClients());
  SWITCHYARD_RETURN_IF_ERROR(process->CreateServices());
  SWITCHYARD_RETURN_IF_ERROR(process->CreateGate());
  SWITCHYARD_RETURN_IF_ERROR(process->Listen());
  process->StartTicker();
  log::Info("started", {{"process", process->spec_.name}, {"version", status::kVersion}});
  return process;
}

absl::Status Process::CreateClients() {
  const exchange::ClientContext context{SystemClock(), metrics_};
  exchanges::CreateOptions options;
  options.component = spec_.components.front().role;
  for (const config::v1::ExchangeConfig& config : spec_.exchanges) {
    const std::string& id = config.exchange();
    auto client = exchanges::Create(id, config, context, options);
    if (!client.ok()) return OfExchange(id, client.status());
    clients_.Add(id, **client);
    owned_clients_.push_back({id, *std::move(client), /*started=*/false});
  }
  return absl::OkStatus();
}

absl::Status Process::CreateServices() {
  const ServiceContext context{clients_,      streams_,        ticker_,     metrics_,
                               SystemClock(), spec_.exchanges, spec_.orders};
  for (const Component& component : spec_.components) {
    SWITCHYARD_ASSIGN_OR_RETURN(ServedComponent served, component.make(context));
    for (const auto& [id, client] : clients_.all()) {
      status::Subject subject{.exchange = id,
                              .component = component.name,
                              .client = component.needs_connection ? client : nullptr,
                              .accounts = AccountNames(spec_.exchanges, id, component)};
      if (served.client_streams) {
        subject.client_streams = [count = served.client_streams, id = id] { return count(id); };
      }
      if (served.status) {
        subject.read = [read = served.status, id = id](auto reply) { read(id, std::move(reply)); };
      }
      board_.Add(std::move(subject));
    }
    served_.push_back(std::move(served));
  }
  status_service_ = std::make_unique<status::StatusService>(context, board_);
  return absl::OkStatus();
}

absl::Status Process::CreateGate() {
  access::GateOptions options{.process = spec_.process, .accounts = {}};
  std::map<std::string, std::vector<std::string>> accounts;
  for (const config::v1::ExchangeConfig& exchange : spec_.exchanges) {
    options.exchanges.push_back(exchange.exchange());
    for (const config::v1::AccountConfig& account : exchange.accounts()) {
      accounts[exchange.exchange()].push_back(account.name());
    }
  }
  // The same for all components.
  options.accounts = [accounts = std::move(accounts)](const std::string& exchange,
                                                      const std::string& /*component*/) {
    const auto found = accounts.find(exchange);
    return std::optional(found == accounts.end() ? std::vector<std::string>{} : found->second);
  };
  SWITCHYARD_ASSIGN_OR_RETURN(gate_,
                              access::Gate::Create(std::move(options), metrics_, SystemClock()));
  return absl::OkStatus();
}

absl::Status Process::Listen() {
  const config::v1::ProcessConfig& config = spec_.process;
  if (!config.metrics_listen().empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(metrics_server_, metrics::Serve(config.metrics_listen(), metrics_));
  }
  rpc::ServerOptions options;
  if (config.has_tls()) {
    SWITCHYARD_ASSIGN_OR_RETURN(options.credentials,
                                rpc::MakeServerCredentials(config.tls(), "process.tls", metrics_));
  }
  StartClients();
  options.listen = {config.listen().begin(), config.listen().end()};
  options.health_listen = config.health_listen();
  options.metrics = &metrics_;
  options.make_interceptors = [this] { return gate_->MakeInterceptorFactory(); };
  std::vector<grpc::Service*> services;
  const auto serve = [&](grpc::Service& service, std::string_view component) {
    if (!gate_->is_open()) guarded_.push_back(gate_->Guard(service, component));
    services.push_back(gate_->is_open() ? &service : guarded_.back().get());
  };
  serve(*status_service_, "status");
  for (std::size_t i = 0; i < served_.size(); ++i) {
    serve(*served_[i].service, spec_.components[i].name);
  }
  SWITCHYARD_ASSIGN_OR_RETURN(server_, rpc::Server::Start(options, services));

  std::string addresses;
  for (std::size_t i = 0; i < options.listen.size(); ++i) {
    addresses += (i == 0 ? "" : ",") + BoundAddress(options.listen[i], server_->ports()[i]);
  }
  ready_line_ = fmt::format("{} listening grpc={}", spec_.name, addresses);
  if (!options.health_listen.empty()) {
    ready_line_ += " health=" + BoundAddress(options.health_listen, server_->health_port());
  }
  if (metrics_server_ != nullptr) {
    ready_line_ += " metrics=" + BoundAddress(config.metrics_listen(), metrics_server_->port());
  }
  return absl::OkStatus();
}

void Process::StartClients() {
  const bool connects = std::any_of(spec_.components.begin(), spec_.components.end(),
                                    [](const Component& each) { return each.needs_connection; });
  for (std::size_t i = 0; i < owned_clients_.size(); ++i) {
    // Private clients need their exchange's instruments and prices.
    if (!connects && spec_.exchanges[i].accounts().empty()) continue;
    owned_clients_[i].client->Start();
    owned_clients_[i].started = true;
  }
  for (const ServedComponent& served : served_) {
    if (served.start) served.start();
  }
}

void Process::StartTicker() {
  board_.Poll();
  Observe();
  ticker_.AddTask([this](std::chrono::nanoseconds now) { streams_.Tick(now); });
  ticker_.AddTask([this](std::chrono::nanoseconds now) {
    board_.Poll();
    Observe();
    status_service_->Tick(now);
  });
  ticker_.Start();
}

void Process::Observe() {
  for (std::size_t i = 0; i < board_.subjects().size(); ++i) {
    const status::Subject& subject = board_.subjects()[i];
    const status::Report report = board_.Read(i);
    status_metrics_.Update(subject, report.status);
    const std::string name = subject.exchange + "/" + subject.component;
    const auto [known, is_new] = health_.try_emplace(name, report.status.ready);
    if (!is_new && known->second == report.status.ready) continue;
    known->second = report.status.ready;
    server_->SetServing(name, report.status.ready);
    log::Info("health", {{"exchange", subject.exchange},
                         {"component", subject.component},
                         {"ready", report.status.ready}});
  }
}

void Process::Stop() {
  if (std::exchange(stopped_, true)) return;
  for (const ServedComponent& served : served_) {
    if (served.drain) served.drain();
  }
  streams_.Shutdown();
  if (server_ != nullptr) server_->Shutdown(kShutdownGrace);
  ticker_.Stop();
  metrics_server_.reset();
  for (const ServedComponent& served : served_) {
    if (served.stop) served.stop();
  }
  StopClients();
}

void Process::StopClients() {
  // Each waits for its own threads; together they take as long as the slowest.
  std::vector<std::thread> stopping;
  for (const Client& each : owned_clients_) {
    if (each.started) stopping.emplace_back([&each] { each.client->Stop(); });
  }
  for (std::thread& each : stopping) each.join();
}

int Process::grpc_port() const { return server_->ports().front(); }

int RunProcess(ProcessSpec spec, rpc::ShutdownSignals& signals) {
  const std::string name = spec.name;
  const absl::StatusOr<std::unique_ptr<Process>> process = Process::Start(std::move(spec));
  if (!process.ok()) return ReportFailure(name, process.status());
  fmt::print("{}\n", (*process)->ready_line());
  std::fflush(stdout);
  const int signal = signals.Wait();
  log::Info("stopping", {{"process", name}, {"signal", signal}});
  (*process)->Stop();
  return 0;
}

}  // namespace switchyard::process
