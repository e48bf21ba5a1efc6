#include "services/order/commands/command_queue.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"

namespace switchyard::order {
namespace {

using retry::Priority;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr nanoseconds kStart = std::chrono::seconds(100);

class CommandQueueTest : public testing::Test {
 protected:
  CommandQueue::Command Make(const std::string& name, Priority priority = Priority::kNormal,
                             const std::string& market = "A") {
    CommandQueue::Command command;
    command.priority = priority;
    command.market = market;
    command.slot = queue_.Arrive(now_);
    command.send = [this, name] { sent_.push_back(name); };
    command.give_up = [this, name](const absl::Status& why) {
      given_up_.push_back(name);
      why_ = why;
    };
    return command;
  }
  void Wait(CommandQueue::Command command, nanoseconds delay = milliseconds(100)) {
    queue_.Wait(std::move(command), delay, now_);
  }
  void RunAt(nanoseconds after_start) {
    now_ = kStart + after_start;
    queue_.Run(now_);
  }

  using Names = std::vector<std::string>;
  nanoseconds now_ = kStart;
  CommandQueue queue_{{.limit = 3, .wait = milliseconds(500)}};
  Names sent_, given_up_;
  absl::Status why_;
};

TEST_F(CommandQueueTest, SendsWhenThereIsRoomAndNotBefore) {
  Wait(Make("one"));
  EXPECT_EQ(queue_.NextAt(), kStart + milliseconds(100));
  RunAt(milliseconds(99));
  EXPECT_EQ(sent_, Names{});
  RunAt(milliseconds(100));
  EXPECT_EQ(sent_, Names{"one"});
  EXPECT_EQ(queue_.size(), 0u);
  EXPECT_EQ(queue_.NextAt(), std::nullopt);
}

TEST_F(CommandQueueTest, CancellationsGoFirstAndNothingGoesWhileOneWaits) {
  Wait(Make("place"), milliseconds(50));
  Wait(Make("cancel", Priority::kUrgent, "B"), milliseconds(100));
  EXPECT_TRUE(queue_.MustWait(Priority::kNormal, "C", now_)) << "behind the cancellation";
  EXPECT_FALSE(queue_.MustWait(Priority::kUrgent, "A", now_))
      << "a cancellation waits for no place";
  RunAt(milliseconds(60));
  EXPECT_EQ(sent_, Names{});
  RunAt(milliseconds(100));
  EXPECT_EQ(sent_, Names{"cancel"});
  RunAt(milliseconds(105));
  EXPECT_EQ(sent_, Names{"cancel"}) << "its refusal may still come";
  RunAt(milliseconds(110));
  EXPECT_EQ(sent_, (Names{"cancel", "place"}));
}

TEST_F(CommandQueueTest, AMarketKeepsItsOrderAndHoldsNoOtherBack) {
  CommandQueue::Command first = Make("first");
  Wait(Make("second"));
  Wait(std::move(first));  // its refusal came later
  EXPECT_TRUE(queue_.MustWait(Priority::kNormal, "A", now_));
  EXPECT_FALSE(queue_.MustWait(Priority::kNormal, "B", now_));
  RunAt(milliseconds(100));
  EXPECT_EQ(sent_, (Names{"first", "second"}));
}

TEST_F(CommandQueueTest, WhatWasHandedOutAndMayComeBackIsNotPassed) {
  CommandQueue::Command again = Make("one");
  CommandQueue::Command one = again;
  Wait(std::move(one));
  RunAt(milliseconds(100));
  ASSERT_EQ(sent_, Names{"one"});
  now_ += milliseconds(4);
  EXPECT_FALSE(queue_.MustWait(Priority::kNormal, "B", now_)) << "another market goes on";
  ASSERT_TRUE(queue_.MustWait(Priority::kNormal, "A", now_));
  Wait(Make("two"), nanoseconds(0));
  EXPECT_EQ(queue_.NextAt(), kStart + milliseconds(110));
  Wait(std::move(again), milliseconds(50));
  RunAt(milliseconds(153));
  EXPECT_EQ(sent_, Names{"one"});
  RunAt(milliseconds(154));
  EXPECT_EQ(sent_, (Names{"one", "one", "two"}));
}

TEST_F(CommandQueueTest, WhoComesWhenNothingCanComeBackNeedNotWait) {
  Wait(Make("one"));
  RunAt(milliseconds(100));
  EXPECT_TRUE(queue_.MustWait(Priority::kNormal, "A", kStart + milliseconds(109)));
  EXPECT_FALSE(queue_.MustWait(Priority::kNormal, "A", kStart + milliseconds(110)));
}

TEST_F(CommandQueueTest, NoPlacePassesACancellationThatWasHandedOut) {
  Wait(Make("cancel", Priority::kUrgent, "B"));
  RunAt(milliseconds(100));
  ASSERT_EQ(sent_, Names{"cancel"});
  EXPECT_TRUE(queue_.MustWait(Priority::kNormal, "A", now_)) << "its refusal may still come";
  EXPECT_FALSE(queue_.MustWait(Priority::kUrgent, "B", now_)) << "cancellations do not wait for it";
}

TEST_F(CommandQueueTest, ACommandOfAllMarketsWaitsOutThePauseOfAny) {
  Wait(Make("cancel", Priority::kUrgent, "B"), milliseconds(200));
  ASSERT_TRUE(queue_.MustWait(Priority::kUrgent, "", now_));
  Wait(Make("all", Priority::kUrgent, ""), nanoseconds(0));
  RunAt(milliseconds(199));
  EXPECT_EQ(sent_, Names{});
  RunAt(milliseconds(200));
  EXPECT_EQ(sent_, (Names{"cancel", "all"})) << "in the order in which they came";
}

TEST_F(CommandQueueTest, WhatCannotBeSentInTimeIsRefusedAtOnceWithTheTimeToRetry) {
  Wait(Make("late"), milliseconds(500));
  EXPECT_EQ(given_up_, Names{"late"});
  EXPECT_EQ(why_.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(why_), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(RetryAfterOf(why_), milliseconds(500));
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(CommandQueueTest, TheTimeCountsFromWhenTheCommandCame) {
  CommandQueue::Command command = Make("one");
  now_ += milliseconds(450);
  Wait(std::move(command), milliseconds(40));
  RunAt(milliseconds(500));
  EXPECT_EQ(sent_, Names{}) << "its time was over when there was room";
  EXPECT_EQ(given_up_, Names{"one"});
  EXPECT_EQ(RetryAfterOf(why_), milliseconds(1));
}

TEST_F(CommandQueueTest, AFullQueueRefusesAndACancellationPutsOutTheYoungest) {
  Wait(Make("a"));
  Wait(Make("b", Priority::kNormal, "B"));
  Wait(Make("c"));
  Wait(Make("d"));
  EXPECT_EQ(given_up_, Names{"d"});
  EXPECT_EQ(why_.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfterOf(why_), milliseconds(100));
  Wait(Make("cancel", Priority::kUrgent));
  EXPECT_EQ(given_up_, (Names{"d", "c"}));
  Wait(Make("cancel 2", Priority::kUrgent));
  Wait(Make("cancel 3", Priority::kUrgent));
  EXPECT_EQ(given_up_, (Names{"d", "c", "b", "a"}));
  Wait(Make("cancel 4", Priority::kUrgent));
  EXPECT_EQ(given_up_.back(), "cancel 4") << "cancellations put out no cancellation";
  EXPECT_EQ(queue_.size(), 3u);
}

TEST_F(CommandQueueTest, WhoComesBackUnsentToAFullQueueKeepsItsPlaceBeforeYoungerOnes) {
  CommandQueue::Command first = Make("first");  // with the client meanwhile
  Wait(Make("a"));
  Wait(Make("b"));
  Wait(Make("c"));
  Wait(std::move(first));
  EXPECT_EQ(given_up_, Names{"c"});
  RunAt(milliseconds(100));
  EXPECT_EQ(sent_, (Names{"first", "a", "b"}));
}

TEST_F(CommandQueueTest, WithoutAnyTimeNothingWaits) {
  CommandQueue none({.limit = 3, .wait = {}});
  none.Wait(Make("one"), milliseconds(1), now_);
  EXPECT_EQ(given_up_, Names{"one"});
}

TEST_F(CommandQueueTest, AWithdrawnCommandIsNeitherSentNorAnswered) {
  CommandQueue::Command command = Make("one");
  command.order = 7;
  Wait(std::move(command));
  CommandQueue::Command cancel = Make("cancel", Priority::kUrgent);
  cancel.order = 8;
  Wait(std::move(cancel));
  EXPECT_FALSE(queue_.Withdraw(8).has_value()) << "a cancellation stays";
  EXPECT_TRUE(queue_.Withdraw(7).has_value());
  RunAt(milliseconds(200));
  EXPECT_EQ(sent_, Names{"cancel"});
  EXPECT_EQ(given_up_, Names{});
}

TEST_F(CommandQueueTest, ADrainRefusesAllButCancellationsAndItsEndThemToo) {
  Wait(Make("place"));
  Wait(Make("cancel", Priority::kUrgent));
  queue_.Refuse(absl::UnavailableError("over"), /*cancels_too=*/false);
  EXPECT_EQ(given_up_, Names{"place"});
  EXPECT_EQ(why_, absl::UnavailableError("over"));
  Wait(Make("late place"));
  EXPECT_EQ(given_up_, (Names{"place", "late place"}));
  queue_.Refuse(absl::UnavailableError("over"), /*cancels_too=*/true);
  Wait(Make("late cancel", Priority::kUrgent));
  EXPECT_EQ(given_up_, (Names{"place", "late place", "cancel", "late cancel"}));
  EXPECT_EQ(queue_.NextAt(), std::nullopt);
}

}  // namespace
}  // namespace switchyard::order
