#include "common/exchange/topic_board.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "tests/common/exchange/board_harness.h"

namespace switchyard::exchange {
namespace {

using marketdata::v1::EVENT_KIND_DELTA;
using marketdata::v1::EVENT_KIND_GAP;
using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::EVENT_KIND_STALE;
using model::StaleReason;
using std::chrono::seconds;

const DemandKey kBook{{}, Channel::kOrderBook, 0};
const TopicRequest kBook10{.symbol = "BTC-USDT", .channel = Channel::kOrderBook, .depth = 10};
const TopicRequest kTrades{.symbol = "BTC-USDT", .channel = Channel::kTrades};

TopicRequest Request(Channel channel, std::uint32_t interval_seconds = 0) {
  return {.symbol = "BTC-USDT", .channel = channel, .interval_seconds = interval_seconds};
}

class TopicBoardTest : public testing::Test {
 protected:
  TopicBoardTest() {
    book_.bids.Apply({100, 1});
    book_.asks.Apply({101, 1});
  }

  // Changes the best bid's quantity, so that every depth changes, and publishes.
  void PublishBook() {
    book_.bids.Apply({100, ++quantity_});
    board().PublishBook({}, book_, {.exchange_time = TimeNs(5), .receive_time = TimeNs(6)});
    board().Flush();
  }
  void PublishStale(StaleReason reason = StaleReason::kDisconnected) {
    board().PublishStale(kBook, reason, TimeNs(9));
    board().Flush();
  }
  void PublishRest() {
    model::BookView view;
    view.bids = {{90, 1}, {89, 1}};
    view.asks = {{95, 1}};
    view.price_scale = 2;
    view.quantity_scale = 8;
    board().PublishRestBook({}, view,
                            {.source = model::Source::kRest, .age = seconds(1), .polled = true});
    board().Flush();
  }
  void PublishTrade(const std::string& id) {
    const model::Trade trade{id, model::Side::kBuy, 100, 1, TimeNs(3)};
    board().PublishTrades({}, {&trade, 1}, {});
    board().Flush();
  }

  TopicBoard& board() { return *harness_.board; }

  model::Book book_;
  BoardHarness harness_;

