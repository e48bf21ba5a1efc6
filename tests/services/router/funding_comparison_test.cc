#include "services/router/funding_comparison.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace switchyard::router {
namespace {

using marketdata::v1::FundingRate;

FundingRate Rate(const std::string& exchange, const std::string& symbol, const std::string& rate_8h,
                 marketdata::v1::FundingRateKind kind = marketdata::v1::FUNDING_RATE_KIND_LAST) {
  FundingRate rate;
  rate.set_exchange(exchange);
  rate.set_symbol(symbol);
  rate.set_rate_8h(rate_8h);
  rate.set_kind(kind);
  return rate;
}

std::vector<std::string> Exchanges(const v1::FundingComparison& comparison) {
  std::vector<std::string> exchanges;
  for (const FundingRate& rate : comparison.rates()) exchanges.push_back(rate.exchange());
  return exchanges;
}

TEST(CompareFunding, PutsTheWidestSpreadFirst) {
  const auto comparisons =
      CompareFunding({Rate("a", "ETH-USDT-PERP", "0.0001"), Rate("b", "ETH-USDT-PERP", "0.0002"),
                      Rate("a", "BTC-USDT-PERP", "-0.0003"), Rate("b", "BTC-USDT-PERP", "0.0001"),
                      Rate("c", "BTC-USDC-PERP", "0.00005")},
                     {});
  ASSERT_EQ(comparisons.size(), 2u);
  EXPECT_EQ(comparisons[0].base(), "BTC");
  EXPECT_EQ(comparisons[0].spread_8h(), "0.0004");
  EXPECT_EQ(Exchanges(comparisons[0]), (std::vector<std::string>{"b", "c", "a"}));
  EXPECT_EQ(comparisons[1].base(), "ETH");
  EXPECT_EQ(comparisons[1].spread_8h(), "0.0001");
}

TEST(CompareFunding, PrefersThePredictedRate) {
  const auto comparisons = CompareFunding(
      {Rate("a", "BTC-USDT-PERP", "0.0001"),
       Rate("a", "BTC-USDT-PERP", "0.0009", marketdata::v1::FUNDING_RATE_KIND_PREDICTED)},
      {});
  ASSERT_EQ(comparisons.size(), 1u);
  ASSERT_EQ(comparisons[0].rates_size(), 1);
  EXPECT_EQ(comparisons[0].rates(0).rate_8h(), "0.0009");
  EXPECT_EQ(comparisons[0].spread_8h(), "0");
}

TEST(CompareFunding, KeepsToTheWantedBases) {
  const auto comparisons = CompareFunding(
      {Rate("a", "BTC-USDT-PERP", "0.1"), Rate("a", "ETH-USDT-PERP", "0.1")}, {"ETH"});
  ASSERT_EQ(comparisons.size(), 1u);
  EXPECT_EQ(comparisons[0].base(), "ETH");
}

TEST(CompareFunding, LeavesOutWhatCannotBeCompared) {
  EXPECT_TRUE(CompareFunding({Rate("a", "BTC-USDT-PERP", "")}, {}).empty());
}

}  // namespace
}  // namespace switchyard::router
