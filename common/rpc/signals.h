#pragma once

#include <chrono>
#include <csignal>

namespace switchyard::rpc {

// SIGTERM and SIGINT as an ordinary wait in main. Make it first in main, before any thread: threads
// inherit the blocked signals, so that only Wait sees them. SIGPIPE is ignored for the process. One
// per process.
class ShutdownSignals {
 public:
  ShutdownSignals();
  ShutdownSignals(const ShutdownSignals&) = delete;
  ShutdownSignals& operator=(const ShutdownSignals&) = delete;
  // Restores SIGPIPE and the calling thread's signals; those that have come since the last wait are
  // dropped.
  ~ShutdownSignals();

  // Blocks until SIGTERM or SIGINT; returns its number.
  int Wait();
  // As Wait, but returns 0 when `timeout` passed.
  int WaitFor(std::chrono::milliseconds timeout);

 private:
  sigset_t waited_;
  sigset_t previous_mask_;
  struct sigaction previous_pipe_;
};

}  // namespace switchyard::rpc
