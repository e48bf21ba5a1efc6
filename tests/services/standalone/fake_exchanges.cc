// "alpha", which serves market data, and "beta", which offers nothing and is not ready, for a
// `switchyard` without real exchanges. Both refuse a REST address that is no URL.
#include <fmt/format.h>

#include <memory>

#include "common/status/status.h"
#include "exchanges/registry.h"
#include "tests/services/market_data/fake_market_data_client.h"

namespace switchyard::testing {
namespace {

exchanges::Factory FactoryOf(const exchange::Capabilities& capabilities) {
  return [capabilities](const exchange::ExchangeConfig& config, const exchange::ClientContext&,
                        const exchanges::CreateOptions&)
             -> absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> {
    if (!config.rest_url().empty() && !config.rest_url().starts_with("http")) {
      return InvalidField("rest_url", fmt::format("'{}' is no URL", config.rest_url()));
    }
    auto client = std::make_unique<FakeMarketDataClient>(capabilities);
    exchange::ClientStatus status;
    status.ready = capabilities.get_order_book != exchange::Path::kNone;
    client->SetStatus(status);
    return client;
  };
}

[[maybe_unused]] const bool kRegistered =
    exchanges::Register("alpha", FactoryOf(FullCapabilities("alpha"))) &&
    exchanges::Register("beta", FactoryOf(NoCapabilities("beta")));

}  // namespace
}  // namespace switchyard::testing