 private:
  std::int64_t quantity_ = 1;
};

TEST_F(TopicBoardTest, ADepthBeyondTheOfferedIsRefused) {
  const BoardReader reader = harness_.NewReader();
  TopicRequest request = kBook10;
  request.depth = 51;
  const TopicGrant grant = board().Attach(harness_.instrument, request, reader.stream);
  EXPECT_EQ(grant.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(grant.status), common::v1::ERROR_REASON_DEPTH_NOT_OFFERED);
  EXPECT_EQ(board().topic_count(), 0U);
  EXPECT_TRUE(harness_.wanted.empty());
}

TEST_F(TopicBoardTest, WhatIsAboutContractsIsRefusedOfASpotMarketAlone) {
  BoardReader reader = harness_.NewReader();
  model::Instrument spot = harness_.instrument;
  spot.kind = model::InstrumentKind::kSpot;
  for (const Channel channel : {Channel::kMarkPrice, Channel::kFundingRate}) {
    const TopicGrant grant = board().Attach(spot, Request(channel), reader.stream);
    EXPECT_EQ(grant.status.code(), absl::StatusCode::kUnimplemented);
    EXPECT_EQ(ReasonOf(grant.status), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  }
  EXPECT_TRUE(harness_.wanted.empty());
  EXPECT_TRUE(board().Attach(spot, Request(Channel::kTicker), reader.stream).status.ok());
  EXPECT_TRUE(
      board().Attach(harness_.instrument, Request(Channel::kMarkPrice), reader.stream).status.ok());
}

TEST_F(TopicBoardTest, CandlesWithoutAnIntervalAreRefused) {
  const BoardReader reader = harness_.NewReader();
  const TopicGrant grant =
      board().Attach(harness_.instrument, Request(Channel::kCandles), reader.stream);
  EXPECT_EQ(grant.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MetadataOf(grant.status).at("field"), "interval_seconds");
  EXPECT_TRUE(harness_.wanted.empty());
}

TEST_F(TopicBoardTest, AnExchangeWithoutDepthsOffersNoBook) {
  TopicBoard none({.exchange = "acme", .book_depths = {}}, harness_.server.clock(), {});
  const BoardReader reader = harness_.NewReader();
  const TopicGrant grant = none.Attach(harness_.instrument, kBook10, reader.stream);
  EXPECT_EQ(grant.status.code(), absl::StatusCode::kUnimplemented);
}

TEST_F(TopicBoardTest, TheNextOfferedDepthIsGranted) {
  const BoardReader reader = harness_.NewReader();
  for (const auto& [asked, granted] : {std::pair{0U, 10U}, {1U, 5U}, {5U, 5U}, {11U, 50U}}) {
    TopicRequest request = kBook10;
    request.depth = asked;
    EXPECT_EQ(harness_.Attach(reader, request).granted_depth, granted) << asked;
  }
  EXPECT_EQ(board().topic_count(), 3U);
  // All depths of a book are one demand.
  EXPECT_EQ(harness_.wanted, (std::vector<DemandKey>{kBook}));
}

TEST_F(TopicBoardTest, EventsSayWhoseTheyAreAndWhenTheyCame) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kBook10);
  PublishBook();
  const MarketDataEvent event = reader.Next();
  EXPECT_EQ(event.exchange(), "acme");
  EXPECT_EQ(event.symbol(), "BTC-USDT");
  EXPECT_EQ(event.channel(), marketdata::v1::CHANNEL_ORDER_BOOK);
  EXPECT_EQ(event.depth(), 10U);
  EXPECT_EQ(event.kind(), EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(event.exchange_time_ns(), 5);
  EXPECT_EQ(event.receive_time_ns(), 6);
  EXPECT_EQ(event.publish_time_ns(), harness_.server.clock().Now().value);
  EXPECT_EQ(event.source(), common::v1::SOURCE_WEBSOCKET);
  EXPECT_EQ(event.order_book().price_exponent(), -2);
  EXPECT_EQ(event.order_book().quantity_exponent(), -8);
}

TEST_F(TopicBoardTest, TheSequenceGrowsByOneWithEveryEvent) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kBook10);
  PublishBook();
  PublishBook();
  PublishStale();
  PublishBook();
  PublishBook();
  const std::vector<marketdata::v1::EventKind> kinds = {EVENT_KIND_SNAPSHOT, EVENT_KIND_DELTA,
                                                        EVENT_KIND_STALE, EVENT_KIND_SNAPSHOT,
                                                        EVENT_KIND_DELTA};
  std::uint64_t sequence = 0;
  std::vector<std::uint64_t> epochs;
  for (const auto kind : kinds) {
    const MarketDataEvent event = reader.Next();
    EXPECT_EQ(event.kind(), kind);
    EXPECT_EQ(event.sequence(), ++sequence);
    epochs.push_back(event.epoch());
  }
  EXPECT_EQ(epochs[0], epochs[1]);
  EXPECT_EQ(epochs[3], epochs[4]);
  EXPECT_GT(epochs[3], epochs[0]);
}

TEST_F(TopicBoardTest, WhatADepthDoesNotShowIsNotTold) {
  BoardReader reader = harness_.NewReader();
  for (std::int64_t price = 99; price > 90; --price) book_.bids.Apply({price, 1});
  TopicRequest request = kBook10;
  request.depth = 5;
  harness_.Attach(reader, request);
  PublishBook();
  book_.bids.Apply({92, 7});
  board().PublishBook({}, book_, {});
  PublishBook();
  EXPECT_EQ(reader.Next().sequence(), 1U);
  const MarketDataEvent delta = reader.Next();
  EXPECT_EQ(delta.sequence(), 2U);
  ASSERT_EQ(delta.order_book().bid_price_mantissas_size(), 1);
  EXPECT_EQ(delta.order_book().bid_price_mantissas(0), 100);
}

