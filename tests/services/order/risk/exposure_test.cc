#include "services/order/risk/exposure.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

using common::v1::POSITION_SIDE_LONG;
using common::v1::POSITION_SIDE_NET;
using common::v1::POSITION_SIDE_SHORT;
using common::v1::POSITION_SIDE_UNSPECIFIED;
using common::v1::SIDE_BUY;
using common::v1::SIDE_SELL;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class ExposureTest : public testing::Test {
 protected:
  static OpenOrder Order(common::v1::Side side, const std::string& quantity) {
    return {.symbol = "A",
            .side = side,
            .position_side = POSITION_SIDE_UNSPECIFIED,
            .quantity = D(quantity)};
  }
  // By the answer to a question, which waits for no fills.
  void Known(const std::string& size) {
    now_ += nanoseconds(1);
    exposure_.SetPositions({{"A", POSITION_SIDE_NET, D(size)}}, now_);
  }
  // By the stream.
  void Told(const std::string& size) {
    exposure_.SetPosition({"A", POSITION_SIDE_NET, D(size)}, now_);
  }
  // "long short".
  std::string Reached(common::v1::PositionSide side = POSITION_SIDE_UNSPECIFIED) const {
    const auto reach = exposure_.ReachOf("A", side, now_);
    return reach.ok()
               ? reach->long_quantity.ToShortString() + " " + reach->short_quantity.ToShortString()
               : std::string(reach.status().message());
  }

  nanoseconds now_ = seconds(100);
  Exposure exposure_{seconds(100)};
};

TEST_F(ExposureTest, NothingReachesNothing) { EXPECT_EQ(Reached(), "0 0"); }

TEST_F(ExposureTest, OpenOrdersAddInTheirOwnDirection) {
  Known("2");
  exposure_.Put("b1", Order(SIDE_BUY, "3"));
  exposure_.Put("b2", Order(SIDE_BUY, "0.5"));
  exposure_.Put("s1", Order(SIDE_SELL, "10"));
  EXPECT_EQ(Reached(), "5.5 8");
}

TEST_F(ExposureTest, AShortPositionReachesDownward) {
  Known("-2");
  exposure_.Put("s1", Order(SIDE_SELL, "1"));
  EXPECT_EQ(Reached(), "-2 3");
}

TEST_F(ExposureTest, ReducingOrdersAddNothing) {
  Known("2");
  OpenOrder order = Order(SIDE_SELL, "10");
  order.only_reduces = true;
  exposure_.Put("s", order);
  EXPECT_EQ(Reached(), "2 -2");
  EXPECT_EQ(exposure_.open_orders(), 1u);
}

TEST_F(ExposureTest, OrdersThatDoNotRestReachButAreNotOpen) {
  OpenOrder order = Order(SIDE_BUY, "1");
  order.rests = false;
  exposure_.Put("m", order);
  EXPECT_EQ(Reached(), "1 0");
  EXPECT_EQ(exposure_.open_orders(), 0u);
  exposure_.Remove("m");
  EXPECT_EQ(exposure_.open_orders(), 0u);
}

TEST_F(ExposureTest, HedgedHalvesAndMarketsAreApart) {
  exposure_.SetPositions({{"A", POSITION_SIDE_LONG, D("5")}, {"A", POSITION_SIDE_SHORT, D("-7")}},
                         now_);
  OpenOrder order = Order(SIDE_SELL, "1");
  order.position_side = POSITION_SIDE_SHORT;
  exposure_.Put("s", order);
  order.symbol = "B";
  exposure_.Put("other", order);
  EXPECT_EQ(Reached(POSITION_SIDE_LONG), "5 -5");
  EXPECT_EQ(Reached(POSITION_SIDE_SHORT), "-7 8");
  EXPECT_EQ(Reached(), "0 0");
  EXPECT_EQ(exposure_.SidesOf("A"),
            (std::vector<common::v1::PositionSide>{POSITION_SIDE_LONG, POSITION_SIDE_SHORT}));
  EXPECT_EQ(exposure_.Symbols(), (std::vector<std::string>{"A", "B"}));
}

