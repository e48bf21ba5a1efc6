#include "tests/bench/chain/connections.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/bench/chain/results.h"

namespace switchyard::bench {
namespace {

constexpr std::size_t kConnections = 200;
// Of each book: a socket that has read for so long has used every buffer.
constexpr std::uint32_t kUpdatesPerSecond = 5;
constexpr std::int64_t kReadingNs = 1'200'000'000;
constexpr std::int64_t kPatienceNs = 30'000'000'000;
constexpr std::int64_t kPollNs = 50'000'000;

TestbedOptions OptionsOf(const std::string& scratch, std::size_t subscriptions_per_connection) {
  return {.symbols = static_cast<int>(kConnections),
          .certificate = scratch + "/certificate.pem",
          .key = scratch + "/key.pem",
          // Whole books by the socket: no REST connection comes and goes meanwhile.
          .config = {"options: {book_feed: obu_50}", fmt::format("subscriptions_per_connection: {}",
                                                                 subscriptions_per_connection)}};
}

void AwaitSockets(Testbed& bed, std::uint32_t expected) {
  const std::int64_t deadline = SteadyNs() + kPatienceNs;
  while (bed.open_sockets() != expected) {
    if (SteadyNs() > deadline) {
      Fail(fmt::format("{} sockets instead of {}", bed.open_sockets(), expected));
    }
    SleepUntil(SteadyNs() + kPollNs);
  }
}

// KiB that the service takes for reading all books.
std::int64_t GrowthOf(Testbed& bed, std::uint32_t expected_sockets) {
  const Process& service = *bed.Chain(Side::kReal, Path::kService).front();
  const std::int64_t before = service.resident_kib();
  bed.SetFlow(kConnections, kUpdatesPerSecond);
  Reader reader(bed.ReaderOptions(Side::kReal, bed.Connect(Side::kReal, Path::kService),
                                  {.count = kConnections}));
  reader.AwaitEvents(kConnections);
  AwaitSockets(bed, expected_sockets);
  SleepUntil(SteadyNs() + kReadingNs);
  const std::int64_t growth = service.resident_kib() - before;
  reader.Finish();
  bed.SetFlow(0, 0);
  return growth;
}

double BareKib(Testbed& bed, const std::string& program, const std::string& scratch) {
  bed.SetFlow(1, kUpdatesPerSecond);
  Process bare("sockets", program,
               {"sockets", bed.host(), scratch + "/certificate.pem", std::to_string(kConnections)},
               scratch + "/sockets.log");
  return std::strtod(bare.Await("kib=").c_str(), nullptr);
}

}  // namespace

void MeasureConnections(const Testbed::Programs& programs, const std::string& scratch,
                        std::FILE* out) {
  std::int64_t shared = 0;
  double floor = 0;
  {
    Testbed bed(programs, scratch + "/tls", OptionsOf(scratch, kConnections));
    shared = GrowthOf(bed, 1);
    floor = BareKib(bed, programs.floor, scratch);
  }
  Testbed bed(programs, scratch + "/tls", OptionsOf(scratch, 1));
  const std::int64_t own = GrowthOf(bed, kConnections);
  Write({{"case", "connection"}, {"side", NameOf(Side::kFloor)}, {"kib", floor}}, out);
  Write({{"case", "connection"},
         {"side", NameOf(Side::kReal)},
         {"kib", static_cast<double>(own - shared) / (kConnections - 1)}},
        out);
}

}  // namespace switchyard::bench