TEST_F(TopicBoardTest, ALateReaderGetsASnapshotAtTheCurrentSequence) {
  BoardReader first = harness_.NewReader();
  harness_.Attach(first, kBook10);
  for (int i = 0; i < 5; ++i) PublishBook();
  BoardReader late = harness_.NewReader();
  harness_.Attach(late, kBook10);
  PublishBook();
  TopicReader topic;
  ASSERT_TRUE(topic.Apply(late.Next()));
  EXPECT_EQ(topic.sequence(), 5U);
  ASSERT_TRUE(topic.Apply(late.Next())) << topic.broken();
  EXPECT_EQ(topic.sequence(), 6U);
  EXPECT_EQ(topic.bids(), (Levels{{100, 7}}));
}

TEST_F(TopicBoardTest, AReaderOfALingeringTopicGetsTheBookOfNow) {
  BoardReader first = harness_.NewReader();
  harness_.Attach(first, kBook10);
  PublishBook();
  board().Detach(first.stream);
  PublishBook();
  PublishBook();
  harness_.valid_book = &book_;
  BoardReader second = harness_.NewReader();
  harness_.Attach(second, kBook10);
  PublishBook();
  TopicReader topic;
  ASSERT_TRUE(topic.Apply(second.Next()));
  EXPECT_EQ(topic.bids(), (Levels{{100, 4}}));
  ASSERT_TRUE(topic.Apply(second.Next())) << topic.broken();
  EXPECT_EQ(topic.bids(), (Levels{{100, 5}}));
}

TEST_F(TopicBoardTest, TheFirstReaderOfADepthIsToldWhereTheBookOfOthersStands) {
  BoardReader first = harness_.NewReader();
  harness_.Attach(first, kBook10);
  harness_.valid_book = &book_;
  const EventStamp stamp = {
      .exchange_time = TimeNs(7), .receive_time = TimeNs(8), .exchange_sequence = 9};
  board().PublishBook({}, book_, stamp);
  TopicRequest deeper = kBook10;
  deeper.depth = 50;
  BoardReader second = harness_.NewReader();
  harness_.Attach(second, deeper);
  board().Flush();
  const MarketDataEvent snapshot = second.Next();
  EXPECT_EQ(snapshot.kind(), EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(snapshot.depth(), 50U);
  EXPECT_EQ(snapshot.exchange_time_ns(), 7);
  EXPECT_EQ(snapshot.receive_time_ns(), 8);
  EXPECT_EQ(snapshot.order_book().exchange_sequence(), 9U);
}

TEST_F(TopicBoardTest, AttachingToAStaleTopicIsToldSo) {
  BoardReader first = harness_.NewReader();
  harness_.Attach(first, kBook10);
  PublishBook();
  PublishStale(StaleReason::kCrossedBook);
  BoardReader late = harness_.NewReader();
  harness_.Attach(late, kBook10);
  PublishBook();
  const MarketDataEvent stale = late.Next();
  EXPECT_EQ(stale.kind(), EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_CROSSED_BOOK);
  EXPECT_EQ(stale.payload_case(), MarketDataEvent::PAYLOAD_NOT_SET);
  EXPECT_EQ(late.Next().kind(), EVENT_KIND_SNAPSHOT);
}

TEST_F(TopicBoardTest, StaleIsToldOnceUntilTheNextSnapshot) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kBook10);
  PublishStale();  // told to a reader who still waits for the first snapshot
  PublishStale();
  PublishBook();
  PublishStale();
  PublishStale(StaleReason::kStalled);
  PublishBook();
  for (const auto kind :
       {EVENT_KIND_STALE, EVENT_KIND_SNAPSHOT, EVENT_KIND_STALE, EVENT_KIND_SNAPSHOT}) {
    EXPECT_EQ(reader.Next().kind(), kind);
  }
}

