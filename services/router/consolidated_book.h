#pragma once

#include <cstdint>
#include <vector>

#include "services/router/leg_book.h"
#include "switchyard/router/v1/consolidated_book.pb.h"

namespace switchyard::router {

// One leg of a merged book. `description.state` is LIVE exactly when `book` is to be merged.
struct MergeLeg {
  v1::Leg description;
  LegBook book;
};

// Merges the books of the live legs, best `depth` levels a side; see ConsolidatedBook for the
// order. A live leg whose values do not fit at the common exponent is shown as FAILED. Pure.
v1::ConsolidatedBook MergeBooks(const std::vector<MergeLeg>& legs, std::uint32_t depth);

}  // namespace switchyard::router
