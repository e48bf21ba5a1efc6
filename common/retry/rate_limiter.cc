#include "common/retry/rate_limiter.h"

#include <fmt/format.h>

#include <algorithm>

namespace switchyard::retry {
namespace {

// Requests within one slot expire together, at its end: this bounds the memory of a limit, and
// holds permits back by at most one slot.
constexpr std::int64_t kSlots = 64;

}  // namespace

absl::Status RateLimiter::Define(std::string_view name, const Limit& limit) {
  if (limit.permits <= 0 || limit.window.count() <= 0) {
    return absl::InvalidArgumentError(
        fmt::format("rate limit {}: permits and window must be positive", name));
  }
  if (limit.reserve < 0 || limit.normal_reserve < 0 ||
      limit.reserve + limit.normal_reserve >= limit.permits) {
    return absl::InvalidArgumentError(
        fmt::format("rate limit {}: the reserves must leave a permit", name));
  }
  buckets_[std::string(name)].limit = limit;
  return absl::OkStatus();
}

RateLimiter::Bucket* RateLimiter::Find(std::string_view name) {
  const auto found = buckets_.find(name);
  return found == buckets_.end() ? nullptr : &found->second;
}

void RateLimiter::Expire(Bucket& bucket, std::chrono::nanoseconds now) {
  while (!bucket.taken.empty() && bucket.taken.front().expires_at <= now) {
    bucket.in_window.normal -= bucket.taken.front().cost.normal;
    bucket.in_window.urgent -= bucket.taken.front().cost.urgent;
    bucket.taken.pop_front();
  }
  if (bucket.reported_until <= now) {
    bucket.reported_remaining.reset();
    bucket.reported_limit.reset();
  }
}

std::int64_t RateLimiter::HeldBack(const Limit& limit, const Used& used, Priority priority) {
  return std::max<std::int64_t>(0, priority == Priority::kUrgent
                                       ? limit.normal_reserve - used.normal
                                       : limit.reserve - used.urgent);
}

std::int64_t RateLimiter::Available(const Bucket& bucket, Priority priority) {
  std::int64_t permits = bucket.limit.permits;
  if (bucket.reported_limit) permits = std::min(permits, *bucket.reported_limit);
  std::int64_t available = permits - bucket.in_window.total();
  if (bucket.reported_remaining) available = std::min(available, *bucket.reported_remaining);
  return available - HeldBack(bucket.limit, bucket.in_window, priority);
}

std::chrono::nanoseconds RateLimiter::NextOf(const Bucket& bucket, std::int64_t cost,
                                             Priority priority, std::chrono::nanoseconds now) {
  // With nothing taken at all.
  if (cost > bucket.limit.permits - HeldBack(bucket.limit, {}, priority)) return Permission::kNever;
  std::chrono::nanoseconds next = std::max(now, bucket.blocked_until);
  std::int64_t permits = bucket.limit.permits;
  const std::int64_t held_back = HeldBack(bucket.limit, bucket.in_window, priority);
  const bool report_is_too_small =
      (bucket.reported_remaining && *bucket.reported_remaining - held_back < cost) ||
      (bucket.reported_limit && *bucket.reported_limit - held_back < cost);
  if (report_is_too_small) {
    next = std::max(next, bucket.reported_until);
  } else if (bucket.reported_limit) {
    permits = std::min(permits, *bucket.reported_limit);
  }
  Used used = bucket.in_window;
  for (const Taken& taken : bucket.taken) {
    if (permits - used.total() - HeldBack(bucket.limit, used, priority) >= cost) break;
    used.normal -= taken.cost.normal;
    used.urgent -= taken.cost.urgent;
    next = std::max(next, taken.expires_at);
  }
  return next;
}

void RateLimiter::Take(Bucket& bucket, std::int64_t cost, Priority priority,
                       std::chrono::nanoseconds now) {
  const std::int64_t slot = std::max<std::int64_t>(1, bucket.limit.window.count() / kSlots);
  const std::int64_t end = now.count() + bucket.limit.window.count();
  const std::chrono::nanoseconds expires_at((end + slot - 1) / slot * slot);
  if (bucket.taken.empty() || bucket.taken.back().expires_at < expires_at) {
    bucket.taken.push_back({expires_at, {}});
  }
  const auto kind = priority == Priority::kUrgent ? &Used::urgent : &Used::normal;
  bucket.taken.back().cost.*kind += cost;
  bucket.in_window.*kind += cost;
  if (bucket.reported_remaining) *bucket.reported_remaining -= cost;
}

Permission RateLimiter::Acquire(std::span<const Charge> charges, Priority priority,
                                std::chrono::nanoseconds now) {
  Permission permission{true, now};
  for (const Charge& charge : charges) {
    Bucket* const bucket = Find(charge.name);
    if (bucket == nullptr) continue;
    Expire(*bucket, now);
    if (bucket->blocked_until <= now && Available(*bucket, priority) >= charge.cost) continue;
    permission.granted = false;
    permission.next_at = std::max(permission.next_at, NextOf(*bucket, charge.cost, priority, now));
  }
  if (!permission.granted) return permission;
  for (const Charge& charge : charges) {
    if (Bucket* const bucket = Find(charge.name)) Take(*bucket, charge.cost, priority, now);
  }
  return permission;
}

std::chrono::nanoseconds RateLimiter::NextAt(std::string_view name, std::int64_t cost,
                                             Priority priority, std::chrono::nanoseconds now) {
  Bucket* const bucket = Find(name);
  if (bucket == nullptr) return now;
  Expire(*bucket, now);
  return NextOf(*bucket, cost, priority, now);
}

void RateLimiter::Correct(std::string_view name, const Reported& reported,
                          std::chrono::nanoseconds now) {
  Bucket* const bucket = Find(name);
  if (bucket == nullptr) return;
  const std::chrono::nanoseconds until = reported.reset_at.value_or(now + bucket->limit.window);
  if (until <= now) return;
  bucket->reported_remaining = reported.remaining;
  bucket->reported_limit = reported.limit;
  bucket->reported_until = until;
}

void RateLimiter::BlockUntil(std::string_view name, std::chrono::nanoseconds until) {
  Bucket* const bucket = Find(name);
  if (bucket != nullptr) bucket->blocked_until = std::max(bucket->blocked_until, until);
}

void RateLimiter::BlockAllUntil(std::chrono::nanoseconds until) {
  for (auto& [name, bucket] : buckets_) {
    bucket.blocked_until = std::max(bucket.blocked_until, until);
  }
}

std::int64_t RateLimiter::Headroom(std::string_view name, std::chrono::nanoseconds now) {
  Bucket* const bucket = Find(name);
  if (bucket == nullptr) return 0;
  Expire(*bucket, now);
  if (bucket->blocked_until > now) return 0;
  return std::max<std::int64_t>(0, Available(*bucket, Priority::kNormal));
}

}  // namespace switchyard::retry
