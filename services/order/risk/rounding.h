#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "switchyard/common/v1/values.pb.h"
#include "switchyard/order/v1/order.pb.h"

// How a value that a client asked for becomes one that an exchange can represent. Pure; any thread.
namespace switchyard::order::risk {

// The values that an exchange can represent: positive multiples of `step` (> 0) within the bounds,
// which are inclusive and need not be multiples themselves.
struct Grid {
  Decimal step;
  std::optional<Decimal> minimum, maximum;
};

// The direction in which a price of an order of this side is rounded; UNSPECIFIED is EXACT.
// AWAY_FROM_MARKET: a buy down, a sell up. Not for UNRECOGNISED sides or roundings.
Rounding DirectionOf(v1::Rounding rounding, common::v1::Side side);

// `value` (> 0) on the grid, with the step's decimals. Nothing is rounded unless `rounding` says
// so, a representable value is returned as it is, and the result is less than one step away.
// Errors: InvalidArgument with metadata `field`, and `nearest`, which lists the nearest valid
// values, the lower one first, separated by a comma: NOT_REPRESENTABLE, not a multiple of the step
// or nothing is left of it; INVALID_FIELD, beyond a bound.
absl::StatusOr<Decimal> FitToGrid(std::string_view field, const Decimal& value, const Grid& grid,
                                  Rounding rounding);

}  // namespace switchyard::order::risk
