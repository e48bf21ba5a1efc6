#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/exchange/client_context.h"
#include "common/exchange/order_client.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::lighter {

// The order half of one account: its private connection with commands, reads and events on it.
// Errors: InvalidArgument, naming the field.
absl::StatusOr<std::unique_ptr<exchange::OrderClient>> CreateOrderClient(
    const AccountOptions& options, const exchange::ClientContext& context);

}  // namespace switchyard::exchanges::lighter
