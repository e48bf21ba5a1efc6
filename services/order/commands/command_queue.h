#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/retry/rate_limiter.h"
#include "services/order/desk/queue_bounds.h"

namespace switchyard::order {

// When a command came, and its place among those that wait.
struct QueueSlot {
  std::uint64_t arrival = 0;
  std::chrono::nanoseconds came{0};  // steady
};

// Commands for which the exchange's limits had no room, until there is. Cancellations go first:
// while one waits, nothing else is sent. Otherwise each market has a lane of its own, handed out in
// the order in which its commands came. What was handed out and comes back takes its old place:
// for as long as our own limits take to refuse it (10 ms) nothing newer of its lane passes it, and
// no place passes a cancellation. What the exchange itself turns away comes back later and may have
// been passed. A command of all markets is of market "". Whoever cannot be sent in time is refused
// as soon as that is plain. Knows no orders and no clock: times are steady and never decrease. One
// thread.
class CommandQueue {
 public:
  struct Command {
    retry::Priority priority = retry::Priority::kNormal;
    std::string market;
    std::uint64_t order = 0;  // the number of the order that it is about; 0 = of several
    QueueSlot slot;
    std::function<void()> send;
    // RESOURCE_EXHAUSTED (RATE_LIMITED) with RetryInfo, or what Refuse was told.
    std::function<void(const absl::Status& why)> give_up;
  };

  explicit CommandQueue(const QueueBounds& bounds) : bounds_(bounds) {}

  QueueSlot Arrive(std::chrono::nanoseconds now) { return {++last_arrival_, now}; }

  // Whether a new command would overtake one that waits, or that was handed out and may come back.
  bool MustWait(retry::Priority priority, const std::string& market,
                std::chrono::nanoseconds now) const;
  // Waits at least for `delay`. Where the time or the room for it is lacking it is given up at
  // once; a cancellation, or who came before, puts out the youngest other command instead.
  void Wait(Command command, std::chrono::nanoseconds delay, std::chrono::nanoseconds now);
  // The command about this order that is no cancellation leaves the queue, unsent and unanswered.
  std::optional<Command> Withdraw(std::uint64_t order);
  // Sends what is due, gives up what has waited too long.
  void Run(std::chrono::nanoseconds now);
  // Gives up what waits, and what would wait later: all, or all but cancellations.
  void Refuse(const absl::Status& why, bool cancels_too);

  std::size_t size() const { return size_; }
  // When Run has something to do; absent = nothing waits.
  std::optional<std::chrono::nanoseconds> NextAt() const;

 private:
  struct Lane {
    std::chrono::nanoseconds not_before{0};
    std::map<std::uint64_t, Command> commands;  // by arrival
  };
  using Key = std::pair<retry::Priority, std::string>;
  using Lanes = std::map<Key, Lane>;

  std::chrono::nanoseconds DeadlineOf(const Command& command) const {
    return command.slot.came + bounds_.wait;
  }
  bool HasCancels() const;
  // Until when a new command of this lane must wait for what was handed out, or for a pause that
  // the exchange announced to another lane. 0 = it need not.
  std::chrono::nanoseconds HeldUntil(const Key& key) const;
  // Errors as give_up.
  absl::Status OutOfTime(std::chrono::nanoseconds retry_after) const;
  absl::Status Full(std::chrono::nanoseconds retry_after) const;
  Command TakeOut(Lanes::iterator lane, std::map<std::uint64_t, Command>::iterator command);
  // The youngest that is no cancellation and came behind `arrival`.
  std::optional<Command> TakeYoungest(std::uint64_t arrival);
  void GiveUpLate(std::chrono::nanoseconds now);

  const QueueBounds bounds_;
  Lanes lanes_;                                         // none is empty
  std::map<Key, std::chrono::nanoseconds> handed_out_;  // until when it may come back
  std::size_t size_ = 0;
  std::uint64_t last_arrival_ = 0;
  absl::Status refusal_;  // not OK: the queue takes no more
  bool refuses_cancels_ = false;
};

}  // namespace switchyard::order