TEST_F(TopicBoardTest, RestSnapshotsAreAnEpochOfTheirOwn) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kBook10);
  PublishBook();
  PublishRest();  // the book is valid: not needed
  PublishStale();
  PublishRest();
  PublishRest();
  PublishBook();
  PublishBook();
  std::vector<MarketDataEvent> events;
  for (int i = 0; i < 6; ++i) events.push_back(reader.Next());
  EXPECT_EQ(events[1].kind(), EVENT_KIND_STALE);
  for (const int i : {2, 3}) {
    EXPECT_EQ(events[i].kind(), EVENT_KIND_SNAPSHOT);
    EXPECT_EQ(events[i].source(), common::v1::SOURCE_REST);
    EXPECT_EQ(events[i].order_book().age_ns(), 1'000'000'000);
    EXPECT_EQ(events[i].order_book().bid_price_mantissas_size(), 2);
  }
  EXPECT_EQ(events[4].kind(), EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(events[4].source(), common::v1::SOURCE_WEBSOCKET);
  EXPECT_EQ(events[4].order_book().age_ns(), 0);
  EXPECT_EQ(events[5].kind(), EVENT_KIND_DELTA);
  EXPECT_LT(events[1].epoch(), events[2].epoch());
  EXPECT_EQ(events[2].epoch(), events[3].epoch());
  EXPECT_LT(events[3].epoch(), events[4].epoch());
  for (int i = 1; i < 6; ++i) EXPECT_EQ(events[i].sequence(), events[i - 1].sequence() + 1);
}

TEST_F(TopicBoardTest, ASlowReaderGetsOneFreshSnapshotThenDeltas) {
  BoardReader reader = harness_.NewReader({.max_queued_events = 4});
  harness_.Attach(reader, kBook10);
  PublishBook();
  ASSERT_EQ(reader.Next().sequence(), 1U);
  for (int i = 0; i < 10; ++i) {
    book_.bids.Apply({90, i + 1});
    board().PublishBook({}, book_, {});
  }
  board().Flush();
  ASSERT_TRUE(harness_.AwaitPosted());
  harness_.RunPosted();
  PublishBook();
  const MarketDataEvent snapshot = reader.Next();
  EXPECT_EQ(snapshot.kind(), EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(snapshot.sequence(), 11U);
  const MarketDataEvent delta = reader.Next();
  EXPECT_EQ(delta.kind(), EVENT_KIND_DELTA);
  EXPECT_EQ(delta.sequence(), 12U);
  EXPECT_EQ(delta.epoch(), snapshot.epoch());
}

// A reader on REST snapshots has no state of the topic to be given: unless it is answered all the
// same, its stream withholds the topic for good.
TEST_F(TopicBoardTest, ASlowReaderOfRestSnapshotsIsNotForgotten) {
  BoardReader reader = harness_.NewReader({.max_queued_events = 4});
  harness_.Attach(reader, kBook10);
  for (int i = 0; i < 5; ++i) {
    board().PublishRestBook({}, {}, {.source = model::Source::kRest});
  }
  board().Flush();
  ASSERT_TRUE(harness_.AwaitPosted());
  harness_.RunPosted();
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_STALE);
  PublishBook();
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_SNAPSHOT);
}

TEST_F(TopicBoardTest, ARefreshOfATopicThatHasEndedIsHarmless) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kBook10);
  board().Refresh(reader.stream, {1, 77});
  board().Detach(reader.stream);
  harness_.server.clock().Advance(seconds(31));
  board().ExpireDemands();
  harness_.RunPosted();
  EXPECT_EQ(harness_.server.counters().delivered_events.load(), 0U);
}

TEST_F(TopicBoardTest, TradesHaveNoStateAndAGapSaysWhatIsMissing) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kTrades);
  PublishTrade("1");
  board().PublishStale({{}, Channel::kTrades}, StaleReason::kDisconnected, TimeNs(9));
  board().PublishGap({}, StaleReason::kDisconnected, TimeNs(10), TimeNs(20));
  PublishTrade("2");
  const MarketDataEvent first = reader.Next();
  EXPECT_EQ(first.kind(), EVENT_KIND_DELTA);
  const MarketDataEvent gap = reader.Next();
  EXPECT_EQ(gap.kind(), EVENT_KIND_GAP);
  EXPECT_EQ(gap.reason(), common::v1::STALE_REASON_DISCONNECTED);
  EXPECT_EQ(gap.gap_from_time_ns(), 10);
  EXPECT_EQ(gap.gap_to_time_ns(), 20);
  EXPECT_EQ(gap.sequence(), first.sequence() + 1);
  EXPECT_GT(gap.epoch(), first.epoch());
  const MarketDataEvent second = reader.Next();
  EXPECT_EQ(second.trades().trades(0).trade_id(), "2");
  EXPECT_EQ(second.sequence(), gap.sequence() + 1);
  EXPECT_EQ(second.epoch(), gap.epoch());
}

