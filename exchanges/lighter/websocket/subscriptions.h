#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/exchange/demands_by_stream.h"
#include "common/exchange/subscription_set.h"
#include "common/exchange/topic_board.h"
#include "exchanges/lighter/channels.h"
#include "exchanges/lighter/market_data/market_index.h"

namespace switchyard::exchanges::lighter {

// What is wanted of the exchange, counted: several demands (ticker, mark price, funding rate) may
// be served by one subscription. Connection thread.
class Subscriptions {
 public:
  // `markets` outlives it, and knows every instrument that is asked about.
  explicit Subscriptions(const MarketIndex& markets) : markets_(markets) {}

  // The subscription that serves a demand.
  exchange::StreamKey KeyOf(const exchange::DemandKey& demand) const;
  // The subscription that a channel of the exchange is; none where it is not one of ours.
  std::optional<exchange::StreamKey> KeyOf(Channel channel, wire::MarketId market,
                                           std::string_view resolution) const;
  // True where the subscription was not wanted before.
  bool Add(const exchange::DemandKey& demand) { return demands_.Add(KeyOf(demand), demand); }
  // True where nobody wants the subscription any more.
  bool Remove(const exchange::DemandKey& demand) { return demands_.Remove(KeyOf(demand), demand); }
  // The demands that a subscription serves now.
  std::vector<exchange::DemandKey> DemandsOf(const exchange::StreamKey& key) const {
    return demands_.Of(key);
  }

  static Channel ChannelOf(const exchange::StreamKey& key) {
    return static_cast<Channel>(key.channel);
  }
  // The demand that a subscription to candles serves.
  static exchange::DemandKey CandlesOf(const exchange::StreamKey& key) {
    return {key.instrument, exchange::Channel::kCandles, key.parameter};
  }

  // The frame to send. Source: lighter.md, section 2.1.
  std::string Frame(const exchange::SubscriptionSet::Request& request) const;

 private:
  const MarketIndex& markets_;
  exchange::DemandsByStream demands_;
};

}  // namespace switchyard::exchanges::lighter
