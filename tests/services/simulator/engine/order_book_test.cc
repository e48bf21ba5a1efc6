#include "services/simulator/engine/order_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "services/simulator/engine/random.h"

namespace switchyard::simulator::engine {
namespace {

TEST(OrderBookTest, AnOrderThatCrossesTradesAtTheMakersPriceAndRestsWithTheRemainder) {
  OrderBook book;
  Changes changes;
  book.Submit({1, Side::kSell, 100, 5}, changes);
  changes.Clear();
  EXPECT_EQ(book.Submit({2, Side::kBuy, 101, 8}, changes), 3);
  ASSERT_EQ(changes.fills.size(), 1u);
  EXPECT_EQ(changes.fills[0].price, 100);
  EXPECT_EQ(changes.fills[0].quantity, 5);
  EXPECT_EQ(changes.fills[0].maker, 1u);
  EXPECT_EQ(changes.fills[0].taker_side, Side::kBuy);
  EXPECT_EQ(book.QuantityAt(Side::kBuy, 101), 3);
  EXPECT_EQ(book.Best(Side::kSell), 0);
}

TEST(OrderBookTest, TheOlderOrderOfAPriceIsFilledFirst) {
  OrderBook book;
  Changes changes;
  book.Submit({1, Side::kBuy, 100, 5}, changes);
  book.Submit({2, Side::kBuy, 100, 5}, changes);
  changes.Clear();
  book.Submit({3, Side::kSell, 100, 7, Remainder::kCancelled}, changes);
  ASSERT_EQ(changes.fills.size(), 2u);
  EXPECT_EQ(changes.fills[0].maker, 1u);
  EXPECT_EQ(changes.fills[1].maker, 2u);
  EXPECT_EQ(changes.fills[1].quantity, 2);
  EXPECT_EQ(book.QuantityAt(Side::kBuy, 100), 3);
}

TEST(OrderBookTest, TheBetterPriceIsFilledFirst) {
  OrderBook book;
  Changes changes;
  book.Submit({1, Side::kSell, 102, 5}, changes);
  book.Submit({2, Side::kSell, 101, 5}, changes);
  changes.Clear();
  book.Submit({3, Side::kBuy, 102, 6, Remainder::kCancelled}, changes);
  ASSERT_EQ(changes.fills.size(), 2u);
  EXPECT_EQ(changes.fills[0].price, 101);
  EXPECT_EQ(changes.fills[1].price, 102);
}

TEST(OrderBookTest, ARemainderThatIsCancelledLeavesNoLevel) {
  OrderBook book;
  Changes changes;
  EXPECT_EQ(book.Submit({1, Side::kBuy, 100, 5, Remainder::kCancelled}, changes), 5);
  EXPECT_TRUE(book.Levels(Side::kBuy).empty());
  EXPECT_TRUE(changes.levels.empty());
}

TEST(OrderBookTest, CancelTakesTheOrderOutOnce) {
  OrderBook book;
  Changes changes;
  book.Submit({1, Side::kBuy, 100, 5}, changes);
  book.Submit({2, Side::kBuy, 100, 4}, changes);
  EXPECT_TRUE(book.Cancel(1, changes));
  EXPECT_EQ(book.QuantityAt(Side::kBuy, 100), 4);
  EXPECT_EQ(book.FirstFlowOrder(book.Levels(Side::kBuy).back()), 2u);
  EXPECT_FALSE(book.Cancel(1, changes));
}

// What was submitted is resting, filled (on both sides alike) or cancelled, whatever the order of
// operations; and a book that only follows the changes of levels is the same book.
TEST(OrderBookTest, NothingIsLostInRandomOperations) {
  Random random(7);
  OrderBook book;
  Changes changes;
  std::map<std::pair<Side, std::int64_t>, std::int64_t> followed;
  std::vector<OrderId> ids;
  std::int64_t submitted = 0;
  std::int64_t gone = 0;
  for (OrderId id = 1; id <= 20'000; ++id) {
    changes.Clear();
    if (random.Below(3) == 0 && !ids.empty()) {
      std::int64_t before = 0;
      for (const Side side : {Side::kBuy, Side::kSell}) {
        for (const Level& level : book.Levels(side)) before += level.quantity;
      }
      book.Cancel(ids[static_cast<std::size_t>(random.Below(ids.size()))], changes);
      std::int64_t after = 0;
      for (const Side side : {Side::kBuy, Side::kSell}) {
        for (const Level& level : book.Levels(side)) after += level.quantity;
      }
      gone += before - after;
    } else {
      const Side side = random.Below(2) == 0 ? Side::kBuy : Side::kSell;
      const std::int64_t quantity = 1 + random.Below(50);
      const Remainder remainder = random.Below(4) == 0 ? Remainder::kCancelled : Remainder::kRests;
      const std::int64_t left =
          book.Submit({id, side, 1000 + random.Below(40), quantity, remainder}, changes);
      submitted += quantity;
      if (remainder == Remainder::kCancelled) gone += left;
      ids.push_back(id);
    }
    for (const Fill& fill : changes.fills) gone += 2 * fill.quantity;
    for (const LevelChange& change : changes.levels) {
      followed[{change.side, change.price}] = change.quantity;
    }
    if (book.Best(Side::kBuy) != 0 && book.Best(Side::kSell) != 0) {
      ASSERT_LT(book.Best(Side::kBuy), book.Best(Side::kSell));
    }
  }
  std::erase_if(followed, [](const auto& row) { return row.second == 0; });
  std::int64_t resting = 0;
  std::size_t levels = 0;
  for (const Side side : {Side::kBuy, Side::kSell}) {
    for (const Level& level : book.Levels(side)) {
      resting += level.quantity;
      ++levels;
      EXPECT_EQ((followed[{side, level.price}]), level.quantity);
    }
  }
  EXPECT_EQ(levels, followed.size());
  EXPECT_EQ(submitted, resting + gone);
}

}  // namespace
}  // namespace switchyard::simulator::engine
