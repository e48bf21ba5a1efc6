#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "clients/cli/session.h"
#include "clients/cli/yard.h"
#include "common/rpc/signals.h"

namespace {

using switchyard::clients::cli::Cancellation;
using switchyard::clients::cli::Environment;

constexpr int kPollMs = 50;

// One line of standard input. Signals are waited for elsewhere and interrupt no read, so that a
// plain one would not hear Ctrl-C.
std::optional<std::string> ReadLine(const Cancellation& cancellation) {
  std::string line;
  while (!cancellation.stopped()) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, kPollMs) <= 0) continue;
    char byte = 0;
    if (read(STDIN_FILENO, &byte, 1) != 1) return std::nullopt;
    if (byte == '\n') return line;
    line += byte;
  }
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  switchyard::rpc::ShutdownSignals signals;
  Cancellation cancellation;
  Environment environment{std::cout, std::cerr, cancellation};
  winsize size{};
  if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    environment.terminal = true;
    if (size.ws_col > 0) environment.columns = size.ws_col;
    if (size.ws_row > 0) environment.rows = size.ws_row;
  }
  if (isatty(STDIN_FILENO) == 1) {
    environment.read_answer = [&cancellation] { return ReadLine(cancellation); };
  }
  if (const char* const router = std::getenv("SWITCHYARD_ROUTER")) environment.router = router;
  if (const char* const token = std::getenv("SWITCHYARD_TOKEN")) environment.token = token;

  const std::jthread interrupter([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      if (signals.WaitFor(std::chrono::milliseconds(20)) != 0) cancellation.Stop();
    }
  });
  return switchyard::clients::cli::RunYard(std::vector<std::string>(argv + 1, argv + argc),
                                           environment);
}
