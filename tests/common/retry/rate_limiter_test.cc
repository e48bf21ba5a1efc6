#include "common/retry/rate_limiter.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>
#include <string>

namespace switchyard::retry {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// One slot: how much later than exactly a permit may come back.
constexpr nanoseconds Slot(nanoseconds window) { return window / 64 + nanoseconds(1); }

struct BadLimit {
  std::string name;
  Limit limit;
};
class BadLimitTest : public testing::TestWithParam<BadLimit> {};

TEST_P(BadLimitTest, IsInvalidArgument) {
  RateLimiter limiter;
  EXPECT_EQ(limiter.Define("x", GetParam().limit).code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Limits, BadLimitTest,
                         testing::Values(BadLimit{"no_permits", {0, seconds(1), 0}},
                                         BadLimit{"negative_permits", {-1, seconds(1), 0}},
                                         BadLimit{"no_window", {1, seconds(0), 0}},
                                         BadLimit{"all_reserved", {5, seconds(1), 5}},
                                         BadLimit{"negative_reserve", {5, seconds(1), -1}},
                                         BadLimit{"negative_share", {5, seconds(1), 0, -1}},
                                         BadLimit{"all_shared_out", {5, seconds(1), 2, 3}}),
                         [](const auto& info) { return info.param.name; });

class RateLimiterTest : public testing::Test {
 protected:
  void Define(const Limit& limit, std::string_view name = "orders") {
    ASSERT_TRUE(limiter_.Define(name, limit).ok());
  }
  Permission Acquire(nanoseconds now, Priority priority = Priority::kNormal,
                     std::int64_t cost = 1) {
    const Charge charge{"orders", cost};
    return limiter_.Acquire(std::span(&charge, 1), priority, now);
  }
  RateLimiter limiter_;
};

TEST_F(RateLimiterTest, RefusesBeyondTheLimitAndTellsWhen) {
  Define({3, seconds(1), 0});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Acquire(seconds(10)).granted);
  const Permission refused = Acquire(seconds(10));
  EXPECT_FALSE(refused.granted);
  EXPECT_GE(refused.next_at, seconds(11));
  EXPECT_LE(refused.next_at, seconds(11) + Slot(seconds(1)));
  EXPECT_FALSE(Acquire(refused.next_at - nanoseconds(1)).granted);
  EXPECT_TRUE(Acquire(refused.next_at).granted);
}

TEST_F(RateLimiterTest, UnknownNameIsNotLimited) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Acquire(seconds(0)).granted);
  EXPECT_EQ(limiter_.NextAt("orders", 1, Priority::kNormal, seconds(5)), seconds(5));
  EXPECT_EQ(limiter_.Headroom("orders", seconds(0)), 0);
}

TEST_F(RateLimiterTest, CostAboveTheLimitIsNever) {
  Define({10, seconds(1), 2});
  EXPECT_EQ(Acquire(seconds(0), Priority::kNormal, 9).next_at, Permission::kNever);
  EXPECT_TRUE(Acquire(seconds(0), Priority::kUrgent, 10).granted);
}

TEST_F(RateLimiterTest, RefusalTakesNothing) {
  Define({10, seconds(1), 0});
  EXPECT_TRUE(Acquire(seconds(0), Priority::kNormal, 6).granted);
  EXPECT_FALSE(Acquire(seconds(0), Priority::kNormal, 5).granted);
  EXPECT_TRUE(Acquire(seconds(0), Priority::kNormal, 4).granted);
}

TEST_F(RateLimiterTest, ReserveIsForUrgentRequests) {
  Define({5, seconds(1), 2});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Acquire(seconds(0)).granted);
  EXPECT_FALSE(Acquire(seconds(0)).granted);
  EXPECT_TRUE(Acquire(seconds(0), Priority::kUrgent).granted);
  EXPECT_TRUE(Acquire(seconds(0), Priority::kUrgent).granted);
  EXPECT_FALSE(Acquire(seconds(0), Priority::kUrgent).granted);
}

TEST_F(RateLimiterTest, UrgentRequestsLeaveTheNormalOnesTheirShare) {
  Define({10, seconds(1), 4, 3});
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(Acquire(seconds(0), Priority::kUrgent).granted) << i;
  const Permission refused = Acquire(seconds(0), Priority::kUrgent);
  EXPECT_FALSE(refused.granted);
  EXPECT_GE(refused.next_at, seconds(1));
  EXPECT_LE(refused.next_at, seconds(1) + Slot(seconds(1)));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Acquire(seconds(0)).granted) << i;
  EXPECT_FALSE(Acquire(seconds(0)).granted);
}

