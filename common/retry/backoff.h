#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace switchyard::retry {

// Uniform random bits; injected so that tests decide.
using RandomBits = std::function<std::uint64_t()>;
// Seeded from the system; one thread.
RandomBits SystemRandom();

// How to come back after a failure, as data.
struct Reconnect {
  std::chrono::nanoseconds first = std::chrono::milliseconds(250);
  double factor = 2.0;
  std::chrono::nanoseconds cap = std::chrono::seconds(30);
  // Failures in a row after which the state is exhausted; attempts go on at the cap. 0 = never.
  int attempts = 10;
  // A connection that lived this long was stable: the next attempt is made at once and the count
  // starts again.
  std::chrono::nanoseconds stable_after = std::chrono::seconds(10);
};

// Delays between attempts of one connection. `now` is a steady clock. The delay of failure n is
// min(cap, first x factor^(n-1)), of which a random half is taken away (between 50 % and 100 %
// remains), so that connections cut together do not come back together. One thread.
class Backoff {
 public:
  Backoff(const Reconnect& policy, RandomBits random);

  // The connection is up and logged in.
  void Connected(std::chrono::nanoseconds now);
  // An attempt failed, or the connection was lost. Returns how long to wait for the next attempt.
  std::chrono::nanoseconds Failed(std::chrono::nanoseconds now);
  // Forgets all failures, as after a planned reconnect.
  void Reset();

  // In a row, since the last stable connection.
  int failures() const { return failures_; }
  // `attempts` failures were reached: alert, but go on.
  bool exhausted() const { return policy_.attempts > 0 && failures_ >= policy_.attempts; }

 private:
  std::chrono::nanoseconds DelayOf(int failure) const;

  const Reconnect policy_;
  RandomBits random_;
  int failures_ = 0;
  bool connected_ = false;
  std::chrono::nanoseconds connected_at_{0};
};

}  // namespace switchyard::retry
