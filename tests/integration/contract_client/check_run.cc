#include "tests/integration/contract_client/check_run.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "common/rpc/client_channel.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"
#include "switchyard/simulator/v1/simulator_service.grpc.pb.h"
#include "tests/integration/contract_client/stream_client.h"
#include "tests/integration/contract_client/truth.h"

namespace switchyard::contract_client {
namespace {

using Json = nlohmann::ordered_json;
using Clients = std::vector<std::unique_ptr<StreamClient>>;

constexpr std::chrono::seconds kCallTimeout{10};
constexpr std::chrono::milliseconds kTruthPoll{50};
constexpr std::int64_t kNanosecondsPerMicrosecond = 1'000;

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
}

// The truth of each symbol, and what is needed to read it.
class Truth {
 public:
  Truth(const CheckOptions& options, const std::shared_ptr<grpc::Channel>& target)
      : options_(options),
        market_data_(marketdata::v1::MarketDataService::NewStub(target)),
        simulator_(simulator::v1::SimulatorService::NewStub(rpc::MakeChannel(options.simulator))) {}

  absl::Status LoadInstruments() {
    for (const std::string& symbol : options_.symbols) {
      grpc::ClientContext context;
      SetDeadline(context);
      marketdata::v1::GetInstrumentRequest request;
      request.set_exchange(options_.exchange);
      request.set_symbol(symbol);
      marketdata::v1::GetInstrumentResponse response;
      SWITCHYARD_RETURN_IF_ERROR(
          FromGrpcStatus(market_data_->GetInstrument(&context, request, &response)));
      instruments_[symbol] = response.instrument();
    }
    return absl::OkStatus();
  }

  absl::Status StopFlow() {
    grpc::ClientContext context;
    SetDeadline(context);
    simulator::v1::SetFlowRequest request;
    request.set_exchange(options_.exchange);
    request.set_updates_per_second(0);
    simulator::v1::SetFlowResponse response;
    return FromGrpcStatus(simulator_->SetFlow(&context, request, &response));
  }

  // Empty = equal.
  absl::StatusOr<std::string> Difference(const std::string& symbol,
                                         const clients::cli::LocalBook& book, std::uint32_t depth) {
    grpc::ClientContext context;
    SetDeadline(context);
    simulator::v1::GetBookRequest request;
    request.set_exchange(options_.exchange);
    request.set_symbol(instruments_[symbol].exchange_symbol());
    request.set_depth(depth);
    simulator::v1::GetBookResponse response;
    SWITCHYARD_RETURN_IF_ERROR(FromGrpcStatus(simulator_->GetBook(&context, request, &response)));
    return DifferenceFromTruth(book, response, instruments_[symbol], depth);
  }

 private:
  const CheckOptions& options_;
  const std::unique_ptr<marketdata::v1::MarketDataService::Stub> market_data_;
  const std::unique_ptr<simulator::v1::SimulatorService::Stub> simulator_;
  std::map<std::string, marketdata::v1::Instrument> instruments_;
};

// A copy of one client's book of one topic: the streams go on while it is compared.
struct KeptBook {
  std::string symbol;
  std::uint32_t depth;
  clients::cli::LocalBook book;
};

std::vector<KeptBook> CopyBooks(const Clients& clients) {
  std::vector<KeptBook> books;
  for (const auto& client : clients) {
    client->ForEach([&](const std::string& symbol, BookChecker& checker, std::uint32_t depth) {
      books.push_back({symbol, depth, checker.book()});
    });
  }
  return books;
}

// The first difference of each symbol, by symbol; empty texts for those that are equal.
absl::StatusOr<std::map<std::string, std::string>> CompareAll(Truth& truth,
                                                              const Clients& clients) {
  std::map<std::string, std::string> differences;
  for (const KeptBook& kept : CopyBooks(clients)) {
    std::string& difference = differences[kept.symbol];
    if (!difference.empty()) continue;
    SWITCHYARD_ASSIGN_OR_RETURN(difference, truth.Difference(kept.symbol, kept.book, kept.depth));
  }
  return differences;
}

// Compares until all are equal: the last updates are still under way when the flow stops.
absl::StatusOr<std::map<std::string, std::string>> AwaitTruth(Truth& truth, const Clients& clients,
                                                              std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    SWITCHYARD_ASSIGN_OR_RETURN(auto differences, CompareAll(truth, clients));
    bool equal = true;
    for (const auto& [symbol, difference] : differences) equal = equal && difference.empty();
    if (equal || std::chrono::steady_clock::now() > deadline) return differences;
    std::this_thread::sleep_for(kTruthPoll);
  }
}

