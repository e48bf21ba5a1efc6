#pragma once

#include "absl/status/status.h"
#include "services/order/state/order_record.h"
#include "switchyard/order/v1/fill.pb.h"

namespace switchyard::order {

// Adds a fill that was not counted yet. Pure.
// Errors: InvalidArgument, a decimal of it has another form; OutOfRange, the sum of quantities does
// not fit; then nothing was added.
absl::Status AddFill(const v1::Fill& fill, FillSums& sums);

}  // namespace switchyard::order
