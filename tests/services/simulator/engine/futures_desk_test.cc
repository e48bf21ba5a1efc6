#include "services/simulator/engine/futures_desk.h"

#include <gtest/gtest.h>

#include "tests/services/simulator/engine/desk_harness.h"

namespace switchyard::simulator::engine::testing {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000'000'000;

// A contract is 0.0001 coin and a tick 0.1: 10,000 contracts at 500,000 ticks are 1 coin at 50,000.
class FuturesDeskTest : public ::testing::Test {
 protected:
  FuturesDeskTest() {
    desk_.Add(market_, {1, 4, 200, 500});
    for (const UserId user : {kAda, kBob}) {
      EXPECT_EQ(desk_.Transfer(user, Amount::FromInt(20'000), kNow), Refusal::kNone);
    }
  }

  ClientOrder& Place(const OrderRequest& request) {
    const Outcome outcome = desk_.Place(request, kNow);
    EXPECT_EQ(outcome.refusal, Refusal::kNone);
    return *outcome.order;
  }
  // Ada buys from Bob, who was there first.
  void Trade(std::int64_t price, std::int64_t contracts) {
    Place(Limit(market_, kBob, Side::kSell, price, contracts));
    Place(Limit(market_, kAda, Side::kBuy, price, contracts));
  }
  Position& Of(UserId user, PositionSide side = PositionSide::kSingle) {
    return desk_.PositionOf(user, market_, side);
  }
  std::string BalanceOf(UserId user) { return desk_.AccountOf(user).balance.Text(); }
  std::string AvailableOf(UserId user) { return desk_.FiguresOf(user).available.Text(); }

  Heard heard_;
  std::int64_t mark_ = 500'000;
  Market market_{{"BTC_USDT", 1, 0, 500'000, 1, 1'000, /*has_flow=*/false}, 1, kNow};
  FuturesDesk desk_{1,
                    {[this](const Market&) { return mark_; },
                     [](Position& position) { position.risk_limit = Amount::FromInt(150'000); }},
                    heard_,
                    heard_};
  Bridge bridge_{market_, desk_};
};

TEST_F(FuturesDeskTest, AnOrderHoldsMarginAndTheTakersFee) {
  Place(Limit(market_, kAda, Side::kBuy, 500'000, 10'000));
  // 50,000 / 10 + 0.05 % of 50,000.
  EXPECT_EQ(desk_.FiguresOf(kAda).order_margin.Text(), "5025");
  EXPECT_EQ(AvailableOf(kAda), "14975");
}

TEST_F(FuturesDeskTest, OpeningMovesFeesAndMargins) {
  Trade(500'000, 10'000);
  EXPECT_EQ(Of(kAda).size, 10'000);
  EXPECT_EQ(Of(kBob).size, -10'000);
  // The taker pays 25, the maker 10.
  EXPECT_EQ(BalanceOf(kAda), "19975");
  EXPECT_EQ(BalanceOf(kBob), "19990");
  EXPECT_EQ(Of(kAda).margin.Text(), "5000");
  EXPECT_EQ(AvailableOf(kAda), "14975");
  EXPECT_EQ(Of(kAda).pnl_fee.Text(), "-25");
  EXPECT_EQ(EntryPrice(Of(kAda), desk_.terms(market_)), "50000");
}

TEST_F(FuturesDeskTest, TheEntryIsTheAverageOfWhatWasOpened) {
  Trade(500'000, 10'000);
  mark_ = 510'000;
  Trade(510'000, 5'000);
  // (50,000 + 25,500) / 1.5.
  EXPECT_EQ(EntryPrice(Of(kAda), desk_.terms(market_)), "50333.333333333333");
  EXPECT_EQ(Of(kAda).margin.Text(), "7550");
  // 1.5 x 51,000 - 75,500.
  EXPECT_EQ(desk_.FiguresOf(kAda).unrealised.Text(), "1000");
  EXPECT_EQ(desk_.FiguresOf(kBob).unrealised.Text(), "-1000");
}

TEST_F(FuturesDeskTest, ReducingRealisesInProportion) {
  Trade(500'000, 10'000);
  Place(Limit(market_, kBob, Side::kBuy, 510'000, 4'000));
  ClientOrder& sell = Place(Limit(market_, kAda, Side::kSell, 510'000, 4'000));
  // 0.4 x 1,000 profit; fee 0.05 % of 20,400 = 10.2.
  EXPECT_EQ(sell.pnl.Text(), "400");
  EXPECT_EQ(BalanceOf(kAda), "20364.8");
  EXPECT_EQ(Of(kAda).size, 6'000);
  EXPECT_EQ(Of(kAda).margin.Text(), "3000");
  EXPECT_EQ(Of(kAda).realised().Text(), "364.8");
  EXPECT_EQ(Of(kBob).pnl_pnl.Text(), "-400");
  EXPECT_EQ(heard_.fills.back().closed, 4'000);
}

TEST_F(FuturesDeskTest, ClosingWritesHistory) {
  Trade(500'000, 10'000);
  Place(Limit(market_, kBob, Side::kBuy, 490'000, 10'000));
  Place(Limit(market_, kAda, Side::kSell, 490'000, 10'000));
  ASSERT_EQ(desk_.AccountOf(kAda).closes.size(), 1u);
  const PositionClose& close = desk_.AccountOf(kAda).closes.front();
  EXPECT_TRUE(close.was_long);
  // -1,000 by price; fees 25 and 24.5.
  EXPECT_EQ(close.position.realised().Text(), "-1049.5");
  EXPECT_FALSE(desk_.AccountOf(kBob).closes.front().was_long);
  EXPECT_EQ(Of(kAda).history_pnl.Text(), "-1049.5");
  EXPECT_EQ(Of(kAda).realised().Text(), "0");
  EXPECT_EQ(BalanceOf(kAda), "18950.5");
  EXPECT_EQ(AvailableOf(kAda), "18950.5");
}

TEST_F(FuturesDeskTest, AnOrderBeyondThePositionTurnsIt) {
  Trade(500'000, 4'000);
  Place(Limit(market_, kBob, Side::kBuy, 500'000, 10'000));
  Place(Limit(market_, kAda, Side::kSell, 500'000, 10'000));
  EXPECT_EQ(Of(kAda).size, -6'000);
  EXPECT_EQ(Of(kBob).size, 6'000);
  EXPECT_EQ(Of(kAda).margin.Text(), "3000");
  EXPECT_EQ(desk_.AccountOf(kAda).closes.size(), 1u);
}

TEST_F(FuturesDeskTest, LiquidationPricesFollowTheFormula) {
  Trade(500'000, 10'000);
  const ContractTerms& terms = desk_.terms(market_);
  // 45,000 / 0.995 and 55,000 / 1.005.
  EXPECT_EQ(LiquidationPrice(Of(kAda), terms, Of(kAda).margin), "45226.13");
  EXPECT_EQ(LiquidationPrice(Of(kBob), terms, Of(kBob).margin), "54726.368");
  EXPECT_EQ(LiquidationPrice(Of(kAda), terms, Amount::FromInt(60'000)), "0");
}

TEST_F(FuturesDeskTest, TooLittleMarginIsLiquidatedAndNeverCostsMore) {
  Trade(500'000, 10'000);
  ClientOrder& open = Place(Limit(market_, kAda, Side::kBuy, 400'000, 100));
  mark_ = 452'262;
  desk_.CheckMargins(kNow);
  EXPECT_EQ(Of(kAda).size, 10'000) << "just above 45,226.13";
  mark_ = 440'000;
  desk_.CheckMargins(kNow);
  EXPECT_EQ(Of(kAda).size, 0);
  EXPECT_EQ(open.finished, FinishedAs::kLiquidated);
  ASSERT_EQ(heard_.liquidations.size(), 1u);
  EXPECT_EQ(heard_.liquidations[0].size, 10'000);
  EXPECT_EQ(heard_.liquidations[0].order_price, "45000");
  EXPECT_EQ(heard_.liquidations[0].fill_price, "44000");
  // No bid stands, so the insurance takes it at 44,000: a loss of 6,000, of which 5,000 was the
  // margin. 19,975 - 5,000 - the fee of 22.
  EXPECT_EQ(BalanceOf(kAda), "14953");
  EXPECT_EQ(Of(kBob).size, -10'000);
}

TEST_F(FuturesDeskTest, FundingIsPaidByLongsWhereTheRateIsPositive) {
  Trade(500'000, 10'000);
  desk_.ApplyFunding(market_, 100, kNow);
  EXPECT_EQ(Of(kAda).pnl_fund.Text(), "-5");
  EXPECT_EQ(Of(kBob).pnl_fund.Text(), "5");
  EXPECT_EQ(BalanceOf(kAda), "19970");
  EXPECT_EQ(desk_.AccountOf(kBob).funding.Text(), "5");
  desk_.ApplyFunding(market_, -50, kNow);
  EXPECT_EQ(Of(kAda).pnl_fund.Text(), "-2.5");
}

TEST_F(FuturesDeskTest, ReduceOnlyMustReduce) {
  OrderRequest sell = Limit(market_, kAda, Side::kSell, 510'000, 4'000);
  sell.reduce_only = true;
  EXPECT_EQ(desk_.Place(sell, kNow).refusal, Refusal::kNoPosition);
  Trade(500'000, 10'000);
  OrderRequest buy = sell;
  buy.side = Side::kBuy;
  EXPECT_EQ(desk_.Place(buy, kNow).refusal, Refusal::kIncreasesPosition);
  sell.quantity = 10'001;
  EXPECT_EQ(desk_.Place(sell, kNow).refusal, Refusal::kExceedsPosition);
  sell.quantity = 10'000;
  EXPECT_EQ(Place(sell).reserved.Text(), "0");
}

TEST_F(FuturesDeskTest, ReduceOnlyOrdersNeverExceedThePosition) {
  Trade(500'000, 10'000);
  OrderRequest sell = Limit(market_, kAda, Side::kSell, 520'000, 7'000);
  sell.reduce_only = true;
  ClientOrder& oldest = Place(sell);
  ClientOrder& newest = Place(sell);
  EXPECT_EQ(oldest.finished, FinishedAs::kReduceOut);
  EXPECT_TRUE(newest.is_open());
  Place(Limit(market_, kBob, Side::kBuy, 500'000, 10'000));
  Place(Limit(market_, kAda, Side::kSell, 500'000, 10'000));
  EXPECT_EQ(newest.finished, FinishedAs::kPositionClosed);
}

TEST_F(FuturesDeskTest, CrossMarginIsTheAccounts) {
  EXPECT_EQ(desk_.SetLeverage(Of(kAda), 0, 20, kNow), Refusal::kNone);
  Trade(500'000, 10'000);
  EXPECT_EQ(Of(kAda).margin.Text(), "0");
  // 50,000 / 20.
  EXPECT_EQ(desk_.FiguresOf(kAda).cross_margin.Text(), "2500");
  EXPECT_EQ(desk_.MarginBehind(Of(kAda)).Text(), "19975");
  // (50,000 - 19,975) / 0.995.
  EXPECT_EQ(LiquidationPrice(Of(kAda), desk_.terms(market_), desk_.MarginBehind(Of(kAda))),
            "30175.879");
}

TEST_F(FuturesDeskTest, LeverageMovesTheMargin) {
  Trade(500'000, 10'000);
  EXPECT_EQ(desk_.SetLeverage(Of(kAda), 25, 0, kNow), Refusal::kNone);
  EXPECT_EQ(Of(kAda).margin.Text(), "2000");
  EXPECT_EQ(desk_.SetLeverage(Of(kAda), 101, 0, kNow), Refusal::kLeverageTooHigh);
  EXPECT_EQ(desk_.SetLeverage(Of(kAda), 2, 0, kNow), Refusal::kBalance);
  EXPECT_EQ(Of(kAda).leverage, 25) << "a refusal changes nothing";
}

TEST_F(FuturesDeskTest, MarginIsAddedAndRemovedWithinBounds) {
  Trade(500'000, 10'000);
  EXPECT_EQ(desk_.ChangeMargin(Of(kAda), Amount::FromInt(1'000), kNow), Refusal::kNone);
  EXPECT_EQ(Of(kAda).margin.Text(), "6000");
  EXPECT_EQ(AvailableOf(kAda), "13975");
  EXPECT_EQ(desk_.ChangeMargin(Of(kAda), Amount::FromInt(-1'001), kNow), Refusal::kRemovesTooMuch);
  EXPECT_EQ(desk_.ChangeMargin(Of(kAda), Amount::FromInt(-1'000), kNow), Refusal::kNone);
  EXPECT_EQ(desk_.ChangeMargin(Of(kAda), Amount::FromInt(20'000), kNow), Refusal::kBalance);
}

TEST_F(FuturesDeskTest, DualModeHoldsBothSides) {
  EXPECT_EQ(desk_.SetDual(kAda, true), Refusal::kNone);
  OrderRequest buy = Limit(market_, kAda, Side::kBuy, 500'000, 3'000);
  buy.position_side = PositionSide::kLong;
  OrderRequest sell = Limit(market_, kAda, Side::kSell, 500'000, 2'000);
  sell.position_side = PositionSide::kShort;
  Place(Limit(market_, kBob, Side::kSell, 500'000, 3'000));
  Place(buy);
  Place(Limit(market_, kBob, Side::kBuy, 500'000, 2'000));
  Place(sell);
  EXPECT_EQ(Of(kAda, PositionSide::kLong).size, 3'000);
  EXPECT_EQ(Of(kAda, PositionSide::kShort).size, -2'000);
  EXPECT_EQ(desk_.SetDual(kAda, false), Refusal::kHoldsPosition);
  EXPECT_EQ(desk_.SetDual(kBob, true), Refusal::kHoldsPosition);
}

TEST_F(FuturesDeskTest, DeleveragingClosesAtTheMark) {
  Trade(500'000, 10'000);
  mark_ = 505'000;
  desk_.Deleverage(Of(kAda), 4'000, kNow);
  EXPECT_EQ(Of(kAda).size, 6'000);
  ASSERT_EQ(heard_.deleverages.size(), 1u);
  EXPECT_EQ(heard_.deleverages[0].fill_price, "50500");
  EXPECT_EQ(heard_.deleverages[0].left, 6'000);
  // 0.4 x 500.
  EXPECT_EQ(Of(kAda).pnl_pnl.Text(), "200");
  const ClientOrder* const order = desk_.store().Find(kAda, heard_.deleverages[0].order_id);
  EXPECT_EQ(order->finished, FinishedAs::kAutoDeleveraged);
}

TEST_F(FuturesDeskTest, LimitsOfRiskAndMoneyRefuse) {
  EXPECT_EQ(desk_.Place(Limit(market_, kAda, Side::kBuy, 500'000, 30'001), kNow).refusal,
            Refusal::kRiskLimit);
  Place(Limit(market_, kAda, Side::kBuy, 500'000, 30'000));
  EXPECT_EQ(desk_.Place(Limit(market_, kAda, Side::kBuy, 500'000, 10'000), kNow).refusal,
            Refusal::kBalance);
  OrderRequest fok = Limit(market_, kBob, Side::kSell, 500'000, 30'001);
  fok.time_in_force = TimeInForce::kFok;
  EXPECT_EQ(desk_.Place(fok, kNow).refusal, Refusal::kFokUnfillable);
}

}  // namespace
}  // namespace switchyard::simulator::engine::testing
