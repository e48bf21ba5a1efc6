#include "common/exchange/book_handover.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <vector>

#include "common/exchange/book_sequencer.h"

namespace switchyard::exchange {
namespace {

using std::chrono::milliseconds;

constexpr model::InstrumentId kBook{3};

// A frame first..last; a whole book where first is 0.
BookChange Frame(std::uint64_t first, std::uint64_t last) {
  BookChange change;
  change.range = {first, last, 0, /*exact=*/true};
  change.full = first == 0;
  change.bids = {{100, static_cast<std::int64_t>(last)}};
  if (change.full) change.asks = {{101, 1}};
  return change;
}

// Frames follow one another exactly, but for one that may overlap.
struct StrictRule {
  static Continuity AfterSnapshot(const UpdateRange& range, std::uint64_t current) {
    if (range.last <= current) return Continuity::kOld;
    return range.first <= current + 1 ? Continuity::kNext : Continuity::kGap;
  }
  static Continuity AfterUpdate(const UpdateRange& range, std::uint64_t current) {
    if (!range.exact) return AfterSnapshot(range, current);
    return range.first == current + 1 ? Continuity::kNext : Continuity::kGap;
  }
};

// A book kept by a strict rule.
class BookHandoverTest : public testing::Test {
 protected:
  void Old(std::uint64_t first, std::uint64_t last) {
    BookChange change = Frame(first, last);
    handover_.OnFrame(kBook, change);
  }
  // Before the switch the new socket's frames are kept, after it they are the book's.
  void New(std::uint64_t first, std::uint64_t last) {
    BookChange change = Frame(first, last);
    if (in_rollover_) {
      handover_.Keep(kBook, change);
    } else {
      handover_.OnFrame(kBook, change);
    }
  }
  void Switch() {
    in_rollover_ = false;
    handover_.Finish();
  }
  std::optional<std::uint64_t> Current() const {
    if (!sequencer_.live()) return std::nullopt;
    return sequencer_.current();
  }

