#include "services/order/risk/command_pacer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class CommandPacerTest : public testing::Test {
 protected:
  void Define(const std::string& name, std::int64_t permits, std::int64_t reserve) {
    ASSERT_TRUE(pacer_.limiter().Define(name, {permits, seconds(1), reserve}).ok());
  }
  absl::Status Place(std::uint64_t id, const std::string& limit = "orders") {
    return pacer_.Push({id, "order" + std::to_string(id), limit, 1, false}, now_);
  }
  absl::Status Cancel(std::uint64_t id, const std::string& order,
                      const std::string& limit = "orders") {
    return pacer_.Push({id, order, limit, 1, true}, now_);
  }
  // Ids of all that may go now, in order.
  std::vector<std::uint64_t> Go() {
    std::vector<std::uint64_t> ids;
    while (const auto command = pacer_.Pop(now_)) ids.push_back(command->id);
    return ids;
  }
  static std::vector<std::uint64_t> Ids(const std::vector<PacedCommand>& commands) {
    std::vector<std::uint64_t> ids;
    for (const PacedCommand& command : commands) ids.push_back(command.id);
    return ids;
  }

  using List = std::vector<std::uint64_t>;

  nanoseconds now_ = seconds(10);
  CommandPacer pacer_{
      {.max_waiting = 5, .max_waiting_cancels = 4, .max_wait = milliseconds(2'500)}};
};

TEST_F(CommandPacerTest, RefusesNewOrdersWhenTooManyWait) {
  Define("orders", 2, 1);
  for (std::uint64_t id = 1; id <= 5; ++id) ASSERT_TRUE(Place(id).ok());
  const absl::Status status = Place(6);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_TRUE(RetryAfterOf(status));
  EXPECT_EQ(pacer_.waiting(), 5u);
  EXPECT_TRUE(Cancel(7, "x").ok());
}

TEST_F(CommandPacerTest, RefusesCancelsWhenTooManyWait) {
  Define("orders", 2, 1);
  for (std::uint64_t id = 1; id <= 4; ++id) {
    ASSERT_TRUE(Cancel(id, "x" + std::to_string(id)).ok());
  }
  EXPECT_EQ(ReasonOf(Cancel(5, "x5")), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_TRUE(Place(6).ok());
}

TEST_F(CommandPacerTest, RefusesNewOrdersThatCannotGoInTime) {
  Define("orders", 2, 1);
  pacer_.limiter().BlockUntil("orders", now_ + seconds(30));
  const absl::Status status = Place(1);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(RetryAfterOf(status), seconds(30));
  EXPECT_TRUE(Cancel(2, "x").ok());
  EXPECT_EQ(Go(), List{});
  now_ += seconds(30);
  EXPECT_EQ(Go(), List{2});
}

TEST_F(CommandPacerTest, RefusesWhatNeverFits) {
  Define("orders", 3, 1);
  EXPECT_EQ(pacer_.Push({1, "a", "orders", 3, false}, now_).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(pacer_.Push({2, "a", "orders", 4, true}, now_).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(pacer_.Push({3, "a", "orders", 3, true}, now_).ok());
}

TEST_F(CommandPacerTest, NewOrdersLeaveTheReserveToCancels) {
  Define("orders", 3, 1);
  for (std::uint64_t id = 1; id <= 4; ++id) ASSERT_TRUE(Place(id).ok());
  EXPECT_EQ(Go(), (List{1, 2}));
  ASSERT_TRUE(Cancel(5, "x").ok());
  ASSERT_TRUE(Cancel(6, "y").ok());
  EXPECT_EQ(Go(), List{5});
}

TEST_F(CommandPacerTest, SendsCancelsFirst) {
  Define("orders", 3, 1);
  for (std::uint64_t id = 1; id <= 3; ++id) ASSERT_TRUE(Place(id).ok());
  ASSERT_TRUE(Cancel(4, "x").ok());
  ASSERT_TRUE(Cancel(5, "y").ok());
  EXPECT_EQ(Go(), (List{4, 5, 1}));
  now_ += milliseconds(1'016);
  EXPECT_EQ(Go(), (List{2, 3}));
}

TEST_F(CommandPacerTest, KeepsTheOrderOfArrivalWithinAKind) {
  for (std::uint64_t id = 1; id <= 5; ++id) ASSERT_TRUE(Place(id, id % 2 ? "a" : "b").ok());
  EXPECT_EQ(Go(), (List{1, 2, 3, 4, 5}));
}

TEST_F(CommandPacerTest, AUsedUpLimitHoldsBackNoOther) {
  Define("a", 1, 0);
  Define("b", 1, 0);
  ASSERT_TRUE(Place(1, "a").ok());
  ASSERT_TRUE(Place(2, "a").ok());
  ASSERT_TRUE(Place(3, "b").ok());
  EXPECT_EQ(Go(), (List{1, 3}));
}

TEST_F(CommandPacerTest, ACancelDoesNotOvertakeItsOwnOrder) {
  Define("orders", 1, 0);
  ASSERT_TRUE(Place(1).ok());
  ASSERT_TRUE(Place(2).ok());
  ASSERT_TRUE(Cancel(3, "order2", "cancels").ok());
  ASSERT_TRUE(Cancel(4, "else", "cancels").ok());
  EXPECT_EQ(Go(), (List{4, 1}));
  now_ += milliseconds(1'016);
  EXPECT_EQ(Go(), (List{2, 3}));
}

TEST_F(CommandPacerTest, WithdrawsWhatWasNeverSent) {
  Define("orders", 1, 0);
  ASSERT_TRUE(Place(1).ok());
  ASSERT_TRUE(pacer_.Push({2, "order1", "orders", 1, false}, now_).ok());
  ASSERT_TRUE(Place(3).ok());
  EXPECT_EQ(Ids(pacer_.Withdraw("order1")), (List{1, 2}));
  EXPECT_EQ(Ids(pacer_.Withdraw("order1")), List{});
  EXPECT_EQ(Go(), List{3});
  EXPECT_EQ(pacer_.waiting(), 0u);
}

TEST_F(CommandPacerTest, HandsBackOrdersThatWaitedTooLongAndKeepsCancels) {
  Define("orders", 1, 0);
  ASSERT_TRUE(Place(1).ok());
  EXPECT_EQ(Go(), List{1});
  ASSERT_TRUE(Cancel(2, "x").ok());
  ASSERT_TRUE(Place(3).ok());
  now_ += milliseconds(100);
  ASSERT_TRUE(Place(4).ok());
  pacer_.limiter().BlockUntil("orders", now_ + seconds(60));
  now_ += milliseconds(2'399);
  EXPECT_EQ(Ids(pacer_.TakeOverdue(now_)), List{});
  now_ += milliseconds(1);
  EXPECT_EQ(Ids(pacer_.TakeOverdue(now_)), List{3});
  now_ += milliseconds(100);
  EXPECT_EQ(Ids(pacer_.TakeOverdue(now_)), List{4});
  now_ += seconds(60);
  EXPECT_EQ(Go(), List{2});
}

TEST_F(CommandPacerTest, TellsWhenToLookAgain) {
  Define("orders", 1, 0);
  EXPECT_EQ(pacer_.NextAt(now_), std::nullopt);
  ASSERT_TRUE(Place(1).ok());
  EXPECT_EQ(pacer_.NextAt(now_), now_);
  EXPECT_EQ(Go(), List{1});
  ASSERT_TRUE(Place(2).ok());
  const auto next = pacer_.NextAt(now_);
  ASSERT_TRUE(next);
  EXPECT_GE(*next, now_ + seconds(1));
  EXPECT_LE(*next, now_ + milliseconds(1'016));
  now_ = *next;
  EXPECT_EQ(Go(), List{2});
  ASSERT_TRUE(Place(3).ok());
  pacer_.limiter().BlockUntil("orders", now_ + seconds(60));
  EXPECT_EQ(pacer_.NextAt(now_), now_ + milliseconds(2'500));
}

// Nothing is lost, nothing sent twice, no window is overrun, whatever comes.
TEST_F(CommandPacerTest, EveryCommandLeavesExactlyOnce) {
  Define("a", 5, 2);
  Define("b", 3, 1);
  std::mt19937 random(3);
  std::vector<int> left(5'000, 0);
  std::vector<std::uint64_t> pushed;
  std::vector<nanoseconds> sent_on_a;
  const auto take = [&left](const std::vector<PacedCommand>& commands) {
    for (const PacedCommand& command : commands) ++left[command.id];
  };
  for (std::uint64_t id = 0; id < left.size(); ++id) {
    now_ += milliseconds(random() % 200);
    const PacedCommand command{id, "order" + std::to_string(random() % 6),
                               random() % 2 == 0 ? "a" : "b", 1, random() % 2 == 0};
    if (pacer_.Push(command, now_).ok()) pushed.push_back(id);
    if (random() % 20 == 0) take(pacer_.Withdraw("order0"));
    take(pacer_.TakeOverdue(now_));
    while (const auto gone = pacer_.Pop(now_)) {
      ++left[gone->id];
      if (gone->limit == "a") sent_on_a.push_back(now_);
    }
  }
  for (int i = 0; i < 100; ++i) {
    now_ += seconds(1);
    take(pacer_.TakeOverdue(now_));
    while (const auto gone = pacer_.Pop(now_)) ++left[gone->id];
  }
  EXPECT_EQ(pacer_.waiting(), 0u);
  EXPECT_EQ(pacer_.NextAt(now_), std::nullopt);
  int total = 0;
  for (const int count : left) total += count;
  EXPECT_EQ(total, static_cast<int>(pushed.size()));
  for (const std::uint64_t id : pushed) EXPECT_EQ(left[id], 1) << id;
  for (std::size_t i = 5; i < sent_on_a.size(); ++i) {
    EXPECT_GE(sent_on_a[i] - sent_on_a[i - 5], seconds(1)) << i;
  }
}

}  // namespace
}  // namespace switchyard::order::risk
