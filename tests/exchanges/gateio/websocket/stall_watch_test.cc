#include "exchanges/gateio/websocket/stall_watch.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/common/exchange/manual_thread.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::Reply;
using exchange::StreamKey;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Watch = BasicStallWatch<exchange::ManualTimer>;
using Keys = std::vector<StreamKey>;

constexpr model::InstrumentId kBtc{3};

StreamKey KeyOf(Channel channel, std::uint32_t parameter = 0) {
  return {static_cast<std::uint8_t>(channel), kBtc, parameter};
}
const StreamKey kTrades = KeyOf(Channel::kTrades);
const StreamKey kCandles = KeyOf(Channel::kCandles, 60);
const StreamKey kQuotes = KeyOf(Channel::kBookTicker);
const StreamKey kTickers = KeyOf(Channel::kTickers);

BookSnapshot Book(std::int64_t bid, std::int64_t ask) {
  BookSnapshot book;
  if (bid != 0) book.bids = {{bid, 5}, {bid - 1, 5}};
  if (ask != 0) book.asks = {{ask, 5}, {ask + 1, 5}};
  return book;
}

model::Quote Quote(std::int64_t bid, std::int64_t ask) {
  model::Quote quote;
  quote.bid = {bid, 1};
  quote.ask = {ask, 1};
  return quote;
}

model::Ticker TickerAt(std::int64_t price) {
  model::Ticker ticker;
  ticker.last_price = Decimal::FromInt(price);
  return ticker;
}

class StallWatchTest : public testing::Test {
 protected:
  StallWatchTest() {
    reads_.book = [this](model::InstrumentId, Reply<BookSnapshot> reply) {
      books_.push_back(std::move(reply));
    };
    reads_.trades = [this](model::InstrumentId, Reply<model::TradesPage> reply) {
      trades_.push_back(std::move(reply));
    };
    reads_.ticker = [this](model::InstrumentId, Reply<model::Ticker> reply) {
      tickers_.push_back(std::move(reply));
    };
  }

  // Answers the oldest read of a kind.
  template <typename T>
  static void Answer(std::deque<Reply<T>>& reads, absl::StatusOr<T> answer) {
    ASSERT_FALSE(reads.empty()) << "REST was not asked";
    const Reply<T> reply = std::move(reads.front());
    reads.pop_front();
    reply(std::move(answer));
  }
  void AnswerBook(std::int64_t bid, std::int64_t ask) {
    Answer<BookSnapshot>(books_, Book(bid, ask));
  }
  void AnswerTicker(std::int64_t price) { Answer<model::Ticker>(tickers_, TickerAt(price)); }

  // A trade of REST, so long before now.
  model::Trade Trade(const std::string& id, milliseconds age, std::int64_t price = 100) {
    model::Trade trade;
    trade.trade_id = id;
    trade.price = price;
    trade.exchange_time = thread_.clock().Now() - age;
    return trade;
  }
  // Newest first.
  void AnswerTrades(std::vector<model::Trade> trades) {
    model::TradesPage page;
    page.trades = std::move(trades);
    Answer<model::TradesPage>(trades_, page);
  }
  std::size_t questions() const { return books_.size() + trades_.size() + tickers_.size(); }

  exchange::ManualThread thread_;
  SocketReads reads_;
  std::deque<Reply<BookSnapshot>> books_;
  std::deque<Reply<model::TradesPage>> trades_;
  std::deque<Reply<model::Ticker>> tickers_;
  bool confirmed_ = true;
  Keys stalled_;
  exchange::RecentTrades recent_;
  Watch watch_{thread_,
               thread_.clock(),
               reads_,
               {.is_confirmed = [this](const StreamKey&) { return confirmed_; },
                .stalled = [this](const StreamKey& key) { stalled_.push_back(key); },
                .recent_trades = [this](model::InstrumentId) -> const exchange::RecentTrades& {
                  return recent_;
                }}};
};

// Best bids and offers.