TEST_F(TopicBoardTest, ASlowReaderThatConflatesTradesIsToldByAGap) {
  BoardReader reader =
      harness_.NewReader({.slow_reader = stream::SlowReader::kConflate, .max_queued_events = 4});
  harness_.Attach(reader, kTrades);
  PublishTrade("first");
  ASSERT_EQ(reader.Next().kind(), EVENT_KIND_DELTA);
  for (int i = 0; i < 10; ++i) {
    const model::Trade trade{std::to_string(i), model::Side::kBuy, 100, 1, TimeNs(4 + i)};
    board().PublishTrades({}, {&trade, 1}, {});
  }
  board().Flush();
  ASSERT_TRUE(harness_.AwaitPosted());
  harness_.RunPosted();
  PublishTrade("last");
  MarketDataEvent gap = reader.Next();
  // What the end of an earlier write had let through first.
  std::int64_t told = 4;
  for (; gap.kind() == EVENT_KIND_DELTA; gap = reader.Next()) ++told;
  EXPECT_EQ(gap.kind(), EVENT_KIND_GAP);
  EXPECT_EQ(gap.reason(), common::v1::STALE_REASON_SLOW_READER);
  // From the first trade that was dropped until now.
  EXPECT_EQ(gap.gap_from_time_ns(), told);
  EXPECT_EQ(gap.gap_to_time_ns(), harness_.server.clock().Now().value);
  const MarketDataEvent last = reader.Next();
  EXPECT_EQ(last.sequence(), gap.sequence() + 1);
  EXPECT_EQ(last.trades().trades(0).trade_id(), "last");
}

TEST_F(TopicBoardTest, StateChannelsSendWholeSnapshotsAndKeepTheLast) {
  BoardReader reader = harness_.NewReader();
  for (const TopicRequest& request :
       {Request(Channel::kBestBidOffer), Request(Channel::kTicker), Request(Channel::kCandles, 60),
        Request(Channel::kMarkPrice), Request(Channel::kFundingRate)}) {
    harness_.Attach(reader, request);
  }
  const auto publish_all = [this] {
    model::Candle candle;
    candle.interval_seconds = 60;
    board().PublishQuote({}, {}, {});
    board().PublishTicker({}, {}, {});
    board().PublishCandle({}, candle, {});
    board().PublishMarkPrice({}, {}, {});
    board().PublishFundingRate({}, {}, {});
    board().Flush();
  };
  publish_all();
  publish_all();
  const std::vector<MarketDataEvent::PayloadCase> payloads = {
      MarketDataEvent::kBestBidOffer, MarketDataEvent::kTicker, MarketDataEvent::kCandle,
      MarketDataEvent::kMarkPrice, MarketDataEvent::kFundingRate};
  for (const std::uint64_t sequence : {1U, 2U}) {
    for (const auto payload : payloads) {
      const MarketDataEvent event = reader.Next();
      EXPECT_EQ(event.kind(), EVENT_KIND_SNAPSHOT);
      EXPECT_EQ(event.payload_case(), payload);
      EXPECT_EQ(event.sequence(), sequence);
    }
  }
  BoardReader late = harness_.NewReader();
  harness_.Attach(late, Request(Channel::kCandles, 60));
  const MarketDataEvent candle = late.Next();
  EXPECT_EQ(candle.interval_seconds(), 60U);
  EXPECT_EQ(candle.sequence(), 2U);
}

// A quote of the exchange's own number and time.
struct Numbered {
  std::uint64_t sequence;
  std::int64_t time_ms;
};

// What is told where quotes come in this order: their numbers.
struct QuoteOrder {
  std::string name;
  std::vector<Numbered> come;
  std::vector<std::uint64_t> told;
};

class QuoteOrderTest : public TopicBoardTest, public testing::WithParamInterface<QuoteOrder> {};

