#include "services/market_data/order_price.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace switchyard::market_data {
namespace {

Decimal MustParse(std::string_view text) { return *Decimal::Parse(text); }

struct Case {
  std::string name;
  model::Side side;
  std::string quantity;
  std::string tick;
  // Empty: none.
  std::string post_only;
  std::string worst;
  std::string average;
  model::BookView book;
};

// Prices in tenths, quantities in thousandths.
model::BookView Book(std::vector<model::Level> bids, std::vector<model::Level> asks) {
  model::BookView book;
  book.bids = std::move(bids);
  book.asks = std::move(asks);
  book.price_scale = 1;
  book.quantity_scale = 3;
  return book;
}

class OrderPriceTest : public ::testing::TestWithParam<Case> {};

TEST_P(OrderPriceTest, IsExactAndNeverInTheOrdersFavour) {
  model::Instrument instrument;
  instrument.tick = MustParse(GetParam().tick);
  const auto price =
      PriceOrder(GetParam().book, instrument, GetParam().side, MustParse(GetParam().quantity));
  ASSERT_TRUE(price.ok()) << price.status();
  EXPECT_EQ(price->post_only ? price->post_only->ToString() : "", GetParam().post_only);
  EXPECT_EQ(price->worst.ToString(), GetParam().worst);
  EXPECT_EQ(price->average.ToShortString(), GetParam().average);
}

constexpr auto kBuy = model::Side::kBuy;
constexpr auto kSell = model::Side::kSell;

INSTANTIATE_TEST_SUITE_P(
    Orders, OrderPriceTest,
    ::testing::Values(Case{"buy_within_the_first_level", kBuy, "0.5", "0.1", "100.1", "100.2",
                           "100.2", Book({{1000, 2000}}, {{1002, 1000}})},
                      Case{"buy_exactly_the_first_level", kBuy, "1", "0.1", "100.1", "100.2",
                           "100.2", Book({{1000, 2000}}, {{1002, 1000}, {1003, 1000}})},
                      Case{"buy_average_rounds_up", kBuy, "3", "0.1", "100.1", "100.3",
                           "100.266666667", Book({{1000, 2000}}, {{1002, 1000}, {1003, 3000}})},
                      Case{"sell_average_rounds_down", kSell, "3", "0.1", "100.1", "99.9",
                           "99.966666666", Book({{1000, 2000}, {999, 5000}}, {{1002, 1000}})},
                      Case{"spread_of_one_tick_rests_at_the_own_best", kBuy, "1", "0.1", "100.1",
                           "100.2", "100.2", Book({{1001, 1}}, {{1002, 1000}})},
                      Case{"sell_rests_one_tick_above_the_best_bid", kSell, "1", "0.1", "100.1",
                           "100.0", "100", Book({{1000, 2000}}, {})},
                      Case{"best_ask_off_the_tick", kBuy, "1", "0.5", "100.0", "100.2", "100.2",
                           Book({}, {{1002, 1000}})},
                      Case{"best_bid_off_the_tick", kSell, "1", "0.5", "100.5", "100.2", "100.2",
                           Book({{1002, 1000}}, {})},
                      Case{"no_tick_left_below_the_ask", kBuy, "1", "0.1", "", "0.1", "0.1",
                           Book({}, {{1, 1000}})}),
    [](const auto& info) { return info.param.name; });

TEST(PriceOrderTest, PricesHaveTheTicksDecimals) {
  model::Instrument instrument;
  instrument.tick = MustParse("0.01");
  model::BookView book = Book({}, {{10'020'000, 1'000}});
  book.price_scale = 5;
  const auto price = PriceOrder(book, instrument, kBuy, MustParse("1"));
  ASSERT_TRUE(price.ok()) << price.status();
  EXPECT_EQ(price->worst.ToString(), "100.20");
  EXPECT_EQ(price->post_only->ToString(), "100.19");
}

TEST(PriceOrderTest, SaysHowMuchIsMissing) {
  model::Instrument instrument;
  instrument.symbol = "BTC-USDT";
  instrument.tick = MustParse("0.1");
  const auto price = PriceOrder(Book({}, {{1002, 1000}}), instrument, kBuy, MustParse("1.5"));
  EXPECT_EQ(price.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(price.status().message()).find("0.5 less"), std::string::npos);
}

TEST(PriceOrderTest, AnEmptySideShowsNothing) {
  model::Instrument instrument;
  instrument.tick = MustParse("0.1");
  EXPECT_EQ(PriceOrder(Book({}, {}), instrument, kSell, MustParse("1")).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace switchyard::market_data
