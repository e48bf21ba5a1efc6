#include "tests/bench/chain/ccxt_peer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tests/bench/chain/results.h"
#include "tests/bench/chain/spent.h"

namespace switchyard::bench {
namespace {

struct Rate {
  const char* name;
  std::uint32_t updates_per_second;
};
// Unpaced first, which warms up the compiler of JavaScript and fills what a stuck client holds.
constexpr Rate kRates[] = {{"unpaced", Testbed::kUnpaced}, {"1k", 1'000}};
constexpr std::int64_t kWarmUpNs = 1'500'000'000;
constexpr std::int64_t kPauseNs = 200'000'000;
constexpr std::int64_t kDurationNs = 800'000'000;

// `what` is written beside the figures.
void MeasureFrames(Testbed& bed, const std::string& what, const Process& process, int rounds,
                   std::FILE* out) {
  for (const Rate& rate : kRates) {
    bed.SetFlow(1, rate.updates_per_second);
    if (&rate == kRates) SleepUntil(SteadyNs() + kWarmUpNs);
    for (int round = 0; round < rounds; ++round) {
      const Spent spent = Watch(bed, {&process}, WindowIn(kPauseNs, kDurationNs));
      const auto frames = static_cast<double>(std::max<std::uint64_t>(spent.frames, 1));
      Write({{"case", "peer"},
             {"name", rate.name},
             {"what", what},
             {"round", round},
             {"cpu_us_per_frame", static_cast<double>(spent.cpu_ns.front()) / 1e3 / frames},
             {"frames_per_s", frames * 1e9 / static_cast<double>(kDurationNs)}},
            out);
    }
  }
  bed.SetFlow(0, 0);
}

}  // namespace

void MeasureCcxt(Testbed& bed, const std::string& script, const std::string& log, int rounds,
                 std::FILE* out) {
  bed.AwaitQuiet();
  {
    Process ccxt("ccxt", "node", {script, bed.host(), "BTC/USDT"}, log);
    ccxt.Await("watching ");
    MeasureFrames(bed, "ccxt", ccxt, rounds, out);
  }
  bed.AwaitQuiet();
  bed.Use(Side::kReal);
  const Process& service = *bed.Chain(Side::kReal, Path::kService).front();
  for (const bool stuck : {true, false}) {
    Reader::Options options =
        bed.ReaderOptions(Side::kReal, bed.Connect(Side::kReal, Path::kService), {});
    options.stuck = stuck;
    Reader reader(std::move(options));
    reader.AwaitEvents(1);
    MeasureFrames(bed, stuck ? "book" : "delivered", service, rounds, out);
  }
}

}  // namespace switchyard::bench
