#include "services/simulator/engine/market.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace switchyard::simulator::engine {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000'000'000;

MarketSpec Spec() { return {"BTC_USDT", 1, 6, 971'234, 5, 90'000}; }

std::map<std::pair<Side, std::int64_t>, std::int64_t> Levels(const Market& market) {
  std::map<std::pair<Side, std::int64_t>, std::int64_t> levels;
  for (const Side side : {Side::kBuy, Side::kSell}) {
    for (const Level& level : market.book().Levels(side)) {
      levels[{side, level.price}] = level.quantity;
    }
  }
  return levels;
}

TEST(MarketTest, NeverCrossedAndNeverThin) {
  Market market(Spec(), 1, kNow);
  for (int i = 0; i < 50'000; ++i) {
    market.Step(kNow + i);
    ASSERT_LT(market.book().Best(Side::kBuy), market.book().Best(Side::kSell)) << "step " << i;
    ASSERT_GE(market.book().Levels(Side::kBuy).size(), Market::kMinimumLevels) << "step " << i;
    ASSERT_GE(market.book().Levels(Side::kSell).size(), Market::kMinimumLevels) << "step " << i;
    ASSERT_GT(market.book().Levels(Side::kBuy).front().price, 0) << "step " << i;
  }
  EXPECT_GT(market.trades().back().id, market.trades().front().id);
}

TEST(MarketTest, TheSameSeedGivesTheSameMarket) {
  Market one(Spec(), 42, kNow);
  Market two(Spec(), 42, kNow);
  for (int i = 0; i < 5'000; ++i) {
    one.Step(kNow + i);
    two.Step(kNow + i);
  }
  EXPECT_EQ(Levels(one), Levels(two));
  EXPECT_EQ(one.sequence(), two.sequence());
  EXPECT_EQ(one.trades().back().price, two.trades().back().price);
}

TEST(MarketTest, AnotherSeedGivesAnotherMarket) {
  const Market one(Spec(), 42, kNow);
  const Market two(Spec(), 43, kNow);
  EXPECT_NE(Levels(one), Levels(two));
}

TEST(MarketTest, EachChangeOfALevelTakesOneIdAndTellsTheWholeTruth) {
  Market market(Spec(), 3, kNow);
  auto followed = Levels(market);
  for (int i = 0; i < 5'000; ++i) {
    const std::uint64_t before = market.sequence();
    market.Step(kNow + i);
    ASSERT_GE(market.changes().levels.size(), 1u);
    ASSERT_EQ(market.sequence(), before + market.changes().levels.size());
    for (const LevelChange& change : market.changes().levels) {
      followed[{change.side, change.price}] = change.quantity;
    }
  }
  std::erase_if(followed, [](const auto& row) { return row.second == 0; });
  EXPECT_EQ(followed, Levels(market));
}

TEST(MarketTest, AMoveTakesTheWholeBookThereAndKeepsItWhole) {
  for (const std::int32_t per_million : {50'000, -50'000, 400'000, -400'000}) {
    Market market(Spec(), 4, kNow);
    const std::int64_t before = market.book().Best(Side::kBuy);
    market.Move(per_million, kNow);
    const std::int64_t wanted = before + before * per_million / 1'000'000;
    EXPECT_NEAR(static_cast<double>(market.book().Best(Side::kBuy)), static_cast<double>(wanted),
                static_cast<double>(before) / 100);
    EXPECT_LT(market.book().Best(Side::kBuy), market.book().Best(Side::kSell));
    EXPECT_GE(market.book().Levels(Side::kSell).size(), Market::kMinimumLevels);
  }
}

TEST(MarketTest, TradesAreInCandlesAndDayStatistics) {
  Market market(Spec(), 5, kNow);
  market.Candles(60, kNow);
  const Int128 before = market.day().base_volume;
  while (market.changes().fills.empty()) market.Step(kNow);
  std::int64_t traded = 0;
  for (const Fill& fill : market.changes().fills) traded += fill.quantity;
  EXPECT_EQ(market.Candles(60, kNow).candles().back().base_volume, traded);
  EXPECT_EQ(market.day().base_volume, before + traded);
  EXPECT_EQ(market.day().last, market.changes().fills.back().price);
}

constexpr OrderId kOurs = kClientBit | 7;

// Adds up what a client's order had of the fills.
struct FillCounter final : MarketListener {
  void OnChange(Market& market) override {
    for (const Fill& fill : market.changes().fills) {
      if (fill.maker != kOurs) continue;
      filled += fill.quantity;
      EXPECT_TRUE(market.has_client_fills());
    }
  }
  std::int64_t filled = 0;
};

TEST(MarketTest, TheFlowFillsClientsOrdersAndNeverCancelsThem) {
  Market market(Spec(), 1, kNow);
  FillCounter counter;
  market.set_listener(&counter);
  constexpr std::int64_t kQuantity = 100'000'000;
  market.Submit({kOurs, Side::kBuy, market.book().Best(Side::kBuy), kQuantity}, kNow);
  for (int i = 0; i < 5'000; ++i) {
    market.Step(kNow);
    ASSERT_EQ(market.book().QuantityOf(kOurs) + counter.filled, kQuantity) << "step " << i;
  }
  EXPECT_GT(counter.filled, 0);
  market.set_listener(nullptr);
}

TEST(MarketTest, AMoveFillsWhatItCrosses) {
  Market market(Spec(), 1, kNow);
  FillCounter counter;
  market.set_listener(&counter);
  market.Submit({kOurs, Side::kBuy, market.book().Best(Side::kBuy) - 100, 500}, kNow);
  market.Move(-100'000, kNow);
  EXPECT_EQ(counter.filled, 500);
  EXPECT_EQ(market.book().QuantityOf(kOurs), 0);
  EXPECT_LT(market.book().Best(Side::kBuy), market.book().Best(Side::kSell));
  market.set_listener(nullptr);
}

TEST(MarketTest, ASweptSideComesBack) {
  Market market(Spec(), 1, kNow);
  const std::uint64_t before = market.sequence();
  market.Submit({kOurs, Side::kSell, 1, 1'000'000'000'000, Remainder::kCancelled}, kNow);
  EXPECT_GE(market.book().Levels(Side::kBuy).size(), Market::kMinimumLevels);
  EXPECT_LT(market.book().Best(Side::kBuy), market.book().Best(Side::kSell));
  EXPECT_EQ(market.sequence(), before + market.changes().levels.size());
}

TEST(MarketTest, ALessenedOrderKeepsItsPlace) {
  Market market(Spec(), 1, kNow);
  const std::int64_t price = market.book().Best(Side::kBuy);
  const std::int64_t total = market.book().QuantityAt(Side::kBuy, price);
  market.Submit({kOurs, Side::kBuy, price, 500}, kNow);
  EXPECT_TRUE(market.Reduce(kOurs, 200, kNow));
  EXPECT_EQ(market.book().QuantityAt(Side::kBuy, price), total + 200);
  EXPECT_TRUE(market.Cancel(kOurs, kNow));
  EXPECT_FALSE(market.Cancel(kOurs, kNow));
  EXPECT_EQ(market.book().QuantityAt(Side::kBuy, price), total);
}

}  // namespace
}  // namespace switchyard::simulator::engine
