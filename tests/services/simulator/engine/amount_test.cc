#include "services/simulator/engine/amount.h"

#include <gtest/gtest.h>

namespace switchyard::simulator::engine {
namespace {

TEST(AmountTest, ReadsAndWritesTwentyDecimals) {
  EXPECT_EQ(Amount::Parse("3081.68642272991036062136")->Text(), "3081.68642272991036062136");
  EXPECT_EQ(Amount::Parse("-1.25e-08")->Text(), "-0.0000000125");
  EXPECT_EQ(Amount::Parse("0.100")->Text(), "0.1");
}

TEST(AmountTest, WhatDoesNotFitIsNoAmount) {
  EXPECT_FALSE(Amount::Parse("0.000000000000000000001").has_value());
  EXPECT_FALSE(Amount::Parse("1000000000000000").has_value());
  EXPECT_FALSE(Amount::Parse("ten").has_value());
  EXPECT_FALSE(Amount::Parse("").has_value());
}

TEST(AmountTest, QuotientsSayHowTheyRound) {
  const Amount third = Amount::FromInt(1).DividedBy(3);
  EXPECT_EQ(third.Text(), "0.33333333333333333333");
  EXPECT_EQ(Amount::FromInt(1).DividedUp(3).Text(), "0.33333333333333333334");
  EXPECT_EQ(Amount::FromInt(6).DividedUp(3).Text(), "2");
  EXPECT_EQ(Amount::FromInt(50'000).PerMillion(500).Text(), "25");
}

TEST(AmountTest, QuotientTextStopsAtItsDecimals) {
  EXPECT_EQ(QuotientText(Amount::FromInt(2), Amount::FromInt(3), 4), "0.6666");
  EXPECT_EQ(QuotientText(Amount::FromInt(-1), Amount::FromInt(4), 4), "-0.25");
  EXPECT_EQ(QuotientText(Amount::FromInt(1), Amount(), 4), "0");
}

}  // namespace
}  // namespace switchyard::simulator::engine
