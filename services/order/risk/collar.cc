#include "services/order/risk/collar.h"

#include <algorithm>

#include "common/status/status.h"

namespace switchyard::order::risk {
namespace {

absl::Status NoPrice() { return InvalidField("worst_price", "the collar leaves no price"); }

}  // namespace

absl::StatusOr<PriceRange> CollarBand(const PriceRange& best, const Decimal& collar) {
  const absl::StatusOr<Decimal> below = Decimal::Multiply(best.low, collar);
  const absl::StatusOr<Decimal> above = Decimal::Multiply(best.high, collar);
  if (!below.ok() || !above.ok()) return NoPrice();
  const absl::StatusOr<Decimal> low = Decimal::Subtract(best.low, *below);
  const absl::StatusOr<Decimal> high = Decimal::Add(best.high, *above);
  if (!low.ok() || !high.ok()) return NoPrice();
  return PriceRange{*low, *high};
}

absl::StatusOr<Decimal> WorstTick(const PriceRange& band, const Decimal& tick,
                                  common::v1::Side side) {
  if (side == common::v1::SIDE_BUY) {
    const absl::StatusOr<Decimal> highest = band.high.RoundedToStep(tick, Rounding::kFloor);
    if (!highest.ok() || highest->is_zero()) return NoPrice();
    return highest->Rescaled(tick.scale(), Rounding::kExact);
  }
  // A collar of 1 or more reaches below the smallest price that there is.
  const absl::StatusOr<Decimal> lowest = band.low.RoundedToStep(tick, Rounding::kCeiling);
  if (!lowest.ok()) return NoPrice();
  return std::max(*lowest, tick).Rescaled(tick.scale(), Rounding::kExact);
}

}  // namespace switchyard::order::risk
