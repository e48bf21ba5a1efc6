#include "common/exchange/book_sequencer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace switchyard::exchange {
namespace {

// Gate.io spot: each message covers U..u and continues the one before by u + 1.
// Source: Gate.io WebSocket API v4, "How to maintain local order book".
struct RangeRule {
  static Continuity AfterSnapshot(const UpdateRange& range, std::uint64_t base) {
    if (range.last < base + 1) return Continuity::kOld;
    return range.first <= base + 1 ? Continuity::kNext : Continuity::kGap;
  }
  static Continuity AfterUpdate(const UpdateRange& range, std::uint64_t current) {
    if (range.last <= current) return Continuity::kOld;
    return range.first == current + 1 ? Continuity::kNext : Continuity::kGap;
  }
};
static_assert(SequenceRule<RangeRule>);

using Sequencer = BookSequencer<RangeRule>;
using Levels = std::vector<model::Level>;

BookChange Update(std::uint64_t first, std::uint64_t last, Levels bids = {}, Levels asks = {}) {
  BookChange change;
  change.range = {.first = first, .last = last};
  change.bids = std::move(bids);
  change.asks = std::move(asks);
  return change;
}

BookChange Snapshot(std::uint64_t last, Levels bids = {{100, 1}}, Levels asks = {{110, 1}}) {
  BookChange snapshot = Update(0, last, std::move(bids), std::move(asks));
  snapshot.full = true;
  return snapshot;
}

class BookSequencerTest : public testing::Test {
 protected:
  // A live book at number 100.
  void GoLive() { ASSERT_EQ(sequencer_.OnSnapshot(Snapshot(100)), BookResult::kReplaced); }

  std::int64_t BidQuantity(std::int64_t price) const {
    for (std::size_t i = 0; i < sequencer_.book().bids.size(); ++i) {
      if (sequencer_.book().bids.at(i).price == price) return sequencer_.book().bids.at(i).quantity;
    }
    return 0;
  }

  void ExpectNoBook() const {
    EXPECT_FALSE(sequencer_.live());
    EXPECT_TRUE(sequencer_.book().bids.empty());
    EXPECT_TRUE(sequencer_.book().asks.empty());
  }

  Sequencer sequencer_;
};

TEST_F(BookSequencerTest, AGapMakesTheBookInvalidAndKeepsTheMessage) {
  GoLive();
  EXPECT_EQ(sequencer_.OnChange(Update(102, 103, {{101, 9}})), BookResult::kGap);
  ExpectNoBook();
  EXPECT_EQ(sequencer_.buffered(), 1U);
  // A snapshot that reaches to it makes a book of both.
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(101)), BookResult::kReplaced);
  EXPECT_EQ(sequencer_.current(), 103U);
  EXPECT_EQ(BidQuantity(101), 9);
}

TEST_F(BookSequencerTest, AfterAnUpdateAnOverlapIsAGapToo) {
  GoLive();
  ASSERT_EQ(sequencer_.OnChange(Update(101, 105)), BookResult::kApplied);
  EXPECT_EQ(sequencer_.OnChange(Update(104, 106)), BookResult::kGap);
}

TEST_F(BookSequencerTest, ACrossingUpdateLeavesNoBook) {
  GoLive();
  EXPECT_EQ(sequencer_.OnChange(Update(101, 101, {{110, 5}})), BookResult::kCrossed);
  ExpectNoBook();
  EXPECT_EQ(sequencer_.buffered(), 0U);
}

TEST_F(BookSequencerTest, AnUpdateMayMoveBothSidesThroughTheOldTouch) {
  GoLive();
  EXPECT_EQ(sequencer_.OnChange(Update(101, 101, {{112, 5}}, {{110, 0}, {113, 5}})),
            BookResult::kApplied);
  EXPECT_EQ(sequencer_.book().bids.best().price, 112);
}

TEST_F(BookSequencerTest, ACrossedOrUnsortedSnapshotLeavesNoBook) {
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(100, {{110, 1}}, {{110, 1}})), BookResult::kCrossed);
  ExpectNoBook();
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(100, {{100, 1}, {101, 1}}, {{110, 1}})),
            BookResult::kCrossed);
  ExpectNoBook();
}

TEST_F(BookSequencerTest, ACrossingMessageInTheReplayLeavesNoBook) {
  ASSERT_EQ(sequencer_.OnChange(Update(101, 101, {{110, 1}})), BookResult::kBuffered);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(100)), BookResult::kCrossed);
  ExpectNoBook();
}

TEST_F(BookSequencerTest, ASnapshotOlderThanTheBufferIsTooOldAndChangesNothing) {
  ASSERT_EQ(sequencer_.OnChange(Update(105, 106, {{101, 9}})), BookResult::kBuffered);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(103)), BookResult::kTooOld);
  EXPECT_FALSE(sequencer_.live());
  EXPECT_EQ(sequencer_.buffered(), 1U);
  // 104 is the least that bridges to 105.
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(104)), BookResult::kReplaced);
  EXPECT_EQ(BidQuantity(101), 9);
}

