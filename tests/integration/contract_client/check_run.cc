#include "tests/integration/contract_client/check_run.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stop_token>
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
constexpr std::int64_t kNanosecondsPerMicrosecond = 1'000;

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
}

// Counts what happens, so that others may wait for more. Any thread.
class Progress {
 public:
  void Note() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  // Returns when there is more than `seen`, at `deadline`, or when asked to stop.
  void AwaitMore(std::uint64_t seen, std::chrono::steady_clock::time_point deadline,
                 const std::stop_token& stop = {}) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, deadline, [&] { return count_ > seen; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t count_ = 0;
};

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

  // From then on the truth stands still.
  absl::Status StopFlow() {
    grpc::ClientContext context;
    SetDeadline(context);
    simulator::v1::SetFlowRequest request;
    request.set_exchange(options_.exchange);
    request.set_updates_per_second(0);
    simulator::v1::SetFlowResponse response;
    return FromGrpcStatus(simulator_->SetFlow(&context, request, &response));
  }

  // Empty = equal. The flow was stopped.
  absl::StatusOr<std::string> Difference(const std::string& symbol,
                                         const clients::cli::LocalBook& book, std::uint32_t depth) {
    const auto [found, missing] = books_.try_emplace({symbol, depth});
    if (missing) SWITCHYARD_RETURN_IF_ERROR(ReadBook(symbol, depth, found->second));
    return DifferenceFromTruth(book, found->second, instruments_[symbol], depth);
  }

 private:
  absl::Status ReadBook(const std::string& symbol, std::uint32_t depth,
                        simulator::v1::GetBookResponse& book) {
    grpc::ClientContext context;
    SetDeadline(context);
    simulator::v1::GetBookRequest request;
    request.set_exchange(options_.exchange);
    request.set_symbol(instruments_[symbol].exchange_symbol());
    request.set_depth(depth);
    return FromGrpcStatus(simulator_->GetBook(&context, request, &book));
  }

  const CheckOptions& options_;
  const std::unique_ptr<marketdata::v1::MarketDataService::Stub> market_data_;
  const std::unique_ptr<simulator::v1::SimulatorService::Stub> simulator_;
  std::map<std::string, marketdata::v1::Instrument> instruments_;
  std::map<std::pair<std::string, std::uint32_t>, simulator::v1::GetBookResponse> books_;
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

// Compares after each message until all are equal: the last updates are still under way when the
// flow stops.
absl::StatusOr<std::map<std::string, std::string>> AwaitTruth(Truth& truth, const Clients& clients,
                                                              Progress& messages,
                                                              std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const std::uint64_t seen = messages.count();
    SWITCHYARD_ASSIGN_OR_RETURN(auto differences, CompareAll(truth, clients));
    bool equal = true;
    for (const auto& [symbol, difference] : differences) equal = equal && difference.empty();
    if (equal || std::chrono::steady_clock::now() > deadline) return differences;
    messages.AwaitMore(seen, deadline);
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
  Progress messages, silence_limits;
  Clients clients;
  for (std::uint32_t index = 0; index < options.clients; ++index) {
    clients.push_back(std::make_unique<StreamClient>(
        rpc::MakeChannel(options.target),
        StreamOptions{options.exchange, options.symbols, options.depth,
                      [&messages] { messages.Note(); },
                      [&silence_limits] { silence_limits.Note(); }}));
  }
  // Watches over the streams while the caller lets time pass.
  std::jthread watchdog([&clients, &silence_limits](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const std::uint64_t seen = silence_limits.count();
      auto next = std::chrono::steady_clock::time_point::max();
      for (const auto& client : clients) next = std::min(next, client->CheckSilence());
      silence_limits.AwaitMore(seen, next, stop);
    }
  });
  options.watch();

  std::map<std::string, std::string> differences;
  absl::Status compared;
  if (truth != nullptr) {
    compared = truth->StopFlow();
    if (compared.ok()) {
      auto result = AwaitTruth(*truth, clients, messages, options.truth_timeout);
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
