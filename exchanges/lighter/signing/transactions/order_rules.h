#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "exchanges/lighter/signing/transactions/orders.h"

// Which orders, and which groups of orders, go together with what: rules beyond the ranges of
// fields, which are checked first. Pure. Errors: InvalidArgument, in the words of the exchange's
// client library. Source: reference 3.10; lighter-go 17f2d60, types/txtypes/create_order.go and
// create_grouped_orders.go.
namespace switchyard::exchanges::lighter::signing {

// Ids that were always spot markets. Of higher ones the number does not say what they are.
bool IsKnownSpot(std::int64_t market_index);

absl::Status CheckOrder(const OrderInfo& order);

absl::Status CheckGroupSize(const CreateGroupedOrders& group);
// After CheckGroupSize.
absl::Status CheckGroup(const CreateGroupedOrders& group);

}  // namespace switchyard::exchanges::lighter::signing