TEST_F(BookSequencerTest, TheBridgeHoldsAtBothEdgesOfARange) {
  for (const std::uint64_t base : {104U, 105U, 109U}) {
    Sequencer sequencer;
    ASSERT_EQ(sequencer.OnChange(Update(105, 110, {{101, 9}})), BookResult::kBuffered);
    EXPECT_EQ(sequencer.OnSnapshot(Snapshot(base)), BookResult::kReplaced) << base;
    EXPECT_EQ(sequencer.current(), 110U) << base;
    EXPECT_EQ(sequencer.book().bids.best().price, 101) << base;
  }
}

TEST_F(BookSequencerTest, WhatTheSnapshotHoldsIsNotReplayed) {
  ASSERT_EQ(sequencer_.OnChange(Update(95, 99, {{101, 9}})), BookResult::kBuffered);
  ASSERT_EQ(sequencer_.OnChange(Update(100, 100, {{102, 9}})), BookResult::kBuffered);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(100)), BookResult::kReplaced);
  EXPECT_EQ(sequencer_.current(), 100U);
  EXPECT_EQ(sequencer_.book().bids.best().price, 100);
  EXPECT_EQ(sequencer_.buffered(), 0U);
}

TEST_F(BookSequencerTest, WithoutABufferTheFirstLiveMessageMustBridge) {
  GoLive();
  EXPECT_EQ(sequencer_.OnChange(Update(90, 100, {{101, 9}})), BookResult::kIgnored);
  EXPECT_EQ(BidQuantity(101), 0);
  EXPECT_EQ(sequencer_.OnChange(Update(98, 103, {{101, 9}})), BookResult::kApplied);
  EXPECT_EQ(sequencer_.current(), 103U);

  Sequencer late;
  ASSERT_EQ(late.OnSnapshot(Snapshot(100)), BookResult::kReplaced);
  EXPECT_EQ(late.OnChange(Update(102, 103)), BookResult::kGap);
}

TEST_F(BookSequencerTest, OldMessagesAreIgnored) {
  GoLive();
  ASSERT_EQ(sequencer_.OnChange(Update(101, 105)), BookResult::kApplied);
  EXPECT_EQ(sequencer_.OnChange(Update(101, 105, {{101, 9}})), BookResult::kIgnored);
  EXPECT_EQ(sequencer_.current(), 105U);
  EXPECT_EQ(BidQuantity(101), 0);
}

TEST_F(BookSequencerTest, RepeatedMessagesAreIgnoredEachTime) {
  GoLive();
  for (std::uint64_t id = 101; id < 110; ++id) {
    ASSERT_EQ(sequencer_.OnChange(Update(id, id)), BookResult::kApplied);
    EXPECT_EQ(sequencer_.OnChange(Update(id, id)), BookResult::kIgnored);
  }
}

TEST_F(BookSequencerTest, NumbersThatBeginAnewNeverPassForSuccessors) {
  GoLive();
  ASSERT_EQ(sequencer_.OnChange(Update(101, 101)), BookResult::kApplied);
  EXPECT_EQ(sequencer_.OnChange(Update(1, 60)), BookResult::kIgnored);
  EXPECT_EQ(sequencer_.OnChange(Update(61, 101)), BookResult::kGap);
  EXPECT_FALSE(sequencer_.live());
  // It would have followed number 101 of the old numbers.
  EXPECT_EQ(sequencer_.OnChange(Update(102, 103)), BookResult::kBuffered);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(101)), BookResult::kReplaced);
  EXPECT_EQ(sequencer_.current(), 103U);
}

TEST_F(BookSequencerTest, BehindASnapshotOldMessagesMayRise) {
  GoLive();
  EXPECT_EQ(sequencer_.OnChange(Update(90, 95)), BookResult::kIgnored);
  EXPECT_EQ(sequencer_.OnChange(Update(96, 100)), BookResult::kIgnored);
  EXPECT_EQ(sequencer_.OnChange(Update(101, 102)), BookResult::kApplied);
}

TEST_F(BookSequencerTest, AHoleInTheBufferLosesNothingBehindIt) {
  ASSERT_EQ(sequencer_.OnChange(Update(101, 101, {{95, 1}})), BookResult::kBuffered);
  ASSERT_EQ(sequencer_.OnChange(Update(105, 105, {{96, 2}})), BookResult::kBuffered);
  ASSERT_EQ(sequencer_.OnChange(Update(106, 106, {{97, 3}})), BookResult::kBuffered);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(100)), BookResult::kGap);
  ExpectNoBook();
  EXPECT_EQ(sequencer_.buffered(), 2U);
  ASSERT_EQ(sequencer_.OnChange(Update(107, 107, {{98, 4}})), BookResult::kBuffered);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(104)), BookResult::kReplaced);
  EXPECT_EQ(sequencer_.current(), 107U);
  EXPECT_EQ(BidQuantity(96), 2);
  EXPECT_EQ(BidQuantity(97), 3);
  EXPECT_EQ(BidQuantity(98), 4);
}

