#include "common/rpc/signals.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace switchyard::rpc {

ShutdownSignals::ShutdownSignals() {
  sigemptyset(&waited_);
  sigaddset(&waited_, SIGTERM);
  sigaddset(&waited_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &waited_, &previous_mask_);
  // A peer that closes its socket is an error of a write, not the end of the process.
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &previous_pipe_);
}

ShutdownSignals::~ShutdownSignals() {
  // A signal that was repeated meanwhile would end the process once it is let in.
  while (WaitFor(std::chrono::milliseconds(0)) != 0) {
  }
  sigaction(SIGPIPE, &previous_pipe_, nullptr);
  pthread_sigmask(SIG_SETMASK, &previous_mask_, nullptr);
}

int ShutdownSignals::Wait() {
  int signal = 0;
  // Interrupted only by a debugger or a handler of somebody else's.
  while (sigwait(&waited_, &signal) != 0) {
  }
  return signal;
}

int ShutdownSignals::WaitFor(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const auto left =
        std::max(std::chrono::nanoseconds(0),
                 std::chrono::nanoseconds(deadline - std::chrono::steady_clock::now()));
    const timespec span = {.tv_sec = left.count() / 1'000'000'000,
                           .tv_nsec = left.count() % 1'000'000'000};
    const int signal = sigtimedwait(&waited_, nullptr, &span);
    if (signal > 0) return signal;
    if (errno != EINTR) return 0;
  }
}

}  // namespace switchyard::rpc
