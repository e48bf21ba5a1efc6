#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "common/stream/event_stream.h"
#include "services/process/exchange_clients.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"

namespace switchyard::market_data {

// What a StreamMarketDataRequest comes to: the topics to ask of each exchange, each once, and for
// each subscription of the request the topic that serves it.
struct SubscriptionPlan {
  // Either refused at once, or `exchanges[exchange].topics[topic]`.
  struct Subscription {
    absl::Status refused{};
    std::size_t exchange = 0;
    std::size_t topic = 0;
  };
  struct Exchange {
    std::string id;
    exchange::MarketDataClient* client = nullptr;
    std::vector<exchange::TopicRequest> topics{};
  };

  stream::StreamOptions options;
  std::vector<Subscription> subscriptions;  // in the request's order
  std::vector<Exchange> exchanges;          // in the order of their first topic
};

// Errors (of the whole request): InvalidArgument, INVALID_FIELD or REQUEST_TOO_LARGE. A depth is
// replaced by the smallest offered one that is not less, so that requests for the same topic meet.
absl::StatusOr<SubscriptionPlan> PlanSubscriptions(
    const marketdata::v1::StreamMarketDataRequest& request,
    const process::ExchangeClients& clients);

}  // namespace switchyard::market_data