Json PercentilesOf(const Samples& samples) {
  const auto micros = [](std::int64_t nanoseconds) {
    return nanoseconds / kNanosecondsPerMicrosecond;
  };
  return {{"count", samples.count()},
          {"median_us", micros(samples.Percentile(50))},
          {"p99_us", micros(samples.Percentile(99))},
          {"max_us", micros(samples.largest())}};
}

Json TopicReport(const TopicStatistics& statistics) {
  return {{"snapshots", statistics.snapshots},
          {"rest_snapshots", statistics.rest_snapshots},
          {"deltas", statistics.deltas},
          {"stales", statistics.stales},
          {"stale_reasons", statistics.stale_reasons},
          {"stale", PercentilesOf(statistics.stale_ns)},
          {"latency", PercentilesOf(statistics.latency_ns)},
          {"unknown_removals", statistics.unknown_removals},
          {"violations", statistics.violations}};
}

CheckReport MakeReport(const CheckOptions& options, const Clients& clients,
                       const std::map<std::string, std::string>& differences) {
  std::map<std::string, TopicStatistics> topics;
  CheckReport report{true, ""};
  Json failures = Json::array();
  int streams = 0;
  Json lost_streams = Json::array();
  for (const auto& client : clients) {
    streams += client->streams_opened();
    for (const std::string& each : client->lost_streams()) lost_streams.push_back(each);
    if (!client->failure().ok()) failures.push_back(client->failure().ToString());
    client->ForEach([&](const std::string& symbol, BookChecker& checker, std::uint32_t) {
      topics[symbol].Merge(checker.statistics());
    });
  }
  Json examples = Json::array();
  Json by_symbol = Json::object();
  for (const std::string& symbol : options.symbols) {
    const TopicStatistics& statistics = topics[symbol];
    if (statistics.snapshots == 0) failures.push_back(symbol + ": no snapshot ever came");
    report.ok = report.ok && statistics.violation_count() == 0;
    for (const std::string& example : statistics.examples) examples.push_back(example);
    by_symbol[symbol] = TopicReport(statistics);
    const auto difference = differences.find(symbol);
    if (difference == differences.end()) continue;
    by_symbol[symbol]["truth"] = difference->second.empty() ? "equal" : difference->second;
    if (!difference->second.empty()) {
      failures.push_back(fmt::format("{}: {}", symbol, difference->second));
    }
  }
  report.ok = report.ok && failures.empty();
  report.json = Json{
      {"ok", report.ok},
      {"target", options.target},
      {"exchange", options.exchange},
      {"clients", options.clients},
      {"streams_opened", streams},
      {"lost_streams", lost_streams},
      {"failures", failures},
      {"violations", examples},
      {"symbols",
       by_symbol}}.dump(options.one_line ? -1 : 2);
  return report;
}

}  // namespace

absl::StatusOr<CheckReport> RunCheck(const CheckOptions& options) {
  std::unique_ptr<Truth> truth;
  if (!options.simulator.empty()) {
    truth = std::make_unique<Truth>(options, rpc::MakeChannel(options.target));
    SWITCHYARD_RETURN_IF_ERROR(truth->LoadInstruments());
  }
  Clients clients;
  for (std::uint32_t index = 0; index < options.clients; ++index) {
    clients.push_back(std::make_unique<StreamClient>(
        rpc::MakeChannel(options.target),
        StreamOptions{options.exchange, options.symbols, options.depth}));
  }
  // Watches over the streams while the caller lets time pass.
  std::jthread watchdog([&clients](std::stop_token stop) {
    while (!stop.stop_requested()) {
      for (const auto& client : clients) client->CheckSilence();
      std::this_thread::sleep_for(kTruthPoll);
    }
  });
  options.watch();

  std::map<std::string, std::string> differences;
  absl::Status compared;
  if (truth != nullptr) {
    compared = truth->StopFlow();
    if (compared.ok()) {
      auto result = AwaitTruth(*truth, clients, options.truth_timeout);
      compared = result.status();
      if (result.ok()) differences = *std::move(result);
    }
  }
  watchdog.request_stop();
  watchdog.join();
  for (const auto& client : clients) client->Stop();
  SWITCHYARD_RETURN_IF_ERROR(compared);
  return MakeReport(options, clients, differences);
}

}  // namespace switchyard::contract_client
