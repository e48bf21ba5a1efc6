// One row per word, both ways.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "exchanges/gateio/order/order_words.h"

namespace switchyard::exchanges::gateio {
namespace {

namespace v1 = order::v1;

struct ReasonCase {
  std::string name;
  Product product;
  std::string word;
  v1::FinishReason reason;
  v1::OrderState state;
};

class FinishReasonTest : public testing::TestWithParam<ReasonCase> {};

TEST_P(FinishReasonTest, IsTranslated) {
  EXPECT_EQ(ToFinishReason(GetParam().product, GetParam().word), GetParam().reason);
  EXPECT_EQ(FinishedState(GetParam().reason), GetParam().state);
}

constexpr auto kSpot = Product::kSpot;
constexpr auto kFutures = Product::kFutures;
constexpr auto kCanceled = v1::ORDER_STATE_CANCELED;

INSTANTIATE_TEST_SUITE_P(
    Words, FinishReasonTest,
    testing::Values(
        ReasonCase{"spot_open", kSpot, "open", v1::FINISH_REASON_UNSPECIFIED, kCanceled},
        ReasonCase{"spot_filled", kSpot, "filled", v1::FINISH_REASON_FILLED,
                   v1::ORDER_STATE_FILLED},
        ReasonCase{"spot_cancelled", kSpot, "cancelled", v1::FINISH_REASON_CLIENT_CANCEL,
                   kCanceled},
        ReasonCase{"spot_liquidate", kSpot, "liquidate_cancelled", v1::FINISH_REASON_LIQUIDATION,
                   kCanceled},
        ReasonCase{"spot_small", kSpot, "small", v1::FINISH_REASON_REMAINDER_TOO_SMALL, kCanceled},
        ReasonCase{"spot_depth", kSpot, "depth_not_enough",
                   v1::FINISH_REASON_INSUFFICIENT_LIQUIDITY, kCanceled},
        ReasonCase{"spot_trader", kSpot, "trader_not_enough",
                   v1::FINISH_REASON_INSUFFICIENT_LIQUIDITY, kCanceled},
        ReasonCase{"spot_ioc", kSpot, "ioc", v1::FINISH_REASON_IOC_REMAINDER,
                   v1::ORDER_STATE_EXPIRED},
        ReasonCase{"spot_poc", kSpot, "poc", v1::FINISH_REASON_POST_ONLY_WOULD_CROSS, kCanceled},
        ReasonCase{"spot_fok", kSpot, "fok", v1::FINISH_REASON_FOK_NOT_FILLED,
                   v1::ORDER_STATE_EXPIRED},
        ReasonCase{"spot_stp", kSpot, "stp", v1::FINISH_REASON_SELF_TRADE, kCanceled},
        ReasonCase{"spot_protect", kSpot, "price_protect_cancelled",
                   v1::FINISH_REASON_PRICE_PROTECTION, kCanceled},
        ReasonCase{"spot_unknown", kSpot, "unknown", v1::FINISH_REASON_UNRECOGNISED, kCanceled},
        ReasonCase{"spot_dash", kSpot, "-", v1::FINISH_REASON_UNRECOGNISED, kCanceled},
        ReasonCase{"futures_none", kFutures, "", v1::FINISH_REASON_UNSPECIFIED, kCanceled},
        ReasonCase{"futures_new", kFutures, "_new", v1::FINISH_REASON_UNSPECIFIED, kCanceled},
        ReasonCase{"futures_update", kFutures, "_update", v1::FINISH_REASON_UNSPECIFIED, kCanceled},
        ReasonCase{"futures_filled", kFutures, "filled", v1::FINISH_REASON_FILLED,
                   v1::ORDER_STATE_FILLED},
        ReasonCase{"futures_cancelled", kFutures, "cancelled", v1::FINISH_REASON_CLIENT_CANCEL,
                   kCanceled},
        ReasonCase{"futures_liquidated", kFutures, "liquidated", v1::FINISH_REASON_LIQUIDATION,
                   kCanceled},
        ReasonCase{"futures_ioc", kFutures, "ioc", v1::FINISH_REASON_IOC_REMAINDER,
                   v1::ORDER_STATE_EXPIRED},
        ReasonCase{"futures_adl", kFutures, "auto_deleveraged", v1::FINISH_REASON_AUTO_DELEVERAGING,
                   kCanceled},
        ReasonCase{"futures_reduce_only", kFutures, "reduce_only", v1::FINISH_REASON_REDUCE_ONLY,
                   kCanceled},
        ReasonCase{"futures_closed", kFutures, "position_closed", v1::FINISH_REASON_POSITION_CLOSED,
                   kCanceled},
        ReasonCase{"futures_reduce_out", kFutures, "reduce_out", v1::FINISH_REASON_REDUCE_ONLY,
                   kCanceled},
        ReasonCase{"futures_stp", kFutures, "stp", v1::FINISH_REASON_SELF_TRADE, kCanceled},
        ReasonCase{"futures_invented", kFutures, "eaten", v1::FINISH_REASON_UNRECOGNISED,
                   kCanceled}),
    [](const auto& info) { return info.param.name; });

TEST(TimeInForceTest, EachWordGoesBothWays) {
  const std::pair<std::string, std::pair<v1::TimeInForce, bool>> rows[] = {
      {"gtc", {v1::TIME_IN_FORCE_GTC, false}},
      {"ioc", {v1::TIME_IN_FORCE_IOC, false}},
      {"fok", {v1::TIME_IN_FORCE_FOK, false}},
      {"poc", {v1::TIME_IN_FORCE_GTC, true}},
  };
  for (const auto& [word, meaning] : rows) {
    EXPECT_EQ(ToTimeInForce(word).time_in_force, meaning.first) << word;
    EXPECT_EQ(ToTimeInForce(word).post_only, meaning.second) << word;
    EXPECT_EQ(TimeInForceText(meaning.first, meaning.second), word);
  }
  EXPECT_EQ(ToTimeInForce("day").time_in_force, v1::TIME_IN_FORCE_UNRECOGNISED);
  EXPECT_EQ(TimeInForceText(v1::TIME_IN_FORCE_UNSPECIFIED, true), "poc");
  EXPECT_EQ(TimeInForceText(v1::TIME_IN_FORCE_IOC, true), "");
  EXPECT_EQ(TimeInForceText(v1::TIME_IN_FORCE_FOK, true), "");
  EXPECT_EQ(TimeInForceText(v1::TIME_IN_FORCE_GTD, false), "");
}

TEST(SelfTradePreventionTest, EachWordGoesBothWays) {
  const std::pair<std::string, v1::SelfTradePrevention> rows[] = {
      {"cn", v1::SELF_TRADE_PREVENTION_CANCEL_TAKER},
      {"co", v1::SELF_TRADE_PREVENTION_CANCEL_MAKER},
      {"cb", v1::SELF_TRADE_PREVENTION_CANCEL_BOTH},
  };
  for (const auto& [word, rule] : rows) {
    EXPECT_EQ(ToSelfTradePrevention(word), rule) << word;
    EXPECT_EQ(SelfTradePreventionText(rule), word);
  }
  EXPECT_EQ(ToSelfTradePrevention("-"), v1::SELF_TRADE_PREVENTION_UNSPECIFIED);
  EXPECT_EQ(ToSelfTradePrevention(""), v1::SELF_TRADE_PREVENTION_UNSPECIFIED);
  EXPECT_EQ(ToSelfTradePrevention("xx"), v1::SELF_TRADE_PREVENTION_UNRECOGNISED);
  EXPECT_EQ(SelfTradePreventionText(v1::SELF_TRADE_PREVENTION_REDUCE), "");
}

TEST(SideTest, EachWordGoesBothWays) {
  EXPECT_EQ(*ToOrderSide("buy"), common::v1::SIDE_BUY);
  EXPECT_EQ(*ToOrderSide("sell"), common::v1::SIDE_SELL);
  EXPECT_FALSE(ToOrderSide("BUY").ok());
  EXPECT_EQ(SideText(common::v1::SIDE_BUY), "buy");
  EXPECT_EQ(SideText(common::v1::SIDE_SELL), "sell");
  EXPECT_EQ(SideText(common::v1::SIDE_UNSPECIFIED), "");
}

TEST(ConditionalTypeTest, StopsAndTakeProfitsAreToldBySideAndDirection) {
  for (const v1::OrderType type :
       {v1::ORDER_TYPE_STOP_MARKET, v1::ORDER_TYPE_STOP_LIMIT, v1::ORDER_TYPE_TAKE_PROFIT_MARKET,
        v1::ORDER_TYPE_TAKE_PROFIT_LIMIT}) {
    const bool has_price =
        type == v1::ORDER_TYPE_STOP_LIMIT || type == v1::ORDER_TYPE_TAKE_PROFIT_LIMIT;
    for (const common::v1::Side side : {common::v1::SIDE_BUY, common::v1::SIDE_SELL}) {
      EXPECT_EQ(ConditionalType(WaitsForRise(type, side), side, has_price), type)
          << v1::OrderType_Name(type) << " " << common::v1::Side_Name(side);
    }
  }
  EXPECT_TRUE(WaitsForRise(v1::ORDER_TYPE_STOP_MARKET, common::v1::SIDE_BUY));
  EXPECT_FALSE(WaitsForRise(v1::ORDER_TYPE_STOP_MARKET, common::v1::SIDE_SELL));
  EXPECT_FALSE(WaitsForRise(v1::ORDER_TYPE_TAKE_PROFIT_LIMIT, common::v1::SIDE_BUY));
  EXPECT_TRUE(WaitsForRise(v1::ORDER_TYPE_TAKE_PROFIT_LIMIT, common::v1::SIDE_SELL));
}

TEST(TriggerReferenceTest, EachNumberGoesBothWays) {
  EXPECT_EQ(ToTriggerReference("0"), v1::TRIGGER_REFERENCE_LAST);
  EXPECT_EQ(ToTriggerReference("1"), v1::TRIGGER_REFERENCE_MARK);
  EXPECT_EQ(ToTriggerReference("2"), v1::TRIGGER_REFERENCE_INDEX);
  EXPECT_EQ(ToTriggerReference("3"), v1::TRIGGER_REFERENCE_UNRECOGNISED);
  EXPECT_EQ(PriceTypeOf(v1::TRIGGER_REFERENCE_UNSPECIFIED), 0);
  EXPECT_EQ(PriceTypeOf(v1::TRIGGER_REFERENCE_LAST), 0);
  EXPECT_EQ(PriceTypeOf(v1::TRIGGER_REFERENCE_MARK), 1);
  EXPECT_EQ(PriceTypeOf(v1::TRIGGER_REFERENCE_INDEX), 2);
  EXPECT_EQ(PriceTypeOf(v1::TRIGGER_REFERENCE_UNRECOGNISED), std::nullopt);
}

TEST(OtherWordsTest, AreTranslated) {
  EXPECT_EQ(ToSpotOrderType("limit"), v1::ORDER_TYPE_LIMIT);
  EXPECT_EQ(ToSpotOrderType("market"), v1::ORDER_TYPE_MARKET);
  EXPECT_EQ(ToSpotOrderType("limit_repay"), v1::ORDER_TYPE_UNRECOGNISED);
  EXPECT_EQ(ToRole("maker"), v1::LIQUIDITY_ROLE_MAKER);
  EXPECT_EQ(ToRole("taker"), v1::LIQUIDITY_ROLE_TAKER);
  EXPECT_EQ(ToRole(""), v1::LIQUIDITY_ROLE_UNSPECIFIED);
}

// liquidations and auto-deleveraging are typed as such.
TEST(FillKindTest, R58IsToldByTheExchangesOwnText) {
  for (const char* const text :
       {"liquidation", "liquidate", "liq-abc", "hedge-liq-1", "pm_liquidate",
        "comb_margin_liquidate", "scm_liquidate", "insurance"}) {
    EXPECT_EQ(FillKindOfText(text), v1::FILL_KIND_LIQUIDATION) << text;
  }
  EXPECT_EQ(FillKindOfText("auto_deleveraging"), v1::FILL_KIND_AUTO_DELEVERAGING);
  EXPECT_EQ(FillKindOfText("clear"), v1::FILL_KIND_SETTLEMENT);
  for (const char* const text : {"t-liq-1", "web", "api", "app", "apiv4", "-", ""}) {
    EXPECT_EQ(FillKindOfText(text), v1::FILL_KIND_TRADE) << text;
  }
}

TEST(TimeByMagnitudeTest, TellsSecondsMillisecondsAndMicroseconds) {
  EXPECT_EQ(TimeByMagnitude("1767352659").value, 1'767'352'659'000'000'000);
  EXPECT_EQ(TimeByMagnitude("1768397866.662").value, 1'768'397'866'662'000'000);
  EXPECT_EQ(TimeByMagnitude("1767352659205").value, 1'767'352'659'205'000'000);
  EXPECT_EQ(TimeByMagnitude("1605176741123.456").value, 1'605'176'741'123'456'000);
  EXPECT_EQ(TimeByMagnitude("1767352659205927").value, 1'767'352'659'205'927'000);
  for (const char* const none : {"", "0", "-62135596800000", "soon", "176735265920592700000"}) {
    EXPECT_FALSE(TimeByMagnitude(none).given()) << none;
  }
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
