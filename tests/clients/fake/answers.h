#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "switchyard/marketdata/v1/market_data_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/router/v1/router_service.pb.h"
#include "tests/clients/fake/stream_script.h"

namespace switchyard::clients::fake {

using MarketDataScript = StreamScript<marketdata::v1::StreamMarketDataResponse>;
using ConsolidatedScript = StreamScript<router::v1::StreamConsolidatedBookResponse>;
using OrderEventsScript = StreamScript<order::v1::StreamOrderEventsResponse>;
using PrivateEventsScript = StreamScript<router::v1::StreamPrivateEventsResponse>;

// Where the books are: best bid, in tenths; the best offer is a tenth above. Any thread.
struct Market {
  std::atomic<std::int64_t> best_bid{1000};
};

// Called with a command's name ("PlaceOrder") and request. A status that is not OK is the answer.
using CommandHook =
    std::function<grpc::Status(std::string_view rpc, const google::protobuf::Message& request)>;

// What the fake answers. Set before Start. What is empty keeps the fake's own answers.
struct Answers {
  // Without RouterService, as a service alone is.
  bool router = true;
  std::function<grpc::Status(const marketdata::v1::StreamMarketDataRequest&, MarketDataScript&)>
      stream_market_data;
  std::function<grpc::Status(const router::v1::StreamConsolidatedBookRequest&, ConsolidatedScript&)>
      stream_consolidated_book;
  std::function<grpc::Status(const order::v1::StreamOrderEventsRequest&, OrderEventsScript&)>
      stream_order_events;
  std::function<grpc::Status(const router::v1::StreamPrivateEventsRequest&, PrivateEventsScript&)>
      stream_private_events;
  // Before a command: nothing is done then.
  CommandHook before_command;
  // After it: it was done, and its answer is lost.
  CommandHook after_command;
  std::shared_ptr<Market> market = std::make_shared<Market>();
  // Every nth order that comes to rest is filled by half at once; 0 = none.
  int fill_every = 0;
  // Events after which a stream of orders is cut; 0 = never.
  int cut_orders_after = 0;
};

}  // namespace switchyard::clients::fake
