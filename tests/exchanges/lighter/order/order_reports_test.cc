// Orders and trades as reports: every sample with exact values, and what cannot be read.
#include "exchanges/lighter/order/order_reports.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "tests/exchanges/lighter/order/markets.h"
#include "tests/exchanges/lighter/order/private_samples.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = order::v1;
using json::Json;

constexpr TimeNs kReceived = TimeNs::FromSeconds(1'800'000'000);

class OrderReportsTest : public testing::Test {
 protected:
  Origin From(std::int64_t account) const {
    return {*markets_, account, kReceived, model::Source::kRest};
  }
  static std::string Text(const std::optional<Decimal>& value) {
    return value ? value->ToString() : "none";
  }
  // The documented update's order with a few fields changed.
  static Json Order(const Json& changes) {
    Json order = GoldenMessage("private/ws_account_orders_update")["orders"]["0"][0];
    order.update(changes);
    return order;
  }

  const std::shared_ptr<const model::InstrumentTable> markets_ = Markets();
};

TEST_F(OrderReportsTest, GoldenAccountActiveOrders) {
  const Json body = GoldenMessage("private/rest_accountActiveOrders");
  const auto report = ReadOrder(body["orders"][0], From(1077));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->symbol, "ETH-USDC-PERP");
  EXPECT_EQ(report->exchange_order_id, "281474977354074");
  EXPECT_EQ(report->exchange_client_id, "");
  EXPECT_EQ(report->terms.side, common::v1::SIDE_SELL);
  EXPECT_EQ(report->terms.type, v1::ORDER_TYPE_MARKET);
  EXPECT_EQ(report->terms.time_in_force, v1::TIME_IN_FORCE_IOC);
  EXPECT_EQ(Text(report->terms.quantity), "36.0386");
  EXPECT_EQ(Text(report->terms.worst_price), "2221.6");
  EXPECT_EQ(Text(report->terms.price), "none");
  EXPECT_FALSE(report->terms.trigger.has_value());
  EXPECT_FALSE(report->terms.reduce_only);
  EXPECT_FALSE(report->made_by_exchange);
  EXPECT_EQ(Text(report->filled_quantity), "0");
  EXPECT_EQ(Text(report->filled_quote_quantity), "0");
  EXPECT_EQ(Text(report->remaining_quantity), "none");
  EXPECT_EQ(report->state, v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(report->finish_reason, v1::FINISH_REASON_INSUFFICIENT_FUNDS);
  EXPECT_EQ(report->raw_finish_reason, "canceled-margin-not-allowed");
  EXPECT_EQ(report->trigger_state, v1::TRIGGER_STATE_UNSPECIFIED);
  EXPECT_EQ(report->exchange_create_time, TimeNs::FromSeconds(1766387932));
  EXPECT_EQ(report->exchange_update_time, TimeNs::FromSeconds(1766387932));
  EXPECT_EQ(report->receive_time, kReceived);
  EXPECT_EQ(report->source, model::Source::kRest);
}

TEST_F(OrderReportsTest, GoldenAccountOrdersUpdate) {
  const Json body = GoldenMessage("private/ws_account_orders_update");
  const auto report = ReadOrder(body["orders"]["0"][0], From(1234));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->symbol, "ETH-USDC-PERP");
  EXPECT_EQ(report->exchange_order_id, "281476929510110");
  EXPECT_EQ(report->exchange_client_id, "42");
  EXPECT_EQ(report->terms.side, common::v1::SIDE_SELL);
  EXPECT_EQ(report->terms.type, v1::ORDER_TYPE_LIMIT);
  EXPECT_EQ(report->terms.time_in_force, v1::TIME_IN_FORCE_GTD);
  EXPECT_FALSE(report->terms.post_only);
  EXPECT_EQ(report->terms.expire_time, TimeNs::FromMillis(1780360584479));
  EXPECT_EQ(Text(report->terms.quantity), "0.005");
  EXPECT_EQ(Text(report->terms.price), "2352.74");
  EXPECT_EQ(Text(report->filled_quantity), "0.002");
  EXPECT_EQ(Text(report->filled_quote_quantity), "4.70548");
  EXPECT_EQ(Text(report->remaining_quantity), "0.003");
  EXPECT_EQ(report->state, v1::ORDER_STATE_PARTIALLY_FILLED);
  EXPECT_EQ(report->finish_reason, v1::FINISH_REASON_UNSPECIFIED);
  EXPECT_EQ(report->raw_state, "open");
  EXPECT_EQ(report->exchange_create_time, TimeNs::FromMillis(1777941383576));
  EXPECT_EQ(report->exchange_update_time, TimeNs::FromMillis(1777941383900));
}

