#include "services/router/leg_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/status/statusor.h"

namespace switchyard::router {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::OrderBookLevels;
using Mantissas = google::protobuf::RepeatedField<std::int64_t>;

absl::StatusOr<std::vector<BookLevel>> ReadSide(const Mantissas& prices,
                                                const Mantissas& quantities) {
  if (prices.size() != quantities.size()) {
    return absl::InvalidArgumentError(
        fmt::format("{} prices and {} quantities of one side", prices.size(), quantities.size()));
  }
  std::vector<BookLevel> levels;
  levels.reserve(static_cast<std::size_t>(prices.size()));
  for (int i = 0; i < prices.size(); ++i) levels.push_back({prices[i], quantities[i]});
  return levels;
}

bool RescaleSide(int price_from, int price_to, int quantity_from, int quantity_to,
                 std::vector<BookLevel>* side) {
  for (BookLevel& level : *side) {
    if (!Rescale(level.price, price_from, price_to, &level.price) ||
        !Rescale(level.quantity, quantity_from, quantity_to, &level.quantity)) {
      return false;
    }
  }
  return true;
}

// `better(a, b)`: price a is nearer to the top than price b.
template <typename Better>
void Change(const std::vector<BookLevel>& changes, Better better, std::vector<BookLevel>* side) {
  for (const BookLevel& change : changes) {
    const auto at = std::lower_bound(side->begin(), side->end(), change,
                                     [&](const BookLevel& left, const BookLevel& right) {
                                       return better(left.price, right.price);
                                     });
    const bool exists = at != side->end() && at->price == change.price;
    if (change.quantity == 0) {
      if (exists) side->erase(at);
    } else if (exists) {
      at->quantity = change.quantity;
    } else {
      side->insert(at, change);
    }
  }
}

}  // namespace

bool Rescale(std::int64_t mantissa, int from, int to, std::int64_t* rescaled) {
  if (mantissa == 0) {
    *rescaled = 0;
    return true;
  }
  for (; from > to; --from) {
    if (__builtin_mul_overflow(mantissa, std::int64_t{10}, &mantissa)) return false;
  }
  *rescaled = mantissa;
  return true;
}

void LegBook::Invalidate() {
  valid_ = false;
  bids_.clear();
  asks_.clear();
}

absl::Status LegBook::Load(const OrderBookLevels& levels) {
  auto bids = ReadSide(levels.bid_price_mantissas(), levels.bid_quantity_mantissas());
  auto asks = ReadSide(levels.ask_price_mantissas(), levels.ask_quantity_mantissas());
  if (!bids.ok() || !asks.ok()) {
    Invalidate();
    return bids.ok() ? asks.status() : bids.status();
  }
  price_exponent_ = levels.price_exponent();
  quantity_exponent_ = levels.quantity_exponent();
  bids_ = *std::move(bids);
  asks_ = *std::move(asks);
  valid_ = true;
  return absl::OkStatus();
}

absl::Status LegBook::Apply(const MarketDataEvent& event) {
  switch (event.kind()) {
    case marketdata::v1::EVENT_KIND_SNAPSHOT: {
      epoch_ = event.epoch();
      sequence_ = event.sequence();
      return Load(event.order_book());
    }
    case marketdata::v1::EVENT_KIND_DELTA: {
      const absl::Status status = ApplyDelta(event);
      if (!status.ok()) Invalidate();
      return status;
    }
    case marketdata::v1::EVENT_KIND_STALE:
      Invalidate();
      return absl::OkStatus();
    default:
      Invalidate();
      return absl::InvalidArgumentError(fmt::format("a book event of kind {}", event.kind()));
  }
}

absl::Status LegBook::ApplyDelta(const MarketDataEvent& event) {
  if (!valid_) return absl::DataLossError("a delta without a snapshot");
  if (event.epoch() != epoch_ || event.sequence() != sequence_ + 1) {
    return absl::DataLossError(
        fmt::format("delta {}/{} after {}/{}", event.epoch(), event.sequence(), epoch_, sequence_));
  }
  const OrderBookLevels& levels = event.order_book();
  auto bids = ReadSide(levels.bid_price_mantissas(), levels.bid_quantity_mantissas());
  if (!bids.ok()) return bids.status();
  auto asks = ReadSide(levels.ask_price_mantissas(), levels.ask_quantity_mantissas());
  if (!asks.ok()) return asks.status();
  if (absl::Status status = AlignExponents(levels); !status.ok()) return status;
  for (std::vector<BookLevel>* side : {&*bids, &*asks}) {
    if (!RescaleSide(levels.price_exponent(), price_exponent_, levels.quantity_exponent(),
                     quantity_exponent_, side)) {
      return absl::OutOfRangeError("a delta's value does not fit at the book's exponent");
    }
  }
  Change(*bids, std::greater<>(), &bids_);
  Change(*asks, std::less<>(), &asks_);
  sequence_ = event.sequence();
  return absl::OkStatus();
}

absl::Status LegBook::AlignExponents(const OrderBookLevels& levels) {
  const int price = std::min(price_exponent_, levels.price_exponent());
  const int quantity = std::min(quantity_exponent_, levels.quantity_exponent());
  if (price == price_exponent_ && quantity == quantity_exponent_) return absl::OkStatus();
  for (std::vector<BookLevel>* side : {&bids_, &asks_}) {
    if (!RescaleSide(price_exponent_, price, quantity_exponent_, quantity, side)) {
      return absl::OutOfRangeError("the book does not fit at a delta's exponent");
    }
  }
  price_exponent_ = price;
  quantity_exponent_ = quantity;
  return absl::OkStatus();
}

}  // namespace switchyard::router
