#pragma once

#include <chrono>

#include "common/retry/rate_limiter.h"

namespace switchyard::retry {

// How fast requests may go out on one connection.
struct Pace {
  // Sent and not yet answered.
  int max_in_flight = 10;
  // And at most this many per window; 0 = only the window of unanswered ones counts.
  int per_window = 0;
  std::chrono::nanoseconds window = std::chrono::seconds(1);
};

// Paces subscriptions after a reconnect: a bound on unanswered requests and one on their rate.
// Times are steady; never sleeps. One thread.
class Pacer {
 public:
  explicit Pacer(const Pace& pace);

  // True when one request may be sent now; it then counts as sent.
  bool TryStart(std::chrono::nanoseconds now);
  // One request was answered, or given up.
  void Finished();
  // The connection is gone: nothing is in flight. The rate stays counted, as exchanges count it per
  // address.
  void Reset();

  // When TryStart can succeed next: `now` if at once; kNever while only an answer can free a place.
  std::chrono::nanoseconds NextAt(std::chrono::nanoseconds now);
  int in_flight() const { return in_flight_; }

  static constexpr std::chrono::nanoseconds kNever = Permission::kNever;

 private:
  const Pace pace_;
  RateLimiter rate_;
  int in_flight_ = 0;
};

}  // namespace switchyard::retry
