#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "clients/cli/session.h"
#include "clients/cli/yard.h"
#include "common/rpc/signals.h"

int main(int argc, char** argv) {
  using switchyard::clients::cli::Cancellation;
  using switchyard::clients::cli::Environment;

  switchyard::rpc::ShutdownSignals signals;
  Cancellation cancellation;
  Environment environment{std::cout, std::cerr, cancellation};
  winsize size{};
  if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    environment.terminal = true;
    if (size.ws_col > 0) environment.columns = size.ws_col;
    if (size.ws_row > 0) environment.rows = size.ws_row;
  }
  if (const char* const router = std::getenv("SWITCHYARD_ROUTER")) environment.router = router;

  const std::jthread interrupter([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      if (signals.WaitFor(std::chrono::milliseconds(20)) != 0) cancellation.Stop();
    }
  });
  return switchyard::clients::cli::RunYard(std::vector<std::string>(argv + 1, argv + argc),
                                           environment);
}