TEST_P(QuoteOrderTest, AQuoteOlderThanTheLastIsNeverTold) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, Request(Channel::kBestBidOffer));
  std::size_t accepted = 0;
  for (const Numbered& each : GetParam().come) {
    model::Quote quote;
    quote.exchange_sequence = each.sequence;
    accepted += board().PublishQuote(
        {}, quote,
        {.exchange_time = TimeNs::FromMillis(each.time_ms), .exchange_sequence = each.sequence});
  }
  board().Flush();
  EXPECT_EQ(accepted, GetParam().told.size());
  std::uint64_t number = 0;
  for (const std::uint64_t sequence : GetParam().told) {
    const MarketDataEvent event = reader.Next();
    EXPECT_EQ(event.best_bid_offer().exchange_sequence(), sequence);
    EXPECT_EQ(event.sequence(), ++number);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Orders, QuoteOrderTest,
    testing::Values(QuoteOrder{"newer_last", {{7, 70}, {8, 80}}, {7, 8}},
                    QuoteOrder{"older_last", {{8, 80}, {7, 70}, {9, 90}}, {8, 9}},
                    QuoteOrder{"older_of_the_same_millisecond", {{8, 80}, {7, 80}}, {8}},
                    // It may end a poll, or the state after a loss.
                    QuoteOrder{"the_same_again", {{8, 80}, {8, 80}}, {8, 8}},
                    QuoteOrder{"a_count_that_began_anew", {{8, 80}, {1, 81}, {2, 82}}, {8, 1, 2}},
                    QuoteOrder{"without_numbers", {{0, 80}, {0, 70}}, {0, 0}}),
    [](const auto& info) { return info.param.name; });

TEST_F(TopicBoardTest, AnOlderQuoteEndsNoStale) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, Request(Channel::kBestBidOffer));
  const DemandKey demand{{}, Channel::kBestBidOffer, 0};
  EXPECT_TRUE(board().PublishQuote({}, {}, {.exchange_sequence = 8}));
  board().PublishStale(demand, model::StaleReason::kDisconnected, TimeNs(1));
  EXPECT_FALSE(board().PublishQuote({}, {}, {.exchange_sequence = 7}));
  EXPECT_TRUE(board().NeedsState(demand));
  EXPECT_TRUE(board().PublishQuote({}, {}, {.exchange_sequence = 8}));
  board().Flush();
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_STALE);
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_SNAPSHOT);
}

TEST_F(TopicBoardTest, CandlesOfAnotherIntervalAreAnotherTopic) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, Request(Channel::kCandles, 60));
  model::Candle candle;
  candle.interval_seconds = 300;
  board().PublishCandle({}, candle, {});
  candle.interval_seconds = 60;
  board().PublishCandle({}, candle, {});
  board().Flush();
  EXPECT_EQ(reader.Next().candle().interval_seconds(), 60U);
}

TEST_F(TopicBoardTest, AttachingTwiceDeliversOnce) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kBook10);
  harness_.Attach(reader, kBook10);
  PublishBook();
  PublishBook();
  EXPECT_EQ(reader.Next().sequence(), 1U);
  EXPECT_EQ(reader.Next().sequence(), 2U);
  EXPECT_EQ(harness_.server.counters().delivered_events.load(), 2U);
}

TEST_F(TopicBoardTest, ADetachedReaderHearsNothing) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kBook10);
  harness_.Attach(reader, kTrades);
  board().Detach(reader.stream);
  board().Detach(reader.stream);
  PublishBook();
  PublishTrade("1");
  EXPECT_FALSE(board().HasReaders(kBook));
  EXPECT_EQ(harness_.server.counters().delivered_events.load(), 0U);
}

TEST_F(TopicBoardTest, ADemandLingersAndThenEnds) {
  const BoardReader first = harness_.NewReader();
  const BoardReader second = harness_.NewReader();
  harness_.Attach(first, kBook10);
  harness_.Attach(second, kBook10);
  board().Detach(first.stream);
  harness_.server.clock().Advance(seconds(60));
  board().ExpireDemands();
  EXPECT_TRUE(board().HasReaders(kBook));
  board().Detach(second.stream);
  harness_.server.clock().Advance(seconds(29));
  board().ExpireDemands();
  EXPECT_EQ(board().Demands(), (std::vector<DemandKey>{kBook}));
  EXPECT_TRUE(harness_.unwanted.empty());
  harness_.server.clock().Advance(seconds(1));
  board().ExpireDemands();
  EXPECT_TRUE(board().Demands().empty());
  EXPECT_EQ(board().topic_count(), 0U);
  EXPECT_EQ(harness_.unwanted, (std::vector<DemandKey>{kBook}));
  PublishBook();  // nobody's any more
}

