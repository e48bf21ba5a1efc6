#include "common/model/book.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <vector>

namespace switchyard::model {
namespace {

using Levels = std::vector<Level>;

Levels All(const BookSide& side) {
  Levels levels;
  for (std::size_t i = 0; i < side.size(); ++i) levels.push_back(side.at(i));
  return levels;
}

TEST(BookSideTest, AnUnsortedLoadIsRefusedAndLeavesNothing) {
  BookSide asks(BookSide::Order::kAsks);
  ASSERT_TRUE(asks.Load(Levels{{100, 1}, {101, 1}}, /*cut=*/true));
  EXPECT_FALSE(asks.Load(Levels{{101, 1}, {100, 1}}, /*cut=*/false));
  EXPECT_TRUE(asks.empty());
  EXPECT_FALSE(asks.bounded());
  BookSide bids(BookSide::Order::kBids);
  EXPECT_FALSE(bids.Load(Levels{{100, 1}, {101, 1}}, /*cut=*/false));
}

TEST(BookSideTest, APriceThatOccursTwiceIsRefused) {
  BookSide bids(BookSide::Order::kBids);
  EXPECT_FALSE(bids.Load(Levels{{100, 1}, {100, 2}}, /*cut=*/false));
}

TEST(BookSideTest, ALoadKeepsNoLevelOfQuantityZero) {
  BookSide asks(BookSide::Order::kAsks);
  ASSERT_TRUE(asks.Load(Levels{{100, 0}, {101, 1}, {102, 0}}, /*cut=*/true));
  EXPECT_EQ(All(asks), (Levels{{101, 1}}));
  // It is known that nothing rests there.
  asks.Apply({102, 5});
  asks.Apply({103, 5});
  EXPECT_EQ(All(asks), (Levels{{101, 1}, {102, 5}}));
}

TEST(BookSideTest, BeyondACutNothingIsKnown) {
  BookSide asks(BookSide::Order::kAsks);
  ASSERT_TRUE(asks.Load(Levels{{100, 1}, {102, 1}, {105, 1}}, /*cut=*/true));
  EXPECT_TRUE(asks.bounded());
  asks.Apply({106, 7});
  EXPECT_EQ(All(asks), (Levels{{100, 1}, {102, 1}, {105, 1}}));
  asks.Apply({104, 7});
  asks.Apply({105, 0});
  // The boundary stays where the snapshot ended, though that level is gone.
  asks.Apply({105, 8});
  asks.Apply({106, 8});
  EXPECT_EQ(All(asks), (Levels{{100, 1}, {102, 1}, {104, 7}, {105, 8}}));
}

TEST(BookSideTest, AWholeSnapshotHasNoBoundary) {
  BookSide bids(BookSide::Order::kBids);
  ASSERT_TRUE(bids.Load(Levels{{100, 1}}, /*cut=*/true));
  ASSERT_TRUE(bids.Load(Levels{{100, 1}}, /*cut=*/false));
  EXPECT_FALSE(bids.bounded());
  bids.Apply({1, 5});
  EXPECT_EQ(All(bids), (Levels{{100, 1}, {1, 5}}));
}

TEST(BookSideTest, AnEmptySnapshotThatWasCutIsNotBounded) {
  BookSide bids(BookSide::Order::kBids);
  ASSERT_TRUE(bids.Load({}, /*cut=*/true));
  EXPECT_FALSE(bids.bounded());
  bids.Apply({-3, 5});
  EXPECT_EQ(All(bids), (Levels{{-3, 5}}));
}

TEST(BookSideTest, TruncateForgetsTheWorst) {
  BookSide bids(BookSide::Order::kBids);
  ASSERT_TRUE(bids.Load(Levels{{103, 1}, {102, 1}, {101, 1}, {100, 1}}, /*cut=*/false));
  bids.Truncate(9, /*bounded=*/true);
  EXPECT_FALSE(bids.bounded());
  bids.Truncate(3, /*bounded=*/false);
  EXPECT_EQ(All(bids), (Levels{{103, 1}, {102, 1}, {101, 1}}));
  bids.Apply({100, 4});
  EXPECT_EQ(bids.size(), 4U);
  bids.Truncate(2, /*bounded=*/true);
  bids.Apply({101, 4});
  EXPECT_EQ(All(bids), (Levels{{103, 1}, {102, 1}}));
  bids.Truncate(0, /*bounded=*/true);
  EXPECT_TRUE(bids.empty());
}

TEST(BookSideTest, NeverKeepsMoreThanTheMostLevels) {
  Levels many;
  for (std::int64_t price = 1; price <= 1'500; ++price) many.push_back({price, 1});
  BookSide asks(BookSide::Order::kAsks);
  ASSERT_TRUE(asks.Load(many, /*cut=*/false));
  EXPECT_EQ(asks.size(), Book::kMaxLevels);
  EXPECT_TRUE(asks.bounded());

  asks.Clear();
  EXPECT_FALSE(asks.bounded());
  for (const Level& level : many) asks.Apply(level);
  EXPECT_EQ(asks.size(), Book::kMaxLevels);
  asks.Apply({0, 1});
  EXPECT_EQ(asks.size(), Book::kMaxLevels);
  EXPECT_EQ(asks.best(), (Level{0, 1}));
  // 1,000 was pushed out: whether it still stands nobody will tell.
  asks.Apply({0, 0});
  asks.Apply({1'000, 1});
  EXPECT_EQ(asks.size(), Book::kMaxLevels - 1);
}

TEST(BookTest, TouchingSidesAreCrossed) {
  Book book;
  EXPECT_FALSE(book.crossed());
  book.bids.Apply({100, 1});
  EXPECT_FALSE(book.crossed());
  book.asks.Apply({101, 1});
  EXPECT_FALSE(book.crossed());
  book.bids.Apply({101, 1});
  EXPECT_TRUE(book.crossed());
  book.bids.Apply({102, 1});
  EXPECT_TRUE(book.crossed());
  book.Clear();
  EXPECT_TRUE(book.bids.empty() && book.asks.empty());
}

// The same rules on a map: obviously right, and slow.
class MapSide {
 public:
  explicit MapSide(bool bids) : levels_([bids](auto a, auto b) { return bids ? a > b : a < b; }) {}

  void Load(const Levels& levels, bool cut) {
    levels_.clear();
    for (const Level& level : levels) levels_[level.price] = level.quantity;
    bounded_ = cut && !levels.empty();
    if (bounded_) boundary_ = levels.back().price;
  }
  void Apply(const Level& change) {
    if (bounded_ && levels_.key_comp()(boundary_, change.price)) return;
    if (change.quantity == 0) {
      levels_.erase(change.price);
    } else {
      levels_[change.price] = change.quantity;
    }
  }
  void Truncate(std::size_t depth, bool bounded) {
    if (levels_.size() <= depth) return;
    while (levels_.size() > depth) levels_.erase(std::prev(levels_.end()));
    if (bounded && !levels_.empty()) {
      bounded_ = true;
      boundary_ = std::prev(levels_.end())->first;
    }
  }
  Levels All() const {
    Levels levels;
    for (const auto& [price, quantity] : levels_) levels.push_back({price, quantity});
    return levels;
  }

 private:
  std::map<std::int64_t, std::int64_t, std::function<bool(std::int64_t, std::int64_t)>> levels_;
  bool bounded_ = false;
  std::int64_t boundary_ = 0;
};

class BookSidePropertyTest : public testing::TestWithParam<BookSide::Order> {};

TEST_P(BookSidePropertyTest, EqualsAMapUnderRandomChanges) {
  const bool is_bids = GetParam() == BookSide::Order::kBids;
  BookSide side(GetParam());
  MapSide model(is_bids);
  std::mt19937_64 random(7);
  const auto below = [&random](std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  };
  for (int step = 0; step < 30'000; ++step) {
    if (step % 3'000 == 0) {
      Levels load(static_cast<std::size_t>(below(80)));
      for (Level& level : load) level = {below(300), 1 + below(9)};
      std::ranges::sort(load, [is_bids](const Level& a, const Level& b) {
        return is_bids ? a.price > b.price : a.price < b.price;
      });
      const auto repeated = std::ranges::unique(load, {}, &Level::price);
      load.erase(repeated.begin(), repeated.end());
      const bool cut = below(2) == 0;
      ASSERT_TRUE(side.Load(load, cut));
      model.Load(load, cut);
    } else if (below(200) == 0) {
      const auto depth = static_cast<std::size_t>(20 + below(60));
      const bool bounded = below(2) == 0;
      side.Truncate(depth, bounded);
      model.Truncate(depth, bounded);
    } else {
      const Level change{below(300), below(3) == 0 ? 0 : 1 + below(9)};
      side.Apply(change);
      model.Apply(change);
    }
    ASSERT_EQ(All(side), model.All()) << "after step " << step;
    if (!side.empty()) {
      ASSERT_EQ(side.best(), side.at(0));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sides, BookSidePropertyTest,
                         testing::Values(BookSide::Order::kBids, BookSide::Order::kAsks),
                         [](const auto& info) {
                           return info.param == BookSide::Order::kBids ? "bids" : "asks";
                         });

}  // namespace
}  // namespace switchyard::model
