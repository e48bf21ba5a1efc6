#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/exchange/demands_by_stream.h"
#include "common/exchange/subscription_set.h"
#include "common/exchange/topic_board.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/websocket/order_book.h"

namespace switchyard::exchanges::gateio {

// What is wanted of the exchange, counted: several demands (ticker, mark price, funding rate) may
// be served by one subscription. Connection thread.
class Subscriptions {
 public:
  Subscriptions(Product product, BookFeed feed) : product_(product), feed_(feed) {}

  // The subscription that serves a demand.
  exchange::StreamKey KeyOf(const exchange::DemandKey& demand) const;
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

  // The frame to send. `exchange_symbol` is that of the request's instrument.
  // Source: Spot and Futures WebSocket v4, "Channels".
  std::string Frame(const exchange::SubscriptionSet::Request& request,
                    const std::string& exchange_symbol, TimeNs now) const;
  std::string PingFrame(TimeNs now) const;

 private:
  const Product product_;
  const BookFeed feed_;
  exchange::DemandsByStream demands_;
};

}  // namespace switchyard::exchanges::gateio
