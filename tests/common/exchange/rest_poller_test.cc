#include "common/exchange/rest_poller.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>

#include "tests/common/exchange/board_harness.h"

namespace switchyard::exchange {
namespace {

using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::EVENT_KIND_STALE;
using std::chrono::milliseconds;
using std::chrono::seconds;

const DemandKey kTicker{{}, Channel::kTicker, 0};
const DemandKey kBook{{}, Channel::kOrderBook, 0};
const DemandKey kQuote{{}, Channel::kBestBidOffer, 0};

class RestPollerTest : public testing::Test {
 protected:
  BoardReader Read(Channel channel) {
    BoardReader reader = harness_.NewReader();
    harness_.Attach(reader, {.symbol = "BTC-USDT", .channel = channel});
    return reader;
  }
  void MakePoller(bool websocket = true) {
    poller_ = std::make_unique<RestPoller>(
        RestPoller::Options{.websocket = websocket}, *harness_.board, harness_.server.clock(),
        RestPoller::Hooks{
            .carried = [this](const DemandKey& key) { return carried_.contains(key); },
            .poll = [this](const DemandKey& key) { Answer(key); }});
  }
  void Answer(const DemandKey& key) {
    ++polls_[key];
    if (!rest_answers_) return;
    const EventStamp stamp{.source = model::Source::kRest, .polled = true};
    if (key == kBook) harness_.board->PublishRestBook({}, {}, stamp);
    if (key == kTicker) harness_.board->PublishTicker({}, {}, stamp);
    if (key == kQuote) harness_.board->PublishQuote({}, {}, stamp);
  }
  void Pass(milliseconds span) {
    for (milliseconds gone(0); gone < span; gone += milliseconds(250)) {
      harness_.server.clock().Advance(milliseconds(250));
      poller_->Tick();
      harness_.board->Flush();
    }
  }

  BoardHarness harness_;
  std::set<DemandKey> carried_;
  std::map<DemandKey, int> polls_;
  bool rest_answers_ = true;
  std::unique_ptr<RestPoller> poller_;
};

// That another socket is open is of no use to a topic whose own is gone.
TEST_F(RestPollerTest, PollsTheTopicThatNoSocketCarriesAndNoOther) {
  MakePoller();
  BoardReader ticker = Read(Channel::kTicker), quote = Read(Channel::kBestBidOffer);
  carried_ = {kTicker, kQuote};
  Pass(seconds(10));
  EXPECT_TRUE(polls_.empty());
  carried_ = {kTicker};
  Pass(milliseconds(4'750));
  EXPECT_TRUE(polls_.empty());
  Pass(seconds(10));
  EXPECT_EQ(polls_[kTicker], 0);
  EXPECT_GE(polls_[kQuote], 9);
  EXPECT_LE(polls_[kQuote], 11);
  EXPECT_TRUE(poller_->useful(kQuote));
  EXPECT_FALSE(poller_->useful(kTicker));
}

TEST_F(RestPollerTest, StopsWhenTheTopicIsCarriedAgainAndWaitsAnewTheNextTime) {
  MakePoller();
  BoardReader quote = Read(Channel::kBestBidOffer);
  Pass(seconds(8));
  EXPECT_GT(polls_[kQuote], 0);
  carried_ = {kQuote};
  Pass(seconds(1));
  const int polls = polls_[kQuote];
  carried_ = {};
  Pass(milliseconds(4'750));
  EXPECT_EQ(polls_[kQuote], polls);
  Pass(seconds(1));
  EXPECT_EQ(polls_[kQuote], polls + 1);
}

TEST_F(RestPollerTest, ATopicThatIsWantedInAnOutageIsPolledAtOnce) {
  MakePoller();
  BoardReader quote = Read(Channel::kBestBidOffer);
  Pass(seconds(6));
  BoardReader ticker = Read(Channel::kTicker);
  Pass(milliseconds(250));
  EXPECT_EQ(polls_[kTicker], 1);
}

TEST_F(RestPollerTest, TheFirstTopicOfAllWaitsForItsSocket) {
  MakePoller();
  Pass(seconds(60));
  BoardReader quote = Read(Channel::kBestBidOffer);
  Pass(milliseconds(4'750));
  EXPECT_EQ(polls_[kQuote], 0);
}

TEST_F(RestPollerTest, NobodyIsPolledForWithoutReaders) {
  MakePoller();
  BoardReader quote = Read(Channel::kBestBidOffer);
  harness_.board->Detach(quote.stream);
  Pass(seconds(10));
  EXPECT_EQ(polls_[kQuote], 0);
}

TEST_F(RestPollerTest, ReadersAreToldWithinThreeSecondsThatRestHasEndedAndWhenItIsBack) {
  for (const bool websocket : {true, false}) {
    MakePoller(websocket);
    rest_answers_ = true;
    BoardReader ticker = Read(Channel::kTicker);
    Pass(seconds(7));
    rest_answers_ = false;
    Pass(milliseconds(4'250));
    rest_answers_ = true;
    Pass(seconds(2));
    MarketDataEvent event = ticker.Next();
    // While there is a socket on other days, the wait for the first snapshot has a reason.
    if (event.kind() == EVENT_KIND_STALE) event = ticker.Next();
    std::int64_t last = 0;
    for (; event.kind() == EVENT_KIND_SNAPSHOT; event = ticker.Next()) {
      EXPECT_EQ(event.source(), common::v1::SOURCE_REST);
      last = event.publish_time_ns();
    }
    EXPECT_EQ(event.kind(), EVENT_KIND_STALE);
    EXPECT_EQ(event.reason(), common::v1::STALE_REASON_DISCONNECTED);
    const std::chrono::nanoseconds took(event.publish_time_ns() - last);
    EXPECT_GT(took, seconds(3));
    EXPECT_LE(took, milliseconds(3'250));
    EXPECT_EQ(ticker.Next().kind(), EVENT_KIND_SNAPSHOT);
    harness_.board->Detach(ticker.stream);
  }
}

TEST_F(RestPollerTest, WithoutAnyAnswerReadersAreToldWhyNothingComes) {
  MakePoller(/*websocket=*/false);
  rest_answers_ = false;
  BoardReader ticker = Read(Channel::kTicker);
  Pass(seconds(6));
  rest_answers_ = true;
  Pass(seconds(2));
  const MarketDataEvent stale = ticker.Next();
  EXPECT_EQ(stale.kind(), EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_DISCONNECTED);
  EXPECT_EQ(ticker.Next().kind(), EVENT_KIND_SNAPSHOT);
}

TEST_F(RestPollerTest, WhatIsPolledWellIsNeverCalledMissing) {
  MakePoller(/*websocket=*/false);
  for (const Channel channel : {Channel::kOrderBook, Channel::kTicker}) {
    BoardReader reader = Read(channel);
    Pass(seconds(8));
    for (int i = 0; i < 8; ++i) EXPECT_EQ(reader.Next().kind(), EVENT_KIND_SNAPSHOT) << i;
  }
}

}  // namespace
}  // namespace switchyard::exchange