TEST_F(StallWatchTest, AFrozenQuoteIsFoundWhereRestHasMovedAndTheStreamDoesNotFollow) {
  watch_.OnQuote(kBtc, Quote(100, 101));
  watch_.CheckQuote(kQuotes);
  AnswerBook(102, 103);
  thread_.Advance(milliseconds(499));
  EXPECT_TRUE(stalled_.empty()) << "the stream may be on its way";
  thread_.Advance(milliseconds(1));
  EXPECT_EQ(stalled_, Keys{kQuotes});
}

TEST_F(StallWatchTest, AnAcknowledgedQuoteThatNeverCameIsFoundBetweenTwoLooks) {
  watch_.CheckQuote(kQuotes);
  AnswerBook(100, 101);
  thread_.Advance(milliseconds(500));
  AnswerBook(100, 102);
  thread_.Advance(milliseconds(500));
  EXPECT_EQ(stalled_, Keys{kQuotes});
}

TEST_F(StallWatchTest, AQuoteThatNeverCameInAQuietMarketIsNotDead) {
  for (int i = 0; i < 3; ++i) {
    watch_.CheckQuote(kQuotes);
    AnswerBook(100, 101);
    thread_.Advance(milliseconds(500));
    if (!books_.empty()) AnswerBook(100, 101);
    thread_.Advance(seconds(8));
  }
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, AQuietQuoteIsNotDead) {
  watch_.OnQuote(kBtc, Quote(100, 101));
  watch_.CheckQuote(kQuotes);
  AnswerBook(100, 101);
  thread_.Advance(seconds(60));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, AQuoteThatFollowsRestIsNotDead) {
  watch_.OnQuote(kBtc, Quote(100, 101));
  watch_.CheckQuote(kQuotes);
  AnswerBook(102, 103);
  thread_.Advance(milliseconds(300));
  watch_.OnQuote(kBtc, Quote(102, 103));
  thread_.Advance(seconds(60));
  EXPECT_TRUE(stalled_.empty());
}

// The answer is older than what the stream tells meanwhile; the next check must not take it for
// what the stream told.
TEST_F(StallWatchTest, AnAnswerThatTheStreamHasOvertakenSaysNothing) {
  watch_.OnQuote(kBtc, Quote(100, 101));
  watch_.CheckQuote(kQuotes);
  watch_.OnQuote(kBtc, Quote(104, 105));
  AnswerBook(102, 103);
  thread_.Advance(seconds(8));
  EXPECT_TRUE(stalled_.empty());
  watch_.CheckQuote(kQuotes);
  AnswerBook(104, 105);
  thread_.Advance(seconds(8));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, AStalledQuoteIsNotFoundAgainUntilRestMovesAgain) {
  watch_.OnQuote(kBtc, Quote(100, 101));
  watch_.CheckQuote(kQuotes);
  AnswerBook(102, 103);
  thread_.Advance(seconds(8));
  ASSERT_EQ(stalled_.size(), 1U);
  // Subscribed anew, and the market has been quiet since.
  watch_.CheckQuote(kQuotes);
  AnswerBook(102, 103);
  thread_.Advance(seconds(8));
  EXPECT_EQ(stalled_.size(), 1U);
  watch_.CheckQuote(kQuotes);
  AnswerBook(104, 105);
  thread_.Advance(seconds(8));
  EXPECT_EQ(stalled_.size(), 2U);
}

TEST_F(StallWatchTest, AnEmptySideIsAPriceOfItsOwn) {
  watch_.OnQuote(kBtc, Quote(100, 101));
  watch_.CheckQuote(kQuotes);
  AnswerBook(100, 0);
  thread_.Advance(milliseconds(500));
  EXPECT_EQ(stalled_, Keys{kQuotes});
}

TEST_F(StallWatchTest, WhatAnEarlierSubscriptionToldSaysNothingOfALaterOne) {
  watch_.OnQuote(kBtc, Quote(100, 101));
  watch_.OnTicker(kBtc, TickerAt(100));
  watch_.Forget(kQuotes);
  watch_.Forget(kTickers);
  thread_.Advance(std::chrono::hours(1));
  watch_.CheckQuote(kQuotes);
  AnswerBook(200, 201);
  thread_.Advance(milliseconds(500));
  AnswerBook(200, 201);
  watch_.CheckTicker(kTickers);
  AnswerTrades({});
  thread_.Advance(seconds(8));
  EXPECT_TRUE(stalled_.empty());
}

