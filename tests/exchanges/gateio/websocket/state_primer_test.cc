#include "exchanges/gateio/websocket/state_primer.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "exchanges/gateio/channels.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::StreamKey;

constexpr model::InstrumentId kId{2};
constexpr StreamKey kQuotes{static_cast<std::uint8_t>(Channel::kBookTicker), kId, 0};
constexpr StreamKey kTickers{static_cast<std::uint8_t>(Channel::kTickers), kId, 0};
constexpr StreamKey kCandles{static_cast<std::uint8_t>(Channel::kCandles), kId, 60};
constexpr StreamKey kTrades{static_cast<std::uint8_t>(Channel::kTrades), kId, 0};

// The thread is not started: the test runs its io_context.
class StatePrimerTest : public testing::Test {
 protected:
  static BookSnapshot Book() {
    BookSnapshot book;
    book.id = 77;
    book.time = TimeNs(5);
    book.bids = {{100, 1}, {99, 2}};
    book.asks = {{101, 3}};
    return book;
  }
  void Confirm(const StreamKey& key) {
    confirmed_.insert(key);
    primer_.OnConfirmed(key);
  }

  // Loses the socket and has another.
  void Reconnect(const StreamKey& key) {
    confirmed_.erase(key);
    primer_.Forget(key);
    Confirm(key);
  }
  // Fires the timer that is under way.
  void Wait() { thread_.io().run_one(); }

  std::set<StreamKey> confirmed_, in_need_{kQuotes, kTickers, kCandles, kTrades};
  std::optional<BookSnapshot> kept_;
  std::vector<exchange::Reply<BookSnapshot>> books_;
  std::vector<exchange::Reply<model::Ticker>> tickers_;
  std::vector<std::pair<exchange::CandlesQuery, exchange::Reply<model::CandlesPage>>> candles_;
  std::vector<model::Quote> quotes_;
  int told_tickers_ = 0;
  int told_pages_ = 0;
  bool quote_is_news_ = true;
  bool candles_are_complete_ = true;
  exchange::IoThread thread_{"primer"};
  SocketReads reads_{
      .book = [this](model::InstrumentId,
                     exchange::Reply<BookSnapshot> reply) { books_.push_back(std::move(reply)); },
      .trades = {},
      .ticker = [this](
                    model::InstrumentId,
                    exchange::Reply<model::Ticker> reply) { tickers_.push_back(std::move(reply)); },
      .candles =
          [this](model::InstrumentId, exchange::CandlesQuery query,
                 exchange::Reply<model::CandlesPage> reply) {
            candles_.emplace_back(std::move(query), std::move(reply));
          }};
  StatePrimer primer_{
      thread_,
      reads_,
      {.is_confirmed = [this](const StreamKey& key) { return confirmed_.contains(key); },
       .needs_state = [this](const StreamKey& key) { return in_need_.contains(key); },
       .kept_book = [this](model::InstrumentId) { return kept_; },
       .units = [](model::InstrumentId) { return Units{.price_scale = 2, .quantity_scale = 4}; },
       .missing_candles =
           [this](const StreamKey& key) {
             exchange::CandlesQuery query;
             query.interval_seconds = key.parameter;
             query.page_token = std::to_string(told_pages_);
             return query;
           },
       .publish_quote =
           [this](model::InstrumentId id, const model::Quote& quote) {
             EXPECT_EQ(id, kId);
             if (!quote_is_news_) return false;
             quotes_.push_back(quote);
             in_need_.erase(kQuotes);
             return true;
           },
       .publish_ticker = [this](model::InstrumentId, const model::Ticker&) { ++told_tickers_; },
       .publish_candles =
           [this](const StreamKey& key, const model::CandlesPage&) {
             EXPECT_EQ(key, kCandles);
             ++told_pages_;
             return candles_are_complete_;
           }},
      std::chrono::milliseconds(1)};
};

TEST_F(StatePrimerTest, AQuietQuoteIsReadOnceItsStreamIsConfirmed) {
  Confirm(kQuotes);
  ASSERT_EQ(books_.size(), 1U);
  books_[0](Book());
  ASSERT_EQ(quotes_.size(), 1U);
  EXPECT_EQ(quotes_[0].bid, (model::Level{100, 1}));
  EXPECT_EQ(quotes_[0].ask, (model::Level{101, 3}));
  EXPECT_EQ(quotes_[0].price_scale, 2);
  EXPECT_EQ(quotes_[0].quantity_scale, 4);
  EXPECT_EQ(quotes_[0].exchange_sequence, 77U);
  EXPECT_EQ(quotes_[0].exchange_time, TimeNs(5));
  EXPECT_EQ(quotes_[0].source, model::Source::kRest);
}

TEST_F(StatePrimerTest, AKeptBookSparesTheRead) {
  kept_ = Book();
  Confirm(kQuotes);
  EXPECT_TRUE(books_.empty());
  ASSERT_EQ(quotes_.size(), 1U);
  EXPECT_EQ(quotes_[0].source, model::Source::kWebSocket);
}

TEST_F(StatePrimerTest, ATickerIsReadToo) {
  Confirm(kTickers);
  ASSERT_EQ(tickers_.size(), 1U);
  tickers_[0](model::Ticker());
  EXPECT_EQ(told_tickers_, 1);
}

