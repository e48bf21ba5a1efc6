#include "services/order/risk/collar.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

using common::v1::SIDE_BUY;
using common::v1::SIDE_SELL;

struct Case {
  std::string name, bid, ask, collar, tick;
  common::v1::Side side;
  std::string want;
};

class WorstTickTest : public testing::TestWithParam<Case> {};

TEST_P(WorstTickTest, IsNeverMoreAggressiveThanTheCollar) {
  const Case& row = GetParam();
  const auto band = CollarBand({D(row.bid), D(row.ask)}, D(row.collar));
  ASSERT_TRUE(band.ok()) << band.status();
  const auto worst = WorstTick(*band, D(row.tick), row.side);
  ASSERT_TRUE(worst.ok()) << worst.status();
  EXPECT_EQ(worst->ToString(), row.want);
}

INSTANTIATE_TEST_SUITE_P(
    Sides, WorstTickTest,
    testing::Values(Case{"buy_on_a_tick", "99", "100", "0.05", "0.1", SIDE_BUY, "105.0"},
                    Case{"sell_on_a_tick", "100", "101", "0.05", "0.1", SIDE_SELL, "95.0"},
                    // 33.33 x 1.05 = 34.9965; 33.33 x 0.95 = 31.6635.
                    Case{"buy_down_to_a_tick", "33", "33.33", "0.05", "0.01", SIDE_BUY, "34.99"},
                    Case{"sell_up_to_a_tick", "33.33", "34", "0.05", "0.01", SIDE_SELL, "31.67"},
                    Case{"tiny_prices", "0.000000001", "0.000000002", "0.05", "0.000000001",
                         SIDE_BUY, "0.000000002"},
                    Case{"sell_with_a_collar_of_one", "100", "101", "1", "0.1", SIDE_SELL, "0.1"},
                    Case{"sell_with_a_collar_of_five", "100", "101", "5", "0.1", SIDE_SELL, "0.1"}),
    [](const auto& info) { return info.param.name; });

TEST(WorstTickTest, RefusesWhereNoTickIsWithin) {
  ExpectField(WorstTick({D("0.01"), D("0.05")}, D("0.1"), SIDE_BUY).status(), "worst_price");
}

TEST(CollarBandTest, RefusesWhatExceeds38Digits) {
  const Decimal huge = D(std::string(38, '9'));
  ExpectField(CollarBand({huge, huge}, D("0.05")).status(), "worst_price");
}

TEST(CollarBandTest, ReachesBelowTheBidAndAboveTheOffer) {
  const auto band = CollarBand({D("100"), D("110")}, D("0.1"));
  ASSERT_TRUE(band.ok()) << band.status();
  EXPECT_EQ(band->low, D("90"));
  EXPECT_EQ(band->high, D("121"));
}

}  // namespace
}  // namespace switchyard::order::risk
