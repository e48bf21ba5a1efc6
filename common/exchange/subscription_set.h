#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "common/model/market_data.h"
#include "common/retry/pacer.h"

namespace switchyard::exchange {

// One subscription on a socket: a channel of the exchange, an instrument, and what else its payload
// holds (candle interval).
struct StreamKey {
  std::uint8_t channel = 0;
  model::InstrumentId instrument{};
  std::uint32_t parameter = 0;
  friend constexpr auto operator<=>(const StreamKey&, const StreamKey&) = default;
};

// What one socket should carry, what it was asked for and what the exchange confirmed. Sends
// nothing itself: says what to send next, inside the exchange's in-flight window and rate.
// Connection thread.
class SubscriptionSet {
 public:
  enum class Action : std::uint8_t { kSubscribe, kUnsubscribe };
  struct Request {
    std::int64_t id = 0;  // fits 32 bits; unique on this socket
    StreamKey key;
    Action action = Action::kSubscribe;
    int attempt = 1;  // so many in a row were asked about the key without an answer, this one too
  };

  // `answer_timeout`: after that an unanswered request is overdue.
  SubscriptionSet(const retry::Pace& pace, std::chrono::nanoseconds answer_timeout);

  // Idempotent. A key that the exchange refused is asked for again.
  void Want(const StreamKey& key);
  void Unwant(const StreamKey& key);
  // Unsubscribes and subscribes anew, to get a stuck stream moving.
  void Renew(const StreamKey& key);

  // The next request to send, or none now.
  std::optional<Request> Next(std::chrono::nanoseconds now);

  // The answer to request `id`. The request, or none where the answer decides nothing. One that
  // comes after its request was given up still counts as long as it confirms what is not confirmed.
  std::optional<Request> OnAnswer(std::int64_t id, bool refused, std::chrono::nanoseconds now);
  // The latest request of that kind about `key` that has no answer yet, given up or not; for
  // exchanges whose answers name a channel instead of a request.
  std::optional<Request> UnansweredOf(const StreamKey& key, Action action) const;
  // The request that waits longest; for refusals that name nothing at all.
  std::optional<Request> OldestUnanswered() const;
  // Asks again for what was refused longer than `pause` ago: refusals may pass (rate, overload).
  void RetryRefused(std::chrono::nanoseconds now, std::chrono::nanoseconds pause);
  // Data came. False where the key is not wanted (a late frame).
  bool OnData(const StreamKey& key, std::chrono::nanoseconds now);
  // Nothing is confirmed any more; everything wanted is asked for again.
  void OnDisconnected();

  // Requests without an answer in time; they are given up, and asked again under a new id.
  std::vector<Request> TakeOverdue(std::chrono::nanoseconds now);
  // Confirmed keys whose last data (or confirmation) is older than `silence`; each is reported once
  // per `silence`.
  std::vector<StreamKey> TakeSilent(std::chrono::nanoseconds now, std::chrono::nanoseconds silence);

  std::vector<StreamKey> wanted() const;
  std::size_t size() const { return wanted_; }
  std::size_t confirmed() const { return confirmed_; }
  // Everything wanted is confirmed or refused, everything else is left.
  bool settled() const { return to_send_.empty() && requests_.empty(); }
  bool IsConfirmed(const StreamKey& key) const;
  // Whether everything that is wanted and confirmed on `other` is confirmed here.
  bool CarriesAllOf(const SubscriptionSet& other) const;

 private:
  enum class State : std::uint8_t {
    kToSubscribe,
    kAsked,
    kConfirmed,
    kToLeave,
    kLeaving,
    kRefused
  };
  struct Entry {
    State state = State::kToSubscribe;
    bool wanted = true;
    int unanswered = 0;                 // requests in a row
    std::chrono::nanoseconds since{0};  // last data, confirmation or silence report
  };
  struct Pending {
    Request request;
    std::chrono::nanoseconds sent_at{0};
  };
  struct Hash {
    std::size_t operator()(const StreamKey& key) const {
      const std::uint64_t packed = (std::uint64_t{key.instrument.value} << 32) ^
                                   (std::uint64_t{key.channel} << 24) ^ key.parameter;
      return static_cast<std::size_t>(packed * 0x9E3779B97F4A7C15ULL);
    }
  };

  // Bound of the requests given up whose answers are still told apart.
  static constexpr std::size_t kMaxLate = 1'024;

  void SetState(Entry& entry, State state);
  std::optional<Request> OnLateAnswer(const Request& request, bool refused,
                                      std::chrono::nanoseconds now);
  void GiveUp(const Request& request);

  retry::Pacer pacer_;
  const std::chrono::nanoseconds answer_timeout_;
  std::unordered_map<StreamKey, Entry, Hash> entries_;
  std::set<StreamKey> to_send_;
  std::map<std::int64_t, Pending> requests_;
  std::map<std::int64_t, Request> late_;  // subscribes given up, whose answers may come yet
  std::int64_t next_id_ = 1;
  std::size_t wanted_ = 0;
  std::size_t confirmed_ = 0;
};

}  // namespace switchyard::exchange
