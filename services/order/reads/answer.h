#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "common/time/time.h"
#include "switchyard/order/v1/order.pb.h"

namespace switchyard::order {

// Takes the answer of an RPC, once.
template <typename T>
using Answer = std::function<void(absl::StatusOr<T> answer)>;

// As it is told to a caller now: with its age. Pure.
v1::Order Told(const v1::Order& order, TimeNs now);

}  // namespace switchyard::order
