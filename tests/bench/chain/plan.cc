#include "tests/bench/chain/plan.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "tests/bench/chain/cases.h"
#include "tests/bench/chain/ccxt_peer.h"
#include "tests/bench/chain/connections.h"
#include "tests/bench/chain/idle.h"

namespace switchyard::bench {
namespace {

constexpr Side kSides[] = {Side::kFloor, Side::kReal};
constexpr Path kPaths[] = {Path::kService, Path::kRouter};

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
      for (const Path path : kPaths) MeasureLoad(bed, side, path, load, round, out);
    }
  }
}

// Nine subscribers, with and without a tenth that is stuck.
void RunStuck(Testbed& bed, Path path, int round, std::FILE* out) {
  Load load = {.name = "nine", .subscribers = 9, .duration_ns = 1'200'000'000};
  MeasureLoad(bed, Side::kReal, path, load, round, out);
  load.name = "nine beside a stuck one";
  load.stuck = 1;
  MeasureLoad(bed, Side::kReal, path, load, round, out);
}

// The most that could pile up behind a stuck one.
void RunFlood(Testbed& bed, Path path, int round, std::FILE* out) {
  Load load = {.name = "flood", .updates_per_second = Testbed::kUnpaced};
  MeasureLoad(bed, Side::kReal, path, load, round, out);
  load.name = "flood beside a stuck one";
  load.stuck = 1;
  MeasureLoad(bed, Side::kReal, path, load, round, out);
}

// The real side first: the exchange closes the sockets of both, and whoever has just lost one is
// not let back at once (retry::Reconnect.stable_after).
void RunReconnect(Testbed& bed, int round, std::FILE* out) {
  for (const Side side : {Side::kReal, Side::kFloor}) MeasureReconnect(bed, side, round, out);
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

void RunChains(const Setting& setting, std::FILE* out) {
  Testbed bed(setting.programs, setting.scratch);
  Say("memory");
  for (const Side side : kSides) MeasureMemory(bed, side, out);
  const int rounds = setting.is_short ? 3 : 7;
  for (int round = 0; round < rounds; ++round) {
    Say(fmt::format("round {} of {}", round + 1, rounds));
    RunRates(bed, round, out);
    for (const Side side : kSides) MeasureUnary(bed, side, round, out);
    RunReconnect(bed, round, out);
    RunStuck(bed, Path::kService, round, out);
    if (!setting.is_short) RunStuck(bed, Path::kRouter, round, out);
  }
  const int wide_rounds = setting.is_short ? 1 : 3;
  for (int round = 0; round < wide_rounds; ++round) {
    Say(fmt::format("fan-out, round {} of {}", round + 1, wide_rounds));
    RunFanOut(bed, round, setting.is_short, out);
    RunFlood(bed, Path::kService, round, out);
    if (!setting.is_short) RunFlood(bed, Path::kRouter, round, out);
  }
}

}  // namespace

void RunAll(const Setting& setting, std::FILE* out) {
  RunChains(setting, out);
  const int rounds = setting.is_short ? 2 : 5;
  Say("idle symbols and subscribers");
  // Whole books by the socket, as ccxt has them; five hundred REST snapshots would take a minute.
  Testbed bed(setting.programs, setting.scratch + "/wide",
              {.symbols = kIdle + 1,
               .config = {"options: {book_feed: obu_50}",
                          fmt::format("stall_check_ms: {}", kStallCheckMs)}});
  MeasureIdle(bed, rounds, out);
  if (!setting.ccxt.empty()) {
    Say("ccxt");
    MeasureCcxt(bed, setting.ccxt, setting.scratch + "/ccxt.log", rounds, out);
  }
  Say("TLS connections");
  MeasureConnections(setting.programs, setting.scratch, out);
}

}  // namespace switchyard::bench
