#include "exchanges/gateio/account/account_manager.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/futures/position/position_manager.h"
#include "exchanges/gateio/order/order_client.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::gateio {
namespace {

PrivateFactories FactoriesOf(Product product) {
  PrivateFactories out;
  out.order = [product](const AccountOptions& options, const exchange::ClientContext& context) {
    return CreateOrderClient(product, options, context);
  };
  // There are no positions on spot.
  if (product == Product::kFutures) out.position = &futures::CreatePositionClient;
  out.account = [product](const AccountOptions& options, const exchange::ClientContext& context) {
    return CreateAccountClient(product, options, context);
  };
  return out;
}

[[maybe_unused]] const bool kRegistered =
    RegisterPrivate(kSpotId, FactoriesOf(Product::kSpot)) &&
    RegisterPrivate(kFuturesId, FactoriesOf(Product::kFutures));

}  // namespace
}  // namespace switchyard::exchanges::gateio
