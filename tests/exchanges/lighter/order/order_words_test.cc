// Lighter's words of orders, a row each, and its client order indexes.
#include "exchanges/lighter/order/order_words.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/status/status.h"
#include "exchanges/lighter/order/client_id.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = order::v1;

struct StatusCase {
  std::string word;
  int number;
  v1::OrderState state;
  v1::FinishReason reason;
};

class StatusTest : public testing::TestWithParam<StatusCase> {};

TEST_P(StatusTest, HasItsMeaningAndItsNumber) {
  const auto meaning = ToStatusMeaning(GetParam().word);
  ASSERT_TRUE(meaning.ok()) << meaning.status();
  EXPECT_EQ(meaning->state, GetParam().state);
  EXPECT_EQ(meaning->finish_reason, GetParam().reason);
  EXPECT_EQ(StatusWord(GetParam().number), GetParam().word);
}

INSTANTIATE_TEST_SUITE_P(
    Words, StatusTest,
    testing::Values(
        StatusCase{"in-progress", 0, v1::ORDER_STATE_OPEN, v1::FINISH_REASON_UNSPECIFIED},
        StatusCase{"pending", 1, v1::ORDER_STATE_OPEN, v1::FINISH_REASON_UNSPECIFIED},
        StatusCase{"open", 2, v1::ORDER_STATE_OPEN, v1::FINISH_REASON_UNSPECIFIED},
        StatusCase{"filled", 3, v1::ORDER_STATE_FILLED, v1::FINISH_REASON_FILLED},
        StatusCase{"canceled", 4, v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_CLIENT_CANCEL},
        StatusCase{"canceled-post-only", 5, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_POST_ONLY_WOULD_CROSS},
        StatusCase{"canceled-reduce-only", 6, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_REDUCE_ONLY},
        StatusCase{"canceled-position-not-allowed", 7, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_POSITION_LIMIT},
        StatusCase{"canceled-margin-not-allowed", 8, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_INSUFFICIENT_FUNDS},
        StatusCase{"canceled-too-much-slippage", 9, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_PRICE_PROTECTION},
        StatusCase{"canceled-not-enough-liquidity", 10, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_INSUFFICIENT_LIQUIDITY},
        StatusCase{"canceled-self-trade", 11, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_SELF_TRADE},
        StatusCase{"canceled-expired", 12, v1::ORDER_STATE_EXPIRED, v1::FINISH_REASON_TIME_EXPIRED},
        StatusCase{"canceled-oco", 13, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_ONE_CANCELS_OTHER},
        StatusCase{"canceled-child", 14, v1::ORDER_STATE_CANCELED, v1::FINISH_REASON_PARENT_ENDED},
        StatusCase{"canceled-liquidation", 15, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_LIQUIDATION},
        StatusCase{"canceled-invalid-balance", 16, v1::ORDER_STATE_CANCELED,
                   v1::FINISH_REASON_INSUFFICIENT_FUNDS}),
    [](const auto& info) {
      std::string name = info.param.word;
      for (char& c : name) c = c == '-' ? '_' : c;
      return name;
    });

