#include "tests/bench/chain/idle.h"

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/chain/cases.h"

namespace switchyard::bench {
namespace {

constexpr std::size_t kStreamsPerConnection = 100;
// From then on resting books are looked at over REST.
constexpr std::int64_t kSettledNs = kStallCheckMs * std::int64_t{1'000'000} + 500'000'000;
// Heartbeats come every 5 s: spread evenly.
constexpr std::int64_t kOpeningNs = 5'000'000'000;
constexpr Books kResting = {.first = 1, .count = 1};

// At a rate at which the time of a CPU's waking up does not hide that of an update.
void MeasureBusy(Testbed& bed, const std::string& name, int rounds, std::FILE* out) {
  const Load load = {.name = name, .updates_per_second = 20'000, .duration_ns = 1'000'000'000};
  for (int round = 0; round < rounds; ++round) {
    MeasureLoad(bed, Side::kReal, Path::kService, load, round, out);
  }
}

std::vector<std::unique_ptr<Reader>> IdleReaders(const Testbed& bed) {
  std::vector<std::unique_ptr<Reader>> readers;
  std::shared_ptr<grpc::Channel> channel;
  const std::int64_t begin = SteadyNs();
  for (std::size_t i = 0; i < kIdle; ++i) {
    SleepUntil(begin +
               kOpeningNs / static_cast<std::int64_t>(kIdle) * static_cast<std::int64_t>(i));
    if (i % kStreamsPerConnection == 0) channel = bed.Connect(Side::kReal, Path::kService);
    readers.push_back(std::make_unique<Reader>(bed.ReaderOptions(Side::kReal, channel, kResting)));
  }
  for (const auto& reader : readers) reader->AwaitEvents(1);
  return readers;
}

}  // namespace

void MeasureIdle(Testbed& bed, int rounds, std::FILE* out) {
  bed.Use(Side::kReal);
  MeasureBusy(bed, "busy alone", rounds, out);
  {
    Reader reader(bed.ReaderOptions(Side::kReal, bed.Connect(Side::kReal, Path::kService),
                                    {.first = 1, .count = kIdle}));
    reader.AwaitEvents(kIdle);
    SleepUntil(SteadyNs() + kSettledNs);
    MeasureBusy(bed, "busy beside idle symbols", rounds, out);
  }
  bed.AwaitQuiet();
  {
    const std::vector<std::unique_ptr<Reader>> readers = IdleReaders(bed);
    MeasureBusy(bed, "busy beside idle subscribers", rounds, out);
  }
  MeasureBusy(bed, "busy alone", rounds, out);
}

}  // namespace switchyard::bench
