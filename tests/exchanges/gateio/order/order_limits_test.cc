#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "exchanges/gateio/order/order_limits.h"

namespace switchyard::exchanges::gateio {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds kStart = seconds(100);
const std::vector<std::string> kBitcoin = {"BTC-USDT"};

TEST(OrderLimitsTest, SpotPlacesAreTenASecondInEachMarket) {
  OrderLimits limits(Product::kSpot);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(limits.Admit(CommandKind::kPlace, true, kBitcoin, kStart).ok()) << i;
  }
  const absl::Status refused = limits.Admit(CommandKind::kPlace, false, kBitcoin, kStart);
  EXPECT_EQ(ReasonOf(refused), common::v1::ERROR_REASON_RATE_LIMITED);
  ASSERT_TRUE(RetryAfterOf(refused).has_value());
  EXPECT_GE(*RetryAfterOf(refused), seconds(1));
  EXPECT_LT(*RetryAfterOf(refused), milliseconds(1'100));
  EXPECT_TRUE(limits.Admit(CommandKind::kPlace, true, {"ETH-USDT"}, kStart).ok());
  EXPECT_TRUE(limits.Admit(CommandKind::kPlace, true, kBitcoin, kStart + milliseconds(1'100)).ok());
}

TEST(OrderLimitsTest, EachOrderOfABatchCounts) {
  OrderLimits limits(Product::kSpot);
  const std::vector<std::string> six(6, "BTC-USDT");
  EXPECT_TRUE(limits.Admit(CommandKind::kPlace, true, six, kStart).ok());
  EXPECT_FALSE(limits.Admit(CommandKind::kPlace, true, six, kStart).ok());
  const std::vector<std::string> four(4, "BTC-USDT");
  EXPECT_TRUE(limits.Admit(CommandKind::kPlace, true, four, kStart).ok());
}

TEST(OrderLimitsTest, CancelsPassWherePlacesDoNot) {
  OrderLimits limits(Product::kFutures);
  int places = 0;
  while (limits.Admit(CommandKind::kPlace, true, kBitcoin, kStart).ok()) ++places;
  // Of the socket's hundred, twenty are kept.
  EXPECT_EQ(places, 80);
  int cancels = 0;
  while (limits.Admit(CommandKind::kCancel, true, kBitcoin, kStart).ok()) ++cancels;
  EXPECT_EQ(cancels, 20);
  // Over REST cancels have a limit of their own.
  EXPECT_TRUE(limits.Admit(CommandKind::kCancel, false, kBitcoin, kStart).ok());
}

TEST(OrderLimitsTest, TheExchangesOwnCountCorrectsOurs) {
  OrderLimits limits(Product::kSpot);
  EXPECT_TRUE(limits.Admit(CommandKind::kPlace, true, kBitcoin, kStart).ok());
  limits.Settle(CommandKind::kPlace, kBitcoin,
                {.remaining = 0, .limit = std::nullopt, .reset_at = kStart + seconds(2)},
                std::nullopt, kStart);
  EXPECT_FALSE(limits.Admit(CommandKind::kPlace, true, kBitcoin, kStart + seconds(1)).ok());
  EXPECT_TRUE(limits.Admit(CommandKind::kPlace, true, kBitcoin, kStart + seconds(2)).ok());
}

TEST(OrderLimitsTest, ARefusalHoldsBackAsLongAsItSays) {
  OrderLimits limits(Product::kFutures);
  limits.Settle(CommandKind::kPlace, kBitcoin, {}, nanoseconds(seconds(3)), kStart);
  EXPECT_FALSE(limits.Admit(CommandKind::kPlace, true, kBitcoin, kStart + seconds(2)).ok());
  EXPECT_TRUE(limits.Admit(CommandKind::kCancel, true, kBitcoin, kStart + seconds(2)).ok());
  EXPECT_TRUE(limits.Admit(CommandKind::kPlace, true, kBitcoin, kStart + seconds(3)).ok());
}

TEST(OrderLimitsTest, HeadroomIsShown) {
  OrderLimits limits(Product::kSpot);
  EXPECT_TRUE(limits.Admit(CommandKind::kPlace, true, kBitcoin, kStart).ok());
  bool found = false;
  for (const exchange::LimitHeadroom& limit : limits.Headrooms(kStart)) {
    if (limit.name != "orders:place:BTC-USDT") continue;
    found = true;
    EXPECT_EQ(limit.remaining, 9u);
    EXPECT_EQ(limit.limit, 10u);
    EXPECT_EQ(limit.window_ms, 1'000u);
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
