#include "clients/cli/local_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/clients/fake/book_events.h"

namespace switchyard::clients::cli {
namespace {

using fake::AddAsk;
using fake::AddBid;
using fake::BookEvent;
using marketdata::v1::EVENT_KIND_DELTA;
using marketdata::v1::EVENT_KIND_GAP;
using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::EVENT_KIND_STALE;
using marketdata::v1::MarketDataEvent;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

// Bids 100.0 and 99.9, asks 100.1 and 100.2.
MarketDataEvent Snapshot(std::uint64_t epoch, std::uint64_t sequence) {
  MarketDataEvent event = BookEvent(EVENT_KIND_SNAPSHOT, epoch, sequence);
  AddBid(event, 1000, 150);
  AddBid(event, 999, 250);
  AddAsk(event, 1001, 350);
  AddAsk(event, 1002, 450);
  return event;
}

MarketDataEvent Delta(std::uint64_t epoch, std::uint64_t sequence) {
  return BookEvent(EVENT_KIND_DELTA, epoch, sequence);
}

std::vector<Violation> Kinds(const std::vector<BookViolation>& violations) {
  std::vector<Violation> kinds;
  for (const BookViolation& violation : violations) kinds.push_back(violation.kind);
  return kinds;
}

TEST(LocalBookTest, SnapshotReplacesAllThatWasKnown) {
  LocalBook book;
  EXPECT_EQ(book.state(), BookState::kWaiting);
  ASSERT_THAT(book.Apply(Snapshot(1, 5)), IsEmpty());
  EXPECT_TRUE(book.live());
  EXPECT_THAT(book.bids(), ElementsAre(Pair(D("100"), D("1.5")), Pair(D("99.9"), D("2.5"))));
  EXPECT_THAT(book.asks(), ElementsAre(Pair(D("100.1"), D("3.5")), Pair(D("100.2"), D("4.5"))));

  MarketDataEvent other = BookEvent(EVENT_KIND_SNAPSHOT, 1, 9);
  AddBid(other, 900, 100);
  ASSERT_THAT(book.Apply(other), IsEmpty());
  EXPECT_THAT(book.bids(), ElementsAre(Pair(D("90"), D("1"))));
  EXPECT_THAT(book.asks(), IsEmpty());
  EXPECT_EQ(book.sequence(), 9u);
}

TEST(LocalBookTest, DeltaChangesAddsAndRemovesLevels) {
  LocalBook book;
  ASSERT_THAT(book.Apply(Snapshot(1, 5)), IsEmpty());
  MarketDataEvent delta = Delta(1, 6);
  AddBid(delta, 1000, 0);
  AddBid(delta, 998, 125);
  AddAsk(delta, 1001, 10);
  ASSERT_THAT(book.Apply(delta), IsEmpty());
  EXPECT_THAT(book.bids(), ElementsAre(Pair(D("99.9"), D("2.5")), Pair(D("99.8"), D("1.25"))));
  EXPECT_THAT(book.asks(), ElementsAre(Pair(D("100.1"), D("0.1")), Pair(D("100.2"), D("4.5"))));
  EXPECT_EQ(book.unknown_removals(), 0u);
}

TEST(LocalBookTest, DeltaMayUseAnotherExponent) {
  LocalBook book;
  ASSERT_THAT(book.Apply(Snapshot(1, 5)), IsEmpty());
  MarketDataEvent delta = Delta(1, 6);
  delta.mutable_order_book()->set_price_exponent(-3);
  AddBid(delta, 100'000, 0);
  ASSERT_THAT(book.Apply(delta), IsEmpty());
  EXPECT_THAT(book.bids(), ElementsAre(Pair(D("99.9"), D("2.5"))));
}

TEST(LocalBookTest, RemovalOfAnUnknownLevelIsCounted) {
  LocalBook book;
  ASSERT_THAT(book.Apply(Snapshot(1, 5)), IsEmpty());
  MarketDataEvent delta = Delta(1, 6);
  AddBid(delta, 1, 0);
  ASSERT_THAT(book.Apply(delta), IsEmpty());
  EXPECT_EQ(book.unknown_removals(), 1u);
}

TEST(LocalBookTest, StaleIsNotLiveUntilTheNextSnapshot) {
  LocalBook book;
  ASSERT_THAT(book.Apply(Snapshot(1, 5)), IsEmpty());
  ASSERT_THAT(book.Apply(BookEvent(EVENT_KIND_STALE, 1, 6)), IsEmpty());
  EXPECT_EQ(book.state(), BookState::kStale);
  EXPECT_EQ(book.stale_reason(), common::v1::STALE_REASON_SEQUENCE_GAP);
  ASSERT_THAT(book.Apply(Snapshot(2, 1)), IsEmpty());
  EXPECT_TRUE(book.live());
  EXPECT_EQ(book.epoch(), 2u);
}

TEST(LocalBookTest, AfterAViolationDeltasAreIgnoredSilentlyUntilASnapshot) {
  LocalBook book;
  ASSERT_THAT(book.Apply(Snapshot(1, 5)), IsEmpty());
  ASSERT_THAT(Kinds(book.Apply(Delta(1, 7))), ElementsAre(Violation::kSequenceGap));
  EXPECT_EQ(book.state(), BookState::kBroken);
  EXPECT_THAT(book.Apply(Delta(1, 8)), IsEmpty());
  EXPECT_EQ(book.state(), BookState::kBroken);
  EXPECT_THAT(book.Apply(Snapshot(1, 9)), IsEmpty());
  EXPECT_TRUE(book.live());
}

struct ViolationCase {
  std::string name;
  std::vector<MarketDataEvent> before;  // all good
  MarketDataEvent last;
  Violation want;
};

class LocalBookViolationTest : public testing::TestWithParam<ViolationCase> {};

TEST_P(LocalBookViolationTest, IsDetected) {
  LocalBook book;
  for (const MarketDataEvent& event : GetParam().before) {
    ASSERT_THAT(book.Apply(event), IsEmpty());
  }
  const auto violations = book.Apply(GetParam().last);
  ASSERT_THAT(Kinds(violations), ElementsAre(GetParam().want));
  EXPECT_FALSE(violations.front().what.empty());
  EXPECT_EQ(book.state(), BookState::kBroken);
  EXPECT_EQ(ViolationName(GetParam().want), GetParam().name.substr(0, GetParam().name.find("__")));
}

MarketDataEvent With(MarketDataEvent event, const std::function<void(MarketDataEvent&)>& change) {
  change(event);
  return event;
}

std::vector<ViolationCase> ViolationCases() {
  const auto stale = BookEvent(EVENT_KIND_STALE, 1, 6);
  return {
      {"delta_before_snapshot", {}, Delta(1, 1), Violation::kDeltaBeforeSnapshot},
      {"delta_while_stale", {Snapshot(1, 5), stale}, Delta(1, 7), Violation::kDeltaWhileStale},
      {"sequence_gap__ahead", {Snapshot(1, 5)}, Delta(1, 7), Violation::kSequenceGap},
      {"sequence_gap__repeated", {Snapshot(1, 5)}, Delta(1, 5), Violation::kSequenceGap},
      {"sequence_backwards", {Snapshot(1, 5)}, Snapshot(1, 4), Violation::kSequenceBackwards},
      {"epoch_without_snapshot", {Snapshot(1, 5)}, Delta(2, 6), Violation::kEpochWithoutSnapshot},
      {"epoch_returned",
       {Snapshot(1, 5), Snapshot(2, 1)},
       Snapshot(1, 6),
       Violation::kEpochReturned},
      {"crossed__by_delta",
       {Snapshot(1, 5)},
       With(Delta(1, 6), [](auto& event) { AddBid(event, 1001, 5); }),
       Violation::kCrossed},
      {"crossed__above",
       {Snapshot(1, 5)},
       With(Delta(1, 6), [](auto& event) { AddBid(event, 1010, 5); }),
       Violation::kCrossed},
      {"unsorted__bids",
       {},
       With(Snapshot(1, 5), [](auto& event) { AddBid(event, 1000, 5); }),
       Violation::kUnsorted},
      {"unsorted__asks",
       {},
       With(Snapshot(1, 5), [](auto& event) { AddAsk(event, 1002, 5); }),
       Violation::kUnsorted},
      {"beyond_depth",
       {Snapshot(1, 5)},
       With(Delta(1, 6),
            [](auto& event) {
              event.set_depth(2);
              AddAsk(event, 1003, 5);
            }),
       Violation::kBeyondDepth},
      {"quantity__negative",
       {Snapshot(1, 5)},
       With(Delta(1, 6), [](auto& event) { AddAsk(event, 1003, -5); }),
       Violation::kQuantity},
      {"quantity__zero_in_snapshot",
       {},
       With(Snapshot(1, 5), [](auto& event) { AddAsk(event, 1003, 0); }),
       Violation::kQuantity},
      {"malformed__lengths",
       {},
       With(Snapshot(1, 5),
            [](auto& event) { event.mutable_order_book()->add_bid_price_mantissas(1); }),
       Violation::kMalformed},
      {"malformed__no_levels",
       {Snapshot(1, 5)},
       With(Delta(1, 6), [](auto& event) { event.clear_order_book(); }),
       Violation::kMalformed},
      {"malformed__does_not_fit",
       {},
       With(BookEvent(EVENT_KIND_SNAPSHOT, 1, 5),
            [](auto& event) {
              event.mutable_order_book()->set_price_exponent(99);
              AddBid(event, 1000, 5);
            }),
       Violation::kMalformed},
      {"malformed__kind", {Snapshot(1, 5)}, BookEvent(EVENT_KIND_GAP, 1, 6), Violation::kMalformed},
  };
}

INSTANTIATE_TEST_SUITE_P(Rules, LocalBookViolationTest, testing::ValuesIn(ViolationCases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::clients::cli
