#include "services/simulator/engine/spot_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/simulator/engine/desk_harness.h"

namespace switchyard::simulator::engine::testing {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t kNow = 1'700'000'000'000'000'000;

// One decimal of price, three of quantity: 1005 ticks are 100.5, 2000 lots are 2.
class SpotDeskTest : public ::testing::Test {
 protected:
  SpotDeskTest() {
    desk_.Add(market_, {"BTC", "USDT", 1'000, 2'000});
    for (const UserId user : {kAda, kBob}) {
      Deposit(user, "USDT", 1'000);
      Deposit(user, "BTC", 10);
    }
    heard_.balances.clear();
  }

  void Deposit(UserId user, const char* currency, std::int64_t units) {
    BalanceChange change;
    change.user = user;
    change.currency = currency;
    change.available_change = Amount::FromInt(units);
    ledger_.Apply(change);
  }
  std::string Available(UserId user, const char* currency) {
    return ledger_.Of(user, currency).available.Text();
  }
  std::string Locked(UserId user, const char* currency) {
    return ledger_.Of(user, currency).locked.Text();
  }
  ClientOrder& Place(const OrderRequest& request) {
    const Outcome outcome = desk_.Place(request, kNow);
    EXPECT_EQ(outcome.refusal, Refusal::kNone);
    return *outcome.order;
  }

  Heard heard_;
  Market market_{{"BTC_USDT", 1, 3, 1'000, 1, 1'000, /*has_flow=*/false}, 1, kNow};
  Ledger ledger_{heard_};
  SpotDesk desk_{1, ledger_, heard_};
  Bridge bridge_{market_, desk_};
};

TEST_F(SpotDeskTest, ARestingOrderLocksWhatItCosts) {
  Place(Limit(market_, kAda, Side::kBuy, 1'005, 2'000));
  EXPECT_EQ(Available(kAda, "USDT"), "799");
  EXPECT_EQ(Locked(kAda, "USDT"), "201");
  Place(Limit(market_, kBob, Side::kSell, 1'100, 1'500));
  EXPECT_EQ(Available(kBob, "BTC"), "8.5");
  EXPECT_EQ(Locked(kBob, "BTC"), "1.5");
}

TEST_F(SpotDeskTest, AFillMovesBalancesToTheLastDecimal) {
  // Ada sells 2 at 100.5; Bob takes 1.5 with a limit of 101.
  ClientOrder& sell = Place(Limit(market_, kAda, Side::kSell, 1'005, 2'000));
  ClientOrder& buy = Place(Limit(market_, kBob, Side::kBuy, 1'010, 1'500));
  EXPECT_EQ(buy.finished, FinishedAs::kFilled);
  EXPECT_TRUE(sell.is_open());
  EXPECT_EQ(sell.left, 500);
  // 1.5 x 100.5 = 150.75; Bob pays 0.2 % of 1.5 = 0.003 BTC, Ada 0.1 % of 150.75 = 0.15075 USDT.
  EXPECT_EQ(Available(kBob, "USDT"), "849.25");
  EXPECT_EQ(Locked(kBob, "USDT"), "0");
  EXPECT_EQ(Available(kBob, "BTC"), "11.497");
  EXPECT_EQ(Available(kAda, "USDT"), "1150.59925");
  EXPECT_EQ(Available(kAda, "BTC"), "8");
  EXPECT_EQ(Locked(kAda, "BTC"), "0.5");
  ASSERT_EQ(heard_.fills.size(), 2u);
  EXPECT_FALSE(heard_.fills[0].taker);
  EXPECT_EQ(heard_.fills[0].fee.Text(), "0.15075");
  EXPECT_EQ(heard_.fills[1].fee.Text(), "0.003");
  EXPECT_EQ(heard_.fills[1].fee_currency, "BTC");
  EXPECT_EQ(heard_.fills[0].trade_id, heard_.fills[1].trade_id);
  EXPECT_EQ(market_.trades().back().id, heard_.fills[0].trade_id);
}

TEST_F(SpotDeskTest, CancellingGivesBackWhatIsLocked) {
  ClientOrder& order = Place(Limit(market_, kAda, Side::kBuy, 1'000, 5'000));
  desk_.Cancel(order, FinishedAs::kCancelled, kNow);
  EXPECT_EQ(Available(kAda, "USDT"), "1000");
  EXPECT_EQ(Locked(kAda, "USDT"), "0");
  EXPECT_EQ(market_.book().order_count(), 0u);
  desk_.Cancel(order, FinishedAs::kLiquidated, kNow);
  EXPECT_EQ(order.finished, FinishedAs::kCancelled) << "what is finished stays so";
}

TEST_F(SpotDeskTest, WhatIsNotThereCannotBeSpent) {
  EXPECT_EQ(desk_.Place(Limit(market_, kAda, Side::kBuy, 1'000, 10'001), kNow).refusal,
            Refusal::kBalance);
  EXPECT_EQ(desk_.Place(Limit(market_, kAda, Side::kSell, 1'000, 10'001), kNow).refusal,
            Refusal::kBalance);
  EXPECT_TRUE(heard_.told.empty());
}

TEST_F(SpotDeskTest, AMarketBuySpendsItsBudgetInWholeLots) {
  Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000));
  Place(Limit(market_, kAda, Side::kSell, 1'030, 9'000));
  OrderRequest request = Limit(market_, kBob, Side::kBuy, 0, 0);
  request.is_market = true;
  request.time_in_force = TimeInForce::kIoc;
  request.budget = Amount::FromInt(250);
  const ClientOrder& order = Place(request);
  // 100 buy 1; 150 at 103 buy 1.456 for 149.968.
  EXPECT_EQ(order.finished, FinishedAs::kFilled);
  EXPECT_EQ(order.quantity, 2'456);
  EXPECT_EQ(order.budget_left.Text(), "0.032");
  EXPECT_EQ(Available(kBob, "USDT"), "750.032");
  EXPECT_EQ(Locked(kBob, "USDT"), "0");
}

TEST_F(SpotDeskTest, PostOnlyIsRefusedWhereItWouldTake) {
  Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000));
  OrderRequest request = Limit(market_, kBob, Side::kBuy, 1'000, 1'000);
  request.time_in_force = TimeInForce::kPostOnly;
  const Outcome outcome = desk_.Place(request, kNow);
  EXPECT_EQ(outcome.refusal, Refusal::kPostOnlyTakes);
  EXPECT_EQ(outcome.counter_price, 1'000);
  request.price = 999;
  EXPECT_EQ(desk_.Place(request, kNow).refusal, Refusal::kNone);
}

