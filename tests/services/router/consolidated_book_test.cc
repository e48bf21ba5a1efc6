#include "services/router/consolidated_book.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace switchyard::router {
namespace {

struct Book {
  int price_exponent;
  std::vector<BookLevel> bids, asks;
};

MergeLeg Leg(const std::string& exchange, const Book& book, const std::string& quote = "USDT") {
  MergeLeg leg;
  leg.description.set_exchange(exchange);
  leg.description.set_symbol("BTC-" + quote);
  leg.description.set_quote(quote);
  leg.description.set_state(v1::LEG_STATE_LIVE);
  marketdata::v1::OrderBookLevels levels;
  levels.set_price_exponent(book.price_exponent);
  levels.set_quantity_exponent(-3);
  for (const BookLevel& level : book.bids) {
    levels.add_bid_price_mantissas(level.price);
    levels.add_bid_quantity_mantissas(level.quantity);
  }
  for (const BookLevel& level : book.asks) {
    levels.add_ask_price_mantissas(level.price);
    levels.add_ask_quantity_mantissas(level.quantity);
  }
  EXPECT_TRUE(leg.book.Load(levels).ok());
  return leg;
}

using Level = std::tuple<std::int64_t, std::int64_t, std::uint32_t>;

std::vector<Level> Bids(const v1::ConsolidatedBook& book) {
  std::vector<Level> levels;
  for (int i = 0; i < book.bid_legs_size(); ++i) {
    levels.emplace_back(book.bid_price_mantissas(i), book.bid_quantity_mantissas(i),
                        book.bid_legs(i));
  }
  return levels;
}

std::vector<Level> Asks(const v1::ConsolidatedBook& book) {
  std::vector<Level> levels;
  for (int i = 0; i < book.ask_legs_size(); ++i) {
    levels.emplace_back(book.ask_price_mantissas(i), book.ask_quantity_mantissas(i),
                        book.ask_legs(i));
  }
  return levels;
}

TEST(MergeBooks, OrdersAllLevelsByPriceThenLeg) {
  const auto book = MergeBooks({Leg("alpha", {-1, {{100, 1}, {98, 2}}, {{101, 3}}}),
                                Leg("beta", {-1, {{100, 4}, {99, 5}}, {{100, 6}, {102, 7}}})},
                               10);
  EXPECT_EQ(Bids(book), (std::vector<Level>{{100, 1, 0}, {100, 4, 1}, {99, 5, 1}, {98, 2, 0}}));
  // Crossed between legs: shown as it is.
  EXPECT_EQ(Asks(book), (std::vector<Level>{{100, 6, 1}, {101, 3, 0}, {102, 7, 1}}));
  EXPECT_FALSE(book.mixed_quotes());
}

TEST(MergeBooks, BringsLegsToTheSmallestExponent) {
  const auto book =
      MergeBooks({Leg("alpha", {0, {{100, 1}}, {}}), Leg("beta", {-2, {{100'50, 1}}, {}})}, 10);
  EXPECT_EQ(book.price_exponent(), -2);
  EXPECT_EQ(Bids(book), (std::vector<Level>{{100'50, 1, 1}, {100'00, 1, 0}}));
}

TEST(MergeBooks, CutsAtTheDepth) {
  const auto book = MergeBooks(
      {Leg("alpha", {0, {{9, 1}, {7, 1}, {5, 1}}, {}}), Leg("beta", {0, {{8, 1}, {6, 1}}, {}})}, 2);
  EXPECT_EQ(Bids(book), (std::vector<Level>{{9, 1, 0}, {8, 1, 1}}));
}

TEST(MergeBooks, LeavesOutLegsThatAreNotLive) {
  std::vector<MergeLeg> legs = {Leg("alpha", {0, {{9, 1}}, {}}), Leg("beta", {0, {{8, 1}}, {}})};
  legs[0].description.set_state(v1::LEG_STATE_STALE);
  const auto book = MergeBooks(legs, 10);
  ASSERT_EQ(book.legs_size(), 2);
  EXPECT_EQ(book.legs(0).state(), v1::LEG_STATE_STALE);
  EXPECT_EQ(Bids(book), (std::vector<Level>{{8, 1, 1}}));
}

TEST(MergeBooks, ShowsALegThatDoesNotFitAsFailed) {
  const auto book = MergeBooks(
      {Leg("alpha", {0, {{5, 1}, {1, 1}}, {}}), Leg("beta", {-18, {{1, 1}}, {{20, 1}}})}, 10);
  EXPECT_EQ(book.legs(0).state(), v1::LEG_STATE_LIVE);
  const auto too_large = MergeBooks(
      {Leg("alpha", {0, {{10, 1}}, {{11, 1}}}), Leg("beta", {-18, {{1, 1}}, {{20, 1}}})}, 10);
  EXPECT_EQ(too_large.legs(0).state(), v1::LEG_STATE_FAILED);
  EXPECT_EQ(too_large.legs(0).status().code(), 11u);
  EXPECT_EQ(Bids(too_large), (std::vector<Level>{{1, 1, 1}}));
  EXPECT_EQ(Asks(too_large), (std::vector<Level>{{20, 1, 1}}));
}

TEST(MergeBooks, SaysThatQuotesAreMixed) {
  const auto book = MergeBooks(
      {Leg("alpha", {0, {{9, 1}}, {}}, "USDT"), Leg("beta", {0, {{8, 1}}, {}}, "USDC")}, 10);
  EXPECT_TRUE(book.mixed_quotes());
}

}  // namespace
}  // namespace switchyard::router
