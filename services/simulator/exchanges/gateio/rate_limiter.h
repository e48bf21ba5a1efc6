#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace switchyard::simulator::gateio {

// So many requests in a window.
struct RateLimit {
  std::int64_t requests = 200;
  std::int64_t window_ns = 10'000'000'000;
};

// Counts requests by what they ask for and who asks, in windows that begin with their first
// request. I/O thread only.
class RateLimiter {
 public:
  struct Decision {
    bool allowed;
    std::int64_t limit;
    std::int64_t remaining;
    std::int64_t reset_s;  // wall clock
  };

  // `scale` loosens all limits.
  explicit RateLimiter(std::int64_t scale) : scale_(scale) {}

  // `cost` requests at once: all are allowed, or none.
  Decision Count(const std::string& what, const std::string& who, std::int64_t now_ns,
                 RateLimit limit = {}, std::int64_t cost = 1);

 private:
  struct Window {
    std::int64_t start_ns = 0;
    std::int64_t used = 0;
  };

  const std::int64_t scale_;
  std::map<std::pair<std::string, std::string>, Window> windows_;
};

}  // namespace switchyard::simulator::gateio
