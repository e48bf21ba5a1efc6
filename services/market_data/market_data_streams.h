#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "services/market_data/subscription_plan.h"
#include "services/process/gather.h"
#include "services/process/service_context.h"

namespace grpc {
class ByteBuffer;
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace switchyard::market_data {

// StreamMarketData: attaches each client's stream to its topics on all exchanges that it names, and
// acknowledges once. Events go from the exchange's client to the stream directly. Any thread;
// outlives the server.
class MarketDataStreams {
 public:
  explicit MarketDataStreams(const process::ServiceContext& context);

  // Serves one call; `request` is the encoded StreamMarketDataRequest.
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Open(const grpc::ByteBuffer& request);

  // How many open streams read something of `exchange`.
  std::uint32_t OpenStreams(std::string_view exchange) const;

 private:
  using Grants = process::Gather<std::vector<exchange::TopicGrant>>;
  using StreamPtr = std::shared_ptr<stream::EventStream>;
  using PlanPtr = std::shared_ptr<const SubscriptionPlan>;

  void Subscribe(const StreamPtr& stream, const PlanPtr& plan);
  // One reader of each of the plan's exchanges more or less.
  void CountReaders(const SubscriptionPlan& plan, int change);

  const process::ExchangeClients& clients_;
  process::OpenStreams& streams_;
  process::Ticker& ticker_;
  // By exchange; the map itself does not change.
  std::map<std::string, metrics::Gauge*, std::less<>> readers_;
};

}  // namespace switchyard::market_data
