#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/client.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::gateio {
namespace {

Factory FactoryOf(Product product) {
  return [product](const exchange::ExchangeConfig& config, const exchange::ClientContext& context,
                   const CreateOptions& options) {
    return CreateClient(product, config, context, options);
  };
}

[[maybe_unused]] const bool kRegistered = Register(kSpotId, FactoryOf(Product::kSpot)) &&
                                          Register(kFuturesId, FactoryOf(Product::kFutures));

}  // namespace
}  // namespace switchyard::exchanges::gateio