TEST_F(RateLimiterTest, NormalRequestsLeaveTheUrgentOnesTheirShare) {
  Define({10, seconds(1), 4, 3});
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(Acquire(seconds(0)).granted) << i;
  EXPECT_FALSE(Acquire(seconds(0)).granted);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Acquire(seconds(0), Priority::kUrgent).granted) << i;
  EXPECT_FALSE(Acquire(seconds(0), Priority::kUrgent).granted);
}

// What one kind took of its own reserve is not kept back a second time.
TEST_F(RateLimiterTest, AUsedReserveIsNotHeldBackTwice) {
  Define({10, seconds(1), 4, 3});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Acquire(seconds(0), Priority::kUrgent).granted);
  EXPECT_EQ(limiter_.Headroom("orders", seconds(0)), 6);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(Acquire(seconds(0)).granted) << i;
}

TEST_F(RateLimiterTest, TheTimeOfAFreePermitKnowsWhichKindItWillBe) {
  Define({4, seconds(10), 1, 1});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Acquire(seconds(i), Priority::kUrgent).granted);
  EXPECT_TRUE(Acquire(seconds(3)).granted);
  // The oldest permit is an urgent one: when it is back either kind may have it.
  for (const Priority priority : {Priority::kNormal, Priority::kUrgent}) {
    const auto next = limiter_.NextAt("orders", 1, priority, seconds(3));
    EXPECT_GE(next, seconds(10));
    EXPECT_LE(next, seconds(10) + Slot(seconds(10)));
  }
}

TEST_F(RateLimiterTest, ABlockOfTheAddressHoldsEveryLimit) {
  Define({10, seconds(1), 0});
  Define({10, seconds(1), 0}, "weight");
  limiter_.BlockAllUntil(seconds(5));
  for (const char* const name : {"orders", "weight"}) {
    EXPECT_EQ(limiter_.Acquire(name, Priority::kUrgent, seconds(1)).next_at, seconds(5)) << name;
    EXPECT_TRUE(limiter_.Acquire(name, Priority::kNormal, seconds(5)).granted) << name;
  }
}

TEST_F(RateLimiterTest, NoWindowOfAnyAlignmentExceedsTheLimit) {
  constexpr std::int64_t kPermits = 20;
  Define({kPermits, seconds(1), 0});
  std::mt19937 random(1);  // NOLINT: a fixed seed makes the test repeatable
  std::deque<nanoseconds> granted;
  std::size_t total = 0;
  nanoseconds now{0};
  for (int i = 0; i < 20'000; ++i) {
    now += milliseconds(random() % 40);
    while (!granted.empty() && granted.front() <= now - seconds(1)) granted.pop_front();
    if (!Acquire(now).granted) continue;
    granted.push_back(now);
    ++total;
    ASSERT_LE(static_cast<std::int64_t>(granted.size()), kPermits) << now.count();
  }
  // And it does not starve: at least 95 % of what the limit allows in the time that passed.
  EXPECT_GE(total * 100, static_cast<std::size_t>(now / seconds(1)) * kPermits * 95);
}

TEST_F(RateLimiterTest, SeveralLimitsAreTakenTogetherOrNotAtAll) {
  Define({10, seconds(1), 0}, "weight");
  Define({1, seconds(60), 0}, "orders");
  const std::array charges = {Charge{"weight", 5}, Charge{"orders", 1}};
  EXPECT_TRUE(limiter_.Acquire(charges, Priority::kNormal, seconds(0)).granted);
  const Permission refused = limiter_.Acquire(charges, Priority::kNormal, seconds(0));
  EXPECT_FALSE(refused.granted);
  EXPECT_GE(refused.next_at, seconds(60));
  EXPECT_EQ(limiter_.Headroom("weight", seconds(0)), 5);
}

TEST_F(RateLimiterTest, ReportOfOthersUseTightens) {
  Define({100, seconds(10), 0});
  limiter_.Correct("orders", {.remaining = 1, .limit = {}, .reset_at = seconds(7)}, seconds(2));
  EXPECT_TRUE(Acquire(seconds(2)).granted);
  const Permission refused = Acquire(seconds(2));
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.next_at, seconds(7));
  EXPECT_TRUE(Acquire(seconds(7)).granted);
}

