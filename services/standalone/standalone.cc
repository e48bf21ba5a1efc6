#include "services/standalone/standalone.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

#include "common/status/status.h"
#include "exchanges/registry.h"
#include "services/account/component.h"
#include "services/market_data/component.h"
#include "services/order/component.h"
#include "services/position/component.h"

namespace switchyard::standalone {
namespace {

// Alone on its address, it may use all of the exchange's limits.
constexpr std::uint32_t kDefaultLimitSharePercent = 100;

absl::StatusOr<std::vector<config::v1::ExchangeConfig>> Exchanges(
    const config::v1::StandaloneConfig& config) {
  std::vector<config::v1::ExchangeConfig> exchanges = {config.exchanges().begin(),
                                                       config.exchanges().end()};
  if (exchanges.empty()) {
    for (const std::string& id : exchanges::RegisteredIds()) {
      exchanges.emplace_back().set_exchange(id);
    }
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    const std::string field = fmt::format("exchanges[{}].exchange", i);
    if (exchanges[i].exchange().empty()) return InvalidField(field, "is required");
    if (!seen.insert(exchanges[i].exchange()).second) {
      return InvalidField(field, fmt::format("'{}' occurs twice", exchanges[i].exchange()));
    }
    if (!exchanges[i].has_limit_share_percent()) {
      exchanges[i].set_limit_share_percent(kDefaultLimitSharePercent);
    }
  }
  return exchanges;
}

}  // namespace

absl::StatusOr<process::ProcessSpec> MakeSpec(const process::CommandLine& command_line,
                                              const config::v1::StandaloneConfig& config) {
  process::ProcessSpec spec;
  spec.name = kProgram;
  spec.components = {market_data::MarketDataComponent(), order::OrderComponent(),
                     position::PositionComponent(), account::AccountComponent()};
  spec.process = config.process();
  process::Override(command_line, &spec.process);
  spec.orders = config.orders();
  SWITCHYARD_ASSIGN_OR_RETURN(spec.exchanges, Exchanges(config));
  SWITCHYARD_RETURN_IF_ERROR(process::ApplyEndpoints(command_line, &spec.exchanges));
  return spec;
}

}  // namespace switchyard::standalone