  bool in_rollover_ = true;
  bool forget_when_applied_ = false;
  ManualClock clock_{TimeNs::FromSeconds(1'700'000'000)};
  BookSequencer<StrictRule> sequencer_;
  std::vector<BookResult> results_;
  BookHandover handover_{clock_,
                         {.in_rollover = [this](model::InstrumentId) { return in_rollover_; },
                          .current = [this](model::InstrumentId) { return Current(); },
                          .apply =
                              [this](model::InstrumentId, const BookChange& change) {
                                results_.push_back(sequencer_.OnChange(change));
                                if (forget_when_applied_) handover_.Forget(kBook);
                              }}};
};

TEST_F(BookHandoverTest, TheOldSocketAloneCountsUntilTheSwitch) {
  Old(0, 10);
  New(0, 12);
  Old(11, 11);
  New(13, 13);
  Old(12, 14);
  EXPECT_EQ(Current(), 14U);
  EXPECT_EQ(results_, (std::vector<BookResult>{BookResult::kReplaced, BookResult::kApplied,
                                               BookResult::kApplied}));
}

TEST_F(BookHandoverTest, WhatTheNewSocketToldFurtherIsAppliedAtTheSwitch) {
  Old(0, 10);
  New(0, 10);
  New(11, 12);
  Old(11, 12);
  New(13, 15);
  New(16, 16);
  Switch();
  EXPECT_EQ(Current(), 16U);
  EXPECT_EQ(sequencer_.book().bids.at(0).quantity, 16);
  EXPECT_TRUE(handover_.idle());
  New(17, 17);
  EXPECT_EQ(Current(), 17U);
}

// The two sockets need not cut their frames at the same numbers.
TEST_F(BookHandoverTest, TheFirstFrameBehindTheSwitchMayOverlap) {
  Old(0, 10);
  New(0, 11);
  Old(11, 15);
  New(12, 14);
  New(15, 18);
  Switch();
  New(19, 20);
  EXPECT_EQ(Current(), 20U);
  for (const BookResult result : results_) EXPECT_NE(result, BookResult::kGap);
}

// Whichever comes first behind the switch, a frame or the end of a batch.
TEST_F(BookHandoverTest, AFrameBehindTheSwitchFollowsWhatWasKept) {
  Old(0, 10);
  New(0, 10);
  New(11, 12);
  in_rollover_ = false;
  New(13, 14);
  EXPECT_EQ(Current(), 14U);
  for (const BookResult result : results_) EXPECT_NE(result, BookResult::kGap);
  EXPECT_TRUE(handover_.idle());
}

TEST_F(BookHandoverTest, TheEndOfABatchEndsNoRollover) {
  Old(0, 10);
  New(0, 12);
  handover_.Finish();
  EXPECT_EQ(Current(), 10U);
  EXPECT_EQ(results_.size(), 1U);
}

TEST_F(BookHandoverTest, AWholeBookSparesWhatCameBeforeIt) {
  Old(0, 10);
  for (std::uint64_t id = 11; id <= 10 + BookHandover::kMostFrames; ++id) New(id, id);
  New(0, 5'000);
  New(5'001, 5'001);
  Switch();
  EXPECT_EQ(Current(), 5'001U);
  EXPECT_EQ(results_, (std::vector<BookResult>{BookResult::kReplaced, BookResult::kReplaced,
                                               BookResult::kApplied}));
}

// Frames of one socket do not overlap: only where it takes over is it exact.
TEST_F(BookHandoverTest, OnlyTheFirstFrameBehindTheSwitchMayOverlap) {
  Old(0, 10);
  New(9, 12);
  New(12, 15);
  Switch();
  EXPECT_EQ(results_, (std::vector<BookResult>{BookResult::kReplaced, BookResult::kApplied,
                                               BookResult::kGap}));
}

TEST_F(BookHandoverTest, AHoleAmongWhatWasKeptIsAGap) {
  Old(0, 10);
  New(9, 12);
  New(14, 15);
  New(16, 16);
  Switch();
  EXPECT_EQ(results_, (std::vector<BookResult>{BookResult::kReplaced, BookResult::kApplied,
                                               BookResult::kGap, BookResult::kBuffered}));
}

// Applying may end the demand, and with it what is kept.
TEST_F(BookHandoverTest, ABookMayBeForgottenWhileItIsSwitched) {
  forget_when_applied_ = true;
  New(0, 10);
  New(11, 12);
  Switch();
  EXPECT_TRUE(handover_.idle());
}

TEST_F(BookHandoverTest, ASocketThatLagsBehindIsWaitedFor) {
  Old(0, 10);
  New(0, 10);
  Old(11, 20);
  Switch();
  // Rising numbers below the book's would otherwise look like a count that began anew.
  New(11, 13);
  clock_.Advance(milliseconds(50));
  New(14, 16);
  New(17, 20);
  EXPECT_EQ(Current(), 20U);
  EXPECT_EQ(results_.size(), 2U);
  New(21, 22);
  EXPECT_EQ(Current(), 22U);
  EXPECT_TRUE(handover_.idle());
}

TEST_F(BookHandoverTest, ACountThatReallyBeganAnewIsNotHiddenForLong) {
  Old(0, 1'000);
  New(0, 1'000);
  Switch();
  clock_.Advance(milliseconds(1'001));
  New(5, 6);
  EXPECT_EQ(results_.back(), BookResult::kGap);
  EXPECT_TRUE(handover_.idle());
}

TEST_F(BookHandoverTest, AHoleBetweenTheSocketsIsAGap) {
  Old(0, 10);
  New(0, 20);
  New(21, 21);
  Switch();
  // The whole book of the new socket closes it.
  EXPECT_EQ(Current(), 21U);
  in_rollover_ = true;
  New(25, 26);
  Switch();
  EXPECT_EQ(results_.back(), BookResult::kGap);
}

TEST_F(BookHandoverTest, ABookThatIsNotValidGetsAllThatWasKept) {
  New(0, 10);
  New(11, 12);
  Switch();
  EXPECT_EQ(Current(), 12U);
}

TEST_F(BookHandoverTest, AQuietBookIsDoneAMomentAfterTheSwitch) {
  Old(0, 10);
  New(0, 10);
  Switch();
  EXPECT_FALSE(handover_.idle());
  clock_.Advance(milliseconds(1'001));
  handover_.Finish();
  EXPECT_TRUE(handover_.idle());
}

TEST_F(BookHandoverTest, AForgottenBookKeepsNothing) {
  Old(0, 10);
  New(0, 12);
  handover_.Forget(kBook);
  EXPECT_TRUE(handover_.idle());
  Switch();
  EXPECT_EQ(Current(), 10U);
}

TEST_F(BookHandoverTest, WhatIsKeptIsBounded) {
  Old(0, 10);
  New(0, 10);
  for (std::uint64_t id = 11; id <= 10 + BookHandover::kMostFrames + 100; ++id) New(id, id);
  Switch();
  // The oldest went, so the book is to be resynchronised: never continued over the hole.
  EXPECT_EQ(results_[1], BookResult::kGap);
  EXPECT_LE(results_.size(), BookHandover::kMostFrames + 2);
}

}  // namespace
}  // namespace switchyard::exchange
