#include "tests/bench/chain/cases.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/bench/chain/results.h"
#include "tests/bench/chain/spent.h"

namespace switchyard::bench {
namespace {

using Json = nlohmann::json;
using Readers = std::vector<std::unique_ptr<Reader>>;

constexpr double kSecondNs = 1e9;
// Books to start from, then caches, branch predictors and gRPC's windows.
constexpr std::int64_t kWarmUpPercent = 10;
// No more latencies are kept for one reader.
constexpr double kMostSamples = 2e6;

std::size_t ExpectedEvents(const Load& load) {
  if (load.updates_per_second == Testbed::kUnpaced) return static_cast<std::size_t>(kMostSamples);
  const double seconds = static_cast<double>(load.duration_ns) / kSecondNs;
  const double events =
      seconds * load.updates_per_second * static_cast<double>(load.symbols) * 1.5 + 1'000;
  return static_cast<std::size_t>(std::min(events, kMostSamples));
}

// What all readers saw, added up.
ReaderReport Sum(Readers& readers) {
  ReaderReport sum;
  for (const std::unique_ptr<Reader>& reader : readers) {
    const ReaderReport one = reader->Finish();
    sum.events += one.events;
    sum.messages += one.messages;
    sum.snapshots += one.snapshots;
    sum.holes += one.holes;
    sum.latencies.insert(sum.latencies.end(), one.latencies.begin(), one.latencies.end());
  }
  return sum;
}

// A book that rests, for whoever asks for it.
Reader::Options IdleOptions(const Testbed& bed, Side side, std::shared_ptr<grpc::Channel> channel) {
  return bed.ReaderOptions(side, std::move(channel), {});
}

// KiB that each of `count` more idle streams adds.
double IdleStreamKib(Testbed& bed, Side side, bool shared, std::size_t count, Readers& keep) {
  const Process& service = *bed.Chain(side, Path::kService).front();
  std::shared_ptr<grpc::Channel> channel = bed.Connect(side, Path::kService);
  const auto open = [&](std::size_t streams) {
    const std::size_t first = keep.size();
    for (std::size_t i = 0; i < streams; ++i) {
      if (!shared) channel = bed.Connect(side, Path::kService);
      keep.push_back(std::make_unique<Reader>(IdleOptions(bed, side, channel)));
    }
    for (std::size_t i = first; i < keep.size(); ++i) keep[i]->AwaitAcknowledgement();
  };
  // The first ones pay for what all share.
  open(count / 4);
  const std::int64_t before = service.resident_kib();
  open(count);
  return static_cast<double>(service.resident_kib() - before) / static_cast<double>(count);
}

}  // namespace

void MeasureLoad(Testbed& bed, Side side, Path path, const Load& load, int round, std::FILE* out) {
  bed.Use(side);
  bed.SetFlow(load.symbols, load.updates_per_second);
  Readers readers, stuck;
  for (std::size_t i = 0; i < load.subscribers + load.stuck; ++i) {
    Reader::Options options =
        bed.ReaderOptions(side, bed.Connect(side, path), {.count = load.symbols}, load.batch);
    options.stuck = i >= load.subscribers;
    (options.stuck ? stuck : readers).push_back(std::make_unique<Reader>(std::move(options)));
  }
  for (const auto& reader : readers) reader->AwaitEvents(load.symbols);
  for (const auto& reader : stuck) reader->AwaitEvents(1);
  const Window window = WindowIn(load.duration_ns * kWarmUpPercent / 100, load.duration_ns);
  for (const auto& reader : readers) reader->SetWindow(window, ExpectedEvents(load));
  const std::vector<const Process*> chain = bed.Chain(side, path);
  const Spent spent = Watch(bed, chain, window);
  ReaderReport report = Sum(readers);
  readers.clear();
  stuck.clear();
  bed.SetFlow(0, 0);

  const double seconds = static_cast<double>(load.duration_ns) / kSecondNs;
  const auto events = static_cast<double>(std::max<std::uint64_t>(report.events, 1));
  Json line = {{"case", "load"},
               {"name", load.name},
               {"side", NameOf(side)},
               {"path", NameOf(path)},
               {"round", round},
               {"samples", report.latencies.size()},
               {"p50_us", Percentile(report.latencies, 0.5)},
               {"p99_us", Percentile(report.latencies, 0.99)},
               {"p999_us", Percentile(report.latencies, 0.999)},
               {"frames_per_s", static_cast<double>(spent.frames) / seconds},
               {"events_per_s", static_cast<double>(report.events) / seconds},
               {"messages_per_s", static_cast<double>(report.messages) / seconds},
               {"subscribers", load.subscribers},
               {"growth_kib", spent.growth_kib},
               {"snapshots", report.snapshots},
               {"holes", report.holes}};
  Json& cpu = line["cpu_us_per_event"];
  for (std::size_t i = 0; i < chain.size(); ++i) {
    cpu[i == 0 ? "service" : "router"] = static_cast<double>(spent.cpu_ns[i]) / 1e3 / events;
  }
  Write(line, out);
}

void MeasureMemory(Testbed& bed, Side side, std::FILE* out) {
  constexpr std::size_t kShared = 200;
  constexpr std::size_t kOwn = 100;
  bed.Use(side);
  Json line = {{"case", "memory"}, {"side", NameOf(side)}};
  for (const Process* const process : bed.Chain(side, Path::kRouter)) {
    line["resident_kib"][process->name()] = process->resident_kib();
  }
  // Kept until both are measured: memory of ended streams is used again.
  Readers keep;
  line["shared_kib"] = IdleStreamKib(bed, side, /*shared=*/true, kShared, keep);
  line["own_kib"] = IdleStreamKib(bed, side, /*shared=*/false, kOwn, keep);
  for (const auto& reader : keep) reader->Finish();
  Write(line, out);
}

void MeasureReconnect(Testbed& bed, Side side, int round, std::FILE* out) {
  constexpr std::int64_t kTimeoutNs = 15'000'000'000;
  bed.Use(side);
  bed.SetFlow(1, 1'000);
  Reader reader(bed.ReaderOptions(side, bed.Connect(side, Path::kService), {}));
  reader.AwaitEvents(100);
  const std::int64_t closed = SteadyNs();
  bed.CloseSockets();
  if (!reader.AwaitResumption(kTimeoutNs)) Fail("no update after a lost connection");
  const ReaderReport report = reader.Finish();
  bed.SetFlow(0, 0);
  Write({{"case", "reconnect"},
         {"side", NameOf(side)},
         {"round", round},
         {"ms", static_cast<double>(report.resumed_at - closed) / 1e6}},
        out);
}

void MeasureUnary(Testbed& bed, Side side, int round, std::FILE* out) {
  constexpr int kCalls = 1'500;
  bed.Use(side);
  // Somebody must read the book, or it is not kept in memory.
  Reader reader(IdleOptions(bed, side, bed.Connect(side, Path::kService)));
  reader.AwaitAcknowledgement();
  const auto stub = marketdata::v1::MarketDataService::NewStub(bed.Connect(side, Path::kService));
  marketdata::v1::GetOrderBookRequest request;
  request.set_exchange("gateio");
  request.set_symbol("BTC-USDT");
  request.set_depth(20);
  const Process& service = *bed.Chain(side, Path::kService).front();
  std::vector<std::int64_t> samples;
  std::int64_t cpu_before = 0;
  for (int i = 0; i < kCalls; ++i) {
    if (i == kCalls / 10) cpu_before = service.cpu().count();
    grpc::ClientContext context;
    marketdata::v1::GetOrderBookResponse response;
    const std::int64_t begin = SteadyNs();
    const grpc::Status status = stub->GetOrderBook(&context, request, &response);
    const std::int64_t end = SteadyNs();
    if (!status.ok()) Fail("GetOrderBook: " + status.error_message());
    if (i >= kCalls / 10) samples.push_back(end - begin);
  }
  const std::int64_t cpu = service.cpu().count() - cpu_before;
  reader.Finish();
  Write({{"case", "unary"},
         {"side", NameOf(side)},
         {"round", round},
         {"p50_us", Percentile(samples, 0.5)},
         {"p99_us", Percentile(samples, 0.99)},
         {"cpu_us", static_cast<double>(cpu) / 1e3 / static_cast<double>(samples.size())}},
        out);
}

}  // namespace switchyard::bench
