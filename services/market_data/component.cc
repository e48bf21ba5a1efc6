#include "services/market_data/component.h"

#include <memory>
#include <utility>

#include "services/market_data/market_data_service.h"

namespace switchyard::market_data {

process::Component MarketDataComponent() {
  return {
      .name = "market_data",
      .role = exchanges::Component::kMarketData,
      .needs_connection = true,
      .make =
          [](const process::ServiceContext& context) -> absl::StatusOr<process::ServedComponent> {
        auto service = std::make_unique<MarketDataService>(context);
        const MarketDataService& counted = *service;
        return process::ServedComponent{.service = std::move(service),
                                        .client_streams = [&counted](std::string_view exchange) {
                                          return counted.OpenStreams(exchange);
                                        }};
      }};
}

}  // namespace switchyard::market_data