TEST_F(ExposureTest, ChangesAndEndsOfOrdersAreTakenBackExactly) {
  exposure_.Put("b", Order(SIDE_BUY, "3"));
  exposure_.Put("b", Order(SIDE_BUY, "4"));
  EXPECT_EQ(Reached(), "4 0");
  exposure_.SetQuantity("b", D("1"));
  EXPECT_EQ(Reached(), "1 0");
  exposure_.Remove("b");
  exposure_.Remove("b");
  exposure_.SetQuantity("b", D("9"));
  exposure_.SetFilled("b", D("9"), now_);
  EXPECT_EQ(Reached(), "0 0");
  EXPECT_EQ(exposure_.open_orders(), 0u);
  EXPECT_TRUE(exposure_.Symbols().empty());
}

TEST_F(ExposureTest, AFillCountsUntilItsPositionIsTold) {
  Known("0");
  exposure_.Put("b", Order(SIDE_BUY, "3"));
  exposure_.SetFilled("b", D("3"), now_);
  exposure_.Remove("b");
  EXPECT_EQ(Reached(), "3 0");
  Told("3");
  EXPECT_EQ(Reached(), "3 -3");
}

TEST_F(ExposureTest, APositionToldBeforeItsFillIsNotCountedTwiceAfterIt) {
  Known("0");
  exposure_.Put("s", Order(SIDE_SELL, "3"));
  Told("-3");
  EXPECT_EQ(exposure_.Find("s")->quantity, D("3"));
  exposure_.SetFilled("s", D("3"), now_);
  exposure_.Remove("s");
  EXPECT_EQ(Reached(), "-3 3");
}

TEST_F(ExposureTest, FillsAndPositionsAnswerEachOtherInParts) {
  Known("0");
  exposure_.Put("b", Order(SIDE_BUY, "3"));
  exposure_.SetFilled("b", D("1"), now_);
  exposure_.SetFilled("b", D("2"), now_);
  EXPECT_EQ(Reached(), "3 0");
  Told("1");
  EXPECT_EQ(Reached(), "3 -1");
  exposure_.SetFilled("b", D("3"), now_);
  exposure_.Remove("b");
  EXPECT_EQ(Reached(), "3 -1");
  Told("3");
  EXPECT_EQ(Reached(), "3 -3");
}

TEST_F(ExposureTest, AFillToldTwiceCountsOnce) {
  exposure_.Put("b", Order(SIDE_BUY, "3"));
  exposure_.SetFilled("b", D("2"), now_);
  exposure_.SetQuantity("b", D("1"));
  exposure_.SetFilled("b", D("2"), now_);
  exposure_.SetFilled("b", D("1"), now_);
  exposure_.SetQuantity("b", D("1"));
  EXPECT_EQ(Reached(), "3 0");
}

TEST_F(ExposureTest, FillsOfBeforeItWasKnownAreInItsPositionAlready) {
  OpenOrder order = Order(SIDE_BUY, "3");
  order.filled = D("2");
  exposure_.Put("b", order);
  exposure_.SetFilled("b", D("2"), now_);
  EXPECT_EQ(Reached(), "3 0");
  exposure_.SetFilled("b", D("4"), now_);
  exposure_.Remove("b");
  EXPECT_EQ(Reached(), "2 0");
}

TEST_F(ExposureTest, AFillWithoutItsPositionIsForgottenAfterAWhile) {
  exposure_.Put("b", Order(SIDE_BUY, "3"));
  exposure_.SetFilled("b", D("3"), now_);
  exposure_.Remove("b");
  now_ += Exposure::kSettling - nanoseconds(1);
  EXPECT_EQ(Reached(), "3 0");
  now_ += nanoseconds(1);
  EXPECT_EQ(Reached(), "0 0");
}

TEST_F(ExposureTest, APositionThatNobodyHereFilledIsNotCountedTwiceForLong) {
  Known("0");
  Told("5");
  EXPECT_EQ(Reached(), "5 0");
  now_ += Exposure::kSettling;
  EXPECT_EQ(Reached(), "5 -5");
}

TEST_F(ExposureTest, PositionsToldBeforeTheFirstAnswerWaitForNoFills) {
  Told("5");
  EXPECT_EQ(Reached(), "5 -5");
}

