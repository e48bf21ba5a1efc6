#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace switchyard::retry {

// At most `permits` in any span of `window`.
struct Limit {
  std::int64_t permits = 0;
  std::chrono::nanoseconds window{0};
  // Of these permits, how many only urgent requests (cancels, resyncs of books) may take.
  std::int64_t reserve = 0;
  // And how many only normal ones may, so that neither kind starves the other.
  std::int64_t normal_reserve = 0;
};

enum class Priority { kNormal, kUrgent };

// One limit that a request counts against, and how much.
struct Charge {
  std::string_view name;
  std::int64_t cost = 1;
};

// What an exchange's answer says about a limit. `reset_at` is on the steady clock, like all times
// here; unknown = one window from now.
struct Reported {
  std::optional<std::int64_t> remaining;
  std::optional<std::int64_t> limit;
  std::optional<std::chrono::nanoseconds> reset_at;
};

struct Permission {
  bool granted = false;
  // When refused: the earliest time at which the same request can be granted, if nothing else is
  // taken before. kNever when the cost exceeds the limit.
  std::chrono::nanoseconds next_at{0};

  static constexpr std::chrono::nanoseconds kNever = std::chrono::nanoseconds::max();
};

// Counts requests against named limits over sliding windows, so that no alignment of the exchange's
// own windows can be exceeded. Never sleeps and has no clock: `now` is a steady time and never
// decreases. One thread.
class RateLimiter {
 public:
  // Replaces an existing limit of that name and keeps its counts.
  // Errors: InvalidArgument (not positive, reserves not below permits together).
  absl::Status Define(std::string_view name, const Limit& limit);

  // Takes all charges (of distinct names) or none. A name that was not defined is not limited.
  Permission Acquire(std::span<const Charge> charges, Priority priority,
                     std::chrono::nanoseconds now);
  Permission Acquire(std::string_view name, Priority priority, std::chrono::nanoseconds now) {
    const Charge charge{name};
    return Acquire(std::span(&charge, 1), priority, now);
  }

  // When a request of this cost can be granted: `now` if at once. Takes nothing.
  std::chrono::nanoseconds NextAt(std::string_view name, std::int64_t cost, Priority priority,
                                  std::chrono::nanoseconds now);

  // Corrects by the exchange's own count, which others may share. Until the reported reset both
  // counts must allow a request: the exchange does not yet know of those under way, and our own
  // count knows of nobody else's.
  void Correct(std::string_view name, const Reported& reported, std::chrono::nanoseconds now);

  // Refuses everything on this limit until then: a 429 or 418 with its Retry-After.
  void BlockUntil(std::string_view name, std::chrono::nanoseconds until);
  // On every limit: the exchange has shut its door to this address.
  void BlockAllUntil(std::chrono::nanoseconds until);

  // Permits that a normal request could take now; 0 when unknown.
  std::int64_t Headroom(std::string_view name, std::chrono::nanoseconds now);

 private:
  struct Used {
    std::int64_t normal = 0;
    std::int64_t urgent = 0;
    std::int64_t total() const { return normal + urgent; }
  };
  struct Taken {
    std::chrono::nanoseconds expires_at;
    Used cost;
  };
  struct Bucket {
    Limit limit;
    std::deque<Taken> taken;  // ascending; coalesced, so at most kSlots + 1 long
    Used in_window;
    // What the exchange reported, valid before reported_until.
    std::optional<std::int64_t> reported_remaining;
    std::optional<std::int64_t> reported_limit;
    std::chrono::nanoseconds reported_until{0};
    std::chrono::nanoseconds blocked_until{0};
  };

  static void Expire(Bucket& bucket, std::chrono::nanoseconds now);
  static std::int64_t Available(const Bucket& bucket, Priority priority);
  // What the other kind's reserve still holds back, with `used` taken.
  static std::int64_t HeldBack(const Limit& limit, const Used& used, Priority priority);
  static std::chrono::nanoseconds NextOf(const Bucket& bucket, std::int64_t cost, Priority priority,
                                         std::chrono::nanoseconds now);
  static void Take(Bucket& bucket, std::int64_t cost, Priority priority,
                   std::chrono::nanoseconds now);
  Bucket* Find(std::string_view name);

  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace switchyard::retry
