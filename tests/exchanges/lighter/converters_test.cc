#include "exchanges/lighter/utils/converters.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "exchanges/lighter/market_data/market_index.h"
#include "tests/exchanges/lighter/markets.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr TimeNs kNow = TimeNs::FromSeconds(1'780'000'000);

class ConvertersTest : public testing::Test {
 protected:
  const model::Instrument& At(const char* symbol) const { return *table_->Find(symbol); }

  const std::shared_ptr<const model::InstrumentTable> table_ = SampleMarkets();
};

void ExpectMalformed(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

TEST_F(ConvertersTest, AFigureThatIsNoNumberIsAnError) {
  wire::Stats stats;
  stats.mark_price = "soon";
  ExpectMalformed(ToTicker(stats, At("ETH-USDC-PERP"), kNow, kNow).status());
  ExpectMalformed(ToMarkPrice(stats, At("ETH-USDC-PERP")).status());
  stats.current_funding_rate = "0.1";
  ExpectMalformed(ToFundingRate(stats, At("ETH-USDC-PERP"), kNow).status());
}

TEST_F(ConvertersTest, AmountsBelowZeroAreErrorsAndChangesAreNot) {
  wire::Stats stats;
  stats.change = stats.current_funding_rate = "-0.1";
  EXPECT_TRUE(ToTicker(stats, At("ETH-USDC-PERP"), kNow, kNow).ok());
  for (auto wire::Stats::*const field :
       {&wire::Stats::last_trade_price, &wire::Stats::base_volume, &wire::Stats::quote_volume}) {
    wire::Stats negative = stats;
    negative.*field = "-1";
    ExpectMalformed(ToTicker(negative, At("ETH-USDC-PERP"), kNow, kNow).status());
  }
}

TEST_F(ConvertersTest, WhatStatisticsDoNotSayIsNotTold) {
  const auto ticker = ToTicker({}, At("ETH-USDC-PERP"), kNow, kNow);
  ASSERT_TRUE(ticker.ok());
  EXPECT_FALSE(ticker->last_price.has_value());
  EXPECT_FALSE(ToMarkPrice({}, At("ETH-USDC-PERP"))->has_value());
  EXPECT_FALSE(ToFundingRate({}, At("ETH-USDC-PERP"), kNow)->has_value());
}

TEST_F(ConvertersTest, ASpotMarketHasNoFiguresOfContracts) {
  wire::Stats stats;
  stats.last_trade_price = "3027.91";
  stats.mark_price = stats.index_price = stats.open_interest = stats.current_funding_rate = "1";
  const auto ticker = ToTicker(stats, At("ETH-USDC"), kNow, kNow);
  ASSERT_TRUE(ticker.ok());
  EXPECT_EQ(ticker->last_price->ToString(), "3027.91");
  EXPECT_FALSE(ticker->mark_price || ticker->index_price || ticker->open_interest ||
               ticker->funding_rate);
}

TEST_F(ConvertersTest, APaymentAtTheHourMeansTheNextHour) {
  wire::Stats stats;
  stats.current_funding_rate = "-0.0500";
  stats.mark_price = "0.0124";
  for (const std::int64_t late_ms : {0, 4, 3'599'999}) {
    stats.funding_time = TimeNs::FromMillis(1'763'532'000'000 + late_ms);
    const auto rate = ToFundingRate(stats, At("PEPE-USDC-PERP"), kNow);
    ASSERT_TRUE(rate.ok() && rate->has_value());
    EXPECT_EQ((*rate)->next_payment_time, TimeNs::FromSeconds(1'763'535'600));
    EXPECT_EQ((*rate)->rate.ToString(), "-0.0005");
    EXPECT_EQ((*rate)->mark_price->ToString(), "0.0000124");
  }
}

TEST_F(ConvertersTest, ATradeWithoutASizeIsAnErrorAndTheTakerIsTheOther) {
  wire::Trade trade;
  trade.id = "1";
  trade.price = "0.012345";
  trade.size = "0.0";
  const Units units = UnitsOf(At("PEPE-USDC-PERP"));
  ExpectMalformed(ToTrade(trade, units).status());
  trade.size = "2.5";
  auto sold = ToTrade(trade, units);
  ASSERT_TRUE(sold.ok()) << sold.status();
  EXPECT_EQ(sold->taker_side, model::Side::kSell);
  // 2500 tokens at 0.000012345.
  EXPECT_EQ(sold->price, 12'345);
  EXPECT_EQ(sold->quantity, 2'500);
  trade.is_maker_ask = true;
  EXPECT_EQ(ToTrade(trade, units)->taker_side, model::Side::kBuy);
}

TEST_F(ConvertersTest, AnEmptySideOfTheBestLevelsIsZero) {
  wire::Ticker ticker;
  ticker.nonce = 9;
  ticker.ask = {"2064.48", "0.4950"};
  const auto quote = ToQuote(ticker, At("ETH-USDC-PERP"), kNow);
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->bid, model::Level());
  EXPECT_EQ(quote->ask, (model::Level{206'448, 4'950}));
  EXPECT_EQ(quote->exchange_sequence, 9U);
  ticker.bid = {"2064.481", "1"};
  ExpectMalformed(ToQuote(ticker, At("ETH-USDC-PERP"), kNow).status());
}

TEST_F(ConvertersTest, ResolutionsGoBothWays) {
  const std::pair<const char*, std::uint32_t> rows[] = {
      {"1m", 60},     {"5m", 300},     {"15m", 900},   {"30m", 1'800},  {"1h", 3'600},
      {"4h", 14'400}, {"12h", 43'200}, {"1d", 86'400}, {"1w", 604'800},
  };
  for (const auto& [text, seconds] : rows) {
    EXPECT_EQ(IntervalSeconds(text), seconds);
    EXPECT_EQ(ResolutionText(seconds), text);
  }
  EXPECT_EQ(IntervalSeconds("2m"), std::nullopt);
  EXPECT_EQ(IntervalSeconds(""), std::nullopt);
  EXPECT_EQ(ResolutionText(120), "");
}

// Where a table is followed by another.

std::shared_ptr<const model::InstrumentTable> TableOf(model::Instrument instrument) {
  instrument.id.value = 0;
  auto table = model::InstrumentTable::Create({std::move(instrument)}, kNow);
  return table.ok() ? *std::move(table) : nullptr;
}

TEST_F(ConvertersTest, AnInstrumentWhoseScalesChangeIsToldAndAnIdGoesToTheMarketThatIsListed) {
  model::Instrument eth = At("ETH-USDC-PERP");
  MarketIndex index;
  EXPECT_TRUE(index.Update(TableOf(eth)).empty());
  EXPECT_TRUE(index.Update(TableOf(eth)).empty());
  EXPECT_EQ(index.Find(0), model::InstrumentId{0});
  EXPECT_EQ(index.Find(1), std::nullopt);
  eth.price_scale = 3;
  EXPECT_EQ(index.Update(TableOf(eth)).size(), 1U);
  EXPECT_EQ(index.units({0}).price_scale, 3);
  eth.exchange_id = "9";
  index.Update(TableOf(eth));
  EXPECT_EQ(index.Find(9), model::InstrumentId{0});
  EXPECT_EQ(index.Find(0), std::nullopt);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