TEST_F(StatePrimerTest, WhatHasAStateOrHasNoneIsNotRead) {
  in_need_.erase(kQuotes);
  Confirm(kQuotes);
  Confirm(kTrades);
  EXPECT_TRUE(books_.empty());
  EXPECT_TRUE(tickers_.empty());
}

TEST_F(StatePrimerTest, TheStreamsOwnWordIsNotOverwrittenByALateAnswer) {
  Confirm(kQuotes);
  in_need_.erase(kQuotes);
  books_[0](Book());
  EXPECT_TRUE(quotes_.empty());
}

TEST_F(StatePrimerTest, AnAnswerOfAnEarlierSocketIsDropped) {
  Confirm(kQuotes);
  confirmed_.clear();
  books_[0](Book());
  EXPECT_TRUE(quotes_.empty());
}

// The second socket has asked for itself: the first one's answer was made before the loss.
TEST_F(StatePrimerTest, AnAnswerOfAnEarlierSocketIsDroppedWhereThereIsAnother) {
  Confirm(kCandles);
  Reconnect(kCandles);
  ASSERT_EQ(candles_.size(), 2U);
  candles_[0].second(model::CandlesPage());
  EXPECT_EQ(told_pages_, 0);
  candles_[1].second(model::CandlesPage());
  EXPECT_EQ(told_pages_, 1);
}

TEST_F(StatePrimerTest, CandlesAreReadPageByPageUntilTheyAreComplete) {
  candles_are_complete_ = false;
  Confirm(kCandles);
  ASSERT_EQ(candles_.size(), 1U);
  EXPECT_EQ(candles_[0].first.interval_seconds, 60U);
  candles_[0].second(model::CandlesPage());
  ASSERT_EQ(candles_.size(), 2U);
  EXPECT_EQ(candles_[1].first.page_token, "1");
  candles_are_complete_ = true;
  candles_[1].second(model::CandlesPage());
  EXPECT_EQ(candles_.size(), 2U);
  EXPECT_EQ(told_pages_, 2);
}

TEST_F(StatePrimerTest, CandlesThatCannotBeReadAreAskedForAgain) {
  Confirm(kCandles);
  candles_[0].second(absl::UnavailableError("down"));
  Wait();
  ASSERT_EQ(candles_.size(), 2U);
  candles_[1].second(model::CandlesPage());
  EXPECT_EQ(told_pages_, 1);
}

TEST_F(StatePrimerTest, AStalledStreamIsCaughtUpWithOnceItTellsSomething) {
  primer_.OnWaiting(kCandles);
  EXPECT_TRUE(candles_.empty());
  primer_.OnStalled(kCandles);
  Confirm(kCandles);
  EXPECT_TRUE(candles_.empty());
  primer_.OnWaiting(kCandles);
  primer_.OnWaiting(kCandles);
  EXPECT_EQ(candles_.size(), 1U);
}

TEST_F(StatePrimerTest, AReadQuoteThatIsOlderThanTheLastIsReadAgain) {
  kept_ = Book();
  quote_is_news_ = false;
  Confirm(kQuotes);
  EXPECT_TRUE(books_.empty());
  kept_.reset();
  Wait();
  ASSERT_EQ(books_.size(), 1U);
  books_[0](Book());
  Wait();
  ASSERT_EQ(books_.size(), 2U);
  quote_is_news_ = true;
  books_[1](Book());
  EXPECT_EQ(quotes_.size(), 1U);
}

TEST_F(StatePrimerTest, AFailureIsTriedAgain) {
  Confirm(kQuotes);
  books_[0](absl::UnavailableError("down"));
  Wait();
  ASSERT_EQ(books_.size(), 2U);
  books_[1](Book());
  EXPECT_EQ(quotes_.size(), 1U);
}

TEST_F(StatePrimerTest, AFailureIsNotTriedAgainSoonerThanTheExchangeAllows) {
  Confirm(kQuotes);
  books_[0](WithRetryAfter(absl::ResourceExhaustedError("slow down"), std::chrono::hours(1)));
  EXPECT_EQ(thread_.io().run_one_for(std::chrono::milliseconds(20)), 0U);
  EXPECT_EQ(books_.size(), 1U);
}

TEST_F(StatePrimerTest, WhatTheStreamToldMeanwhileIsNotTriedAgain) {
  Confirm(kQuotes);
  books_[0](absl::UnavailableError("down"));
  in_need_.erase(kQuotes);
  Wait();
  EXPECT_EQ(books_.size(), 1U);
}

TEST_F(StatePrimerTest, WhatNobodyWantsAnyMoreIsNotTriedAgain) {
  Confirm(kQuotes);
  books_[0](absl::UnavailableError("down"));
  primer_.Forget(kQuotes);
  thread_.io().poll();
  EXPECT_EQ(books_.size(), 1U);
}

// It was acknowledged before and told nothing: only data shows that it lives.
TEST_F(StatePrimerTest, AStalledStreamIsNotPrimedUntilItHasANewSocket) {
  primer_.OnStalled(kQuotes);
  Confirm(kQuotes);
  EXPECT_TRUE(books_.empty());
  primer_.Forget(kQuotes);
  Confirm(kQuotes);
  EXPECT_EQ(books_.size(), 1U);
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
