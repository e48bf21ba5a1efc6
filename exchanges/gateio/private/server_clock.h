#pragma once

#include <atomic>
#include <chrono>

#include "common/time/time.h"

namespace switchyard::exchanges::gateio {

// The exchange's clock as far as it is known: ours plus the measured offset. What is signed carries
// this time, because Gate.io refuses what differs from its own by more than 60 s. Any thread.
class ServerClock final : public Clock {
 public:
  // Outlived by `local`.
  explicit ServerClock(const Clock& local) : local_(local) {}

  TimeNs Now() const override { return local_.Now() + offset(); }
  std::chrono::nanoseconds Steady() const override { return local_.Steady(); }

  // What to add to our clock; 0 until it was measured.
  std::chrono::nanoseconds offset() const {
    return std::chrono::nanoseconds(offset_.load(std::memory_order_relaxed));
  }
  void SetOffset(std::chrono::nanoseconds offset) {
    offset_.store(offset.count(), std::memory_order_relaxed);
  }
  // A moment of the exchange's clock on ours.
  TimeNs ToLocal(TimeNs server) const { return server - offset(); }
  const Clock& local() const { return local_; }

 private:
  const Clock& local_;
  std::atomic<std::int64_t> offset_{0};
};

}  // namespace switchyard::exchanges::gateio
