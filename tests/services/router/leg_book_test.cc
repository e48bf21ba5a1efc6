#include "services/router/leg_book.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace switchyard::router {
namespace {

using marketdata::v1::MarketDataEvent;
using Levels = std::vector<BookLevel>;

MarketDataEvent Event(marketdata::v1::EventKind kind, std::uint64_t epoch, std::uint64_t sequence,
                      const Levels& bids, const Levels& asks, int price_exponent = -2) {
  MarketDataEvent event;
  event.set_kind(kind);
  event.set_epoch(epoch);
  event.set_sequence(sequence);
  auto& book = *event.mutable_order_book();
  book.set_price_exponent(price_exponent);
  book.set_quantity_exponent(-3);
  for (const BookLevel& level : bids) {
    book.add_bid_price_mantissas(level.price);
    book.add_bid_quantity_mantissas(level.quantity);
  }
  for (const BookLevel& level : asks) {
    book.add_ask_price_mantissas(level.price);
    book.add_ask_quantity_mantissas(level.quantity);
  }
  return event;
}
constexpr auto kSnapshot = marketdata::v1::EVENT_KIND_SNAPSHOT;
constexpr auto kDelta = marketdata::v1::EVENT_KIND_DELTA;
constexpr auto kStale = marketdata::v1::EVENT_KIND_STALE;

LegBook BookAt(std::uint64_t epoch, std::uint64_t sequence) {
  LegBook book;
  EXPECT_TRUE(
      book.Apply(Event(kSnapshot, epoch, sequence, {{100, 1}, {98, 2}}, {{101, 1}, {103, 2}}))
          .ok());
  return book;
}

TEST(LegBook, FollowsSnapshotAndDeltas) {
  LegBook book = BookAt(5, 10);
  ASSERT_TRUE(book.Apply(Event(kDelta, 5, 11, {{99, 7}, {100, 0}}, {{101, 9}, {102, 3}})).ok());
  EXPECT_EQ(book.bids(), (Levels{{99, 7}, {98, 2}}));
  EXPECT_EQ(book.asks(), (Levels{{101, 9}, {102, 3}, {103, 2}}));
}

TEST(LegBook, ASnapshotReplacesEverything) {
  LegBook book = BookAt(5, 10);
  ASSERT_TRUE(book.Apply(Event(kSnapshot, 6, 1, {{50, 1}}, {})).ok());
  EXPECT_EQ(book.bids(), (Levels{{50, 1}}));
  EXPECT_TRUE(book.asks().empty());
  EXPECT_TRUE(book.valid());
}

TEST(LegBook, RemovingAnAbsentLevelIsHarmless) {
  LegBook book = BookAt(5, 10);
  ASSERT_TRUE(book.Apply(Event(kDelta, 5, 11, {{42, 0}}, {})).ok());
  EXPECT_EQ(book.bids().size(), 2u);
}

struct Gap {
  std::string name;
  std::uint64_t epoch, sequence;
};

class GapTest : public testing::TestWithParam<Gap> {};

TEST_P(GapTest, InvalidatesTheBookUntilTheNextSnapshot) {
  LegBook book = BookAt(5, 10);
  const absl::Status status =
      book.Apply(Event(kDelta, GetParam().epoch, GetParam().sequence, {{99, 1}}, {}));
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(book.valid());
  EXPECT_TRUE(book.bids().empty());
  EXPECT_FALSE(book.Apply(Event(kDelta, 5, 11, {{99, 1}}, {})).ok());
  EXPECT_TRUE(book.Apply(Event(kSnapshot, 7, 1, {{99, 1}}, {})).ok());
  EXPECT_TRUE(book.valid());
}

INSTANTIATE_TEST_SUITE_P(Deltas, GapTest,
                         testing::Values(Gap{"skipped", 5, 12}, Gap{"repeated", 5, 10},
                                         Gap{"older", 5, 3}, Gap{"other_epoch", 6, 11}),
                         [](const auto& info) { return info.param.name; });

TEST(LegBook, StaleEmptiesIt) {
  LegBook book = BookAt(5, 10);
  ASSERT_TRUE(book.Apply(Event(kStale, 0, 0, {}, {})).ok());
  EXPECT_FALSE(book.valid());
  EXPECT_TRUE(book.bids().empty() && book.asks().empty());
}

TEST(LegBook, KeepsExactValuesWhenADeltasExponentIsSmaller) {
  LegBook book = BookAt(5, 10);
  ASSERT_TRUE(book.Apply(Event(kDelta, 5, 11, {{99'55, 4}}, {}, -4)).ok());
  EXPECT_EQ(book.price_exponent(), -4);
  EXPECT_EQ(book.bids(), (Levels{{100'00, 1}, {99'55, 4}, {98'00, 2}}));
}

TEST(LegBook, BringsADeltaOfALargerExponentToItsOwn) {
  LegBook book = BookAt(5, 10);
  ASSERT_TRUE(book.Apply(Event(kDelta, 5, 11, {{1, 0}}, {}, 0)).ok());
  EXPECT_EQ(book.bids(), (Levels{{98, 2}}));
}

TEST(LegBook, RefusesWhatDoesNotFitAndWhatIsMalformed) {
  LegBook book = BookAt(5, 10);
  EXPECT_EQ(book.Apply(Event(kDelta, 5, 11, {{99, 1}}, {}, -40)).code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_FALSE(book.valid());
  MarketDataEvent uneven = Event(kSnapshot, 6, 1, {{99, 1}}, {});
  uneven.mutable_order_book()->add_ask_price_mantissas(1);
  EXPECT_EQ(book.Apply(uneven).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(book.valid());
}

TEST(Rescale, IsExactOrFails) {
  std::int64_t result = 0;
  EXPECT_TRUE(Rescale(-123, 0, -2, &result));
  EXPECT_EQ(result, -12'300);
  EXPECT_TRUE(
      Rescale(0, std::numeric_limits<int>::max(), std::numeric_limits<int>::min(), &result));
  EXPECT_EQ(result, 0);
  EXPECT_FALSE(Rescale(1, std::numeric_limits<int>::max(), 0, &result));
  EXPECT_FALSE(Rescale(10, 0, -18, &result));
}

}  // namespace
}  // namespace switchyard::router
