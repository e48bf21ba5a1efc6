#include "services/simulator/exchanges/gateio/rate_limiter.h"

namespace switchyard::simulator::gateio {

RateLimiter::Decision RateLimiter::Count(const std::string& what, const std::string& who,
                                         std::int64_t now_ns, RateLimit limit, std::int64_t cost) {
  Window& window = windows_[{what, who}];
  // A clock that was shifted back begins a window too.
  if (now_ns - window.start_ns >= limit.window_ns || now_ns < window.start_ns) {
    window = {now_ns, 0};
  }
  const std::int64_t requests = limit.requests * scale_;
  const bool allowed = window.used + cost <= requests;
  if (allowed) window.used += cost;
  return {allowed, requests, requests - window.used,
          (window.start_ns + limit.window_ns + 999'999'999) / 1'000'000'000};
}

}  // namespace switchyard::simulator::gateio