TEST_F(TopicBoardTest, AReaderWhoComesBackInTimeKeepsTheDemand) {
  const BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kBook10);
  board().Detach(reader.stream);
  harness_.server.clock().Advance(seconds(29));
  harness_.Attach(reader, kBook10);
  harness_.server.clock().Advance(seconds(60));
  board().ExpireDemands();
  EXPECT_TRUE(harness_.unwanted.empty());
  EXPECT_EQ(harness_.wanted.size(), 1U);
  board().Detach(reader.stream);
  harness_.server.clock().Advance(seconds(30));
  board().ExpireDemands();
  harness_.Attach(reader, kBook10);
  EXPECT_EQ(harness_.wanted.size(), 2U);
}

// Publishes a state on each channel that has one, from a poll or from a socket.
class PolledTopicTest : public TopicBoardTest, public testing::WithParamInterface<Channel> {
 protected:
  static TopicRequest ParamRequest() {
    return Request(GetParam(), GetParam() == Channel::kCandles ? 60 : 0);
  }
  static EventStamp Polled() { return {.source = model::Source::kRest, .polled = true}; }

  void Publish(const EventStamp& stamp) {
    model::Candle candle;
    candle.interval_seconds = 60;
    switch (GetParam()) {
      case Channel::kBestBidOffer:
        board().PublishQuote({}, {}, stamp);
        break;
      case Channel::kTicker:
        board().PublishTicker({}, {}, stamp);
        break;
      case Channel::kCandles:
        board().PublishCandle({}, candle, stamp);
        break;
      case Channel::kMarkPrice:
        board().PublishMarkPrice({}, {}, stamp);
        break;
      default:
        board().PublishFundingRate({}, {}, stamp);
    }
    board().Flush();
  }
  void Pass(seconds span) {
    harness_.server.clock().Advance(span);
    board().ExpirePolled(seconds(3));
    board().Flush();
  }
};

TEST_P(PolledTopicTest, GoesStaleWhenPollsEndAndComesBackWithTheNext) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, ParamRequest());
  Publish(Polled());
  Pass(seconds(3));
  Publish(Polled());
  Pass(seconds(3));
  Pass(seconds(1));
  Pass(seconds(60));
  Publish(Polled());
  const MarketDataEvent first = reader.Next(), second = reader.Next();
  EXPECT_EQ(second.kind(), EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(second.source(), common::v1::SOURCE_REST);
  EXPECT_EQ(second.epoch(), first.epoch());
  const MarketDataEvent stale = reader.Next();
  EXPECT_EQ(stale.kind(), EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_DISCONNECTED);
  EXPECT_EQ(stale.sequence(), second.sequence() + 1);
  const MarketDataEvent back = reader.Next();
  EXPECT_EQ(back.kind(), EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(back.sequence(), stale.sequence() + 1);
  EXPECT_GT(back.epoch(), stale.epoch());
}

TEST_P(PolledTopicTest, DoesNotDependOnPollsOnceASocketHasToldIt) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, ParamRequest());
  const DemandKey demand{{}, GetParam(), GetParam() == Channel::kCandles ? 60U : 0U};
  EXPECT_TRUE(board().NeedsState(demand));
  Publish(Polled());
  EXPECT_TRUE(board().NeedsState(demand));
  Publish({});
  EXPECT_FALSE(board().NeedsState(demand));
  Pass(seconds(60));
  Publish({});
  const MarketDataEvent polled = reader.Next(), told = reader.Next();
  EXPECT_EQ(told.source(), common::v1::SOURCE_WEBSOCKET);
  EXPECT_GT(told.epoch(), polled.epoch());
  EXPECT_EQ(reader.Next().sequence(), told.sequence() + 1);
}

