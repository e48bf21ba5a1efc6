#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "tests/bench/chain/cases.h"
#include "tests/bench/chain/testbed.h"
#include "tests/bench/orders/order_cases.h"
#include "tests/bench/orders/order_side.h"
#include "tests/bench/orders/tickets.h"

// The benchmark of orders; run.sh calls it.
//   orders_bench PROGRAMS SCRATCH JOURNALS RESULTS [--short]
// As chain_bench. JOURNALS: an existing directory on the disk that journals are to be measured on.
namespace switchyard::bench {
namespace {

// Ten orders a second each.
constexpr int kSymbols = 1'000;

struct Setting {
  Testbed::Programs programs;
  std::string journals;
  bool is_short = false;
};

// What an update of a book pays on its way, paced as the fills are.
void MeasureBareChain(Testbed& bed, const Setting& setting, int round, std::FILE* out) {
  const Load load = {.name = "fills",
                     .updates_per_second = 200,
                     .duration_ns = setting.is_short ? 1'000'000'000 : 2'000'000'000};
  for (const Path path : {Path::kService, Path::kRouter}) {
    MeasureLoad(bed, Side::kFloor, path, load, round, out);
  }
}

Pace PaceOf(const Setting& setting) { return {.orders = setting.is_short ? 220 : 550}; }

void MeasureMode(Testbed& bed, const Setting& setting, const std::string& mode, Tickets& tickets,
                 int round, std::FILE* out) {
  const Throng throng = {.duration_ns = setting.is_short ? 700'000'000 : 2'000'000'000};
  std::size_t frame_bytes = 0;
  for (const Side side : {Side::kReal, Side::kFloor}) {
    OrderSide orders(bed, setting.programs,
                     {.side = side,
                      .mode = mode,
                      .directory = setting.journals + "/" + mode,
                      .frame_bytes = frame_bytes});
    orders.AwaitReady(tickets);
    MeasurePlace(orders, tickets, PaceOf(setting), round, out);
    frame_bytes = orders.tap().order_bytes();
    MeasureSustained(orders, tickets, throng, round, out);
    if (side == Side::kFloor || mode == "NORMAL") continue;
    // Right before the fills that are compared with it: other writers of the disk come and go.
    if (mode == "FULL") MeasureSync(setting.journals, PaceOf(setting), round, out);
    MeasureFills(bed, orders, tickets, setting.is_short ? 110 : 220, round, out);
  }
}

int Run(const Setting& setting, const std::string& scratch, const std::string& results) {
  std::FILE* const out = std::fopen(results.c_str(), "w");
  if (out == nullptr) Fail("cannot write " + results);
  Testbed bed(setting.programs, scratch, {.symbols = kSymbols});
  Tickets tickets(bed.Connect(Side::kReal, Path::kService));
  const int rounds = setting.is_short ? 3 : 7;
  for (int round = 0; round < rounds; ++round) {
    fmt::print(stderr, "orders_bench: round {} of {}\n", round + 1, rounds);
    MeasureBareChain(bed, setting, round, out);
    for (const char* const mode : kJournalModes) {
      MeasureMode(bed, setting, mode, tickets, round, out);
    }
  }
  std::fclose(out);
  return 0;
}

}  // namespace
}  // namespace switchyard::bench

int main(int argc, char** argv) {
  const bool is_short = argc == 6 && std::string_view(argv[5]) == "--short";
  if (argc != 5 && !is_short) {
    fmt::print(stderr, "usage: orders_bench PROGRAMS SCRATCH JOURNALS RESULTS [--short]\n");
    return 2;
  }
  const std::string programs = std::string(argv[1]) + "/";
  return switchyard::bench::Run({.programs = {.simulator = programs + "simulator",
                                              .switchyard = programs + "switchyard",
                                              .router = programs + "router",
                                              .floor = programs + "floor"},
                                 .journals = argv[3],
                                 .is_short = is_short},
                                argv[2], argv[4]);
}