TEST_F(ExposureTest, ASnapshotReplacesWhatWasToldBeforeItsQuestion) {
  Told("5");
  exposure_.Put("b", Order(SIDE_BUY, "1"));
  exposure_.SetFilled("b", D("1"), now_);
  exposure_.Remove("b");
  exposure_.SetPositions({{"A", POSITION_SIDE_UNSPECIFIED, D("6")}}, now_ + seconds(1));
  now_ += seconds(2);
  EXPECT_EQ(Reached(), "6 -6");
  exposure_.SetPositions({}, now_);
  EXPECT_EQ(Reached(), "0 0");
  EXPECT_TRUE(exposure_.Symbols().empty());
}

TEST_F(ExposureTest, ASnapshotIsOlderThanWhatTheStreamToldAfterItsQuestion) {
  const nanoseconds asked_at = now_;
  now_ += seconds(1);
  Told("0");
  now_ += seconds(1);
  exposure_.SetPositions({{"A", POSITION_SIDE_NET, D("5")}}, asked_at);
  EXPECT_EQ(exposure_.PositionOf("A", POSITION_SIDE_NET), Decimal());
}

TEST_F(ExposureTest, PositionsAgeUntilTheyAreToldAndWhenTheyAreLost) {
  now_ += seconds(3);
  EXPECT_FALSE(exposure_.positions_known());
  EXPECT_EQ(exposure_.PositionsAge(now_), seconds(3));
  Told("1");
  EXPECT_FALSE(exposure_.positions_known());
  exposure_.SetPositions({}, now_);
  EXPECT_TRUE(exposure_.positions_known());
  now_ += seconds(60);
  EXPECT_EQ(exposure_.PositionsAge(now_), seconds(0));
  exposure_.PositionsLost(now_);
  now_ += seconds(4);
  exposure_.PositionsLost(now_);
  now_ += seconds(4);
  EXPECT_EQ(exposure_.PositionsAge(now_), seconds(8));
  exposure_.SetPositions({}, now_ - seconds(9));
  EXPECT_EQ(exposure_.PositionsAge(now_), seconds(8));
  exposure_.SetPositions({}, now_ - seconds(1));
  EXPECT_EQ(exposure_.PositionsAge(now_), seconds(0));
}

TEST_F(ExposureTest, SumsThatExceed38DigitsAreSaidSoAndMend) {
  const std::string huge(38, '9');
  exposure_.Put("a", Order(SIDE_BUY, huge));
  exposure_.Put("b", Order(SIDE_BUY, huge));
  EXPECT_EQ(exposure_.ReachOf("A", POSITION_SIDE_NET, now_).status().code(),
            absl::StatusCode::kOutOfRange);
  exposure_.Remove("b");
  EXPECT_EQ(Reached(), huge + " 0");
}

// Against sums made anew from a plain list after each step.
TEST_F(ExposureTest, SumsEqualThoseOfAPlainList) {
  std::mt19937 random(7);
  std::map<std::string, OpenOrder> open;
  for (int i = 0; i < 3'000; ++i) {
    const std::string key = std::to_string(random() % 20);
    const auto side = random() % 2 == 0 ? SIDE_BUY : SIDE_SELL;
    switch (random() % 3) {
      case 0: {
        OpenOrder order = Order(side, "0." + std::to_string(1 + random() % 9'999));
        order.only_reduces = random() % 4 == 0;
        order.rests = random() % 4 != 0;
        exposure_.Put(key, order);
        open[key] = order;
        break;
      }
      case 1:
        exposure_.Remove(key);
        open.erase(key);
        break;
      default:
        exposure_.SetQuantity(key, D("0.5"));
        if (open.contains(key)) open[key].quantity = D("0.5");
    }
    Decimal buys, sells;
    unsigned resting = 0;
    for (const auto& [name, order] : open) {
      resting += order.rests ? 1 : 0;
      if (order.only_reduces) continue;
      Decimal& sum = order.side == SIDE_BUY ? buys : sells;
      sum = Decimal::Add(sum, order.quantity).value();
    }
    ASSERT_EQ(Reached(), buys.ToShortString() + " " + sells.ToShortString()) << i;
    ASSERT_EQ(exposure_.open_orders(), resting) << i;
  }
}

}  // namespace
}  // namespace switchyard::order::risk
