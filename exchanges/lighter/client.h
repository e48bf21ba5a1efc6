#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/exchange/client_context.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::lighter {

// A market data client, composed of its REST manager, the WebSocket manager and the generic base;
// connects on Start. Validates the whole configuration.
// Errors: InvalidArgument, naming the field.
absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> CreateClient(
    const exchange::ExchangeConfig& config, const exchange::ClientContext& context,
    const CreateOptions& options);

}  // namespace switchyard::exchanges::lighter