TEST_F(OrderReportsTest, GoldenTradesOfTheAccount) {
  const Json body = GoldenMessage("samples/rest_trades");
  const auto fills = ReadFills(body["trades"][0], From(1077));
  ASSERT_TRUE(fills.ok()) << fills.status();
  ASSERT_EQ(fills->size(), 1u);
  const model::FillReport& fill = fills->front();
  EXPECT_EQ(fill.symbol, "ETH-USDC-PERP");
  EXPECT_EQ(fill.trade_id, "17609");
  EXPECT_EQ(fill.exchange_order_id, "562949952870533");
  EXPECT_EQ(fill.exchange_client_id, "");
  EXPECT_EQ(fill.side, common::v1::SIDE_BUY);
  EXPECT_EQ(fill.role, v1::LIQUIDITY_ROLE_TAKER);
  EXPECT_EQ(fill.kind, v1::FILL_KIND_TRADE);
  EXPECT_EQ(fill.price.ToString(), "2958.75");
  EXPECT_EQ(fill.quantity.ToString(), "10.2304");
  ASSERT_EQ(fill.fees.size(), 1u);  // left out = 0
  EXPECT_EQ(fill.fees[0].currency, "USDC");
  EXPECT_EQ(fill.fees[0].amount.ToString(), "0");
  EXPECT_FALSE(fill.realised_profit.has_value());
  EXPECT_EQ(fill.exchange_time, TimeNs::FromMillis(1766386112741));
}

TEST_F(OrderReportsTest, GoldenAccountAllTradesUpdate) {
  const Json trade = GoldenMessage("private/ws_account_all_trades_update")["trades"]["0"][0];
  const auto taken = ReadFills(trade, From(1234));
  ASSERT_TRUE(taken.ok()) << taken.status();
  ASSERT_EQ(taken->size(), 1u);
  EXPECT_EQ(taken->front().trade_id, "19209006902");
  EXPECT_EQ(taken->front().exchange_order_id, "562947905631053");
  EXPECT_EQ(taken->front().exchange_client_id, "7001011966");
  EXPECT_EQ(taken->front().side, common::v1::SIDE_BUY);
  EXPECT_EQ(taken->front().role, v1::LIQUIDITY_ROLE_TAKER);
  EXPECT_EQ(taken->front().price.ToString(), "2352.73");
  EXPECT_EQ(taken->front().quantity.ToString(), "0.1336");
  // 314.324728 x 196e-6, exactly.
  EXPECT_EQ(taken->front().fees.at(0).amount.ToString(), "0.061607646688");
  EXPECT_EQ(taken->front().exchange_time.value, 1'777'941'384'181'586'000);
  // The same trade for the other side.
  const auto made = ReadFills(trade, From(91249));
  ASSERT_EQ(made->size(), 1u);
  EXPECT_EQ(made->front().side, common::v1::SIDE_SELL);
  EXPECT_EQ(made->front().role, v1::LIQUIDITY_ROLE_MAKER);
  EXPECT_EQ(made->front().exchange_order_id, "281476929510102");
  EXPECT_EQ(made->front().fees.at(0).amount.ToString(), "0.008801092384");  // 28e-6
  // And for an account that has no part in it.
  EXPECT_TRUE(ReadFills(trade, From(7))->empty());
}

// A documentation example: its account is on neither side, its kind is none of the documented ones.
TEST_F(OrderReportsTest, GoldenAccountAllUpdate) {
  const Json trade = GoldenMessage("private/ws_account_all_update")["trades"]["1"][0];
  EXPECT_TRUE(ReadFills(trade, From(10))->empty());
  const auto fills = ReadFills(trade, From(123456));
  ASSERT_TRUE(fills.ok()) << fills.status();
  ASSERT_EQ(fills->size(), 1u);
  EXPECT_EQ(fills->front().symbol, "BTC-USD-USDC-PERP");
  EXPECT_EQ(fills->front().trade_id, "401");
  EXPECT_EQ(fills->front().exchange_order_id, "501");
  EXPECT_EQ(fills->front().side, common::v1::SIDE_SELL);
  EXPECT_EQ(fills->front().role, v1::LIQUIDITY_ROLE_MAKER);
  EXPECT_EQ(fills->front().kind, v1::FILL_KIND_UNRECOGNISED);
  EXPECT_EQ(fills->front().raw_kind, "buy");
  EXPECT_EQ(fills->front().price.ToString(), "20000");
  EXPECT_EQ(fills->front().quantity.ToString(), "0.5");
  EXPECT_EQ(fills->front().exchange_time, TimeNs::FromSeconds(1700000000));
}

TEST_F(OrderReportsTest, AnAccountThatTradesWithItselfHasTwoFills) {
  Json trade = GoldenMessage("private/ws_account_all_trades_update")["trades"]["0"][0];
  trade["ask_account_id"] = 1234;
  const auto fills = ReadFills(trade, From(1234));
  ASSERT_EQ(fills->size(), 2u);
  EXPECT_EQ(fills->at(0).trade_id, "19209006902-ask");
  EXPECT_EQ(fills->at(0).role, v1::LIQUIDITY_ROLE_MAKER);
  EXPECT_EQ(fills->at(1).trade_id, "19209006902-bid");
  EXPECT_EQ(fills->at(1).role, v1::LIQUIDITY_ROLE_TAKER);
}

