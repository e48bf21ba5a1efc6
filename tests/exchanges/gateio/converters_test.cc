#include "exchanges/gateio/utils/converters.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/capabilities.h"
#include "tests/exchanges/gateio/instruments.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr Units kSpot = {.price_scale = 2, .quantity_scale = 6, .size_scale = 6, .size_factor = 1};
// Contracts of 0.0001 that may be split into tenths.
constexpr Units kSplit = {.price_scale = 1, .quantity_scale = 5, .size_scale = 1, .size_factor = 1};
// Contracts of 9.6.
constexpr Units kOdd = {.price_scale = 1, .quantity_scale = 1, .size_scale = 0, .size_factor = 96};

bool IsMalformed(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInternal &&
         ReasonOf(status) == common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE;
}

struct QuantityRow {
  std::string name, text;
  Units units;
  bool fits;
  std::int64_t quantity;
};

class QuantityTest : public testing::TestWithParam<QuantityRow> {};

TEST_P(QuantityTest, IsExactOrRefused) {
  const QuantityRow& row = GetParam();
  std::int64_t quantity = -77;
  EXPECT_EQ(ToQuantity(row.text, row.units, &quantity), row.fits);
  EXPECT_EQ(quantity, row.fits ? row.quantity : -77);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, QuantityTest,
    testing::Values(QuantityRow{"spot", "0.0001", kSpot, true, 100},
                    QuantityRow{"zero", "0", kSpot, true, 0},
                    QuantityRow{"trailing_zeros", "16.4700000000", kSpot, true, 16'470'000},
                    QuantityRow{"too_many_decimals", "0.0000001", kSpot, false, 0},
                    QuantityRow{"exponent", "1e-05", kSpot, true, 10},
                    QuantityRow{"exponent_too_fine", "1e-07", kSpot, false, 0},
                    QuantityRow{"large_exponent", "1.5E+3", kSpot, true, 1'500'000'000},
                    QuantityRow{"tenth_of_a_contract", "0.1", kSplit, true, 1},
                    QuantityRow{"split", "1053.5", kSplit, true, 10'535},
                    QuantityRow{"seller", "-108", kSplit, true, -1'080},
                    QuantityRow{"odd_multiplier", "5", kOdd, true, 480},
                    QuantityRow{"overflow_by_the_multiplier", "999999999999999999", kOdd, false, 0},
                    QuantityRow{"overflow", "99999999999999999999", kSpot, false, 0},
                    QuantityRow{"empty", "", kSpot, false, 0},
                    QuantityRow{"text", "many", kSpot, false, 0},
                    QuantityRow{"hexadecimal", "0x10", kSpot, false, 0},
                    QuantityRow{"space", " 1", kSpot, false, 0},
                    QuantityRow{"two_points", "1.2.3", kSpot, false, 0}),
    [](const auto& info) { return info.param.name; });

TEST(ConvertersTest, ALevelNeedsBothOfItsNumbers) {
  model::Level level{7, 7};
  EXPECT_TRUE(ToLevel({"19137.74", "0.5"}, kSpot, &level));
  EXPECT_EQ(level, (model::Level{1'913'774, 500'000}));
  EXPECT_TRUE(ToLevel({"1.913774e4", "0.5"}, kSpot, &level));
  EXPECT_EQ(level, (model::Level{1'913'774, 500'000}));
  EXPECT_FALSE(ToLevel({"19137.745", "0.5"}, kSpot, &level));
  EXPECT_FALSE(ToLevel({"19137.74", ""}, kSpot, &level));
  EXPECT_FALSE(ToLevel({"19137.75", "-0.5"}, kSpot, &level));
  EXPECT_FALSE(ToLevel({"-19137.75", "0.5"}, kSpot, &level));
  EXPECT_FALSE(ToLevel({"0", "0.5"}, kSpot, &level));
  EXPECT_EQ(level, (model::Level{1'913'774, 500'000}));
}

TEST(ConvertersTest, UnitsFollowFromTheInstrument) {
  const Units spot = UnitsOf(SpotInstrument("BTC_USDT"));
  EXPECT_EQ(spot.size_scale, 10);
  EXPECT_EQ(spot.size_factor, 1);
  const Units contracts = UnitsOf(FuturesInstrument("BTC_USDT", "0.0001"));
  EXPECT_EQ(contracts.size_scale, 2);
  EXPECT_EQ(contracts.size_factor, 1);
  EXPECT_EQ(contracts.quantity_scale, 6);
  const Units odd = UnitsOf(FuturesInstrument("A_USDT", "9.60"));
  EXPECT_EQ(odd.size_scale, 2);
  EXPECT_EQ(odd.size_factor, 96);
  const Units many = UnitsOf(FuturesInstrument("PEPE_USDT", "10000000"));
  EXPECT_EQ(many.size_factor, 10'000'000);
  EXPECT_EQ(many.quantity_scale, 2);
}

TEST(ConvertersTest, SymbolsSplitAtTheLastLine) {
  EXPECT_EQ(*CanonicalSymbol(Product::kSpot, "BTC_USDT"), "BTC-USDT");
  EXPECT_EQ(*CanonicalSymbol(Product::kFutures, "BTC_USDT"), "BTC-USDT-PERP");
  EXPECT_EQ(*CanonicalSymbol(Product::kSpot, "A_B_USDT"), "A_B-USDT");
  EXPECT_EQ(*CanonicalSymbol(Product::kFutures, "人生K线_USDT"), "人生K线-USDT-PERP");
  for (const char* const bad : {"", "BTC", "_USDT", "BTC_"}) {
    EXPECT_TRUE(IsMalformed(CanonicalSymbol(Product::kSpot, bad).status())) << bad;
  }
}

TEST(ConvertersTest, SidesAreTwoWords) {
  EXPECT_EQ(*ToSide("buy"), model::Side::kBuy);
  EXPECT_EQ(*ToSide("sell"), model::Side::kSell);
  for (const char* const bad : {"", "Buy", "bid", "0"}) {
    EXPECT_TRUE(IsMalformed(ToSide(bad).status())) << bad;
  }
}

TEST(ConvertersTest, SpotStatusesHaveOneRowEach) {
  using S = model::InstrumentStatus;
  EXPECT_EQ(ToSpotStatus("tradable"), S::kTrading);
  EXPECT_EQ(ToSpotStatus("untradable"), S::kHalted);
  EXPECT_EQ(ToSpotStatus("buyable"), S::kBuyOnly);
  EXPECT_EQ(ToSpotStatus("sellable"), S::kSellOnly);
  EXPECT_EQ(ToSpotStatus("auction"), S::kUnrecognised);
  EXPECT_EQ(ToSpotStatus(""), S::kUnrecognised);
}

TEST(ConvertersTest, FuturesStatusesHaveOneRowEach) {
  using S = model::InstrumentStatus;
  EXPECT_EQ(ToFuturesStatus("trading", false), S::kTrading);
  EXPECT_EQ(ToFuturesStatus("trading", true), S::kDelisting);
  EXPECT_EQ(ToFuturesStatus("prelaunch", false), S::kPrelaunch);
  EXPECT_EQ(ToFuturesStatus("delisting", false), S::kDelisting);
  EXPECT_EQ(ToFuturesStatus("delisted", false), S::kDelisted);
  EXPECT_EQ(ToFuturesStatus("circuit_breaker", false), S::kHalted);
  EXPECT_EQ(ToFuturesStatus("", false), S::kTrading);
  EXPECT_EQ(ToFuturesStatus("", true), S::kDelisting);
  EXPECT_EQ(ToFuturesStatus("paused", false), S::kUnrecognised);
}

TEST(ConvertersTest, IntervalsGoBothWaysAndMatchTheCapabilities) {
  for (const std::uint32_t seconds : tables::kCandleIntervals) {
    const std::string_view text = IntervalText(seconds);
    EXPECT_FALSE(text.empty()) << seconds;
    EXPECT_EQ(IntervalSeconds(text), seconds);
  }
  EXPECT_EQ(IntervalText(60), "1m");
  EXPECT_EQ(IntervalText(2'592'000), "30d");
  EXPECT_EQ(IntervalText(61), "");
  EXPECT_EQ(IntervalSeconds("2m"), std::nullopt);
  EXPECT_EQ(IntervalSeconds(""), std::nullopt);
}

TEST(ConvertersTest, TimesKeepTheirFractionToTheNanosecond) {
  EXPECT_EQ(TimeFromMillis("1606292218213.4578"), TimeNs(1'606'292'218'213'457'800));
  EXPECT_EQ(TimeFromMillis("1710327648162.035000"), TimeNs(1'710'327'648'162'035'000));
  EXPECT_EQ(TimeFromMillis("1"), TimeNs(1'000'000));
  EXPECT_EQ(TimeFromMillis("1.2345678"), TimeNs(1'234'567));
  EXPECT_EQ(TimeFromSeconds("1634350208.724"), TimeNs(1'634'350'208'724'000'000));
  EXPECT_EQ(TimeFromSeconds("0"), TimeNs(0));
  EXPECT_EQ(TimeFromSeconds("-1.5"), TimeNs(-1'500'000'000));
  EXPECT_EQ(TimeFromSeconds("7."), TimeNs(7'000'000'000));
}

TEST(ConvertersTest, WhatIsNoTimeOrDoesNotFitIsNone) {
  for (const char* const bad :
       {"", "-", ".5", "x", "1x", "1.5.5", "1 ", "99999999999", "9223372036854775808", "1e9"}) {
    EXPECT_EQ(TimeFromSeconds(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(TimeFromMillis("9300000000000"), std::nullopt);
  EXPECT_EQ(TimeFromMillis("-62135596800000"), std::nullopt);
}

TEST(ConvertersTest, ASpotTradeSaysItsSide) {
  wire::Trade trade;
  trade.id = "309143071";
  trade.price = "0.47";
  trade.size = "16.47";
  trade.side = "sell";
  const auto converted = ToTrade(trade, kSpot);
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_EQ(converted->taker_side, model::Side::kSell);
  EXPECT_EQ(converted->price, 47);
  EXPECT_EQ(converted->quantity, 16'470'000);
  EXPECT_EQ(converted->trade_id, "309143071");
  trade.side = "both";
  EXPECT_TRUE(IsMalformed(ToTrade(trade, kSpot).status()));
  trade.side = "buy";
  trade.size = "-1";
  EXPECT_TRUE(IsMalformed(ToTrade(trade, kSpot).status()));
  trade.size = "1";
  for (const char* const wrong : {"0", "-0.47"}) {
    trade.price = wrong;
    EXPECT_TRUE(IsMalformed(ToTrade(trade, kSpot).status())) << wrong;
  }
}

TEST(ConvertersTest, TheSignOfAFuturesTradeIsItsTaker) {
  wire::Trade trade;
  trade.price = "96.4";
  trade.size = "-108";
  EXPECT_EQ(ToTrade(trade, kSplit)->taker_side, model::Side::kSell);
  EXPECT_EQ(ToTrade(trade, kSplit)->quantity, 1'080);
  trade.size = "108";
  EXPECT_EQ(ToTrade(trade, kSplit)->taker_side, model::Side::kBuy);
  trade.size = "0";
  EXPECT_TRUE(IsMalformed(ToTrade(trade, kSplit).status()));
  trade.size = "-9223372036854775808";
  Units whole = kSplit;
  whole.size_scale = 0;
  EXPECT_TRUE(IsMalformed(ToTrade(trade, whole).status()));
}

TEST(ConvertersTest, AnEmptySideOfAQuoteIsZero) {
  wire::BookTicker ticker;
  ticker.id = 48'733'182;
  ticker.ask = {"19179.38", "0.09"};
  const auto quote = ToQuote(ticker, kSpot);
  ASSERT_TRUE(quote.ok()) << quote.status();
  EXPECT_EQ(quote->bid, model::Level());
  EXPECT_EQ(quote->ask, (model::Level{1'917'938, 90'000}));
  EXPECT_EQ(quote->exchange_sequence, 48'733'182u);
  EXPECT_EQ(quote->price_scale, 2);
  ticker.bid = {"nothing", "1"};
  EXPECT_TRUE(IsMalformed(ToQuote(ticker, kSpot).status()));
}

TEST(ConvertersTest, AFuturesTickerIsInBaseUnits) {
  wire::Ticker ticker;
  ticker.last = "65000.5";
  ticker.highest_bid = "65000.4";
  ticker.highest_size = "25";
  ticker.total_size = "736480";
  ticker.base_volume = "5526";
  ticker.change_percentage = "-1.8254";
  ticker.mark_price = "65001";
  ticker.index_price = "65002";
  ticker.funding_rate = "-0.000114";
  const model::Instrument contract = FuturesInstrument("BTC_USDT", "0.0001");
  const auto converted = ToTicker(ticker, contract, TimeNs(5), TimeNs(6));
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_EQ(converted->symbol, "BTC-USDT-PERP");
  EXPECT_EQ(converted->best_bid_quantity->ToShortString(), "0.0025");
  // As it is printed: without zeros that the multiplication has added.
  EXPECT_EQ(converted->open_interest->ToString(), "73.648");
  EXPECT_EQ(converted->base_volume_24h->ToShortString(), "5526");
  EXPECT_EQ(converted->change_24h->ToShortString(), "-0.018254");
  EXPECT_FALSE(converted->best_ask_price.has_value());
  EXPECT_EQ(converted->exchange_time, TimeNs(5));
  EXPECT_EQ(converted->receive_time, TimeNs(6));
  ticker.high_24h = "high";
  EXPECT_TRUE(IsMalformed(ToTicker(ticker, contract, {}, {}).status()));
}

TEST(ConvertersTest, ATickerOfNegativePricesOrQuantitiesIsMalformed) {
  const model::Instrument contract = FuturesInstrument("BTC_USDT", "0.0001");
  for (auto wire::Ticker::*const field :
       {&wire::Ticker::last, &wire::Ticker::highest_bid, &wire::Ticker::lowest_size,
        &wire::Ticker::base_volume, &wire::Ticker::mark_price, &wire::Ticker::total_size}) {
    wire::Ticker ticker;
    ticker.last = "65000.5";
    ticker.*field = "-1";
    EXPECT_TRUE(IsMalformed(ToTicker(ticker, contract, {}, {}).status()));
  }
}

TEST(ConvertersTest, MarkPriceAndFundingComeOutOfATicker) {
  const model::Instrument contract = FuturesInstrument("BTC_USDT", "0.0001");
  wire::Ticker ticker;
  EXPECT_FALSE(ToMarkPrice(ticker)->has_value());
  EXPECT_FALSE(ToFundingRate(ticker, contract, {}, {})->has_value());
  ticker.mark_price = "118.35";
  ticker.index_price = "118.36";
  ticker.funding_rate = "-1.14e-04";
  EXPECT_EQ((*ToMarkPrice(ticker))->mark_price.ToShortString(), "118.35");
  EXPECT_EQ((*ToMarkPrice(ticker))->index_price->ToShortString(), "118.36");
  const auto funding = ToFundingRate(ticker, contract, TimeNs(9), TimeNs(8));
  ASSERT_TRUE(funding.ok()) << funding.status();
  EXPECT_EQ((*funding)->rate.ToShortString(), "-0.000114");
  EXPECT_EQ((*funding)->interval_seconds, 28'800u);
  EXPECT_EQ((*funding)->kind, model::FundingRateKind::kPredicted);
  EXPECT_EQ((*funding)->next_payment_time, TimeNs(9));
  EXPECT_EQ((*funding)->receive_time, TimeNs(8));
  ticker.mark_price = "x";
  EXPECT_TRUE(IsMalformed(ToMarkPrice(ticker).status()));
}

wire::Candle Minute() {
  wire::Candle candle;
  candle.interval = "1m";
  candle.open_time = TimeNs::FromSeconds(60);
  candle.open = "1";
  candle.high = "4";
  candle.low = "0.5";
  candle.close = "2";
  candle.volume = "2362.5";
  return candle;
}

TEST(ConvertersTest, ASpotCandlesVolumeIsInQuoteUnits) {
  wire::Candle candle = Minute();
  candle.amount = "3.8283";
  candle.closed = true;
  const auto converted = ToCandle(candle, SpotInstrument("BTC_USDT"));
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_EQ(converted->quote_volume->ToShortString(), "2362.5");
  EXPECT_EQ(converted->base_volume->ToShortString(), "3.8283");
  EXPECT_EQ(converted->interval_seconds, 60u);
  EXPECT_TRUE(converted->closed);
}

TEST(ConvertersTest, AFuturesCandlesVolumeIsInContracts) {
  const auto converted = ToCandle(Minute(), FuturesInstrument("BTC_USDT", "0.0001"));
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_EQ(converted->base_volume->ToShortString(), "0.23625");
  EXPECT_FALSE(converted->quote_volume.has_value());
  EXPECT_FALSE(converted->closed);
}

TEST(ConvertersTest, ACandleWithoutANumberIsMalformed) {
  const model::Instrument contract = FuturesInstrument("BTC_USDT", "0.0001");
  wire::Candle candle = Minute();
  candle.interval = "1w";
  EXPECT_TRUE(IsMalformed(ToCandle(candle, contract).status()));
  candle = Minute();
  candle.high = "";
  EXPECT_TRUE(IsMalformed(ToCandle(candle, contract).status()));
}

TEST(ConvertersTest, ASpotCandleOfOlderEditionsHasNoBaseVolume) {
  const auto converted = ToCandle(Minute(), SpotInstrument("BTC_USDT"));
  ASSERT_TRUE(converted.ok()) << converted.status();
  EXPECT_FALSE(converted->base_volume.has_value());
  EXPECT_EQ(converted->quote_volume->ToShortString(), "2362.5");
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