TEST_F(RateLimiterTest, ReportNeverLoosens) {
  Define({2, seconds(10), 0});
  Acquire(seconds(0));
  Acquire(seconds(0));
  limiter_.Correct("orders", {.remaining = 50, .limit = 50, .reset_at = seconds(9)}, seconds(1));
  EXPECT_FALSE(Acquire(seconds(1)).granted);
}

TEST_F(RateLimiterTest, LaterReportReplacesTheEarlier) {
  Define({100, seconds(10), 0});
  limiter_.Correct("orders", {.remaining = 0, .limit = {}, .reset_at = seconds(9)}, seconds(1));
  limiter_.Correct("orders", {.remaining = 5, .limit = {}, .reset_at = seconds(9)}, seconds(2));
  EXPECT_EQ(limiter_.Headroom("orders", seconds(2)), 5);
}

TEST_F(RateLimiterTest, ReportWithoutResetHoldsForAWindow) {
  Define({100, seconds(10), 0});
  limiter_.Correct("orders", {.remaining = 0, .limit = {}, .reset_at = {}}, seconds(1));
  EXPECT_EQ(Acquire(seconds(1)).next_at, seconds(11));
}

TEST_F(RateLimiterTest, ReportOfAPastResetIsIgnored) {
  Define({100, seconds(10), 0});
  limiter_.Correct("orders", {.remaining = 0, .limit = {}, .reset_at = seconds(1)}, seconds(1));
  EXPECT_TRUE(Acquire(seconds(1)).granted);
}

TEST_F(RateLimiterTest, ReportedSmallerLimitHolds) {
  Define({100, seconds(10), 0});
  limiter_.Correct("orders", {.remaining = {}, .limit = 2, .reset_at = seconds(30)}, seconds(0));
  EXPECT_TRUE(Acquire(seconds(0)).granted);
  EXPECT_TRUE(Acquire(seconds(0)).granted);
  const Permission refused = Acquire(seconds(0));
  EXPECT_FALSE(refused.granted);
  EXPECT_GE(refused.next_at, seconds(10));
  EXPECT_LT(refused.next_at, seconds(11));
}

TEST_F(RateLimiterTest, ReserveCountsAgainstTheReportToo) {
  Define({100, seconds(10), 2});
  limiter_.Correct("orders", {.remaining = 2, .limit = {}, .reset_at = seconds(9)}, seconds(0));
  EXPECT_FALSE(Acquire(seconds(0)).granted);
  EXPECT_TRUE(Acquire(seconds(0), Priority::kUrgent).granted);
}

TEST_F(RateLimiterTest, BlockHoldsEvenUrgentRequests) {
  Define({100, seconds(1), 0});
  limiter_.BlockUntil("orders", seconds(60));
  limiter_.BlockUntil("orders", seconds(30));
  const Permission refused = Acquire(seconds(1), Priority::kUrgent);
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.next_at, seconds(60));
  EXPECT_EQ(limiter_.Headroom("orders", seconds(1)), 0);
  EXPECT_TRUE(Acquire(seconds(60)).granted);
}

TEST_F(RateLimiterTest, CorrectionsOfUnknownNamesAreHarmless) {
  limiter_.Correct("nothing", {.remaining = 0, .limit = {}, .reset_at = {}}, seconds(0));
  limiter_.BlockUntil("nothing", seconds(9));
  EXPECT_TRUE(limiter_.Acquire("nothing", Priority::kNormal, seconds(0)).granted);
}

TEST_F(RateLimiterTest, RedefiningKeepsTheCount) {
  Define({2, seconds(10), 0});
  Acquire(seconds(0));
  Acquire(seconds(0));
  Define({3, seconds(10), 0});
  EXPECT_TRUE(Acquire(seconds(0)).granted);
  EXPECT_FALSE(Acquire(seconds(0)).granted);
}

TEST_F(RateLimiterTest, HeadroomLeavesTheReserveOut) {
  Define({10, seconds(1), 3});
  Acquire(seconds(0));
  EXPECT_EQ(limiter_.Headroom("orders", seconds(0)), 6);
  EXPECT_EQ(limiter_.Headroom("orders", seconds(2)), 7);
}

TEST_F(RateLimiterTest, NextAtTakesNothing) {
  Define({1, seconds(1), 0});
  EXPECT_EQ(limiter_.NextAt("orders", 1, Priority::kNormal, seconds(3)), seconds(3));
  EXPECT_TRUE(Acquire(seconds(3)).granted);
  EXPECT_GE(limiter_.NextAt("orders", 1, Priority::kNormal, seconds(3)), seconds(4));
}

}  // namespace
}  // namespace switchyard::retry