TEST_P(PolledTopicTest, ALateReaderIsNotGivenAnAnswerThatHasExpired) {
  BoardReader first = harness_.NewReader();
  harness_.Attach(first, ParamRequest());
  Publish(Polled());
  board().Detach(first.stream);
  Pass(seconds(4));
  BoardReader second = harness_.NewReader();
  harness_.Attach(second, ParamRequest());
  Publish(Polled());
  const MarketDataEvent event = second.Next();
  EXPECT_EQ(event.kind(), EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(event.sequence(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Channels, PolledTopicTest,
                         testing::Values(Channel::kBestBidOffer, Channel::kTicker,
                                         Channel::kCandles, Channel::kMarkPrice,
                                         Channel::kFundingRate),
                         [](const auto& info) {
                           return "channel_" + std::to_string(static_cast<int>(info.param));
                         });

TEST_F(TopicBoardTest, PolledBooksGoStaleWhenPollsEnd) {
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kBook10);
  PublishStale(StaleReason::kStalled);
  PublishRest();
  harness_.server.clock().Advance(seconds(4));
  board().ExpirePolled(seconds(3));
  PublishRest();
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_STALE);
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_SNAPSHOT);
  const MarketDataEvent stale = reader.Next();
  EXPECT_EQ(stale.kind(), EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_STALLED);
  EXPECT_EQ(reader.Next().kind(), EVENT_KIND_SNAPSHOT);
}

TEST_F(TopicBoardTest, PolledTradesGoStaleWhenPollsEndAndSayWhenTheyGoOn) {
  const EventStamp polled = {.source = model::Source::kRest, .polled = true};
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kTrades);
  const auto pass = [this](seconds span) {
    harness_.server.clock().Advance(span);
    board().ExpirePolled(seconds(3));
    board().Flush();
  };
  const model::Trade trade{"1", model::Side::kBuy, 100, 1, TimeNs(3)};
  board().PublishTrades({}, {&trade, 1}, polled);
  // A poll without news is an answer all the same.
  for (int i = 0; i < 5; ++i) {
    pass(seconds(2));
    board().PublishTrades({}, {}, polled);
  }
  pass(seconds(4));
  board().PublishTrades({}, {}, polled);
  board().PublishTrades({}, {}, polled);
  PublishTrade("2");
  const MarketDataEvent first = reader.Next();
  EXPECT_EQ(first.kind(), EVENT_KIND_DELTA);
  const MarketDataEvent stale = reader.Next();
  EXPECT_EQ(stale.kind(), EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_DISCONNECTED);
  const MarketDataEvent on = reader.Next();
  EXPECT_EQ(on.kind(), EVENT_KIND_DELTA);
  EXPECT_EQ(on.trades().trades_size(), 0);
  EXPECT_EQ(on.sequence(), stale.sequence() + 1);
  EXPECT_GT(on.epoch(), stale.epoch());
  const MarketDataEvent second = reader.Next();
  EXPECT_EQ(second.trades().trades(0).trade_id(), "2");
  EXPECT_EQ(second.epoch(), on.epoch());
}

TEST_F(TopicBoardTest, TradesAreToldAtTheirTick) {
  harness_.instrument.price_scale = 3;
  harness_.instrument.tick = *Decimal::Parse("0.1");
  harness_.instrument.step = *Decimal::Parse("0.0001");
  BoardReader reader = harness_.NewReader();
  harness_.Attach(reader, kTrades);
  const model::Trade trade{"1", model::Side::kBuy, 97'123'500, 1'000'000, TimeNs(3)};
  board().PublishTrades({}, {&trade, 1}, {});
  board().Flush();
  const MarketDataEvent event = reader.Next();
  EXPECT_EQ(event.trades().price_exponent(), -1);
  EXPECT_EQ(event.trades().trades(0).price_mantissa(), 971'235);
  EXPECT_EQ(event.trades().quantity_exponent(), -4);
  EXPECT_EQ(event.trades().trades(0).quantity_mantissa(), 100);
}

}  // namespace
}  // namespace switchyard::exchange
