#include "services/simulator/exchanges/lighter/limits.h"

#include <gtest/gtest.h>

#include "services/simulator/exchanges/lighter/socket_life.h"

namespace switchyard::simulator::lighter {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(RollingLimitTest, AllowsTheMaximumInAnyMinute) {
  RollingLimit limit(600);
  EXPECT_TRUE(limit.Spend("a", 300, 0));
  EXPECT_TRUE(limit.Spend("a", 300, 30 * kSecond));
  EXPECT_FALSE(limit.Spend("a", 1, 59 * kSecond));
  // The first has rolled out; the second has not.
  EXPECT_TRUE(limit.Spend("a", 300, 60 * kSecond));
  EXPECT_FALSE(limit.Spend("a", 1, 89 * kSecond));
}

TEST(RollingLimitTest, CountsEachByItself) {
  RollingLimit limit(10);
  EXPECT_TRUE(limit.Spend("a", 10, 0));
  EXPECT_FALSE(limit.Spend("a", 1, 0));
  EXPECT_TRUE(limit.Spend("b", 10, 0));
}

TEST(RollingLimitTest, ARefusalSpendsNothing) {
  RollingLimit limit(10);
  EXPECT_FALSE(limit.Spend("a", 11, 0));
  EXPECT_TRUE(limit.Spend("a", 10, 0));
}

TEST(WeightTest, IsThePagesOwn) {
  EXPECT_EQ(WeightOf("sendTx"), 6);
  EXPECT_EQ(WeightOf("nextNonce"), 6);
  EXPECT_EQ(WeightOf("recentTrades"), 600);
  EXPECT_EQ(WeightOf("accountInactiveOrders"), 100);
  EXPECT_EQ(WeightOf("orderBooks"), 300);
}

TEST(SocketLifeTest, PingsOnceAnInterval) {
  SocketLife life(0);
  EXPECT_EQ(life.Look(29 * kSecond), SocketLife::Duty::kNone);
  EXPECT_EQ(life.Look(30 * kSecond), SocketLife::Duty::kPing);
  EXPECT_EQ(life.Look(31 * kSecond), SocketLife::Duty::kNone);
  EXPECT_EQ(life.Look(60 * kSecond), SocketLife::Duty::kPing);
}

TEST(SocketLifeTest, CutsAClientThatIsSilentForTwoMinutes) {
  SocketLife life(0);
  life.OnFrame(10 * kSecond);
  EXPECT_NE(life.Look(129 * kSecond), SocketLife::Duty::kCut);
  EXPECT_EQ(life.Look(130 * kSecond), SocketLife::Duty::kCut);
}

TEST(SocketLifeTest, CutsEveryClientAfterADay) {
  SocketLife life(0);
  const std::int64_t day = 86'400 * kSecond;
  life.OnFrame(day - kSecond);
  EXPECT_NE(life.Look(day - 1), SocketLife::Duty::kCut);
  EXPECT_EQ(life.Look(day), SocketLife::Duty::kCut);
}

}  // namespace
}  // namespace switchyard::simulator::lighter
