#include "services/order/risk/rounding.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/status/status.h"

namespace switchyard::order::risk {
namespace {

// The grid's own ends: its smallest and largest representable values.
struct Ends {
  Decimal lowest;
  std::optional<Decimal> highest;
};

// With the step's decimals where they fit into 38 digits.
Decimal AtStepScale(const Decimal& multiple, const Decimal& step) {
  return multiple.Rescaled(step.scale(), Rounding::kExact).value_or(multiple);
}

absl::StatusOr<Ends> EndsOf(const Grid& grid) {
  Ends ends{.lowest = grid.step, .highest = std::nullopt};
  if (grid.minimum) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal lowest,
                                grid.minimum->RoundedToStep(grid.step, Rounding::kCeiling));
    ends.lowest = std::max(ends.lowest, lowest);
  }
  if (grid.maximum) {
    SWITCHYARD_ASSIGN_OR_RETURN(ends.highest,
                                grid.maximum->RoundedToStep(grid.step, Rounding::kFloor));
  }
  return ends;
}

// The lower one first. `below` is the largest multiple that is not above `value`.
absl::StatusOr<std::string> Nearest(const Decimal& value, const Decimal& below, const Grid& grid,
                                    const Ends& ends) {
  Decimal above = below;
  if (below != value) {
    SWITCHYARD_ASSIGN_OR_RETURN(above, Decimal::Add(below, grid.step));
  }
  above = std::max(above, ends.lowest);
  const Decimal lower = ends.highest ? std::min(below, *ends.highest) : below;
  std::string list;
  if (lower >= ends.lowest) list = AtStepScale(lower, grid.step).ToString();
  if (above != lower && (!ends.highest || above <= *ends.highest)) {
    if (!list.empty()) list += ',';
    list += AtStepScale(above, grid.step).ToString();
  }
  return list;
}

absl::Status Refusal(common::v1::ErrorReason reason, std::string_view field,
                     const std::string& message, const std::string& nearest) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason,
                   nearest.empty() ? message : fmt::format("{}; nearest: {}", message, nearest),
                   {{"field", std::string(field)}, {"nearest", nearest}});
}

}  // namespace

Rounding DirectionOf(v1::Rounding rounding, common::v1::Side side) {
  switch (rounding) {
    case v1::ROUNDING_DOWN:
      return Rounding::kDown;
    case v1::ROUNDING_AWAY_FROM_MARKET:
      return side == common::v1::SIDE_BUY ? Rounding::kFloor : Rounding::kCeiling;
    default:
      return Rounding::kExact;
  }
}

absl::StatusOr<Decimal> FitToGrid(std::string_view field, const Decimal& value, const Grid& grid,
                                  Rounding rounding) {
  if (grid.step.is_zero() || grid.step.is_negative()) {
    return absl::InternalError(fmt::format("{}: the instrument states no step", field));
  }
  const absl::StatusOr<Decimal> below = value.RoundedToStep(grid.step, Rounding::kFloor);
  const absl::StatusOr<Ends> ends = EndsOf(grid);
  if (!below.ok() || !ends.ok()) {
    return InvalidField(field, fmt::format("{} has too many digits for the step {}",
                                           value.ToString(), grid.step.ToString()));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string nearest, Nearest(value, *below, grid, *ends));
  Decimal chosen = *below;
  if (*below != value) {
    const absl::StatusOr<Decimal> rounded = value.RoundedToStep(grid.step, rounding);
    if (!rounded.ok() || rounded->is_zero()) {
      return Refusal(common::v1::ERROR_REASON_NOT_REPRESENTABLE, field,
                     fmt::format("{} {} is not a positive multiple of {}", field, value.ToString(),
                                 grid.step.ToString()),
                     nearest);
    }
    chosen = *rounded;
  }
  if (grid.minimum && chosen < *grid.minimum) {
    return Refusal(common::v1::ERROR_REASON_INVALID_FIELD, field,
                   fmt::format("{} {} is below the smallest, {}", field, chosen.ToString(),
                               grid.minimum->ToString()),
                   nearest);
  }
  if (grid.maximum && chosen > *grid.maximum) {
    return Refusal(common::v1::ERROR_REASON_INVALID_FIELD, field,
                   fmt::format("{} {} is above the largest, {}", field, chosen.ToString(),
                               grid.maximum->ToString()),
                   nearest);
  }
  return AtStepScale(chosen, grid.step);
}

}  // namespace switchyard::order::risk