TEST_F(SpotDeskTest, IocAndFokEndAtOnce) {
  Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000));
  OrderRequest request = Limit(market_, kBob, Side::kBuy, 1'000, 1'500);
  request.time_in_force = TimeInForce::kFok;
  const ClientOrder& killed = Place(request);
  EXPECT_EQ(killed.finished, FinishedAs::kFok);
  EXPECT_EQ(killed.left, 1'500);
  request.time_in_force = TimeInForce::kIoc;
  const ClientOrder& cut = Place(request);
  EXPECT_EQ(cut.finished, FinishedAs::kIoc);
  EXPECT_EQ(cut.left, 500);
  EXPECT_EQ(Locked(kBob, "USDT"), "0");
}

TEST_F(SpotDeskTest, ALowerQuantityKeepsTheQueueAndAHigherOneLosesIt) {
  ClientOrder& first = Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000));
  ClientOrder& second = Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000));
  EXPECT_EQ(desk_.Amend(first, std::nullopt, 600, kNow).refusal, Refusal::kNone);
  Place(Limit(market_, kBob, Side::kBuy, 1'000, 600));
  EXPECT_EQ(first.finished, FinishedAs::kFilled);
  ClientOrder& third = Place(Limit(market_, kAda, Side::kSell, 1'000, 500));
  EXPECT_EQ(desk_.Amend(second, std::nullopt, 1'100, kNow).refusal, Refusal::kNone);
  Place(Limit(market_, kBob, Side::kBuy, 1'000, 500));
  EXPECT_EQ(third.finished, FinishedAs::kFilled);
  EXPECT_EQ(second.left, 1'100);
  EXPECT_EQ(Locked(kAda, "BTC"), "1.1");
}

TEST_F(SpotDeskTest, AnAmendedPriceMayTake) {
  Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000));
  ClientOrder& buy = Place(Limit(market_, kBob, Side::kBuy, 900, 1'000));
  EXPECT_EQ(desk_.Amend(buy, 1'000, std::nullopt, kNow).refusal, Refusal::kNone);
  EXPECT_EQ(buy.finished, FinishedAs::kFilled);
  EXPECT_EQ(Available(kBob, "USDT"), "900");
}

TEST_F(SpotDeskTest, AnAmountNotAboveWhatHasFilledCancels) {
  ClientOrder& sell = Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000));
  Place(Limit(market_, kBob, Side::kBuy, 1'000, 400));
  EXPECT_EQ(desk_.Amend(sell, std::nullopt, 400, kNow).refusal, Refusal::kNone);
  EXPECT_EQ(sell.finished, FinishedAs::kCancelled);
  EXPECT_EQ(desk_.Amend(sell, std::nullopt, 900, kNow).refusal, Refusal::kFinished);
}

struct SelfTradeCase {
  std::string name;
  SelfTrade policy;
  FinishedAs old_order, new_order;
};

class SelfTradeTest : public SpotDeskTest, public ::testing::WithParamInterface<SelfTradeCase> {};

TEST_P(SelfTradeTest, EndsTheRightOrder) {
  Place(Limit(market_, kBob, Side::kSell, 1'000, 300));
  ClientOrder& old_order = Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000));
  OrderRequest request = Limit(market_, kAda, Side::kBuy, 1'000, 800);
  request.self_trade = GetParam().policy;
  const ClientOrder& new_order = Place(request);
  EXPECT_EQ(old_order.finished, GetParam().old_order);
  EXPECT_EQ(new_order.finished, GetParam().new_order);
  // Bob's 0.3 stood before.
  EXPECT_EQ(new_order.filled(), GetParam().policy == SelfTrade::kAllowed ? 800 : 300);
}

INSTANTIATE_TEST_SUITE_P(Policies, SelfTradeTest,
                         ::testing::Values(SelfTradeCase{"allowed", SelfTrade::kAllowed,
                                                         FinishedAs::kOpen, FinishedAs::kFilled},
                                           SelfTradeCase{"newest", SelfTrade::kCancelNewest,
                                                         FinishedAs::kOpen, FinishedAs::kSelfTrade},
                                           SelfTradeCase{"oldest", SelfTrade::kCancelOldest,
                                                         FinishedAs::kSelfTrade, FinishedAs::kOpen},
                                           SelfTradeCase{"both", SelfTrade::kCancelBoth,
                                                         FinishedAs::kSelfTrade,
                                                         FinishedAs::kSelfTrade}),
                         [](const auto& info) { return info.param.name; });

TEST_F(SpotDeskTest, PartsMakeAFillEach) {
  Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000));
  heard_.fills.clear();
  OrderRequest request = Limit(market_, kBob, Side::kBuy, 1'000, 1'000);
  request.parts = 4;
  EXPECT_EQ(Place(request).finished, FinishedAs::kFilled);
  EXPECT_EQ(heard_.fills.size(), 8u) << "four of each side";
}

TEST_F(SpotDeskTest, WhatHappensIsToldInItsOrder) {
  Place(Limit(market_, kAda, Side::kSell, 1'000, 1'000, "a"));
  Place(Limit(market_, kBob, Side::kBuy, 1'000, 400, "b"));
  Place(Limit(market_, kBob, Side::kBuy, 1'000, 600, "c"));
  EXPECT_THAT(heard_.told, ElementsAre("put a", "put b", "update a", "finish b", "put c",
                                       "finish a", "finish c"));
}

}  // namespace
}  // namespace switchyard::simulator::engine::testing
