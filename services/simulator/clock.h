#pragma once

#include <chrono>
#include <cstdint>

namespace switchyard::simulator {

// An exchange's wall clock, which a fault may shift. I/O thread only.
class ExchangeClock {
 public:
  // Nanoseconds since 1970 UTC.
  std::int64_t NowNs() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
               .count() +
           shift_ns_;
  }
  void set_shift_ns(std::int64_t shift_ns) { shift_ns_ = shift_ns; }

 private:
  std::int64_t shift_ns_ = 0;
};

// Nanoseconds of CLOCK_MONOTONIC.
inline std::int64_t SteadyNowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace switchyard::simulator