TEST_F(BookSequencerTest, AMessageOfAnotherCountKeepsNoSnapshotAway) {
  GoLive();
  // Far ahead of anything that this book will ever reach.
  ASSERT_EQ(sequencer_.OnChange(Update(900'000, 900'000, {{101, 9}})), BookResult::kGap);
  ASSERT_EQ(sequencer_.OnChange(Update(103, 103, {{98, 4}})), BookResult::kBuffered);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(102)), BookResult::kReplaced);
  EXPECT_EQ(sequencer_.current(), 103U);
  EXPECT_EQ(BidQuantity(98), 4);
  EXPECT_EQ(BidQuantity(101), 0);
}

TEST_F(BookSequencerTest, NumbersThatBeginAnewInTheBufferReplaceTheOldOnes) {
  ASSERT_EQ(sequencer_.OnChange(Update(500, 500, {{101, 9}})), BookResult::kBuffered);
  ASSERT_EQ(sequencer_.OnChange(Update(501, 501, {{102, 9}})), BookResult::kBuffered);
  ASSERT_EQ(sequencer_.OnChange(Update(7, 8, {{98, 4}})), BookResult::kBuffered);
  ASSERT_EQ(sequencer_.OnChange(Update(9, 9, {{97, 3}})), BookResult::kBuffered);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(6)), BookResult::kReplaced);
  EXPECT_EQ(sequencer_.current(), 9U);
  EXPECT_EQ(BidQuantity(98) + BidQuantity(97), 7);
}

TEST_F(BookSequencerTest, ARepeatedMessageCostsTheBufferNothing) {
  for (const std::uint64_t id : {101U, 102U, 101U, 103U}) {
    ASSERT_EQ(sequencer_.OnChange(Update(id, id, {{90, static_cast<int>(id)}})),
              BookResult::kBuffered);
  }
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(100)), BookResult::kReplaced);
  EXPECT_EQ(sequencer_.current(), 103U);
  EXPECT_EQ(BidQuantity(90), 103);
}

TEST_F(BookSequencerTest, TheBufferIsBoundedAndDropsTheOldest) {
  const std::uint64_t count = Sequencer::kMaxBuffered + 10;
  for (std::uint64_t i = 1; i <= count; ++i) {
    ASSERT_EQ(sequencer_.OnChange(Update(i, i)), BookResult::kBuffered);
  }
  EXPECT_EQ(sequencer_.buffered(), Sequencer::kMaxBuffered);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(9)), BookResult::kTooOld);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(10)), BookResult::kReplaced);
  EXPECT_EQ(sequencer_.current(), count);
}

TEST_F(BookSequencerTest, AFullMessageReplacesWhateverCameBefore) {
  ASSERT_EQ(sequencer_.OnChange(Update(50, 50)), BookResult::kBuffered);
  EXPECT_EQ(sequencer_.OnChange(Snapshot(60)), BookResult::kReplaced);
  EXPECT_TRUE(sequencer_.live());
  EXPECT_EQ(sequencer_.buffered(), 0U);
  EXPECT_EQ(sequencer_.OnChange(Update(61, 61, {{101, 9}})), BookResult::kApplied);
  EXPECT_EQ(sequencer_.OnChange(Snapshot(10, {{1, 1}}, {{2, 1}})), BookResult::kReplaced);
  EXPECT_EQ(sequencer_.current(), 10U);
  EXPECT_EQ(sequencer_.book().bids.size(), 1U);
}

TEST_F(BookSequencerTest, BehindAFullMessageOfTheStreamTheUpdateRuleHolds) {
  ASSERT_EQ(sequencer_.OnChange(Snapshot(60)), BookResult::kReplaced);
  // An overlap is allowed behind a fetched snapshot alone.
  EXPECT_EQ(sequencer_.OnChange(Update(59, 62)), BookResult::kGap);
}

TEST_F(BookSequencerTest, ACutSnapshotBoundsTheBook) {
  BookChange snapshot = Snapshot(100, {{100, 1}, {98, 1}}, {{110, 1}});
  snapshot.cut = true;
  ASSERT_EQ(sequencer_.OnSnapshot(snapshot), BookResult::kReplaced);
  ASSERT_EQ(sequencer_.OnChange(Update(101, 101, {{97, 5}, {99, 5}})), BookResult::kApplied);
  EXPECT_EQ(BidQuantity(97), 0);
  EXPECT_EQ(BidQuantity(99), 5);
}