// Tickers.

TEST_F(StallWatchTest, AFrozenTickerIsFoundWhereRestHasMovedAndTheStreamDoesNotFollow) {
  watch_.OnTicker(kBtc, TickerAt(100));
  watch_.CheckTicker(kTickers);
  AnswerTicker(101);
  thread_.Advance(milliseconds(1'199));
  EXPECT_TRUE(stalled_.empty()) << "tickers come once a second";
  thread_.Advance(milliseconds(1));
  EXPECT_EQ(stalled_, Keys{kTickers});
}

TEST_F(StallWatchTest, AnAcknowledgedTickerThatNeverCameIsProvenDeadByTheTrades) {
  watch_.CheckTicker(kTickers);
  AnswerTrades({Trade("3", seconds(3), 101), Trade("2", seconds(30), 100)});
  EXPECT_EQ(stalled_, Keys{kTickers});
}

TEST_F(StallWatchTest, TradesThatMovedNoPriceProveNothingOfATicker) {
  watch_.CheckTicker(kTickers);
  AnswerTrades({Trade("4", seconds(1), 101), Trade("3", seconds(3), 100),
                Trade("2", seconds(7), 100), Trade("1", seconds(8), 99)});
  thread_.Advance(seconds(8));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, AQuietTickerIsNotDead) {
  watch_.OnTicker(kBtc, TickerAt(100));
  watch_.CheckTicker(kTickers);
  AnswerTicker(100);
  thread_.Advance(seconds(60));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, ATickerThatFollowsRestIsNotDead) {
  watch_.OnTicker(kBtc, TickerAt(100));
  watch_.CheckTicker(kTickers);
  AnswerTicker(101);
  thread_.Advance(milliseconds(900));
  watch_.OnTicker(kBtc, TickerAt(101));
  thread_.Advance(seconds(60));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, ATickerWithoutALastPriceProvesNothing) {
  watch_.OnTicker(kBtc, TickerAt(100));
  watch_.CheckTicker(kTickers);
  Answer<model::Ticker>(tickers_, model::Ticker());
  thread_.Advance(seconds(60));
  EXPECT_TRUE(stalled_.empty());
}

// Trades, and the candles that they move.

struct TradeCase {
  std::string name;
  milliseconds age;
  bool trades_stalled, candles_stalled;
};

class TradeAgeTest : public StallWatchTest, public testing::WithParamInterface<TradeCase> {};

TEST_P(TradeAgeTest, AnUntoldTradeProvesATradeStreamDeadUnlessItIsTooNewOrFromBeforeTheSilence) {
  watch_.CheckTrades(kTrades);
  AnswerTrades({Trade("1", GetParam().age)});
  EXPECT_EQ(stalled_, GetParam().trades_stalled ? Keys{kTrades} : Keys{});
}

TEST_P(TradeAgeTest, ATradeProvesACandleStreamDeadAlsoWhereTheTradeStreamToldIt) {
  recent_.Insert("1");
  watch_.CheckTrades(kCandles);
  AnswerTrades({Trade("1", GetParam().age)});
  EXPECT_EQ(stalled_, GetParam().candles_stalled ? Keys{kCandles} : Keys{});
}

INSTANTIATE_TEST_SUITE_P(Ages, TradeAgeTest,
                         testing::Values(TradeCase{"just_now", milliseconds(0), false, false},
                                         TradeCase{"at_the_grace", seconds(2), false, false},
                                         TradeCase{"behind_it", milliseconds(2'001), true, false},
                                         TradeCase{"candles_had_time", seconds(4), true, true},
                                         TradeCase{"before_the_silence", seconds(6), false, false}),
                         [](const auto& info) { return info.param.name; });

TEST_F(StallWatchTest, TradesThatTheStreamToldAreNoProof) {
  recent_.Insert("1");
  recent_.Insert("2");
  watch_.CheckTrades(kTrades);
  AnswerTrades({Trade("2", seconds(3)), Trade("1", seconds(4))});
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, ATradeThatIsToldBeforeTheAnswerComesIsNoProof) {
  watch_.CheckTrades(kTrades);
  recent_.Insert("1");
  AnswerTrades({Trade("1", seconds(3))});
  EXPECT_TRUE(stalled_.empty());
}

// The answer takes its time: ages count from the question.
TEST_F(StallWatchTest, ASlowAnswerMakesNoTradeOlder) {
  watch_.CheckTrades(kTrades);
  const model::Trade young = Trade("1", seconds(1));
  thread_.Advance(seconds(3));
  AnswerTrades({young});
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, NoTradesAreAQuietMarket) {
  watch_.CheckTrades(kTrades);
  AnswerTrades({});
  watch_.CheckTrades(kCandles);
  AnswerTrades({});
  EXPECT_TRUE(stalled_.empty());
}

// All kinds.

TEST_F(StallWatchTest, ASocketThatAnswersPingsAndCarriesNothingIsFoundInAllItCarries) {
  watch_.OnTicker(kBtc, TickerAt(100));
  watch_.OnQuote(kBtc, Quote(100, 101));
  thread_.Advance(seconds(8));
  watch_.CheckTrades(kTrades);
  AnswerTrades({Trade("9", seconds(4))});
  watch_.CheckTrades(kCandles);
  AnswerTrades({Trade("9", seconds(4))});
  watch_.CheckQuote(kQuotes);
  AnswerBook(102, 103);
  watch_.CheckTicker(kTickers);
  AnswerTicker(102);
  thread_.Advance(seconds(2));
  EXPECT_EQ(stalled_, (Keys{kTrades, kCandles, kQuotes, kTickers}));
}

TEST_F(StallWatchTest, RestThatFailsProvesNothing) {
  watch_.OnTicker(kBtc, TickerAt(100));
  const absl::Status down = absl::UnavailableError("no answer");
  watch_.CheckTrades(kTrades);
  Answer<model::TradesPage>(trades_, down);
  watch_.CheckQuote(kQuotes);
  Answer<BookSnapshot>(books_, down);
  watch_.CheckTicker(kTickers);
  Answer<model::Ticker>(tickers_, down);
  thread_.Advance(seconds(60));
  EXPECT_TRUE(stalled_.empty());
  EXPECT_EQ(questions(), 0U);
}

TEST_F(StallWatchTest, AStreamThatIsLostMeanwhileIsNotStalledBesides) {
  watch_.OnQuote(kBtc, Quote(100, 101));
  watch_.OnTicker(kBtc, TickerAt(100));
  watch_.CheckTicker(kTickers);
  AnswerTicker(101);
  watch_.CheckQuote(kQuotes);
  watch_.CheckTrades(kTrades);
  confirmed_ = false;
  AnswerBook(102, 103);
  AnswerTrades({Trade("1", seconds(3))});
  thread_.Advance(seconds(60));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, AStreamThatNobodyWantsAnyMoreIsNotStalled) {
  watch_.OnTicker(kBtc, TickerAt(100));
  watch_.CheckTicker(kTickers);
  AnswerTicker(101);
  watch_.Forget(kTickers);
  thread_.Advance(seconds(60));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, AStreamThatStallsMayBeForgottenByWhoIsTold) {
  Watch* watch = nullptr;
  Keys stalled;
  Watch forgetful(thread_, thread_.clock(), reads_,
                  {.is_confirmed = [](const StreamKey&) { return true; },
                   .stalled =
                       [&](const StreamKey& key) {
                         watch->Forget(key);
                         stalled.push_back(key);
                       },
                   .recent_trades = [this](model::InstrumentId) -> const exchange::RecentTrades& {
                     return recent_;
                   }});
  watch = &forgetful;
  forgetful.OnQuote(kBtc, Quote(100, 101));
  forgetful.CheckQuote(kQuotes);
  AnswerBook(102, 103);
  thread_.Advance(seconds(1));
  EXPECT_EQ(stalled, Keys{kQuotes});
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
