#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "common/exchange/io_thread.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// An IoThread that no thread runs: its timers fire on the test's own thread, and time passes only
// in Advance.
class ManualThread final : public IoThread {
 public:
  ManualThread() : IoThread("manual"), clock_(TimeNs::FromSeconds(1'700'000'000)) {}

  const Clock& clock() const { return clock_; }
  // Fires what falls due on the way, each at its own time, also what is started meanwhile.
  void Advance(std::chrono::nanoseconds span);

 private:
  friend class ManualTimer;
  // In the order of starting where the time is the same.
  using Due = std::pair<std::chrono::nanoseconds, std::uint64_t>;

  ManualClock clock_;
  std::map<Due, std::function<void()>> due_;
  std::uint64_t started_ = 0;
};

// As Timer; `thread` is a ManualThread.
class ManualTimer {
 public:
  explicit ManualTimer(IoThread& thread) : thread_(static_cast<ManualThread&>(thread)) {}
  ~ManualTimer() { Cancel(); }
  ManualTimer(const ManualTimer&) = delete;
  ManualTimer& operator=(const ManualTimer&) = delete;

  void Start(std::chrono::nanoseconds delay, std::function<void()> expired);
  void Cancel() { thread_.due_.erase(due_); }

 private:
  ManualThread& thread_;
  ManualThread::Due due_{};
};

}  // namespace switchyard::exchange