TEST_F(BookSequencerTest, LevelsOutsideTheExchangesWindowAreDropped) {
  ASSERT_EQ(sequencer_.OnSnapshot(Snapshot(100, {{100, 1}, {99, 1}}, {{110, 1}})),
            BookResult::kReplaced);
  BookChange change = Update(101, 101, {{101, 1}});
  change.window = 2;
  ASSERT_EQ(sequencer_.OnChange(change), BookResult::kApplied);
  EXPECT_EQ(sequencer_.book().bids.size(), 2U);
  EXPECT_EQ(BidQuantity(99), 0);
}

TEST_F(BookSequencerTest, AOneSidedBookIsABook) {
  ASSERT_EQ(sequencer_.OnSnapshot(Snapshot(100, {{100, 1}}, {})), BookResult::kReplaced);
  EXPECT_TRUE(sequencer_.live());
  EXPECT_EQ(sequencer_.OnChange(Update(101, 101, {{500, 1}})), BookResult::kApplied);
  EXPECT_EQ(sequencer_.OnChange(Update(102, 102, {{100, 0}, {500, 0}}, {{90, 1}})),
            BookResult::kApplied);
  EXPECT_TRUE(sequencer_.book().bids.empty());
}

TEST_F(BookSequencerTest, ARefreshServesTheOldBookUntilTheNewOneStands) {
  GoLive();
  sequencer_.BeginRefresh();
  EXPECT_TRUE(sequencer_.refreshing());
  ASSERT_EQ(sequencer_.OnChange(Update(101, 101, {{99, 5}})), BookResult::kApplied);
  ASSERT_EQ(sequencer_.OnChange(Update(102, 102, {{98, 5}})), BookResult::kApplied);
  EXPECT_TRUE(sequencer_.live());
  EXPECT_EQ(BidQuantity(98), 5);
  // Taken between the two; it knows a level that the old book had lost.
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(101, {{100, 1}, {99, 5}, {97, 7}}, {{110, 1}})),
            BookResult::kReplaced);
  EXPECT_FALSE(sequencer_.refreshing());
  EXPECT_EQ(sequencer_.current(), 102U);
  EXPECT_EQ(BidQuantity(98), 5);
  EXPECT_EQ(BidQuantity(97), 7);
}

TEST_F(BookSequencerTest, ARefreshNeverGoesBackInTime) {
  GoLive();
  sequencer_.BeginRefresh();
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(99, {{50, 1}}, {{60, 1}})), BookResult::kTooOld);
  EXPECT_TRUE(sequencer_.live());
  EXPECT_EQ(sequencer_.current(), 100U);
  EXPECT_EQ(BidQuantity(100), 1);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(100)), BookResult::kReplaced);
}

TEST_F(BookSequencerTest, ARefreshOfNothingIsNone) {
  sequencer_.BeginRefresh();
  EXPECT_FALSE(sequencer_.refreshing());
}

TEST_F(BookSequencerTest, AGapDuringARefreshIsAGap) {
  GoLive();
  sequencer_.BeginRefresh();
  ASSERT_EQ(sequencer_.OnChange(Update(101, 101)), BookResult::kApplied);
  EXPECT_EQ(sequencer_.OnChange(Update(105, 105, {{99, 5}})), BookResult::kGap);
  ExpectNoBook();
  EXPECT_FALSE(sequencer_.refreshing());
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(102)), BookResult::kTooOld);
  EXPECT_EQ(sequencer_.OnSnapshot(Snapshot(104)), BookResult::kReplaced);
  EXPECT_EQ(BidQuantity(99), 5);
}

TEST_F(BookSequencerTest, ResetForgetsBookAndBuffer) {
  GoLive();
  sequencer_.BeginRefresh();
  ASSERT_EQ(sequencer_.OnChange(Update(101, 101)), BookResult::kApplied);
  sequencer_.Reset();
  ExpectNoBook();
  EXPECT_EQ(sequencer_.buffered(), 0U);
  EXPECT_EQ(sequencer_.OnChange(Update(102, 102)), BookResult::kBuffered);
}

TEST(BookChangeTest, ClearLeavesNothingForTheNextFrame) {
  BookChange change = Snapshot(100);
  change.exchange_time = change.receive_time = TimeNs(5);
  change.cut = true;
  change.window = 20;
  change.range.previous = 99;
  change.Clear();
  EXPECT_TRUE(change.bids.empty() && change.asks.empty());
  EXPECT_FALSE(change.full || change.cut);
  EXPECT_EQ(change.window, 0U);
  EXPECT_EQ(change.range.last + change.range.first + change.range.previous, 0U);
  EXPECT_FALSE(change.exchange_time.given() || change.receive_time.given());
}

}  // namespace
}  // namespace switchyard::exchange
