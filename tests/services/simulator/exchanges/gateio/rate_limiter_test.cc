#include "services/simulator/exchanges/gateio/rate_limiter.h"

#include <gtest/gtest.h>

namespace switchyard::simulator::gateio {
namespace {

constexpr std::int64_t kStart = 1'700'000'000'500'000'000;

TEST(RateLimiterTest, RefusesTheRequestAfterTheLimitUntilTheWindowEnds) {
  RateLimiter limiter(1);
  for (std::int64_t i = 0; i < RateLimit{}.requests; ++i) {
    const auto decision = limiter.Count("/a", "10.0.0.1", kStart + i);
    ASSERT_TRUE(decision.allowed) << i;
    ASSERT_EQ(decision.remaining, RateLimit{}.requests - i - 1);
  }
  const auto refused = limiter.Count("/a", "10.0.0.1", kStart + 1'000);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.reset_s, 1'700'000'011);
  EXPECT_TRUE(limiter.Count("/a", "10.0.0.1", kStart + RateLimit{}.window_ns).allowed);
}

TEST(RateLimiterTest, EndpointsAndAddressesCountApart) {
  RateLimiter limiter(1);
  for (std::int64_t i = 0; i < RateLimit{}.requests; ++i) limiter.Count("/a", "x", kStart);
  EXPECT_FALSE(limiter.Count("/a", "x", kStart).allowed);
  EXPECT_TRUE(limiter.Count("/b", "x", kStart).allowed);
  EXPECT_TRUE(limiter.Count("/a", "y", kStart).allowed);
}

TEST(RateLimiterTest, TheScaleLoosens) {
  RateLimiter limiter(3);
  EXPECT_EQ(limiter.Count("/a", "x", kStart).limit, 3 * RateLimit{}.requests);
}

}  // namespace
}  // namespace switchyard::simulator::gateio
