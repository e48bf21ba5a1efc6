#include "services/market_data/subscription_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "common/status/status.h"
#include "services/market_data/validation.h"
#include "services/process/offered.h"

namespace switchyard::market_data {
namespace {

namespace v1 = marketdata::v1;

constexpr std::uint32_t kDefaultHeartbeatMs = 5'000;
constexpr std::uint32_t kLeastHeartbeatMs = 100;
constexpr std::uint32_t kMostHeartbeatMs = 15'000;
constexpr std::string_view kChannelPrefix = "CHANNEL_";

absl::StatusOr<stream::StreamOptions> ParseOptions(const v1::StreamMarketDataRequest& request) {
  stream::StreamOptions options;
  const std::uint32_t asked = request.heartbeat_interval_ms();
  options.heartbeat_interval = std::chrono::milliseconds(
      asked == 0 ? kDefaultHeartbeatMs : std::clamp(asked, kLeastHeartbeatMs, kMostHeartbeatMs));
  switch (request.slow_reader_policy()) {
    case common::v1::SLOW_READER_POLICY_UNSPECIFIED:
      return options;
    case common::v1::SLOW_READER_POLICY_CONFLATE:
      options.slow_reader = stream::SlowReader::kConflate;
      return options;
    case common::v1::SLOW_READER_POLICY_DISCONNECT:
      options.slow_reader = stream::SlowReader::kDisconnect;
      return options;
    default:
      return InvalidField("slow_reader_policy", "is no policy");
  }
}

absl::StatusOr<exchange::Channel> ParseChannel(v1::Channel channel,
                                               const exchange::Capabilities& capabilities) {
  if (channel == v1::CHANNEL_UNSPECIFIED) return InvalidField("channel", "is required");
  if (!v1::Channel_IsValid(channel)) return InvalidField("channel", "is no channel");
  const std::string name = v1::Channel_Name(channel).substr(kChannelPrefix.size());
  SWITCHYARD_RETURN_IF_ERROR(
      process::CheckChannelOffered(capabilities, "MarketDataService/" + name));
  return static_cast<exchange::Channel>(channel);
}

absl::StatusOr<exchange::TopicRequest> ParseTopic(const v1::MarketDataSubscription& subscription,
                                                  const exchange::Capabilities& capabilities) {
  exchange::TopicRequest topic{.symbol = subscription.symbol()};
  SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(topic.symbol));
  SWITCHYARD_ASSIGN_OR_RETURN(topic.channel, ParseChannel(subscription.channel(), capabilities));
  if (topic.channel == exchange::Channel::kOrderBook) {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::uint32_t depth,
                                ParseDepth(subscription.depth(), capabilities));
    topic.depth =
        *std::lower_bound(capabilities.book_depths.begin(), capabilities.book_depths.end(), depth);
  } else if (subscription.depth() != 0) {
    return InvalidField("depth", "is for ORDER_BOOK alone");
  }
  if (topic.channel == exchange::Channel::kCandles) {
    SWITCHYARD_RETURN_IF_ERROR(CheckInterval(subscription.interval_seconds(), capabilities));
    topic.interval_seconds = subscription.interval_seconds();
  } else if (subscription.interval_seconds() != 0) {
    return InvalidField("interval_seconds", "is for CANDLES alone");
  }
  return topic;
}

// Collects topics, each once.
class Planner {
 public:
  explicit Planner(const process::ExchangeClients& clients) : clients_(clients) {}

  SubscriptionPlan::Subscription Add(const v1::MarketDataSubscription& subscription) {
    const auto client = clients_.Find(subscription.exchange());
    if (!client.ok()) return {.refused = client.status()};
    const auto topic = ParseTopic(subscription, (*client)->capabilities());
    if (!topic.ok()) return {.refused = topic.status()};
    const std::size_t exchange = ExchangeIndex(subscription.exchange(), **client);
    return {.exchange = exchange, .topic = TopicIndex(exchange, *topic)};
  }

  std::vector<SubscriptionPlan::Exchange> TakeExchanges() { return std::move(exchanges_); }

 private:
  using TopicKey =
      std::tuple<std::size_t, std::string, exchange::Channel, std::uint32_t, std::uint32_t>;

  std::size_t ExchangeIndex(const std::string& id, exchange::MarketDataClient& client) {
    const auto [found, is_new] = exchange_index_.try_emplace(id, exchanges_.size());
    if (is_new) exchanges_.push_back({.id = id, .client = &client});
    return found->second;
  }

  std::size_t TopicIndex(std::size_t exchange, const exchange::TopicRequest& topic) {
    auto& topics = exchanges_[exchange].topics;
    const auto [found, is_new] = topic_index_.try_emplace(
        TopicKey{exchange, topic.symbol, topic.channel, topic.depth, topic.interval_seconds},
        topics.size());
    if (is_new) topics.push_back(topic);
    return found->second;
  }

  const process::ExchangeClients& clients_;
  std::vector<SubscriptionPlan::Exchange> exchanges_;
  std::map<std::string, std::size_t> exchange_index_;
  std::map<TopicKey, std::size_t> topic_index_;
};

}  // namespace

absl::StatusOr<SubscriptionPlan> PlanSubscriptions(const v1::StreamMarketDataRequest& request,
                                                   const process::ExchangeClients& clients) {
  if (request.subscriptions().empty()) return InvalidField("subscriptions", "is empty");
  if (request.subscriptions_size() > static_cast<int>(kMaxListed)) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
        fmt::format("subscriptions: {} are more than {}", request.subscriptions_size(), kMaxListed),
        {{"field", "subscriptions"}});
  }
  SubscriptionPlan plan;
  SWITCHYARD_ASSIGN_OR_RETURN(plan.options, ParseOptions(request));
  Planner planner(clients);
  for (const v1::MarketDataSubscription& subscription : request.subscriptions()) {
    plan.subscriptions.push_back(planner.Add(subscription));
  }
  plan.exchanges = planner.TakeExchanges();
  return plan;
}

}  // namespace switchyard::market_data
