#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace switchyard::simulator::gateio {

// 200 requests in 10 s per endpoint and address, in windows that begin with their first request.
// I/O thread only.
class RateLimiter {
 public:
  static constexpr std::int64_t kRequests = 200;
  static constexpr std::int64_t kWindowNs = 10'000'000'000;

  struct Decision {
    bool allowed;
    std::int64_t limit;
    std::int64_t remaining;
    std::int64_t reset_s;  // wall clock
  };

  // `scale` loosens the limit.
  explicit RateLimiter(std::int64_t scale) : limit_(kRequests * scale) {}

  Decision Count(const std::string& endpoint, const std::string& address, std::int64_t now_ns);

 private:
  struct Window {
    std::int64_t start_ns = 0;
    std::int64_t used = 0;
  };

  const std::int64_t limit_;
  std::map<std::pair<std::string, std::string>, Window> windows_;
};

}  // namespace switchyard::simulator::gateio
