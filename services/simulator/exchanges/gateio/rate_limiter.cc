#include "services/simulator/exchanges/gateio/rate_limiter.h"

#include <algorithm>

namespace switchyard::simulator::gateio {

RateLimiter::Decision RateLimiter::Count(const std::string& endpoint, const std::string& address,
                                         std::int64_t now_ns) {
  Window& window = windows_[{endpoint, address}];
  // A clock that was shifted back begins a window too.
  if (now_ns - window.start_ns >= kWindowNs || now_ns < window.start_ns) {
    window = {now_ns, 0};
  }
  const bool allowed = window.used < limit_;
  if (allowed) ++window.used;
  return {allowed, limit_, limit_ - window.used,
          (window.start_ns + kWindowNs + 999'999'999) / 1'000'000'000};
}

}  // namespace switchyard::simulator::gateio
