#pragma once

#include "absl/status/status.h"
#include "services/simulator/exchanges/lighter/signatures/transaction.h"

// What the fields of an order have to be for its type, and of orders for their group. Pure.
// Source: lighter.md section 3.10, "Validity by type" and "Groups".
namespace switchyard::simulator::lighter::signatures {

// Errors: of Refuse.
absl::Status CheckOrder(const CreateOrder& order, bool is_spot);

// `is_spot` is about the one market that the orders have to share. Errors: of Refuse.
absl::Status CheckGroup(const CreateGroupedOrders& group, bool is_spot);

}  // namespace switchyard::simulator::lighter::signatures
