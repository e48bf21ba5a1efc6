#include "services/router/exchange_feed.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"

namespace switchyard::router {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::MarketDataSubscription;
using marketdata::v1::StreamMarketDataRequest;

MarketDataSubscription Wanted(const std::string& symbol, marketdata::v1::Channel channel,
                              std::uint32_t depth = 0, std::uint32_t interval = 0) {
  MarketDataSubscription wanted;
  wanted.set_exchange("alpha");
  wanted.set_symbol(symbol);
  wanted.set_channel(channel);
  wanted.set_depth(depth);
  wanted.set_interval_seconds(interval);
  return wanted;
}
constexpr auto kBook = marketdata::v1::CHANNEL_ORDER_BOOK;

MarketDataEvent Decode(const stream::EncodedEvent& encoded) {
  marketdata::v1::StreamMarketDataResponse response;
  EXPECT_TRUE(response.ParseFromArray(encoded.data(), static_cast<int>(encoded.size())));
  EXPECT_EQ(response.events_size(), 1);
  return response.events(0);
}

common::v1::StreamAcknowledgement Answer(const std::vector<std::uint32_t>& codes) {
  common::v1::StreamAcknowledgement answer;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    auto& result = *answer.add_results();
    result.set_index(static_cast<std::uint32_t>(i));
    result.mutable_status()->set_code(codes[i]);
    if (codes[i] == 0) result.set_granted_depth(50);
  }
  return answer;
}

TEST(ExchangeFeed, CarriesTheClientsPolicyAndSubscriptions) {
  ExchangeFeed feed("alpha");
  feed.Add(3, Wanted("A", kBook));
  StreamMarketDataRequest client;
  client.set_slow_reader_policy(common::v1::SLOW_READER_POLICY_DISCONNECT);
  client.set_heartbeat_interval_ms(700);
  const auto request = feed.MakeRequest(client);
  EXPECT_EQ(request.slow_reader_policy(), common::v1::SLOW_READER_POLICY_DISCONNECT);
  EXPECT_EQ(request.heartbeat_interval_ms(), 700u);
  ASSERT_EQ(request.subscriptions_size(), 1);
  EXPECT_EQ(request.subscriptions(0).symbol(), "A");
}

TEST(ExchangeFeed, HearsFromABackendAtLeastEvery3Seconds) {
  ExchangeFeed feed("alpha");
  feed.Add(0, Wanted("A", kBook));
  StreamMarketDataRequest client;
  EXPECT_EQ(feed.MakeRequest(client).heartbeat_interval_ms(), 3'000u);
  client.set_heartbeat_interval_ms(15'000);
  EXPECT_EQ(feed.MakeRequest(client).heartbeat_interval_ms(), 3'000u);
}

TEST(ExchangeFeed, PutsResultsAtTheClientsIndices) {
  ExchangeFeed feed("alpha");
  feed.Add(1, Wanted("A", kBook, 20));
  feed.Add(3, Wanted("B", kBook));
  feed.MakeRequest({});
  EXPECT_EQ(feed.TakeAcknowledgement(Answer({5, 0})), (std::vector<std::size_t>{0}));
  common::v1::StreamAcknowledgement acknowledgement;
  for (int i = 0; i < 4; ++i) acknowledgement.add_results();
  feed.FillResults(&acknowledgement);
  EXPECT_EQ(acknowledgement.results(1).status().code(), 5u);
  EXPECT_EQ(acknowledgement.results(3).granted_depth(), 50u);
}

TEST(ExchangeFeed, NeverAsksAgainForWhatWasRefused) {
  ExchangeFeed feed("alpha");
  feed.Add(0, Wanted("A", kBook));
  feed.Add(1, Wanted("B", kBook));
  feed.MakeRequest({});
  feed.TakeAcknowledgement(Answer({5, 0}));
  const auto again = feed.MakeRequest({});
  ASSERT_EQ(again.subscriptions_size(), 1);
  EXPECT_EQ(again.subscriptions(0).symbol(), "B");
  // Indices of the answer are those of the latest request.
  EXPECT_EQ(feed.TakeAcknowledgement(Answer({5})), (std::vector<std::size_t>{1}));
}

TEST(ExchangeFeed, IgnoresResultsOfNoSubscription) {
  ExchangeFeed feed("alpha");
  feed.Add(0, Wanted("A", kBook));
  feed.MakeRequest({});
  EXPECT_TRUE(feed.TakeAcknowledgement(Answer({0, 5, 5})).empty());
}

TEST(ExchangeFeed, TellsEachTopicOnceWithItsGrantedDepth) {
  ExchangeFeed feed("alpha");
  feed.Add(0, Wanted("A", kBook, 10));
  feed.Add(1, Wanted("A", kBook, 20));
  feed.Add(2, Wanted("A", marketdata::v1::CHANNEL_CANDLES, 0, 60));
  feed.MakeRequest({});
  common::v1::StreamAcknowledgement answer = Answer({0, 0, 0});
  answer.mutable_results(2)->clear_granted_depth();
  feed.TakeAcknowledgement(answer);
  const auto events = feed.StaleEvents(common::v1::STALE_REASON_BACKEND_LOST, TimeNs(77));
  ASSERT_EQ(events.size(), 2u);
  const MarketDataEvent book = Decode(events[0]);
  EXPECT_EQ(book.exchange(), "alpha");
  EXPECT_EQ(book.depth(), 50u);
  EXPECT_EQ(book.kind(), marketdata::v1::EVENT_KIND_STALE);
  EXPECT_EQ(book.publish_time_ns(), 77);
  const MarketDataEvent candles = Decode(events[1]);
  EXPECT_EQ(candles.interval_seconds(), 60u);
  EXPECT_EQ(candles.depth(), 0u);
}

TEST(ExchangeFeed, TellsAGapOfTradesAlone) {
  ExchangeFeed feed("alpha");
  feed.Add(0, Wanted("A", kBook, 10));
  feed.Add(1, Wanted("A", marketdata::v1::CHANNEL_TRADES));
  feed.Add(2, Wanted("B", marketdata::v1::CHANNEL_TRADES));
  feed.MakeRequest({});
  feed.TakeAcknowledgement(Answer({0, 0, 5}));
  const auto events = feed.GapEvents(TimeNs(40), TimeNs(90));
  ASSERT_EQ(events.size(), 1u);
  const MarketDataEvent gap = Decode(events[0]);
  EXPECT_EQ(gap.symbol(), "A");
  EXPECT_EQ(gap.channel(), marketdata::v1::CHANNEL_TRADES);
  EXPECT_EQ(gap.kind(), marketdata::v1::EVENT_KIND_GAP);
  EXPECT_EQ(gap.reason(), common::v1::STALE_REASON_BACKEND_LOST);
  EXPECT_EQ(gap.gap_from_time_ns(), 40);
  EXPECT_EQ(gap.gap_to_time_ns(), 90);
}

TEST(ExchangeFeed, RefusingAllLeavesNothingToTell) {
  ExchangeFeed feed("alpha");
  feed.Add(0, Wanted("A", kBook));
  EXPECT_EQ(feed.RefuseAll(NotInCapabilities("alpha", "streams")).size(), 1u);
  EXPECT_TRUE(feed.StaleEvents(common::v1::STALE_REASON_BACKEND_LOST, TimeNs(1)).empty());
  EXPECT_EQ(feed.MakeRequest({}).subscriptions_size(), 0);
}

}  // namespace
}  // namespace switchyard::router
