#include "common/retry/pacer.h"

#include <gtest/gtest.h>

namespace switchyard::retry {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(PacerTest, UnansweredRequestsAreBounded) {
  Pacer pacer({.max_in_flight = 2});
  EXPECT_TRUE(pacer.TryStart(seconds(0)));
  EXPECT_TRUE(pacer.TryStart(seconds(0)));
  EXPECT_FALSE(pacer.TryStart(seconds(100)));
  EXPECT_EQ(pacer.NextAt(seconds(100)), Pacer::kNever);
  pacer.Finished();
  EXPECT_EQ(pacer.NextAt(seconds(100)), seconds(100));
  EXPECT_TRUE(pacer.TryStart(seconds(100)));
}

TEST(PacerTest, RateIsBoundedToo) {
  Pacer pacer({.max_in_flight = 10, .per_window = 2, .window = seconds(1)});
  EXPECT_TRUE(pacer.TryStart(seconds(0)));
  EXPECT_TRUE(pacer.TryStart(seconds(0)));
  EXPECT_FALSE(pacer.TryStart(seconds(0)));
  const nanoseconds next = pacer.NextAt(seconds(0));
  EXPECT_GE(next, seconds(1));
  EXPECT_LT(next, seconds(2));
  EXPECT_TRUE(pacer.TryStart(next));
  EXPECT_EQ(pacer.in_flight(), 3);
}

TEST(PacerTest, RefusedRequestIsNotInFlight) {
  Pacer pacer({.max_in_flight = 10, .per_window = 1, .window = seconds(1)});
  EXPECT_TRUE(pacer.TryStart(seconds(0)));
  EXPECT_FALSE(pacer.TryStart(seconds(0)));
  EXPECT_EQ(pacer.in_flight(), 1);
}

TEST(PacerTest, ResetFreesPlacesButNotTheRate) {
  Pacer pacer({.max_in_flight = 2, .per_window = 2, .window = seconds(1)});
  EXPECT_TRUE(pacer.TryStart(seconds(0)));
  EXPECT_TRUE(pacer.TryStart(seconds(0)));
  pacer.Reset();
  EXPECT_EQ(pacer.in_flight(), 0);
  EXPECT_FALSE(pacer.TryStart(seconds(0)));
  EXPECT_TRUE(pacer.TryStart(seconds(2)));
}

TEST(PacerTest, SurplusAnswersFreeNothing) {
  Pacer pacer({.max_in_flight = 1});
  pacer.Finished();
  pacer.Finished();
  EXPECT_TRUE(pacer.TryStart(seconds(0)));
  EXPECT_FALSE(pacer.TryStart(seconds(0)));
}

}  // namespace
}  // namespace switchyard::retry
