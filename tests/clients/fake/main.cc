#include <cstdint>
#include <iostream>

#include "common/config/flags.h"
#include "common/rpc/signals.h"
#include "tests/clients/fake/fake_switchyard.h"

// Serves live answers until it is told to stop; prints its address as the first line.
int main(int argc, char** argv) {
  switchyard::rpc::ShutdownSignals signals;
  std::int64_t port = 0;
  std::int64_t updates_per_second = 20;
  switchyard::config::FlagParser parser("fake_switchyard", "the contract with made-up data");
  parser.AddInt64("port", "Loopback port; 0 = any.", &port);
  parser.AddInt64("updates_per_second", "Changes of each book a second, 1 to 200.",
                  &updates_per_second);
  const auto outcome = parser.Parse(argc, argv);
  if (!outcome.ok() || *outcome == switchyard::config::FlagsOutcome::kHelp) {
    std::cerr << parser.Help();
    return outcome.ok() ? 0 : 2;
  }
  const switchyard::clients::fake::FakeSwitchyard fake(
      switchyard::clients::fake::LiveAnswers(static_cast<int>(updates_per_second)),
      static_cast<int>(port));
  if (fake.address().empty()) {
    std::cerr << "cannot listen on port " << port << '\n';
    return 1;
  }
  std::cout << fake.address() << std::endl;
  signals.Wait();
  return 0;
}