TEST(StatusWordsTest, AnUnknownCancelIsAnEndAndAnyOtherUnknownWordAnError) {
  const auto unknown = ToStatusMeaning("canceled-by-aliens");
  ASSERT_TRUE(unknown.ok());
  EXPECT_EQ(unknown->state, v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(unknown->finish_reason, v1::FINISH_REASON_UNRECOGNISED);
  EXPECT_EQ(ReasonOf(ToStatusMeaning("resting").status()),
            common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
  EXPECT_FALSE(ToStatusMeaning("").ok());
  EXPECT_EQ(StatusWord(17), "");
  EXPECT_EQ(StatusWord(-1), "");
}

TEST(OrderWordsTest, TypesGoBothWays) {
  const std::pair<std::string, v1::OrderType> rows[] = {
      {"limit", v1::ORDER_TYPE_LIMIT},
      {"market", v1::ORDER_TYPE_MARKET},
      {"stop-loss", v1::ORDER_TYPE_STOP_MARKET},
      {"stop-loss-limit", v1::ORDER_TYPE_STOP_LIMIT},
      {"take-profit", v1::ORDER_TYPE_TAKE_PROFIT_MARKET},
      {"take-profit-limit", v1::ORDER_TYPE_TAKE_PROFIT_LIMIT}};
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    EXPECT_EQ(ToOrderType(rows[i].first), rows[i].second) << rows[i].first;
    EXPECT_EQ(static_cast<std::size_t>(ToWire(rows[i].second)), i) << rows[i].first;
  }
  for (const char* const word : {"twap", "twap-sub", "liquidation", ""}) {
    EXPECT_EQ(ToOrderType(word), v1::ORDER_TYPE_UNRECOGNISED) << word;
  }
}

TEST(OrderWordsTest, LifeKindsAndTriggers) {
  EXPECT_EQ(ToLife("good-till-time").time_in_force, v1::TIME_IN_FORCE_GTD);
  EXPECT_FALSE(ToLife("good-till-time").post_only);
  EXPECT_EQ(ToLife("immediate-or-cancel").time_in_force, v1::TIME_IN_FORCE_IOC);
  EXPECT_EQ(ToLife("post-only").time_in_force, v1::TIME_IN_FORCE_GTD);
  EXPECT_TRUE(ToLife("post-only").post_only);
  EXPECT_EQ(ToLife("Unknown").time_in_force, v1::TIME_IN_FORCE_UNRECOGNISED);

  EXPECT_EQ(ToFillKind("trade"), v1::FILL_KIND_TRADE);
  EXPECT_EQ(ToFillKind("liquidation"), v1::FILL_KIND_LIQUIDATION);
  EXPECT_EQ(ToFillKind("deleverage"), v1::FILL_KIND_AUTO_DELEVERAGING);
  EXPECT_EQ(ToFillKind("market-settlement"), v1::FILL_KIND_SETTLEMENT);
  EXPECT_EQ(ToFillKind("buy"), v1::FILL_KIND_UNRECOGNISED);

  const auto stop = v1::ORDER_TYPE_STOP_LIMIT;
  EXPECT_EQ(ToTriggerState(v1::ORDER_TYPE_LIMIT, "open", "na"), v1::TRIGGER_STATE_UNSPECIFIED);
  EXPECT_EQ(ToTriggerState(stop, "pending", "mark-price"), v1::TRIGGER_STATE_WAITING);
  EXPECT_EQ(ToTriggerState(stop, "pending", "parent-order"), v1::TRIGGER_STATE_WAITING);
  EXPECT_EQ(ToTriggerState(stop, "pending", "ready"), v1::TRIGGER_STATE_TRIGGERED);
  EXPECT_EQ(ToTriggerState(stop, "open", "na"), v1::TRIGGER_STATE_TRIGGERED);
  EXPECT_EQ(ToTriggerState(stop, "filled", "na"), v1::TRIGGER_STATE_TRIGGERED);
  EXPECT_EQ(ToTriggerState(stop, "canceled", "mark-price"), v1::TRIGGER_STATE_WAITING);
}

TEST(OrderWordsTest, TimesAreReadByTheirMagnitude) {
  EXPECT_EQ(TimeByMagnitude(1'766'387'932).value, 1'766'387'932'000'000'000);
  EXPECT_EQ(TimeByMagnitude(1'777'941'383'576).value, 1'777'941'383'576'000'000);
  EXPECT_EQ(TimeByMagnitude(1'777'941'383'576'735).value, 1'777'941'383'576'735'000);
  EXPECT_EQ(TimeByMagnitude(0).value, 0);
  EXPECT_EQ(TimeByMagnitude(-5).value, 0);
}

TEST(ClientIndexTest, IsOfFortyEightBitsAndBeginsWithOurTag) {
  EXPECT_EQ(OrderClientIndex(1), "253987186016257");                // 0xE70000000001
  EXPECT_EQ(OrderClientIndex(0xFF'FFFF'FFFF), "255086697644031");   // 0xE7FFFFFFFFFF
  EXPECT_EQ(OrderClientIndex(0x100'0000'0000), "255086697644032");  // the next one
  EXPECT_LT(std::stoll(OrderClientIndex((1ULL << 44) - 1)), 1LL << 48);
}

TEST(ClientIndexTest, HoldsItsNumber) {
  for (const std::uint64_t number : {1ULL, 0xFF'FFFF'FFFFULL, 0x100'0000'0000ULL}) {
    EXPECT_EQ(NumberOfClientIndex(OrderClientIndex(number)), number);
  }
  for (const char* const other : {"", "42", "253987186016255", "281474976710656", "t-7-a"}) {
    EXPECT_EQ(NumberOfClientIndex(other), std::nullopt) << other;
  }
  EXPECT_EQ(NumberOfClientIndex(CloseClientIndex("close-1")), std::nullopt);
}

TEST(ClientIndexTest, OfAClosingOrderDependsOnTheRequestAlone) {
  EXPECT_EQ(CloseClientIndex("close-1"), CloseClientIndex("close-1"));
  EXPECT_NE(CloseClientIndex("close-1"), CloseClientIndex("close-2"));
  // 0xE6 and the first five bytes of SHA-256("abc"), ba7816bf8f.
  EXPECT_EQ(CloseClientIndex("abc"), std::to_string(0xE6'BA78'16BF'8FLL));
}

TEST(ClientIndexTest, IdsOfOtherFormsAreNone) {
  EXPECT_EQ(ClientIndexOf("42"), 42);
  EXPECT_EQ(ClientIndexOf("281474976710655"), 281474976710655);
  for (const char* const text : {"", "0", "042", "-1", "+1", "4 2", "x", "281474976710656"}) {
    EXPECT_EQ(ClientIndexOf(text), std::nullopt) << text;
  }
  EXPECT_EQ(OrderIndexOf("281474977354074"), 281474977354074);
  EXPECT_EQ(OrderIndexOf("1152921504606846976"), std::nullopt);  // 2^60
  EXPECT_EQ(OrderIndexOf("99999999999999999999"), std::nullopt);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
