#include "common/exchange/market_data_proto.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace switchyard::exchange {
namespace {

Decimal Number(std::string_view text) { return Decimal::Parse(text).value(); }

TEST(MarketDataProtoTest, EverySourceHasItsWord) {
  EXPECT_EQ(ToProto(model::Source::kWebSocket), common::v1::SOURCE_WEBSOCKET);
  EXPECT_EQ(ToProto(model::Source::kCache), common::v1::SOURCE_CACHE);
  EXPECT_EQ(ToProto(model::Source::kRest), common::v1::SOURCE_REST);
}

TEST(MarketDataProtoTest, EverySideHasItsWord) {
  EXPECT_EQ(ToProto(model::Side::kBuy), common::v1::SIDE_BUY);
  EXPECT_EQ(ToProto(model::Side::kSell), common::v1::SIDE_SELL);
}

TEST(MarketDataProtoTest, LevelsKeepTheirOrderAndScales) {
  marketdata::v1::OrderBookLevels levels;
  const std::vector<model::Level> bids = {{101, 5}, {100, 6}};
  const std::vector<model::Level> asks = {{102, 7}};
  FillLevels(bids, asks, 2, 8, levels);
  EXPECT_EQ(levels.price_exponent(), -2);
  EXPECT_EQ(levels.quantity_exponent(), -8);
  EXPECT_EQ(std::vector(levels.bid_price_mantissas().begin(), levels.bid_price_mantissas().end()),
            (std::vector<std::int64_t>{101, 100}));
  EXPECT_EQ(
      std::vector(levels.bid_quantity_mantissas().begin(), levels.bid_quantity_mantissas().end()),
      (std::vector<std::int64_t>{5, 6}));
  ASSERT_EQ(levels.ask_price_mantissas_size(), 1);
  EXPECT_EQ(levels.ask_price_mantissas(0), 102);
  EXPECT_EQ(levels.ask_quantity_mantissas(0), 7);
}

TEST(MarketDataProtoTest, AQuoteWithAnEmptySideHasZeroes) {
  marketdata::v1::BestBidOffer message;
  model::Quote quote;
  quote.bid = {101, 5};
  quote.price_scale = 1;
  quote.quantity_scale = 3;
  quote.exchange_sequence = 9;
  FillQuote(quote, message);
  EXPECT_EQ(message.bid_price_mantissa(), 101);
  EXPECT_EQ(message.bid_quantity_mantissa(), 5);
  EXPECT_EQ(message.ask_price_mantissa(), 0);
  EXPECT_EQ(message.ask_quantity_mantissa(), 0);
  EXPECT_EQ(message.price_exponent(), -1);
  EXPECT_EQ(message.quantity_exponent(), -3);
  EXPECT_EQ(message.exchange_sequence(), 9U);
}

TEST(MarketDataProtoTest, TradesAreSpeltWhole) {
  marketdata::v1::Trades message;
  const std::vector<model::Trade> trades = {{"id-1", model::Side::kSell, 101, 5, TimeNs(77)}};
  FillTrades(trades, {1, 3, 1, 3}, message);
  ASSERT_EQ(message.trades_size(), 1);
  EXPECT_EQ(message.trades(0).trade_id(), "id-1");
  EXPECT_EQ(message.trades(0).taker_side(), common::v1::SIDE_SELL);
  EXPECT_EQ(message.trades(0).price_mantissa(), 101);
  EXPECT_EQ(message.trades(0).quantity_mantissa(), 5);
  EXPECT_EQ(message.trades(0).exchange_time_ns(), 77);
}

TEST(MarketDataProtoTest, WhatATickerLacksIsEmptyAndZeroIsNot) {
  marketdata::v1::Ticker message;
  model::Ticker ticker;
  ticker.symbol = "BTC-USDT";
  ticker.last_price = Number("60000.10");
  ticker.change_24h = Number("0");
  FillTicker("acme", ticker, message);
  EXPECT_EQ(message.exchange(), "acme");
  EXPECT_EQ(message.symbol(), "BTC-USDT");
  EXPECT_EQ(message.last_price(), "60000.10");
  EXPECT_EQ(message.change_24h(), "0");
  EXPECT_EQ(message.mark_price(), "");
  EXPECT_EQ(message.best_bid_price(), "");
}

TEST(MarketDataProtoTest, ACandleIsSpeltWhole) {
  marketdata::v1::Candle message;
  model::Candle candle;
  candle.open_time = TimeNs::FromSeconds(60);
  candle.interval_seconds = 60;
  candle.open = Number("1.0");
  candle.high = Number("2.0");
  candle.low = Number("0.5");
  candle.close = Number("1.5");
  candle.base_volume = Number("10");
  candle.closed = true;
  FillCandle(candle, message);
  EXPECT_EQ(message.open_time_ns(), 60'000'000'000);
  EXPECT_EQ(message.interval_seconds(), 60U);
  EXPECT_EQ(message.open() + message.high() + message.low() + message.close(), "1.02.00.51.5");
  EXPECT_EQ(message.base_volume(), "10");
  EXPECT_EQ(message.quote_volume(), "");
  EXPECT_TRUE(message.closed());
}

TEST(MarketDataProtoTest, AMarkPriceMayLackItsIndex) {
  marketdata::v1::MarkPrice message;
  FillMarkPrice({Number("60000.5"), std::nullopt}, message);
  EXPECT_EQ(message.mark_price(), "60000.5");
  EXPECT_EQ(message.index_price(), "");
  FillMarkPrice({Number("60000.5"), Number("60001")}, message);
  EXPECT_EQ(message.index_price(), "60001");
}

TEST(MarketDataProtoTest, AFundingRateIsComparedPer8HoursWhereItCanBe) {
  marketdata::v1::FundingRate message;
  model::FundingRate rate;
  rate.symbol = "BTC-USDT-PERP";
  rate.rate = Number("-0.0001");
  rate.kind = model::FundingRateKind::kLast;
  FillFundingRate("acme", rate, message);
  EXPECT_EQ(message.rate_8h(), "");
  EXPECT_EQ(message.kind(), marketdata::v1::FUNDING_RATE_KIND_LAST);
  rate.interval_seconds = 3'600;
  rate.kind = model::FundingRateKind::kPredicted;
  rate.next_payment_time = TimeNs(5);
  FillFundingRate("acme", rate, message);
  EXPECT_EQ(message.rate(), "-0.0001");
  EXPECT_EQ(message.rate_8h(), "-0.0008");
  EXPECT_EQ(message.kind(), marketdata::v1::FUNDING_RATE_KIND_PREDICTED);
  EXPECT_EQ(message.next_payment_time_ns(), 5);
}

// "Each overwrites its target's fields": a reused message keeps nothing of the one before.
TEST(MarketDataProtoTest, AReusedMessageKeepsNothing) {
  const std::vector<model::Level> one = {{100, 1}};
  marketdata::v1::OrderBookLevels levels;
  FillLevels(one, one, 2, 8, levels);
  FillLevels(one, {}, 2, 8, levels);
  EXPECT_EQ(levels.bid_price_mantissas_size(), 1);
  EXPECT_EQ(levels.ask_price_mantissas_size(), 0);
  const std::vector<model::Trade> trades = {{"id-1", model::Side::kSell, 101, 5, TimeNs(77)}};
  marketdata::v1::Trades message;
  FillTrades(trades, {1, 3, 1, 3}, message);
  FillTrades(trades, {1, 3, 1, 3}, message);
  EXPECT_EQ(message.trades_size(), 1);
  marketdata::v1::FundingRate funding;
  funding.set_rate_8h("1");
  FillFundingRate("acme", {}, funding);
  EXPECT_EQ(funding.rate_8h(), "");
}

// An instrument whose books may be finer than its tick of 0.1 and its step of 0.0001.
model::Instrument FineInstrument() {
  model::Instrument instrument;
  instrument.tick = *Decimal::Parse("0.1");
  instrument.step = *Decimal::Parse("0.0001");
  instrument.price_scale = 3;
  instrument.quantity_scale = 10;
  return instrument;
}

model::Trade TradeAt(std::int64_t price, std::int64_t quantity) {
  return {"1", model::Side::kBuy, price, quantity, TimeNs(1)};
}

TEST(ScalesTest, TradesAreToldAtTickAndStepWhereThatIsExact) {
  marketdata::v1::Trades message;
  const std::vector<model::Trade> trades = {TradeAt(97'123'500, 120'000'000),
                                            TradeAt(97'124'000, 10'000'000'000)};
  FillTrades(trades, ScalesOf(FineInstrument()), message);
  EXPECT_EQ(message.price_exponent(), -1);
  EXPECT_EQ(message.quantity_exponent(), -4);
  EXPECT_EQ(message.trades(0).price_mantissa(), 971'235);
  EXPECT_EQ(message.trades(0).quantity_mantissa(), 120);
  EXPECT_EQ(message.trades(1).price_mantissa(), 971'240);
  EXPECT_EQ(message.trades(1).quantity_mantissa(), 10'000);
}

TEST(ScalesTest, AFinerTradeKeepsEveryDigitOfAll) {
  marketdata::v1::Trades message;
  const std::vector<model::Trade> trades = {TradeAt(97'123'500, 120'000'000),
                                            TradeAt(97'123'450, 1)};
  FillTrades(trades, ScalesOf(FineInstrument()), message);
  EXPECT_EQ(message.price_exponent(), -2);
  EXPECT_EQ(message.quantity_exponent(), -10);
  EXPECT_EQ(message.trades(0).price_mantissa(), 9'712'350);
  EXPECT_EQ(message.trades(1).price_mantissa(), 9'712'345);
  EXPECT_EQ(message.trades(1).quantity_mantissa(), 1);
}

TEST(ScalesTest, WithoutATickNothingIsCut) {
  marketdata::v1::Trades message;
  model::Instrument instrument = FineInstrument();
  instrument.tick = instrument.step = Decimal();
  FillTrades(std::vector<model::Trade>{TradeAt(1'000, 1'000)}, ScalesOf(instrument), message);
  EXPECT_EQ(message.price_exponent(), -3);
  EXPECT_EQ(message.quantity_exponent(), -10);
}

TEST(ScalesTest, APageIsShortenedAsAnEventIs) {
  model::TradesPage page;
  page.price_scale = 3;
  page.quantity_scale = 10;
  page.trades = {TradeAt(97'123'500, 120'000'000), TradeAt(5'000, 1'000'000)};
  Shorten(ScalesOf(FineInstrument()), page);
  EXPECT_EQ(page.price_scale, 1);
  EXPECT_EQ(page.quantity_scale, 4);
  EXPECT_EQ(page.trades[0].price, 971'235);
  EXPECT_EQ(page.trades[1].price, 50);
  EXPECT_EQ(page.trades[0].quantity, 120);
  EXPECT_EQ(page.trades[1].quantity, 1);
}

}  // namespace
}  // namespace switchyard::exchange
