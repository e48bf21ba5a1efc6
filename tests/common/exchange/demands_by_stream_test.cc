#include "common/exchange/demands_by_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace switchyard::exchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr StreamKey kStream{4, {7}, 0};
constexpr DemandKey kTicker{{7}, Channel::kTicker, 0};
constexpr DemandKey kMarkPrice{{7}, Channel::kMarkPrice, 0};

TEST(DemandsByStreamTest, TheFirstDemandOpensAStreamAndTheLastClosesIt) {
  DemandsByStream demands;
  EXPECT_TRUE(demands.Add(kStream, kTicker));
  EXPECT_FALSE(demands.Add(kStream, kMarkPrice));
  EXPECT_THAT(demands.Of(kStream), ElementsAre(kTicker, kMarkPrice));
  EXPECT_FALSE(demands.Remove(kStream, kTicker));
  EXPECT_THAT(demands.Of(kStream), ElementsAre(kMarkPrice));
  EXPECT_TRUE(demands.Remove(kStream, kMarkPrice));
  EXPECT_THAT(demands.Of(kStream), IsEmpty());
  EXPECT_TRUE(demands.Add(kStream, kTicker));
}

TEST(DemandsByStreamTest, ADemandTwiceCountsOnce) {
  DemandsByStream demands;
  demands.Add(kStream, kTicker);
  EXPECT_FALSE(demands.Add(kStream, kTicker));
  EXPECT_TRUE(demands.Remove(kStream, kTicker));
}

TEST(DemandsByStreamTest, WhatWasNotWantedClosesNothing) {
  DemandsByStream demands;
  EXPECT_FALSE(demands.Remove(kStream, kTicker));
  demands.Add(kStream, kTicker);
  EXPECT_FALSE(demands.Remove(kStream, kMarkPrice));
  EXPECT_FALSE(demands.Remove({4, {8}, 0}, kTicker));
  EXPECT_THAT(demands.Of(kStream), ElementsAre(kTicker));
}

}  // namespace
}  // namespace switchyard::exchange
