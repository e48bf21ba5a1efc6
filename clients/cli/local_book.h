#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/decimal/decimal.h"
#include "switchyard/marketdata/v1/events.pb.h"

namespace switchyard::clients::cli {

enum class BookState {
  kWaiting,  // no event yet
  kLive,     // may be traded on
  kStale,    // the server says that it must not be traded on
  kBroken,   // an event broke the contract; nothing is believed until the next SNAPSHOT
};

// How an event broke the contract (protos/switchyard/marketdata/v1/events.proto).
enum class Violation {
  kDeltaBeforeSnapshot,
  kDeltaWhileStale,
  kSequenceGap,           // a delta of the same epoch that is not sequence + 1
  kSequenceBackwards,     // a snapshot of the same epoch that is older than what is known
  kEpochWithoutSnapshot,  // a delta of another epoch
  kEpochReturned,         // an epoch that had been left
  kCrossed,               // best bid >= best ask
  kUnsorted,              // levels of an event not best first, or one price twice
  kBeyondDepth,           // more levels than the topic's depth
  kQuantity,              // negative, or 0 in a snapshot
  kMalformed,             // not an order book event, arrays of different length, does not fit
};

// "sequence_gap".
std::string_view ViolationName(Violation violation);

struct BookViolation {
  Violation kind;
  std::string what;  // with the numbers that disagree
};

// One topic's book, kept by the contract's rules: a SNAPSHOT replaces, a DELTA applies only to the
// same epoch at sequence + 1, STALE means do not trade. A plain value; one thread.
class LocalBook {
 public:
  using Bids = std::map<Decimal, Decimal, std::greater<>>;  // price to quantity, best first
  using Asks = std::map<Decimal, Decimal, std::less<>>;

  // Takes the topic's next event. Empty = it kept the contract. After a violation the state is
  // kBroken, and further deltas are ignored without being reported again.
  std::vector<BookViolation> Apply(const marketdata::v1::MarketDataEvent& event);

  BookState state() const { return state_; }
  bool live() const { return state_ == BookState::kLive; }
  // Why it is stale.
  common::v1::StaleReason stale_reason() const { return stale_reason_; }
  // The last known levels; not to be believed unless live.
  const Bids& bids() const { return bids_; }
  const Asks& asks() const { return asks_; }
  // Of the latest event that was taken.
  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t sequence() const { return sequence_; }
  std::int64_t receive_time_ns() const { return receive_time_ns_; }
  common::v1::Source source() const { return source_; }
  // Deltas that removed a level which was not there: no violation, but a sign of a lost event.
  std::uint64_t unknown_removals() const { return unknown_removals_; }

 private:
  using Violations = std::vector<BookViolation>;

  // True when the event may change the levels.
  bool CheckSnapshot(const marketdata::v1::MarketDataEvent& event, Violations& violations);
  bool CheckDelta(const marketdata::v1::MarketDataEvent& event, Violations& violations);
  void ApplyLevels(const marketdata::v1::MarketDataEvent& event, Violations& violations);
  void CheckWhole(const marketdata::v1::MarketDataEvent& event, Violations& violations) const;

  BookState state_ = BookState::kWaiting;
  common::v1::StaleReason stale_reason_ = common::v1::STALE_REASON_UNSPECIFIED;
  Bids bids_;
  Asks asks_;
  std::uint64_t epoch_ = 0;
  std::uint64_t sequence_ = 0;
  bool has_epoch_ = false;
  std::vector<std::uint64_t> left_epochs_;
  std::int64_t receive_time_ns_ = 0;
  common::v1::Source source_ = common::v1::SOURCE_UNSPECIFIED;
  std::uint64_t unknown_removals_ = 0;
};

}  // namespace switchyard::clients::cli
