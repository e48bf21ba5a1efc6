#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/chain/cases.h"
#include "tests/bench/chain/testbed.h"

// The benchmark of the real processes; run.sh calls it.
//   chain_bench PROGRAMS SCRATCH RESULTS [--short]
// PROGRAMS: a directory with simulator, switchyard, router and floor. SCRATCH: a directory for
// configuration and logs. RESULTS: the file to write, a JSON object a line.
namespace switchyard::bench {
namespace {

constexpr Side kSides[] = {Side::kFloor, Side::kReal};

void Say(std::string_view what) {
  fmt::print(stderr, "chain_bench: {}\n", what);
  std::fflush(stderr);
}

// One update after the other, at three rates, directly and through the router.
void RunRates(Testbed& bed, int round, std::FILE* out) {
  const std::vector<Load> loads = {
      {.name = "1k", .updates_per_second = 1'000},
      {.name = "20k", .updates_per_second = 20'000},
      {.name = "unpaced", .updates_per_second = Testbed::kUnpaced},
  };
  for (const Load& load : loads) {
    // To change sides takes a second: the service lets go of a book by and by.
    for (const Side side : kSides) {
      for (const Path path : {Path::kService, Path::kRouter}) {
        MeasureLoad(bed, side, path, load, round, out);
      }
    }
  }
}

void RunFanOut(Testbed& bed, int round, bool is_short, std::FILE* out) {
  std::vector<Load> loads = {
      {.name = "fan-out 1", .updates_per_second = 5'000},
      {.name = "fan-out 50", .updates_per_second = 200, .subscribers = 50},
      {.name = "fan-out 200", .symbols = 10, .updates_per_second = 5, .subscribers = 200},
  };
  if (!is_short) {
    loads.push_back({.name = "fan-out 200 x 50",
                     .symbols = 50,
                     .updates_per_second = 10,
                     .subscribers = 200,
                     .batch = 10,
                     .duration_ns = 5'000'000'000});
  }
  for (const Load& load : loads) {
    for (const Side side : kSides) MeasureLoad(bed, side, Path::kService, load, round, out);
  }
}

int Run(const std::string& programs, const std::string& scratch, const std::string& results,
        bool is_short) {
  std::FILE* const out = std::fopen(results.c_str(), "w");
  if (out == nullptr) Fail("cannot write " + results);
  const auto program = [&](const char* name) { return programs + "/" + name; };
  Testbed bed({.simulator = program("simulator"),
               .switchyard = program("switchyard"),
               .router = program("router"),
               .floor = program("floor")},
              scratch);
  Say("memory");
  for (const Side side : kSides) MeasureMemory(bed, side, out);
  const int rounds = is_short ? 3 : 7;
  for (int round = 0; round < rounds; ++round) {
    Say(fmt::format("round {} of {}", round + 1, rounds));
    RunRates(bed, round, out);
    for (const Side side : kSides) MeasureUnary(bed, side, round, out);
    for (const Side side : kSides) MeasureReconnect(bed, side, round, out);
  }
  const int fan_out_rounds = is_short ? 1 : 3;
  for (int round = 0; round < fan_out_rounds; ++round) {
    Say(fmt::format("fan-out, round {} of {}", round + 1, fan_out_rounds));
    RunFanOut(bed, round, is_short, out);
  }
  std::fclose(out);
  return 0;
}

}  // namespace
}  // namespace switchyard::bench

int main(int argc, char** argv) {
  const bool is_short = argc == 5 && std::string_view(argv[4]) == "--short";
  if (argc != 4 && !is_short) {
    fmt::print(stderr, "usage: chain_bench PROGRAMS SCRATCH RESULTS [--short]\n");
    return 2;
  }
  return switchyard::bench::Run(argv[1], argv[2], argv[3], is_short);
}
