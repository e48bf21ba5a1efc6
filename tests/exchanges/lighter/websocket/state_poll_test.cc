#include "exchanges/lighter/websocket/state_poll.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/common/exchange/board_harness.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::Channel;
using exchange::DemandKey;
using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::MarketDataEvent;
using std::chrono::milliseconds;

constexpr char kSymbol[] = "BTC-USDT";  // the harness's instrument
const DemandKey kTicker{{}, Channel::kTicker, 0};
const DemandKey kMark{{}, Channel::kMarkPrice, 0};
const DemandKey kFunding{{}, Channel::kFundingRate, 0};

model::TickersReply Tickers(const char* last, const char* mark) {
  model::Ticker other, ticker;
  other.symbol = "AAVE-USDC-PERP";
  other.last_price = *Decimal::Parse("1");
  ticker.symbol = kSymbol;
  ticker.last_price = *Decimal::Parse(last);
  if (mark != nullptr) ticker.mark_price = *Decimal::Parse(mark);
  model::TickersReply reply;
  reply.tickers = {other, ticker};
  return reply;
}

class StatePollTest : public testing::Test {
 protected:
  exchange::BoardReader Read(Channel channel) {
    exchange::BoardReader reader = harness_.NewReader();
    harness_.Attach(reader, {.symbol = kSymbol, .channel = channel});
    return reader;
  }

  exchange::BoardHarness harness_;
  std::vector<exchange::Reply<model::TickersReply>> tickers_;        // asked for
  std::vector<exchange::Reply<model::FundingRatesReply>> fundings_;  // likewise
  bool useful_ = true;
  StatePoll poll_{*harness_.board,
                  harness_.server.clock(),
                  milliseconds(500),
                  {.tickers = [this](auto reply) { tickers_.push_back(std::move(reply)); },
                   .funding_rates = [this](auto reply) { fundings_.push_back(std::move(reply)); },
                   .useful = [this](const DemandKey&) { return useful_; }}};
};

TEST_F(StatePollTest, TopicsOfOneListShareARequest) {
  exchange::BoardReader ticker = Read(Channel::kTicker), mark = Read(Channel::kMarkPrice);
  poll_.Poll(kTicker, kSymbol);
  poll_.Poll(kMark, kSymbol);
  ASSERT_EQ(tickers_.size(), 1U);
  tickers_[0](Tickers("30000.5", "30001"));

  const MarketDataEvent told = ticker.Next();
  EXPECT_EQ(told.kind(), EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(told.ticker().last_price(), "30000.5");
  EXPECT_EQ(told.source(), common::v1::SOURCE_REST);
  EXPECT_EQ(mark.Next().mark_price().mark_price(), "30001");
}

TEST_F(StatePollTest, AnAnswerServesForAWhileAndNoLonger) {
  exchange::BoardReader ticker = Read(Channel::kTicker), mark = Read(Channel::kMarkPrice);
  poll_.Poll(kTicker, kSymbol);
  tickers_[0](Tickers("1", "2"));
  harness_.server.clock().Advance(milliseconds(499));
  poll_.Poll(kMark, kSymbol);
  EXPECT_EQ(tickers_.size(), 1U);
  EXPECT_EQ(mark.Next().mark_price().mark_price(), "2");

  harness_.server.clock().Advance(milliseconds(1));
  poll_.Poll(kMark, kSymbol);
  ASSERT_EQ(tickers_.size(), 2U);
  tickers_[1](Tickers("1", "3"));
  EXPECT_EQ(mark.Next().mark_price().mark_price(), "3");
}

TEST_F(StatePollTest, FundingRatesAreAListOfTheirOwn) {
  exchange::BoardReader funding = Read(Channel::kFundingRate);
  poll_.Poll(kFunding, kSymbol);
  EXPECT_TRUE(tickers_.empty());
  ASSERT_EQ(fundings_.size(), 1U);
  model::FundingRate rate;
  rate.symbol = kSymbol;
  rate.rate = *Decimal::Parse("0.0000125");
  rate.interval_seconds = 3'600;
  model::FundingRatesReply reply;
  reply.rates = {rate};
  fundings_[0](reply);
  const MarketDataEvent told = funding.Next();
  EXPECT_EQ(told.funding_rate().rate(), "0.0000125");
  EXPECT_EQ(told.funding_rate().rate_8h(), "0.0001");
}

TEST_F(StatePollTest, AFailureTellsNothingAndTheNextPollAsksAnew) {
  exchange::BoardReader ticker = Read(Channel::kTicker);
  poll_.Poll(kTicker, kSymbol);
  tickers_[0](absl::ResourceExhaustedError("the limit is used up"));
  poll_.Poll(kTicker, kSymbol);
  ASSERT_EQ(tickers_.size(), 2U);
  tickers_[1](Tickers("5", nullptr));
  EXPECT_EQ(ticker.Next().ticker().last_price(), "5");
}

TEST_F(StatePollTest, WhatRestDoesNotSayIsNotTold) {
  exchange::BoardReader mark = Read(Channel::kMarkPrice);
  poll_.Poll(kMark, kSymbol);
  tickers_[0](Tickers("5", nullptr));
  poll_.Poll(kMark, "DELISTED-USDC-PERP");
  // The socket's is the first that the reader hears.
  harness_.board->PublishMarkPrice({}, {*Decimal::Parse("9"), {}}, {});
  harness_.board->Flush();
  EXPECT_EQ(mark.Next().mark_price().mark_price(), "9");
}

TEST_F(StatePollTest, AnAnswerBehindTheSocketsReturnIsDropped) {
  exchange::BoardReader ticker = Read(Channel::kTicker);
  poll_.Poll(kTicker, kSymbol);
  useful_ = false;
  tickers_[0](Tickers("1", "2"));
  harness_.board->PublishTicker({}, Tickers("9", "9").tickers[1], {});
  harness_.board->Flush();
  EXPECT_EQ(ticker.Next().ticker().last_price(), "9");
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
