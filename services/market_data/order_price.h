#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/model/market_data.h"

namespace switchyard::market_data {

// What an order would cost at a moment. Prices in quote units.
struct OrderPrice {
  // Best price at which a post-only order rests: the tick next to the other side's best. None where
  // no positive tick is left below the best ask.
  std::optional<Decimal> post_only;
  // Worst price of crossing.
  Decimal worst;
  // Average price of crossing, rounded against the order at the tick's scale + 8.
  Decimal average;
};

// Prices an order of `quantity` (> 0, base units) against the book. Exact apart from the average.
// Errors: FailedPrecondition, the book shows less than the quantity; OutOfRange.
absl::StatusOr<OrderPrice> PriceOrder(const model::BookView& book,
                                      const model::Instrument& instrument, model::Side side,
                                      const Decimal& quantity);

}  // namespace switchyard::market_data
