#include "exchanges/lighter/websocket/stall_watch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/exchange/manual_thread.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::StreamKey;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr StreamKey KeyOf(Channel channel) { return {static_cast<std::uint8_t>(channel), {3}, 0}; }
constexpr StreamKey kTicker = KeyOf(Channel::kTicker);
constexpr StreamKey kTrades = KeyOf(Channel::kTrades);
constexpr StreamKey kCandles = KeyOf(Channel::kCandles);
constexpr StreamKey kStats = KeyOf(Channel::kMarketStats);

class StallWatchTest : public testing::Test {
 protected:
  static model::Quote Quote(std::int64_t bid, std::int64_t ask) {
    model::Quote quote;
    if (bid != 0) quote.bid = {bid, 1};
    if (ask != 0) quote.ask = {ask, 1};
    return quote;
  }
  static BookSnapshot Book(std::int64_t bid, std::int64_t ask) {
    BookSnapshot book;
    if (bid != 0) book.bids = {{bid, 1}};
    if (ask != 0) book.asks = {{ask, 1}};
    return book;
  }
  static model::Ticker Last(std::int64_t price) {
    model::Ticker ticker;
    ticker.last_price = Decimal::FromInt(price);
    return ticker;
  }
  // REST tells one trade, made so long ago.
  void TradeOf(const std::string& id, std::chrono::nanoseconds age) {
    model::TradesPage page;
    page.trades.push_back({id, model::Side::kBuy, 1, 1, thread_.clock().Now() - age});
    trades_ = page;
  }

  exchange::ManualThread thread_;
  absl::StatusOr<BookSnapshot> book_ = absl::UnavailableError("down");
  absl::StatusOr<model::TradesPage> trades_ = absl::UnavailableError("down");
  absl::StatusOr<model::Ticker> ticker_ = absl::UnavailableError("down");
  exchange::RecentTrades recent_;
  bool confirmed_ = true;
  std::vector<StreamKey> stalled_;
  SocketReads reads_{.book = [this](auto, auto reply) { reply(book_); },
                     .trades = [this](auto, auto reply) { reply(trades_); },
                     .ticker = [this](auto, auto reply) { reply(ticker_); },
                     .candles = {}};
  BasicStallWatch<exchange::ManualTimer> watch_{
      thread_,
      thread_.clock(),
      reads_,
      {.is_confirmed = [this](const StreamKey&) { return confirmed_; },
       .stalled = [this](const StreamKey& key) { stalled_.push_back(key); },
       .recent_trades = [this](model::InstrumentId) -> const exchange::RecentTrades& {
         return recent_;
       }}};
};

TEST_F(StallWatchTest, AFrozenBestLevelIsFound) {
  watch_.OnQuote(kTicker, Quote(100, 101));
  book_ = Book(90, 91);
  watch_.Check(kTicker);
  thread_.Advance(milliseconds(1'199));
  EXPECT_TRUE(stalled_.empty());
  thread_.Advance(milliseconds(1));
  EXPECT_EQ(stalled_, (std::vector{kTicker}));
}

TEST_F(StallWatchTest, AStreamThatCatchesUpIsAlive) {
  watch_.OnQuote(kTicker, Quote(100, 101));
  book_ = Book(90, 91);
  watch_.Check(kTicker);
  watch_.OnQuote(kTicker, Quote(90, 91));
  thread_.Advance(seconds(5));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, AQuietMarketIsNotADeadOne) {
  watch_.OnQuote(kTicker, Quote(100, 0));
  book_ = Book(100, 0);
  watch_.Check(kTicker);
  watch_.OnTicker(kStats, Last(7));
  ticker_ = Last(7);
  watch_.Check(kStats);
  trades_ = model::TradesPage();
  watch_.Check(kTrades);
  watch_.Check(kCandles);
  thread_.Advance(seconds(5));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, WithoutAnAnswerNothingIsKnown) {
  watch_.OnQuote(kTicker, Quote(100, 101));
  for (const StreamKey& key : {kTicker, kTrades, kCandles, kStats}) watch_.Check(key);
  thread_.Advance(seconds(5));
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, StatisticsBehindTheLastPriceAreStalled) {
  watch_.OnTicker(kStats, Last(7));
  ticker_ = Last(8);
  watch_.Check(kStats);
  thread_.Advance(seconds(2));
  EXPECT_EQ(stalled_, (std::vector{kStats}));
}

TEST_F(StallWatchTest, AnUntoldTradeShowsADeadStream) {
  recent_.Insert("7");
  TradeOf("7", seconds(3));
  watch_.Check(kTrades);
  EXPECT_TRUE(stalled_.empty());
  TradeOf("8", seconds(1));  // may be under way
  watch_.Check(kTrades);
  TradeOf("8", seconds(7));  // from before the silence
  watch_.Check(kTrades);
  EXPECT_TRUE(stalled_.empty());
  TradeOf("8", seconds(3));
  watch_.Check(kTrades);
  EXPECT_EQ(stalled_, (std::vector{kTrades}));
}

TEST_F(StallWatchTest, ATradeThatMovedNoCandleShowsADeadStream) {
  recent_.Insert("7");
  TradeOf("7", seconds(3));
  watch_.Check(kCandles);
  EXPECT_EQ(stalled_, (std::vector{kCandles}));
}

TEST_F(StallWatchTest, AStreamThatIsGoneIsNotJudged) {
  watch_.OnQuote(kTicker, Quote(100, 101));
  book_ = Book(90, 91);
  watch_.Check(kTicker);
  confirmed_ = false;
  thread_.Advance(seconds(5));
  TradeOf("8", seconds(3));
  watch_.Check(kTrades);
  EXPECT_TRUE(stalled_.empty());
}

TEST_F(StallWatchTest, AForgottenStreamIsNotJudged) {
  watch_.OnQuote(kTicker, Quote(100, 101));
  book_ = Book(90, 91);
  watch_.Check(kTicker);
  watch_.Forget(kTicker);
  thread_.Advance(seconds(5));
  EXPECT_TRUE(stalled_.empty());
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
