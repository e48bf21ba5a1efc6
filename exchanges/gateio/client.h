#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/exchange/client_context.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::gateio {

// A market data client of one product, composed of its REST manager, the WebSocket manager and the
// generic base; connects on Start. Validates the whole configuration.
// Errors: InvalidArgument, naming the field.
absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> CreateClient(
    Product product, const exchange::ExchangeConfig& config, const exchange::ClientContext& context,
    const CreateOptions& options);

}  // namespace switchyard::exchanges::gateio
