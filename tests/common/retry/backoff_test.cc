#include "common/retry/backoff.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace switchyard::retry {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr Reconnect kPolicy = {.first = milliseconds(100),
                               .factor = 2.0,
                               .cap = seconds(1),
                               .attempts = 3,
                               .stable_after = seconds(10)};

RandomBits Always(std::uint64_t bits) {
  return [bits] { return bits; };
}

TEST(BackoffTest, DelaysGrowToTheCapAndStayThere) {
  Backoff backoff(kPolicy, Always(0));
  const std::vector<milliseconds> want = {milliseconds(100), milliseconds(200), milliseconds(400),
                                          milliseconds(800), seconds(1),        seconds(1)};
  for (const milliseconds delay : want) EXPECT_EQ(backoff.Failed(seconds(0)), delay);
}

TEST(BackoffTest, ManyFailuresDoNotOverflow) {
  Backoff backoff(kPolicy, Always(0));
  for (int i = 0; i < 100'000; ++i) ASSERT_LE(backoff.Failed(seconds(0)), kPolicy.cap);
}

TEST(BackoffTest, ExhaustedAfterItsAttemptsAndGoesOn) {
  Backoff backoff(kPolicy, Always(0));
  backoff.Failed(seconds(0));
  backoff.Failed(seconds(0));
  EXPECT_FALSE(backoff.exhausted());
  backoff.Failed(seconds(0));
  EXPECT_TRUE(backoff.exhausted());
  EXPECT_GT(backoff.Failed(seconds(0)), seconds(0));
  EXPECT_EQ(backoff.failures(), 4);
}

TEST(BackoffTest, NoAttemptsMeansNeverExhausted) {
  Reconnect policy = kPolicy;
  policy.attempts = 0;
  Backoff backoff(policy, Always(0));
  for (int i = 0; i < 100; ++i) backoff.Failed(seconds(0));
  EXPECT_FALSE(backoff.exhausted());
}

TEST(BackoffTest, JitterTakesAtMostHalf) {
  for (std::uint64_t bits = 0; bits < 200; ++bits) {
    const auto spread = std::numeric_limits<std::uint64_t>::max() / 199;
    Backoff backoff(kPolicy, Always(bits * spread));
    const nanoseconds delay = backoff.Failed(seconds(0));
    EXPECT_GE(delay, milliseconds(50));
    EXPECT_LE(delay, milliseconds(100));
  }
}

TEST(BackoffTest, JitterUsesTheInjectedBits) {
  Backoff backoff(kPolicy, Always(10'000'000));
  EXPECT_EQ(backoff.Failed(seconds(0)), milliseconds(90));
}

TEST(BackoffTest, StableConnectionResetsAndRetriesAtOnce) {
  Backoff backoff(kPolicy, Always(0));
  backoff.Failed(seconds(0));
  backoff.Failed(seconds(0));
  backoff.Connected(seconds(5));
  EXPECT_EQ(backoff.Failed(seconds(15)), seconds(0));
  EXPECT_EQ(backoff.failures(), 0);
  EXPECT_EQ(backoff.Failed(seconds(15)), milliseconds(100));
}

TEST(BackoffTest, ConnectionThatDropsAtOnceResetsNothing) {
  Backoff backoff(kPolicy, Always(0));
  backoff.Failed(seconds(0));
  backoff.Connected(seconds(5));
  EXPECT_EQ(backoff.Failed(seconds(15) - nanoseconds(1)), milliseconds(200));
  EXPECT_EQ(backoff.failures(), 2);
}

TEST(BackoffTest, ResetForgetsEverything) {
  Backoff backoff(kPolicy, Always(0));
  for (int i = 0; i < 5; ++i) backoff.Failed(seconds(0));
  backoff.Reset();
  EXPECT_FALSE(backoff.exhausted());
  EXPECT_EQ(backoff.Failed(seconds(0)), milliseconds(100));
}

TEST(BackoffTest, ZeroFirstDelayNeedsNoJitter) {
  Reconnect policy = kPolicy;
  policy.first = nanoseconds(0);
  Backoff backoff(policy, Always(7));
  EXPECT_EQ(backoff.Failed(seconds(0)), nanoseconds(0));
}

TEST(SystemRandomTest, BitsDiffer) {
  const RandomBits random = SystemRandom();
  EXPECT_NE(random(), random());
}

}  // namespace
}  // namespace switchyard::retry
