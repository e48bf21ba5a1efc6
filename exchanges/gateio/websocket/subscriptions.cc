#include "exchanges/gateio/websocket/subscriptions.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio {
namespace {

std::string Payload(Product product, Channel channel, BookFeed feed, std::uint32_t parameter,
                    const std::string& symbol) {
  using Json = nlohmann::json;
  const FeedTraits& traits = TraitsOf(feed);
  switch (channel) {
    case Channel::kBookUpdate:
      return product == Product::kSpot
                 ? Json::array({symbol, traits.interval}).dump()
                 : Json::array({symbol, traits.interval, std::to_string(traits.levels)}).dump();
    case Channel::kBookStream:
      return Json::array({fmt::format("ob.{}.{}", symbol, traits.levels)}).dump();
    case Channel::kCandles:
      return Json::array({IntervalText(parameter), symbol}).dump();
    default:
      return Json::array({symbol}).dump();
  }
}

}  // namespace

exchange::StreamKey Subscriptions::KeyOf(const exchange::DemandKey& demand) const {
  const auto channel = [&] {
    switch (demand.channel) {
      case exchange::Channel::kOrderBook:
        return TraitsOf(feed_).is_stream ? Channel::kBookStream : Channel::kBookUpdate;
      case exchange::Channel::kBestBidOffer:
        return Channel::kBookTicker;
      case exchange::Channel::kTrades:
        return Channel::kTrades;
      case exchange::Channel::kCandles:
        return Channel::kCandles;
      case exchange::Channel::kTicker:
      case exchange::Channel::kMarkPrice:
      case exchange::Channel::kFundingRate:
        return Channel::kTickers;
    }
    return Channel::kUnknown;
  }();
  return {static_cast<std::uint8_t>(channel), demand.instrument, demand.interval_seconds};
}

std::string Subscriptions::Frame(const exchange::SubscriptionSet::Request& request,
                                 const std::string& exchange_symbol, TimeNs now) const {
  const Channel channel = ChannelOf(request.key);
  const bool subscribe = request.action == exchange::SubscriptionSet::Action::kSubscribe;
  return fmt::format(R"({{"time":{},"id":{},"channel":"{}","event":"{}","payload":{}}})",
                     now.Seconds(), request.id, WireName(product_, channel),
                     subscribe ? "subscribe" : "unsubscribe",
                     Payload(product_, channel, feed_, request.key.parameter, exchange_symbol));
}

std::string Subscriptions::PingFrame(TimeNs now) const {
  return fmt::format(R"({{"time":{},"channel":"{}"}})", now.Seconds(),
                     WireName(product_, Channel::kPing));
}

}  // namespace switchyard::exchanges::gateio
