#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "common/status/status.h"

namespace switchyard::accounts {

// Makes a command with effects happen once for its request id, within one process: the first call
// sends it, later ones with the same body get the same outcome, also while it is under way. Keeps
// the last `capacity` requests; one whose outcome is unknown is never dropped, and when nothing
// else is left to drop new ones are refused. Any thread; calls waiters without its lock.
//
// What a command gave:
//   kConfirmed, kRefused  is the outcome for good;
//   kNotSent              is forgotten: the same id may be tried again; so is a kRefused by a rate
//                         limit;
//   kUnknown              stays so until whoever repeats it has found out more (Turn::kResolve).
template <typename Response>
class RequestLedger {
 public:
  using Outcome = absl::StatusOr<Response>;
  // `replayed`: another call sent it.
  using Waiter = std::function<void(const Outcome& outcome, bool replayed)>;

  enum class Turn : std::uint8_t {
    kSend,     // the caller sends it and settles
    kResolve,  // sent before, with unknown outcome: the caller asks, sends nothing unless that is
               // safe, and settles
    kWait,     // somebody else does, or has done
  };

  struct Begun {
    Turn turn = Turn::kWait;
    TimeNs unknown_since;  // kResolve
  };

  explicit RequestLedger(std::size_t capacity = 10'000) : capacity_(capacity) {}

  // `fingerprint` tells the body from every other. `waiter` is called once, when it is settled or
  // at once where it is, and dropped where Begin fails.
  // Errors: AlreadyExists, REQUEST_ID_REUSED; FailedPrecondition, FAIL_CLOSED (full of unknowns);
  // Unavailable, SHUTTING_DOWN.
  absl::StatusOr<Begun> Begin(const std::string& id, const std::string& fingerprint,
                              Waiter waiter) {
    std::optional<Outcome> known;
    {
      const std::lock_guard lock(mutex_);
      const auto found = entries_.find(id);
      if (closed_ && (found == entries_.end() || found->second.state != State::kSettled)) {
        return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_SHUTTING_DOWN,
                         "the process is shutting down");
      }
      if (found == entries_.end()) return Insert(id, fingerprint, std::move(waiter));
      Entry& entry = found->second;
      if (entry.fingerprint != fingerprint) {
        return MakeError(absl::StatusCode::kAlreadyExists,
                         common::v1::ERROR_REASON_REQUEST_ID_REUSED,
                         "request id '" + id + "' was used for another command");
      }
      if (entry.state == State::kUnknown) {
        entry.state = State::kRunning;
        entry.waiters.push_back({std::move(waiter), /*replayed=*/true});
        ++running_;
        return Begun{Turn::kResolve, entry.unknown_since};
      }
      if (entry.state == State::kRunning) {
        entry.waiters.push_back({std::move(waiter), /*replayed=*/true});
        return Begun{};
      }
      known = entry.outcome;
    }
    waiter(*known, /*replayed=*/true);
    return Begun{};
  }

  // Ends the turn that Begin gave. `sent_at`, for kUnknown: when it was sent, the latest time if
  // more than once.
  void Settle(const std::string& id, exchange::CommandFate fate, Outcome outcome, TimeNs sent_at) {
    std::vector<Waiting> waiters;
    {
      const std::lock_guard lock(mutex_);
      const auto found = entries_.find(id);
      if (found == entries_.end() || found->second.state != State::kRunning) return;
      Entry& entry = found->second;
      waiters.swap(entry.waiters);
      const bool limited = outcome.status().code() == absl::StatusCode::kResourceExhausted;
      if (fate == exchange::CommandFate::kRefused && limited) {
        fate = exchange::CommandFate::kNotSent;
      }
      switch (fate) {
        case exchange::CommandFate::kConfirmed:
        case exchange::CommandFate::kRefused:
          entry.state = State::kSettled;
          entry.outcome = outcome;
          break;
        case exchange::CommandFate::kNotSent:
          order_.erase(entry.position);
          entries_.erase(found);
          break;
        case exchange::CommandFate::kUnknown:
          entry.state = State::kUnknown;
          entry.unknown_since = sent_at;
          break;
      }
    }
    for (const Waiting& each : waiters) each.waiter(outcome, each.replayed);
    {
      const std::lock_guard lock(mutex_);
      --running_;
    }
    idle_.notify_all();
  }

  // Takes nothing new, and waits until what is under way is settled and told, or for `timeout`.
  void Drain(std::chrono::nanoseconds timeout) {
    std::unique_lock lock(mutex_);
    closed_ = true;
    idle_.wait_for(lock, timeout, [this] { return running_ == 0; });
  }

 private:
  enum class State : std::uint8_t { kRunning, kSettled, kUnknown };
  struct Waiting {
    Waiter waiter;
    bool replayed = false;
  };
  struct Entry {
    std::string fingerprint;
    State state = State::kRunning;
    TimeNs unknown_since;
    Outcome outcome = absl::UnknownError("under way");
    std::vector<Waiting> waiters;
    std::list<std::string>::iterator position;
  };

  // mutex_ held.
  absl::StatusOr<Begun> Insert(const std::string& id, const std::string& fingerprint,
                               Waiter waiter) {
    if (entries_.size() >= capacity_ && !DropOldest()) {
      return MakeError(absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_FAIL_CLOSED,
                       "too many earlier commands have an unknown outcome");
    }
    Entry& entry = entries_[id];
    entry.fingerprint = fingerprint;
    entry.waiters.push_back({std::move(waiter), /*replayed=*/false});
    entry.position = order_.insert(order_.end(), id);
    ++running_;
    return Begun{Turn::kSend, {}};
  }

  bool DropOldest() {
    for (auto oldest = order_.begin(); oldest != order_.end(); ++oldest) {
      const auto entry = entries_.find(*oldest);
      if (entry->second.state != State::kSettled) continue;
      entries_.erase(entry);
      order_.erase(oldest);
      return true;
    }
    return false;
  }

  const std::size_t capacity_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, Entry> entries_;
  std::list<std::string> order_;  // ids, oldest first
  std::size_t running_ = 0;       // turns that have not been settled
  bool closed_ = false;
  std::condition_variable idle_;
};

}  // namespace switchyard::accounts
