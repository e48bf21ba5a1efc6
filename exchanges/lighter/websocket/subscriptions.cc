#include "exchanges/lighter/websocket/subscriptions.h"

#include <fmt/format.h>

#include "exchanges/lighter/utils/converters.h"

namespace switchyard::exchanges::lighter {

exchange::StreamKey Subscriptions::KeyOf(const exchange::DemandKey& demand) const {
  const bool spot = markets_.at(demand.instrument).kind == model::InstrumentKind::kSpot;
  const auto channel = [&] {
    switch (demand.channel) {
      case exchange::Channel::kOrderBook:
        return Channel::kOrderBook;
      case exchange::Channel::kBestBidOffer:
        return Channel::kTicker;
      case exchange::Channel::kTrades:
        return Channel::kTrades;
      case exchange::Channel::kCandles:
        return Channel::kCandles;
      case exchange::Channel::kTicker:
      case exchange::Channel::kMarkPrice:
      case exchange::Channel::kFundingRate:
        return spot ? Channel::kSpotMarketStats : Channel::kMarketStats;
    }
    return Channel::kUnknown;
  }();
  return {static_cast<std::uint8_t>(channel), demand.instrument, demand.interval_seconds};
}

std::optional<exchange::StreamKey> Subscriptions::KeyOf(Channel channel, wire::MarketId market,
                                                        std::string_view resolution) const {
  const std::optional<model::InstrumentId> instrument = markets_.Find(market);
  if (!instrument || channel == Channel::kUnknown) return std::nullopt;
  exchange::StreamKey key{static_cast<std::uint8_t>(channel), *instrument, 0};
  if (channel != Channel::kCandles) return key;
  const std::optional<std::uint32_t> interval = IntervalSeconds(resolution);
  if (!interval) return std::nullopt;
  key.parameter = *interval;
  return key;
}

std::string Subscriptions::Frame(const exchange::SubscriptionSet::Request& request) const {
  const Channel channel = ChannelOf(request.key);
  const bool subscribe = request.action == exchange::SubscriptionSet::Action::kSubscribe;
  std::string name =
      fmt::format("{}/{}", WireName(channel), markets_.at(request.key.instrument).exchange_id);
  if (channel == Channel::kCandles) {
    name += fmt::format("/{}", ResolutionText(request.key.parameter));
  }
  return fmt::format(R"({{"type":"{}","channel":"{}"}})", subscribe ? "subscribe" : "unsubscribe",
                     name);
}

}  // namespace switchyard::exchanges::lighter