TEST_F(OrderReportsTest, WhatIsLeftOutIsZeroOrFalse) {
  Json trade = GoldenMessage("private/ws_account_all_trades_update")["trades"]["0"][0];
  trade.erase("is_maker_ask");
  trade.erase("taker_fee");
  trade.erase("bid_account_id");  // account 0
  const auto fills = ReadFills(trade, From(0));
  ASSERT_EQ(fills->size(), 1u);
  EXPECT_EQ(fills->front().side, common::v1::SIDE_BUY);
  EXPECT_EQ(fills->front().role, v1::LIQUIDITY_ROLE_MAKER);
}

TEST_F(OrderReportsTest, LotsOfAThousandAreTokens) {
  const auto report = ReadOrder(Order({{"market_index", 7},
                                       {"initial_base_amount", "25"},
                                       {"filled_base_amount", "10"},
                                       {"remaining_base_amount", "15"},
                                       {"price", "0.011234"}}),
                                From(1234));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->symbol, "PEPE-USDC-PERP");
  EXPECT_EQ(Text(report->terms.quantity), "25000");
  EXPECT_EQ(Text(report->filled_quantity), "10000");
  EXPECT_EQ(Text(report->remaining_quantity), "15000");
  EXPECT_EQ(Text(report->terms.price), "0.000011234");
}

TEST_F(OrderReportsTest, ConditionalOrdersSayWhetherTheyWait) {
  const Json stop = {{"type", "stop-loss"},          {"time_in_force", "immediate-or-cancel"},
                     {"status", "pending"},          {"trigger_status", "mark-price"},
                     {"trigger_price", "2300.50"},   {"filled_base_amount", "0.0000"},
                     {"initial_base_amount", "0.0"}, {"reduce_only", true}};
  auto report = ReadOrder(Order(stop), From(1234));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->state, v1::ORDER_STATE_OPEN);
  EXPECT_EQ(report->terms.type, v1::ORDER_TYPE_STOP_MARKET);
  EXPECT_EQ(report->trigger_state, v1::TRIGGER_STATE_WAITING);
  EXPECT_EQ(report->terms.trigger->price.ToString(), "2300.5");
  EXPECT_EQ(report->terms.trigger->reference, v1::TRIGGER_REFERENCE_MARK);
  EXPECT_TRUE(report->terms.close_position);
  EXPECT_FALSE(report->terms.quantity.has_value());
  EXPECT_TRUE(report->terms.reduce_only);
  // Canceled while it waited: by somebody, not because it could not be taken at once.
  Json canceled = stop;
  canceled["status"] = "canceled";
  report = ReadOrder(Order(canceled), From(1234));
  EXPECT_EQ(report->state, v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(report->finish_reason, v1::FINISH_REASON_CLIENT_CANCEL);
}

TEST_F(OrderReportsTest, AnImmediateOrderThatIsCanceledIsARemainder) {
  const auto report = ReadOrder(
      Order({{"time_in_force", "immediate-or-cancel"}, {"status", "canceled"}}), From(1234));
  EXPECT_EQ(report->state, v1::ORDER_STATE_EXPIRED);
  EXPECT_EQ(report->finish_reason, v1::FINISH_REASON_IOC_REMAINDER);
  EXPECT_EQ(Text(report->filled_quantity), "0.002");
}

TEST_F(OrderReportsTest, WhatOnlyTheExchangeMakesIsShownAsItIs) {
  auto report =
      ReadOrder(Order({{"type", "liquidation"}, {"time_in_force", "Unknown"}}), From(1234));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->made_by_exchange);
  EXPECT_EQ(report->terms.type, v1::ORDER_TYPE_UNRECOGNISED);
  EXPECT_EQ(report->raw_type, "liquidation");
  EXPECT_EQ(report->raw_time_in_force, "Unknown");
}

TEST_F(OrderReportsTest, WhatCannotBeReadIsAnErrorAndNeverADefault) {
  const Json broken[] = {
      {{"status", "resting"}},
      {{"initial_base_amount", "lots"}},
      {{"price", "1,5"}},
      {{"is_ask", nullptr}},
      {{"market_index", "ETH"}},
      {{"order_id", ""}, {"order_index", 0}},
      {{"initial_base_amount", ""}},
  };
  for (const Json& changes : broken) {
    const auto report = ReadOrder(Order(changes), From(1234));
    EXPECT_EQ(ReasonOf(report.status()), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE)
        << json::Serialise(changes);
  }
  EXPECT_EQ(ReasonOf(ReadOrder(Order({{"market_index", 999}}), From(1234)).status()),
            common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
  Json trade = GoldenMessage("private/ws_account_all_trades_update")["trades"]["0"][0];
  trade["size"] = "much";
  EXPECT_FALSE(ReadFills(trade, From(1234)).ok());
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
