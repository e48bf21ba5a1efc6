#include "common/exchange/candle_tape.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/exchange/board_harness.h"

namespace switchyard::exchange {
namespace {

using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::EVENT_KIND_STALE;
using std::chrono::seconds;

constexpr std::uint32_t kInterval = 60;
constexpr DemandKey kCandles{{}, Channel::kCandles, kInterval};

TimeNs OpenOf(int number) { return TimeNs::FromSeconds(1'700'000'040 + number * 60); }

// Candles are numbered; what tells one apart from another of its number is the close.
class CandleTapeTest : public testing::Test {
 protected:
  CandleTapeTest() : reader_(harness_.NewReader()) {
    harness_.Attach(
        reader_,
        {.symbol = "BTC-USDT", .channel = Channel::kCandles, .interval_seconds = kInterval});
  }

  static model::Candle Candle(int number, int close) {
    model::Candle candle;
    candle.open_time = OpenOf(number);
    candle.interval_seconds = kInterval;
    candle.close = Decimal::FromInt(close);
    return candle;
  }
  bool Frame(int number, int close = 1) {
    const bool told =
        tape_.OnFrame(kCandles, Candle(number, close), {.exchange_time = OpenOf(number)});
    harness_.board->Flush();
    return told;
  }
  // All but the last have ended.
  bool Page(int from, int to, const std::string& next = "", bool polled = false) {
    model::CandlesPage page;
    for (int number = from; number <= to; ++number) {
      page.candles.push_back(Candle(number, 100 + number));
      page.candles.back().closed = number < to || !next.empty();
    }
    page.next_page_token = next;
    const bool done = tape_.OnPage(kCandles, page, polled);
    harness_.board->Flush();
    return done;
  }
  // As the manager does.
  void Lose() {
    tape_.OnLost(kCandles);
    harness_.board->PublishStale(kCandles, model::StaleReason::kDisconnected, OpenOf(0));
    harness_.board->Flush();
  }
  void ExpectCandle(int number, int close, common::v1::Source source) {
    const MarketDataEvent event = reader_.Next();
    ASSERT_EQ(event.kind(), EVENT_KIND_SNAPSHOT) << event.ShortDebugString();
    EXPECT_EQ(event.candle().open_time_ns(), OpenOf(number).value) << number;
    EXPECT_EQ(event.candle().close(), std::to_string(close)) << number;
    EXPECT_EQ(event.source(), source) << number;
    closed_ = event.candle().closed();
  }
  void ExpectFrame(int number, int close = 1) {
    ExpectCandle(number, close, common::v1::SOURCE_WEBSOCKET);
  }
  void ExpectRead(int number) { ExpectCandle(number, 100 + number, common::v1::SOURCE_REST); }
  void ExpectStale() { EXPECT_EQ(reader_.Next().kind(), EVENT_KIND_STALE); }

  BoardHarness harness_;
  BoardReader reader_;
  CandleTape tape_{"gateio", *harness_.board, harness_.server.clock()};
  bool closed_ = false;
};

TEST_F(CandleTapeTest, WhatClosedDuringAnOutageIsToldBeforeWhatTheSocketBrings) {
  EXPECT_TRUE(Frame(1));
  Lose();
  EXPECT_FALSE(Frame(4));
  EXPECT_FALSE(Frame(4, 2));
  EXPECT_FALSE(Frame(5));
  EXPECT_TRUE(tape_.behind(kCandles));
  EXPECT_TRUE(Page(1, 5));
  EXPECT_FALSE(tape_.behind(kCandles));
  EXPECT_TRUE(Frame(5, 2));
  ExpectFrame(1);
  ExpectStale();
  // The one that was forming when the socket went is told as it was final.
  for (const int number : {1, 2, 3}) {
    ExpectRead(number);
    EXPECT_TRUE(closed_) << number;
  }
  // The socket's own word, of 4 the latest, counts more than an answer made before it.
  ExpectFrame(4, 2);
  ExpectFrame(5);
  ExpectFrame(5, 2);
}

TEST_F(CandleTapeTest, ASilentSocketIsSparedTheWait) {
  Frame(1);
  Lose();
  EXPECT_TRUE(Page(1, 3));
  ExpectFrame(1);
  ExpectStale();
  ExpectRead(1);
  ExpectRead(2);
  ExpectRead(3);
  EXPECT_FALSE(closed_);
  EXPECT_TRUE(Frame(3));
  ExpectFrame(3);
}

TEST_F(CandleTapeTest, ALongOutageIsReadPageByPage) {
  Frame(1);
  Lose();
  EXPECT_FALSE(Frame(6));
  EXPECT_FALSE(Page(1, 2, "3"));
  EXPECT_EQ(tape_.Missing(kCandles).page_token, "3");
  EXPECT_FALSE(Page(3, 2, "5"));  // nothing was traded
  EXPECT_EQ(tape_.Missing(kCandles).page_token, "5");
  EXPECT_TRUE(Page(5, 6));
  EXPECT_EQ(tape_.Missing(kCandles).page_token, "");
  ExpectFrame(1);
  ExpectStale();
  for (const int number : {1, 2, 5}) ExpectRead(number);
  ExpectFrame(6);
}

TEST_F(CandleTapeTest, AnotherLossBeginsAnew) {
  Frame(1);
  Lose();
  Frame(3);
  EXPECT_FALSE(Page(1, 1, "2"));
  Lose();
  EXPECT_EQ(tape_.Missing(kCandles).page_token, "");
  EXPECT_EQ(tape_.Missing(kCandles).start, OpenOf(1));
  // 3 was perhaps not final.
  EXPECT_FALSE(Frame(5));
  EXPECT_TRUE(Page(1, 5));
  ExpectFrame(1);
  ExpectStale();
  ExpectRead(1);
  ExpectStale();
  for (const int number : {1, 2, 3, 4}) ExpectRead(number);
  ExpectFrame(5);
}

TEST_F(CandleTapeTest, WhereTheSameCandleGoesOnNothingIsMissing) {
  Frame(1);
  Lose();
  EXPECT_TRUE(Frame(1, 2));
  EXPECT_FALSE(tape_.behind(kCandles));
  ExpectFrame(1);
  ExpectStale();
  ExpectFrame(1, 2);
}

TEST_F(CandleTapeTest, ADeadRestDoesNotHoldTheStreamForGood) {
  Frame(1);
  Lose();
  EXPECT_FALSE(Frame(3));
  harness_.server.clock().Advance(CandleTape::kPatience);
  EXPECT_FALSE(Frame(3, 2));
  harness_.server.clock().Advance(seconds(1));
  EXPECT_TRUE(Frame(4));
  EXPECT_FALSE(tape_.behind(kCandles));
  ExpectFrame(1);
  ExpectStale();
  ExpectFrame(3, 2);
  ExpectFrame(4);
}

TEST_F(CandleTapeTest, WhatWaitsIsBounded) {
  Frame(1);
  Lose();
  const int last = 2 + static_cast<int>(CandleTape::kMostWaiting);
  for (int number = 3; number <= last; ++number) EXPECT_FALSE(Frame(number)) << number;
  EXPECT_TRUE(Frame(last + 1));
}

TEST_F(CandleTapeTest, TheFirstAnswerIsTheNewestAlone) {
  EXPECT_EQ(tape_.Missing(kCandles).page_size, 1U);
  EXPECT_FALSE(tape_.Missing(kCandles).start.given());
  EXPECT_EQ(tape_.Missing(kCandles).interval_seconds, kInterval);
  EXPECT_TRUE(Page(1, 3));
  ExpectRead(3);
  EXPECT_EQ(tape_.Missing(kCandles).start, OpenOf(3));
  EXPECT_EQ(tape_.Missing(kCandles).page_size, CandleTape::kPageSize);
}

TEST_F(CandleTapeTest, WhatWasNeverToldCannotBeMissed) {
  Lose();
  EXPECT_TRUE(Frame(1));
  ExpectStale();
  ExpectFrame(1);
}

TEST_F(CandleTapeTest, NothingIsLeftOutBetweenTwoPolls) {
  Page(1, 1, "", /*polled=*/true);
  Page(1, 3, "", /*polled=*/true);
  ExpectRead(1);
  ExpectRead(1);
  EXPECT_TRUE(closed_);
  ExpectRead(2);
  ExpectRead(3);
}

TEST_F(CandleTapeTest, PollsDoNotCloseAnOutage) {
  Frame(1);
  Lose();
  EXPECT_TRUE(Page(1, 2, "", /*polled=*/true));
  EXPECT_TRUE(tape_.behind(kCandles));
  EXPECT_FALSE(Frame(4));
  EXPECT_TRUE(Page(2, 4));
  ExpectFrame(1);
  ExpectStale();
  for (const int number : {1, 2, 2, 3}) ExpectRead(number);
  ExpectFrame(4);
}

TEST_F(CandleTapeTest, AnAnswerThatWasOvertakenIsLeftOut) {
  Page(5, 5, "", /*polled=*/true);
  Page(3, 5, "", /*polled=*/true);
  ExpectRead(5);
  ExpectRead(5);
}

TEST_F(CandleTapeTest, AForgottenDemandBeginsAnew) {
  Frame(1);
  Lose();
  tape_.Forget(kCandles);
  EXPECT_FALSE(tape_.behind(kCandles));
  EXPECT_FALSE(tape_.Missing(kCandles).start.given());
}

}  // namespace
}  // namespace switchyard::exchange
