#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace switchyard::router {

// Finds the backend that hangs behind a living connection: gRPC answers the pings for it, but its
// stream owes heartbeats. Of one call; guarded by its stream's lock. Times are steady.
class SilenceWatch {
 public:
  // Of a backend's stream, however rarely the client wants to hear (0 = as the service likes): a
  // backend that hangs is found within 10 s.
  static std::uint32_t HeartbeatMsToAskFor(std::uint32_t wanted_ms) {
    return wanted_ms == 0 ? kLongestHeartbeatMs : std::min(wanted_ms, kLongestHeartbeatMs);
  }

  // A call begins, of which nothing is known yet.
  void Begin(std::chrono::nanoseconds now) {
    heard_at_ = now;
    longest_ = kLeast;
  }
  // What the call's acknowledgement says; 0 = it sends no heartbeats, and is not watched.
  void Promised(std::chrono::milliseconds interval) {
    longest_ = interval.count() == 0 ? interval : std::max(kLeast, interval * kIntervals);
  }
  void Heard(std::chrono::nanoseconds now) { heard_at_ = now; }

  std::chrono::nanoseconds Silence(std::chrono::nanoseconds now) const { return now - heard_at_; }
  bool IsTooLong(std::chrono::nanoseconds now) const {
    return longest_.count() != 0 && Silence(now) >= longest_;
  }

 private:
  static constexpr std::uint32_t kLongestHeartbeatMs = 3'000;
  // So many intervals without any message are too many, but never less than this time.
  static constexpr int kIntervals = 3;
  static constexpr std::chrono::milliseconds kLeast{5'000};

  std::chrono::nanoseconds heard_at_{0};
  std::chrono::nanoseconds longest_{0};
};

}  // namespace switchyard::router
