#include "services/simulator/engine/candles.h"

#include <gtest/gtest.h>

namespace switchyard::simulator::engine {
namespace {

constexpr std::int64_t kNow = 1'700'000'030;

CandleSeries MakeSeries(std::int64_t interval_s) {
  return CandleSeries(interval_s, 9, kNow, {1000, 20, 50});
}

TEST(CandlesTest, ThePastHasNoHolesAndEndsAtTheStartPrice) {
  const CandleSeries series = MakeSeries(60);
  ASSERT_EQ(series.candles().size(), CandleSeries::kKept);
  for (std::size_t i = 1; i < series.candles().size(); ++i) {
    const Candle& candle = series.candles()[i];
    ASSERT_EQ(candle.start_s, series.candles()[i - 1].start_s + 60);
    ASSERT_EQ(candle.open, series.candles()[i - 1].close);
    ASSERT_GE(candle.high, std::max(candle.open, candle.close));
    ASSERT_LE(candle.low, std::min(candle.open, candle.close));
    ASSERT_GT(candle.low, 0);
  }
  EXPECT_EQ(series.candles().back().close, 1000);
  EXPECT_EQ(series.candles().back().start_s, kNow - kNow % 60);
}

TEST(CandlesTest, NoCandleIsOlderThanTheExchange) {
  const CandleSeries series = MakeSeries(2'592'000);
  EXPECT_GE(series.candles().front().start_s, 1'483'228'800);
  EXPECT_LT(series.candles().size(), CandleSeries::kKept);
}

TEST(CandlesTest, TradesFillTheOpenCandle) {
  CandleSeries series = MakeSeries(60);
  series.Add(kNow, 1010, 3);
  series.Add(kNow, 990, 2);
  const Candle& candle = series.candles().back();
  EXPECT_EQ(candle.open, 1010);
  EXPECT_EQ(candle.high, 1010);
  EXPECT_EQ(candle.low, 990);
  EXPECT_EQ(candle.close, 990);
  EXPECT_EQ(candle.base_volume, 5);
  EXPECT_EQ(candle.quote_volume, 1010 * 3 + 990 * 2);
}

TEST(CandlesTest, TimeWithoutTradesRepeatsTheClose) {
  CandleSeries series = MakeSeries(60);
  series.Add(kNow, 1010, 3);
  series.RollTo(kNow + 180);
  const auto& candles = series.candles();
  EXPECT_EQ(candles.back().start_s - candles[candles.size() - 4].start_s, 180);
  EXPECT_EQ(candles.back().open, 1010);
  EXPECT_EQ(candles.back().base_volume, 0);
}

TEST(CandlesTest, ALongSilenceKeepsTheBound) {
  CandleSeries series = MakeSeries(60);
  series.RollTo(kNow + 60 * 100'000);
  EXPECT_EQ(series.candles().size(), CandleSeries::kKept);
  EXPECT_EQ(series.candles().back().start_s, (kNow + 60 * 100'000) / 60 * 60);
}

}  // namespace
}  // namespace switchyard::simulator::engine
