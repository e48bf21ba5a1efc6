#pragma once

#include <chrono>
#include <cstdint>

#include "common/time/time.h"

namespace switchyard::clients::cli {

// Events per second over the last full second. One thread.
class RateMeter {
 public:
  explicit RateMeter(const Clock& clock) : clock_(clock), start_(clock.Steady()) {}

  void Count() { ++count_; }

  // Rolls over to a new second when the last one has passed.
  std::int64_t PerSecond() {
    const std::chrono::nanoseconds elapsed = clock_.Steady() - start_;
    if (elapsed >= std::chrono::seconds(1)) {
      const std::int64_t millis =
          std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
      per_second_ = count_ * 1000 / millis;
      count_ = 0;
      start_ += elapsed;
    }
    return per_second_;
  }

 private:
  const Clock& clock_;
  std::chrono::nanoseconds start_;
  std::int64_t count_ = 0;
  std::int64_t per_second_ = 0;
};

}  // namespace switchyard::clients::cli
