#include "common/retry/backoff.h"

#include <algorithm>
#include <random>
#include <utility>

namespace switchyard::retry {

RandomBits SystemRandom() {
  return [engine = std::mt19937_64(std::random_device()())]() mutable { return engine(); };
}

Backoff::Backoff(const Reconnect& policy, RandomBits random)
    : policy_(policy), random_(std::move(random)) {}

void Backoff::Connected(std::chrono::nanoseconds now) {
  connected_ = true;
  connected_at_ = now;
}

std::chrono::nanoseconds Backoff::Failed(std::chrono::nanoseconds now) {
  const bool was_stable = connected_ && now - connected_at_ >= policy_.stable_after;
  connected_ = false;
  if (was_stable) {
    failures_ = 0;
    return std::chrono::nanoseconds(0);
  }
  ++failures_;
  const std::chrono::nanoseconds delay = DelayOf(failures_);
  const auto half = static_cast<std::uint64_t>(delay.count() / 2);
  const std::uint64_t taken = half == 0 ? 0 : random_() % (half + 1);
  return delay - std::chrono::nanoseconds(taken);
}

void Backoff::Reset() {
  failures_ = 0;
  connected_ = false;
}

std::chrono::nanoseconds Backoff::DelayOf(int failure) const {
  auto delay = static_cast<double>(policy_.first.count());
  const auto cap = static_cast<double>(policy_.cap.count());
  // Stops at the cap, so that no number of failures can overflow.
  for (int i = 1; i < failure && delay < cap; ++i) delay *= policy_.factor;
  return delay < cap ? std::chrono::nanoseconds(static_cast<std::int64_t>(delay)) : policy_.cap;
}

}  // namespace switchyard::retry
