#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "tests/bench/chain/plan.h"

// The benchmark of the real processes; run.sh calls it.
//   chain_bench PROGRAMS SCRATCH RESULTS [--short] [--ccxt=SCRIPT]
// PROGRAMS: a directory with simulator, switchyard, router and floor. SCRATCH: a directory for
// configuration and logs, with certificate.pem and key.pem for 127.0.0.1. RESULTS: the file to
// write, a JSON object a line. SCRIPT: ccxt/watch.js, to compare with ccxt.
int main(int argc, char** argv) {
  using namespace switchyard::bench;
  constexpr std::string_view kCcxt = "--ccxt=";
  Setting setting;
  bool good = argc >= 4;
  for (int i = 4; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--short") {
      setting.is_short = true;
    } else if (argument.starts_with(kCcxt)) {
      setting.ccxt = argument.substr(kCcxt.size());
    } else {
      good = false;
    }
  }
  if (!good) {
    fmt::print(stderr, "usage: chain_bench PROGRAMS SCRATCH RESULTS [--short] [--ccxt=SCRIPT]\n");
    return 2;
  }
  const std::string programs = std::string(argv[1]) + "/";
  setting.programs = {.simulator = programs + "simulator",
                      .switchyard = programs + "switchyard",
                      .router = programs + "router",
                      .floor = programs + "floor"};
  setting.scratch = argv[2];
  std::FILE* const out = std::fopen(argv[3], "w");
  if (out == nullptr) Fail(std::string("cannot write ") + argv[3]);
  RunAll(setting, out);
  std::fclose(out);
  return 0;
}
