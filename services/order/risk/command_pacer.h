#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/retry/rate_limiter.h"

namespace switchyard::order::risk {

// How many commands may wait, and how long.
struct PacerOptions {
  std::size_t max_waiting = 1'000;  // new orders and amendments
  std::size_t max_waiting_cancels = 10'000;
  // New orders and amendments that waited longer are handed back unsent. Cancels wait for ever.
  std::chrono::nanoseconds max_wait = std::chrono::seconds(2);
};

// One command that waits.
struct PacedCommand {
  std::uint64_t id = 0;   // the caller's, unique among those that wait
  std::string order_key;  // of the order it concerns
  std::string limit;      // name of the rate limit it counts against
  std::int64_t cost = 1;
  bool cancel = false;
};

// Decides in which order and when commands go to the exchange: cancels first, and part of each
// limit (its reserve) for them alone; else in the order of arrival. A limit that is used up holds
// back its own commands and no others. A command never overtakes an earlier one of the same order.
// Keeps ids, never sleeps, and has no clock: `now` is steady and never decreases. One thread.
class CommandPacer {
 public:
  explicit CommandPacer(const PacerOptions& options) : options_(options) {}

  // The limits; their counts are corrected by the exchange's answers.
  retry::RateLimiter& limiter() { return limiter_; }

  // Lines a command up.
  // Errors: ResourceExhausted, RATE_LIMITED with a time to retry: too many wait, or it cannot go
  // before max_wait is over; the command then never waited. Cancels are refused only when too many
  // of them wait. InvalidArgument: the cost exceeds the limit.
  absl::Status Push(const PacedCommand& command, std::chrono::nanoseconds now);

  // The command to send now, with its permits taken; absent = none may go.
  std::optional<PacedCommand> Pop(std::chrono::nanoseconds now);

  // New orders and amendments that waited longer than max_wait, oldest first; never sent.
  std::vector<PacedCommand> TakeOverdue(std::chrono::nanoseconds now);

  // Commands of this order that wait, in order of arrival, and that now never go. To be asked
  // before a cancel is lined up: an order that was never sent needs no cancel.
  std::vector<PacedCommand> Withdraw(std::string_view order_key);

  // When Pop or TakeOverdue can have something, steady. Absent = nothing waits.
  std::optional<std::chrono::nanoseconds> NextAt(std::chrono::nanoseconds now);

  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    PacedCommand command;
    std::chrono::nanoseconds since{0};
  };
  // Of one limit: those that wait for nothing but permits, by arrival.
  struct Lane {
    std::set<std::uint64_t> cancels, others;
  };

  // The first of each kind, over all lanes, whose permits are there.
  std::optional<std::uint64_t> Next(bool cancels, std::chrono::nanoseconds now);
  std::chrono::nanoseconds GoesAt(const PacedCommand& command, std::chrono::nanoseconds now);
  void MakeReady(std::uint64_t arrival);
  PacedCommand Remove(std::uint64_t arrival);

  const PacerOptions options_;
  retry::RateLimiter limiter_;
  std::map<std::uint64_t, Waiting> waiting_;  // by arrival
  std::map<std::string, std::set<std::uint64_t>, std::less<>> by_order_;
  std::map<std::string, Lane, std::less<>> lanes_;
  std::size_t waiting_cancels_ = 0;
  std::uint64_t next_arrival_ = 1;
};

}  // namespace switchyard::order::risk
