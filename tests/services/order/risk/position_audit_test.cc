#include "services/order/risk/position_audit.h"

#include <gtest/gtest.h>

namespace switchyard::order::risk {
namespace {

constexpr char kPerp[] = "BTC-USDT-PERP";

Decimal D(const char* text) { return *Decimal::Parse(text); }

class PositionAuditTest : public testing::Test {
 protected:
  // The position was read so many times; what became certain.
  std::vector<PositionAudit::Mismatch> Compare(const char* size, int times = 1) {
    std::vector<PositionAudit::Mismatch> found;
    for (int i = 0; i < times; ++i) {
      for (PositionAudit::Mismatch& each : audit_.Compare({{kPerp, D(size)}})) {
        found.push_back(std::move(each));
      }
    }
    return found;
  }

  PositionAudit audit_;
};

TEST_F(PositionAuditTest, WhatThereWasAtTheBeginningIsTakenAsItIs) {
  EXPECT_TRUE(Compare("5", 10).empty());
  EXPECT_FALSE(audit_.wants_comparison());
}

TEST_F(PositionAuditTest, FillsExplainAPosition) {
  Compare("5", 3);
  audit_.AddFill(kPerp, D("2"));
  audit_.AddFill(kPerp, D("-8"));
  EXPECT_TRUE(Compare("-1", 5).empty());
}

TEST_F(PositionAuditTest, ADifferenceCountsWhenItWasTheSameThreeTimesAndIsToldOnce) {
  Compare("5", 3);
  audit_.AddFill(kPerp, D("1"));
  EXPECT_TRUE(Compare("4", 2).empty());
  EXPECT_TRUE(audit_.wants_comparison());
  const auto found = Compare("4");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].symbol, kPerp);
  EXPECT_EQ(found[0].expected, D("6"));
  EXPECT_EQ(found[0].exchange_size, D("4"));
  EXPECT_TRUE(Compare("4", 5).empty()) << "the exchange's truth was adopted";
  audit_.AddFill(kPerp, D("1"));
  EXPECT_TRUE(Compare("5", 5).empty());
}

TEST_F(PositionAuditTest, APositionThatIsReadBeforeItsFillIsNoMismatch) {
  Compare("0", 3);
  EXPECT_TRUE(Compare("1").empty());
  audit_.AddFill(kPerp, D("1"));
  EXPECT_TRUE(Compare("1").empty());
  EXPECT_TRUE(Compare("3").empty());
  audit_.AddFill(kPerp, D("2"));
  EXPECT_TRUE(Compare("3", 5).empty());
}

TEST_F(PositionAuditTest, NothingIsConcludedWhereFillsMayBeMissing) {
  Compare("5", 3);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(audit_.Compare({{kPerp, D("9")}}, {kPerp}).empty());
  EXPECT_TRUE(Compare("9", 2).empty()) << "what was seen meanwhile does not count";
  EXPECT_EQ(Compare("9").size(), 1u);
}

TEST_F(PositionAuditTest, AMarketThatAppearsLaterWasFlat) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(audit_.Compare({}).empty());
  const auto found = Compare("5", 3);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].expected, D("0"));
}

TEST_F(PositionAuditTest, APositionThatVanishedIsAMismatch) {
  Compare("5", 3);
  audit_.Compare({});
  audit_.Compare({});
  const auto found = audit_.Compare({});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].expected, D("5"));
  EXPECT_EQ(found[0].exchange_size, D("0"));
}

TEST_F(PositionAuditTest, WhatIsToldApartIsNoMismatch) {
  Compare("5", 3);
  audit_.Explain(kPerp);
  EXPECT_TRUE(Compare("0", 5).empty());
  EXPECT_EQ(Compare("2", 3).size(), 1u) << "the next one is";
}

TEST_F(PositionAuditTest, WhatWasCertainSurvivesARestartWithTheFillsSince) {
  EXPECT_EQ(audit_.Save(), std::nullopt);
  Compare("5.50", 3);
  audit_.AddFill(kPerp, D("-2"));
  const auto saved = audit_.Save();
  ASSERT_TRUE(saved.has_value());
  PositionAudit same;
  ASSERT_TRUE(same.Restore(*saved).ok());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(same.Compare({{kPerp, D("3.5")}}).empty());
  PositionAudit other;
  ASSERT_TRUE(other.Restore(*saved).ok());
  other.Compare({{kPerp, D("9")}});
  other.Compare({{kPerp, D("9")}});
  const auto found = other.Compare({{kPerp, D("9")}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].expected, D("3.5"));
}

TEST_F(PositionAuditTest, AFlatAccountSurvivesARestartToo) {
  for (int i = 0; i < 3; ++i) audit_.Compare({});
  const auto saved = audit_.Save();
  ASSERT_TRUE(saved.has_value());
  PositionAudit next;
  ASSERT_TRUE(next.Restore(*saved).ok());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(next.Compare({{kPerp, D("1")}}).empty());
  EXPECT_EQ(next.Compare({{kPerp, D("1")}}).size(), 1u);
}

TEST_F(PositionAuditTest, WhatWasNotCertainIsNotCertainAfterARestart) {
  for (const char* size : {"1", "2", "3"}) EXPECT_TRUE(Compare(size).empty());
  const auto saved = audit_.Save();
  ASSERT_TRUE(saved.has_value());
  PositionAudit next;
  ASSERT_TRUE(next.Restore(*saved).ok());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(next.Compare({{kPerp, D("3")}}).empty());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(next.Compare({{kPerp, D("4")}}).empty());
  EXPECT_EQ(next.Compare({{kPerp, D("4")}}).size(), 1u);
}

TEST_F(PositionAuditTest, WhatWasSavedMustParse) {
  for (const char* saved : {"", "5 X\n", "net\n5", "net\nX\n", "net\nfive X\n"}) {
    EXPECT_FALSE(PositionAudit().Restore(saved).ok()) << saved;
  }
}

}  // namespace
}  // namespace switchyard::order::risk
