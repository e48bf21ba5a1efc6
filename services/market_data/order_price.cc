#include "services/market_data/order_price.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/status.h"

namespace switchyard::market_data {
namespace {

// More decimals of the average than the tick has.
constexpr int kAverageExtraDecimals = 8;

// The tick nearest to `other_best` that does not reach it. None where it is not positive.
absl::StatusOr<std::optional<Decimal>> PostOnlyPrice(const Decimal& other_best, const Decimal& tick,
                                                     model::Side side) {
  const bool buy = side == model::Side::kBuy;
  SWITCHYARD_ASSIGN_OR_RETURN(
      Decimal price, other_best.RoundedToStep(tick, buy ? Rounding::kFloor : Rounding::kCeiling));
  if (price == other_best) {
    SWITCHYARD_ASSIGN_OR_RETURN(price,
                                buy ? Decimal::Subtract(price, tick) : Decimal::Add(price, tick));
  }
  if (price.is_negative() || price.is_zero()) return std::optional<Decimal>();
  SWITCHYARD_ASSIGN_OR_RETURN(price, price.Rescaled(tick.scale(), Rounding::kExact));
  return std::optional<Decimal>(price);
}

// At least with the tick's decimals, and no zeros beyond them.
absl::StatusOr<Decimal> AtTickScale(const Decimal& price, const Decimal& tick) {
  const Decimal shortest = price.Normalised();
  return shortest.Rescaled(std::max(shortest.scale(), tick.scale()), Rounding::kExact);
}

// Rounded against the order: what it pays up, what it gets down.
absl::StatusOr<Decimal> AveragePrice(const Decimal& value, const Decimal& quantity,
                                     const Decimal& tick, model::Side side) {
  const Rounding against = side == model::Side::kBuy ? Rounding::kCeiling : Rounding::kFloor;
  return Decimal::Divide(value, quantity, tick.Normalised().scale() + kAverageExtraDecimals,
                         against);
}

}  // namespace

absl::StatusOr<OrderPrice> PriceOrder(const model::BookView& book,
                                      const model::Instrument& instrument, model::Side side,
                                      const Decimal& quantity) {
  const auto& levels = side == model::Side::kBuy ? book.asks : book.bids;
  OrderPrice result;
  Decimal missing = quantity;
  Decimal value;
  for (const model::Level& level : levels) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal price,
                                Decimal::FromMantissa(level.price, book.price_scale));
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal offered,
                                Decimal::FromMantissa(level.quantity, book.quantity_scale));
    const Decimal taken = std::min(missing, offered);
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal cost, Decimal::Multiply(price, taken));
    SWITCHYARD_ASSIGN_OR_RETURN(value, Decimal::Add(value, cost));
    SWITCHYARD_ASSIGN_OR_RETURN(missing, Decimal::Subtract(missing, taken));
    result.worst = price;
    if (missing.is_zero()) break;
  }
  if (!missing.is_zero()) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_UNSPECIFIED,
        fmt::format("the book of {} shows {} less than the quantity {}", instrument.symbol,
                    missing.ToShortString(), quantity.ToShortString()),
        {{"exchange", instrument.exchange}});
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal best,
                              Decimal::FromMantissa(levels.front().price, book.price_scale));
  SWITCHYARD_ASSIGN_OR_RETURN(result.worst, AtTickScale(result.worst, instrument.tick));
  SWITCHYARD_ASSIGN_OR_RETURN(result.post_only, PostOnlyPrice(best, instrument.tick, side));
  SWITCHYARD_ASSIGN_OR_RETURN(result.average, AveragePrice(value, quantity, instrument.tick, side));
  return result;
}

}  // namespace switchyard::market_data
