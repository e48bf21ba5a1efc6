#include "services/router/exchange_feed.h"

#include <set>
#include <tuple>
#include <utility>

#include "common/status/status.h"
#include "services/router/silence_watch.h"

namespace switchyard::router {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::MarketDataSubscription;

// What the contract grants for a depth of 0.
constexpr std::uint32_t kDefaultDepth = 10;

std::uint32_t AskedDepth(const MarketDataSubscription& wanted) {
  if (wanted.channel() != marketdata::v1::CHANNEL_ORDER_BOOK) return 0;
  return wanted.depth() == 0 ? kDefaultDepth : wanted.depth();
}

}  // namespace

void ExchangeFeed::Add(std::uint32_t index, const MarketDataSubscription& subscription) {
  subscriptions_.push_back({index, subscription, AskedDepth(subscription), {}});
}

marketdata::v1::StreamMarketDataRequest ExchangeFeed::MakeRequest(
    const marketdata::v1::StreamMarketDataRequest& client_request) {
  marketdata::v1::StreamMarketDataRequest request;
  request.set_slow_reader_policy(client_request.slow_reader_policy());
  request.set_heartbeat_interval_ms(
      SilenceWatch::HeartbeatMsToAskFor(client_request.heartbeat_interval_ms()));
  asked_.clear();
  for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
    if (subscriptions_[i].status.code() != 0) continue;
    asked_.push_back(i);
    *request.add_subscriptions() = subscriptions_[i].wanted;
  }
  return request;
}

std::vector<std::size_t> ExchangeFeed::TakeAcknowledgement(
    const common::v1::StreamAcknowledgement& answer) {
  std::vector<std::size_t> refused;
  for (const common::v1::SubscriptionResult& result : answer.results()) {
    if (result.index() >= asked_.size()) continue;
    Subscription& subscription = subscriptions_[asked_[result.index()]];
    if (result.status().code() != 0) {
      subscription.status = result.status();
      refused.push_back(asked_[result.index()]);
    } else if (result.granted_depth() != 0) {
      subscription.depth = result.granted_depth();
    }
  }
  return refused;
}

std::vector<std::size_t> ExchangeFeed::RefuseAll(const absl::Status& status) {
  std::vector<std::size_t> refused;
  for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
    if (subscriptions_[i].status.code() != 0) continue;
    subscriptions_[i].status = ToProto(status);
    refused.push_back(i);
  }
  return refused;
}

void ExchangeFeed::FillResults(common::v1::StreamAcknowledgement* acknowledgement) const {
  for (const Subscription& subscription : subscriptions_) {
    auto& result = *acknowledgement->mutable_results(static_cast<int>(subscription.index));
    result.set_index(subscription.index);
    *result.mutable_status() = subscription.status;
    if (subscription.status.code() == 0) result.set_granted_depth(subscription.depth);
  }
}

std::vector<std::size_t> ExchangeFeed::NotRefused() const {
  std::vector<std::size_t> live;
  for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
    if (subscriptions_[i].status.code() == 0) live.push_back(i);
  }
  return live;
}

std::vector<stream::EncodedEvent> ExchangeFeed::StaleEvents(common::v1::StaleReason reason,
                                                            TimeNs now) const {
  return StaleEvents(NotRefused(), reason, now);
}

std::vector<stream::EncodedEvent> ExchangeFeed::StaleEvents(
    const std::vector<std::size_t>& subscriptions, common::v1::StaleReason reason,
    TimeNs now) const {
  return Events(subscriptions, now, [reason](MarketDataEvent& event) {
    event.set_kind(marketdata::v1::EVENT_KIND_STALE);
    event.set_reason(reason);
  });
}

std::vector<stream::EncodedEvent> ExchangeFeed::GapEvents(TimeNs from, TimeNs to) const {
  std::vector<std::size_t> trades = NotRefused();
  std::erase_if(trades, [this](std::size_t i) {
    return subscriptions_[i].wanted.channel() != marketdata::v1::CHANNEL_TRADES;
  });
  return Events(trades, to, [from, to](MarketDataEvent& event) {
    event.set_kind(marketdata::v1::EVENT_KIND_GAP);
    event.set_reason(common::v1::STALE_REASON_BACKEND_LOST);
    event.set_gap_from_time_ns(from.value);
    event.set_gap_to_time_ns(to.value);
  });
}

std::vector<stream::EncodedEvent> ExchangeFeed::Events(
    const std::vector<std::size_t>& subscriptions, TimeNs now, const Fill& fill) const {
  std::vector<stream::EncodedEvent> events;
  std::set<std::tuple<std::string, int, std::uint32_t, std::uint32_t>> told;
  for (const std::size_t i : subscriptions) {
    const Subscription& subscription = subscriptions_[i];
    const MarketDataSubscription& wanted = subscription.wanted;
    const std::uint32_t interval =
        wanted.channel() == marketdata::v1::CHANNEL_CANDLES ? wanted.interval_seconds() : 0;
    if (!told.emplace(wanted.symbol(), wanted.channel(), subscription.depth, interval).second) {
      continue;
    }
    MarketDataEvent event;
    event.set_exchange(exchange_);
    event.set_symbol(wanted.symbol());
    event.set_channel(wanted.channel());
    event.set_depth(subscription.depth);
    event.set_interval_seconds(interval);
    event.set_publish_time_ns(now.value);
    fill(event);
    events.push_back(stream::EncodedEvent::Encode(event));
  }
  return events;
}

bool ExchangeFeed::all_refused() const {
  for (const Subscription& subscription : subscriptions_) {
    if (subscription.status.code() == 0) return false;
  }
  return true;
}

}  // namespace switchyard::router
