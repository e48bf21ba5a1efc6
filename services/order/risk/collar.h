#pragma once

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "switchyard/common/v1/values.pb.h"

// The prices that a collar leaves to an order. Quote units, exact. Pure; any thread.
namespace switchyard::order::risk {

// Inclusive.
struct PriceRange {
  Decimal low, high;
};

// From `collar` (a fraction) below the bid to as much above the offer; `best` = {bid, offer}.
// Errors: InvalidArgument, INVALID_FIELD: more than 38 digits.
absl::StatusOr<PriceRange> CollarBand(const PriceRange& best, const Decimal& collar);

// The most aggressive price on a tick (> 0) that an order of this side may have within the band.
// Errors: InvalidArgument, INVALID_FIELD: there is none.
absl::StatusOr<Decimal> WorstTick(const PriceRange& band, const Decimal& tick,
                                  common::v1::Side side);

}  // namespace switchyard::order::risk
