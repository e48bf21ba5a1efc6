#include "clients/cli/local_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace switchyard::clients::cli {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::OrderBookLevels;
using Mantissas = google::protobuf::RepeatedField<std::int64_t>;

// One side of an event, decoded level by level in the order of the message.
struct SideChange {
  std::string_view name;
  const Mantissas& prices;
  const Mantissas& quantities;
  bool snapshot;
};

// Applies one side of an event. `side` is ordered best first.
template <typename Side>
void ApplySide(const SideChange& change, const OrderBookLevels& levels, Side& side,
               std::vector<BookViolation>& violations, std::uint64_t& unknown_removals) {
  if (change.prices.size() != change.quantities.size()) {
    violations.push_back(
        {Violation::kMalformed, fmt::format("{} {} prices with {} quantities", change.prices.size(),
                                            change.name, change.quantities.size())});
    return;
  }
  const auto better = side.key_comp();
  Decimal previous;
  for (int index = 0; index < change.prices.size(); ++index) {
    const auto price =
        Decimal::FromMantissaExponent(change.prices.Get(index), levels.price_exponent());
    const auto quantity =
        Decimal::FromMantissaExponent(change.quantities.Get(index), levels.quantity_exponent());
    if (!price.ok() || !quantity.ok()) {
      violations.push_back(
          {Violation::kMalformed, fmt::format("{} level {} does not fit", change.name, index)});
      return;
    }
    if (index > 0 && !better(previous, *price)) {
      violations.push_back(
          {Violation::kUnsorted,
           fmt::format("{} {} after {}", change.name, price->ToString(), previous.ToString())});
    }
    previous = *price;
    if (quantity->is_negative() || (change.snapshot && quantity->is_zero())) {
      violations.push_back({Violation::kQuantity, fmt::format("{} {} at {}", quantity->ToString(),
                                                              change.name, price->ToString())});
    } else if (quantity->is_zero()) {
      unknown_removals += side.erase(*price) == 0 ? 1 : 0;
    } else {
      side.insert_or_assign(*price, *quantity);
    }
  }
}

}  // namespace

std::string_view ViolationName(Violation violation) {
  switch (violation) {
    case Violation::kDeltaBeforeSnapshot:
      return "delta_before_snapshot";
    case Violation::kDeltaWhileStale:
      return "delta_while_stale";
    case Violation::kSequenceGap:
      return "sequence_gap";
    case Violation::kSequenceBackwards:
      return "sequence_backwards";
    case Violation::kEpochWithoutSnapshot:
      return "epoch_without_snapshot";
    case Violation::kEpochReturned:
      return "epoch_returned";
    case Violation::kCrossed:
      return "crossed";
    case Violation::kUnsorted:
      return "unsorted";
    case Violation::kBeyondDepth:
      return "beyond_depth";
    case Violation::kQuantity:
      return "quantity";
    case Violation::kMalformed:
      return "malformed";
  }
  return "malformed";
}

std::vector<BookViolation> LocalBook::Apply(const MarketDataEvent& event) {
  Violations violations;
  switch (event.kind()) {
    case marketdata::v1::EVENT_KIND_STALE:
      state_ = BookState::kStale;
      stale_reason_ = event.reason();
      return violations;
    case marketdata::v1::EVENT_KIND_SNAPSHOT:
      if (!CheckSnapshot(event, violations)) break;
      bids_.clear();
      asks_.clear();
      state_ = BookState::kLive;
      ApplyLevels(event, violations);
      break;
    case marketdata::v1::EVENT_KIND_DELTA:
      if (state_ == BookState::kBroken) return violations;
      if (!CheckDelta(event, violations)) break;
      ApplyLevels(event, violations);
      break;
    default:
      violations.push_back(
          {Violation::kMalformed, fmt::format("event of kind {}", static_cast<int>(event.kind()))});
  }
  if (!violations.empty()) state_ = BookState::kBroken;
  return violations;
}

bool LocalBook::CheckSnapshot(const MarketDataEvent& event, Violations& violations) {
  if (!event.has_order_book()) {
    violations.push_back({Violation::kMalformed, "snapshot without a book"});
    return false;
  }
  if (has_epoch_ && event.epoch() == epoch_) {
    if (event.sequence() < sequence_) {
      violations.push_back({Violation::kSequenceBackwards,
                            fmt::format("snapshot {} after {}", event.sequence(), sequence_)});
    }
    return true;
  }
  if (std::find(left_epochs_.begin(), left_epochs_.end(), event.epoch()) != left_epochs_.end()) {
    violations.push_back(
        {Violation::kEpochReturned, fmt::format("epoch {:016x} again", event.epoch())});
  }
  if (has_epoch_) left_epochs_.push_back(epoch_);
  has_epoch_ = true;
  return true;
}

bool LocalBook::CheckDelta(const MarketDataEvent& event, Violations& violations) {
  if (state_ != BookState::kLive) {
    violations.push_back({state_ == BookState::kStale ? Violation::kDeltaWhileStale
                                                      : Violation::kDeltaBeforeSnapshot,
                          fmt::format("delta {:016x}/{}", event.epoch(), event.sequence())});
    return false;
  }
  if (!event.has_order_book()) {
    violations.push_back({Violation::kMalformed, "delta without levels"});
    return false;
  }
  if (event.epoch() != epoch_) {
    violations.push_back({Violation::kEpochWithoutSnapshot,
                          fmt::format("delta of epoch {:016x} in {:016x}", event.epoch(), epoch_)});
    return false;
  }
  if (event.sequence() != sequence_ + 1) {
    violations.push_back(
        {Violation::kSequenceGap, fmt::format("delta {} after {}", event.sequence(), sequence_)});
    return false;
  }
  return true;
}

void LocalBook::ApplyLevels(const MarketDataEvent& event, Violations& violations) {
  const OrderBookLevels& levels = event.order_book();
  const bool snapshot = event.kind() == marketdata::v1::EVENT_KIND_SNAPSHOT;
  ApplySide({"bid", levels.bid_price_mantissas(), levels.bid_quantity_mantissas(), snapshot},
            levels, bids_, violations, unknown_removals_);
  ApplySide({"ask", levels.ask_price_mantissas(), levels.ask_quantity_mantissas(), snapshot},
            levels, asks_, violations, unknown_removals_);
  epoch_ = event.epoch();
  sequence_ = event.sequence();
  receive_time_ns_ = event.receive_time_ns();
  source_ = event.source();
  CheckWhole(event, violations);
}

void LocalBook::CheckWhole(const MarketDataEvent& event, Violations& violations) const {
  if (bids_.size() > event.depth() || asks_.size() > event.depth()) {
    violations.push_back(
        {Violation::kBeyondDepth, fmt::format("{} bids and {} asks in a book of depth {}",
                                              bids_.size(), asks_.size(), event.depth())});
  }
  if (!bids_.empty() && !asks_.empty() && bids_.begin()->first >= asks_.begin()->first) {
    violations.push_back(
        {Violation::kCrossed, fmt::format("bid {} and ask {}", bids_.begin()->first.ToString(),
                                          asks_.begin()->first.ToString())});
  }
}

}  // namespace switchyard::clients::cli
