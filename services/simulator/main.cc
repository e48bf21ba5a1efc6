#include <csignal>
#include <cstdio>
#include <string>

#include "fmt/format.h"
#include "services/simulator/options.h"
#include "services/simulator/simulator.h"

namespace {

// Blocked before any thread starts, so that only sigwait below sees them.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  namespace simulator = switchyard::simulator;
  const auto options = simulator::ParseOptions(argc, argv);
  if (!options.ok()) {
    fmt::print(stderr, "simulator: {}\n", std::string(options.status().message()));
    return 2;
  }
  if (options->help) {
    fmt::print("{}", simulator::OptionsHelp());
    return 0;
  }
  const sigset_t signals = BlockStopSignals();
  std::signal(SIGPIPE, SIG_IGN);
  auto running = simulator::Simulator::Create(*options);
  if (!running.ok()) {
    fmt::print(stderr, "simulator: {}\n", std::string(running.status().message()));
    return 1;
  }
  fmt::print("{}\n", (*running)->EndpointsJson());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}
