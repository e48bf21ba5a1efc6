#include "services/order/risk/ticket.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

// Valid tickets to begin with, by name.
v1::OrderTicket Base(const std::string& name) {
  static const std::map<std::string, std::string> kTails = {
      {"limit", "type: ORDER_TYPE_LIMIT quantity: '1' price: '100'"},
      {"market", "type: ORDER_TYPE_MARKET quantity: '1'"},
      {"quote", "type: ORDER_TYPE_MARKET quote_quantity: '50'"},
      {"stop", "type: ORDER_TYPE_STOP_MARKET quantity: '1' trigger { price: '90' }"},
      {"stop_limit",
       "type: ORDER_TYPE_STOP_LIMIT quantity: '1' price: '89' trigger { price: '90' }"},
      {"profit", "type: ORDER_TYPE_TAKE_PROFIT_MARKET quantity: '1' trigger { price: '110' }"},
      {"profit_limit",
       "type: ORDER_TYPE_TAKE_PROFIT_LIMIT quantity: '1' price: '1' trigger { price: '110' }"},
      {"trailing", "type: ORDER_TYPE_TRAILING_STOP quantity: '1' trailing { rate: '0.01' }"},
      {"close", "type: ORDER_TYPE_STOP_MARKET close_position: true trigger { price: '90' }"},
      {"none", ""},
  };
  return Parse<v1::OrderTicket>("client_order_id: 'a' symbol: 'BTC-USDT-PERP' side: SIDE_BUY " +
                                kTails.at(name));
}

struct Case {
  std::string name, base, patch, field;
};

class TicketTest : public testing::TestWithParam<Case> {};

TEST_P(TicketTest, IsCheckedFieldByField) {
  ExpectField(CheckTicket(With(Base(GetParam().base), GetParam().patch)), GetParam().field);
}

std::string CaseName(const testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Identity, TicketTest,
    testing::Values(
        Case{"bad_client_order_id", "limit", "client_order_id: 'a b'", "client_order_id"},
        Case{"unknown_side", "limit", "side: 7", "side"},
        Case{"no_type", "none", "quantity: '1'", "type"},
        Case{"unrecognised_type", "none", "type: ORDER_TYPE_UNRECOGNISED", "type"},
        Case{"unknown_type", "none", "type: 77", "type"},
        Case{"unrecognised_time_in_force", "limit", "time_in_force: TIME_IN_FORCE_UNRECOGNISED",
             "time_in_force"},
        Case{"unknown_time_in_force", "limit", "time_in_force: 77", "time_in_force"},
        Case{"unknown_position_side", "limit", "position_side: 9", "position_side"},
        Case{"unrecognised_self_trade_prevention", "limit",
             "self_trade_prevention: SELF_TRADE_PREVENTION_UNRECOGNISED", "self_trade_prevention"},
        Case{"unknown_self_trade_prevention", "limit", "self_trade_prevention: 77",
             "self_trade_prevention"},
        Case{"quantity_away_from_market", "limit", "quantity_rounding: ROUNDING_AWAY_FROM_MARKET",
             "quantity_rounding"},
        Case{"unknown_quantity_rounding", "limit", "quantity_rounding: 77", "quantity_rounding"},
        Case{"unknown_price_rounding", "limit", "price_rounding: 77", "price_rounding"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Amounts, TicketTest,
    testing::Values(
        Case{"no_quantity", "none", "type: ORDER_TYPE_LIMIT price: '1'", "quantity"},
        Case{"zero_quantity", "limit", "quantity: '0'", "quantity"},
        Case{"negative_quantity", "limit", "quantity: '-1'", "quantity"},
        Case{"quantity_with_exponent", "limit", "quantity: '1e3'", "quantity"},
        Case{"quote_quantity_on_limit", "none",
             "type: ORDER_TYPE_LIMIT price: '1' quote_quantity: '5'", "quote_quantity"},
        Case{"quote_quantity_on_stop", "none",
             "type: ORDER_TYPE_STOP_MARKET quote_quantity: '5' trigger { price: '9' }",
             "quote_quantity"},
        Case{"both_quantities", "market", "quote_quantity: '5'", "quote_quantity"},
        Case{"zero_quote_quantity", "none", "type: ORDER_TYPE_MARKET quote_quantity: '0'",
             "quote_quantity"},
        Case{"close_position_on_limit", "none",
             "type: ORDER_TYPE_LIMIT price: '1' close_position: true", "close_position"},
        Case{"close_position_on_market", "none", "type: ORDER_TYPE_MARKET close_position: true",
             "close_position"},
        Case{"close_position_with_quantity", "stop", "close_position: true", "quantity"},
        Case{"close_position_with_quote_quantity", "close", "quote_quantity: '1'",
             "quote_quantity"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Prices, TicketTest,
    testing::Values(
        Case{"limit_without_price", "none", "type: ORDER_TYPE_LIMIT quantity: '1'", "price"},
        Case{"stop_limit_without_price", "none",
             "type: ORDER_TYPE_STOP_LIMIT quantity: '1' trigger { price: '9' }", "price"},
        Case{"profit_limit_without_price", "none",
             "type: ORDER_TYPE_TAKE_PROFIT_LIMIT quantity: '1' trigger { price: '9' }", "price"},
        Case{"market_with_price", "market", "price: '1'", "price"},
        Case{"stop_with_price", "stop", "price: '1'", "price"},
        Case{"trailing_with_price", "trailing", "price: '1'", "price"},
        Case{"price_of_zero", "limit", "price: '0'", "price"},
        Case{"price_with_exponent", "limit", "price: '1E5'", "price"},
        Case{"limit_with_worst_price", "limit", "worst_price: '1'", "worst_price"},
        Case{"stop_limit_with_worst_price", "stop_limit", "worst_price: '1'", "worst_price"},
        Case{"worst_price_of_zero", "market", "worst_price: '0'", "worst_price"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Life, TicketTest,
    testing::Values(
        Case{"market_gtc", "market", "time_in_force: TIME_IN_FORCE_GTC", "time_in_force"},
        Case{"market_gtd", "market", "time_in_force: TIME_IN_FORCE_GTD expire_time_ns: 9",
             "time_in_force"},
        Case{"gtd_without_expiry", "limit", "time_in_force: TIME_IN_FORCE_GTD", "expire_time_ns"},
        Case{"gtd_before_1970", "limit", "time_in_force: TIME_IN_FORCE_GTD expire_time_ns: -1",
             "expire_time_ns"},
        Case{"gtc_with_expiry", "limit", "time_in_force: TIME_IN_FORCE_GTC expire_time_ns: 9",
             "expire_time_ns"},
        Case{"unspecified_with_expiry", "limit", "expire_time_ns: 9", "expire_time_ns"},
        Case{"post_only_market", "market", "post_only: true", "post_only"},
        Case{"post_only_stop", "stop", "post_only: true", "post_only"},
        Case{"post_only_stop_gtc", "stop", "post_only: true time_in_force: TIME_IN_FORCE_GTC",
             "post_only"},
        Case{"post_only_trailing", "trailing", "post_only: true", "post_only"},
        Case{"post_only_ioc", "limit", "post_only: true time_in_force: TIME_IN_FORCE_IOC",
             "post_only"},
        Case{"post_only_fok", "limit", "post_only: true time_in_force: TIME_IN_FORCE_FOK",
             "post_only"},
        Case{"long_reduced_by_a_buy", "limit",
             "reduce_only: true position_side: POSITION_SIDE_LONG", "position_side"},
        Case{"short_reduced_by_a_sell", "limit",
             "side: SIDE_SELL reduce_only: true position_side: POSITION_SIDE_SHORT",
             "position_side"},
        Case{"long_closed_by_a_buy", "close", "position_side: POSITION_SIDE_LONG",
             "position_side"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Triggers, TicketTest,
    testing::Values(
        Case{"stop_without_trigger", "none", "type: ORDER_TYPE_STOP_MARKET quantity: '1'",
             "trigger"},
        Case{"stop_without_trigger_price", "none",
             "type: ORDER_TYPE_STOP_MARKET quantity: '1' trigger { }", "trigger.price"},
        Case{"trigger_price_of_zero", "stop", "trigger { price: '0' }", "trigger.price"},
        Case{"unrecognised_reference", "stop",
             "trigger { reference: TRIGGER_REFERENCE_UNRECOGNISED }", "trigger.reference"},
        Case{"unknown_reference", "stop", "trigger { reference: 77 }", "trigger.reference"},
        Case{"limit_with_trigger", "limit", "trigger { price: '1' }", "trigger"},
        Case{"market_with_trigger", "market", "trigger { }", "trigger"},
        Case{"limit_with_trailing", "limit", "trailing { rate: '0.1' }", "trailing"},
        Case{"stop_with_trailing", "stop", "trailing { rate: '0.1' }", "trailing"},
        Case{"trailing_without_trailing", "none", "type: ORDER_TYPE_TRAILING_STOP quantity: '1'",
             "trailing"},
        Case{"trailing_without_distance", "none",
             "type: ORDER_TYPE_TRAILING_STOP quantity: '1' trailing { activation_price: '1' }",
             "trailing"},
        Case{"trailing_with_trigger_price", "trailing", "trigger { price: '1' }", "trigger.price"},
        Case{"trailing_with_unknown_reference", "trailing", "trigger { reference: 77 }",
             "trigger.reference"},
        Case{"trailing_rate_of_one", "trailing", "trailing { rate: '1' }", "trailing.rate"},
        Case{"trailing_rate_of_zero", "trailing", "trailing { rate: '0' }", "trailing.rate"},
        Case{"trailing_amount_of_zero", "trailing", "trailing { amount: '0' }", "trailing.amount"},
        Case{"activation_price_of_zero", "trailing", "trailing { activation_price: '0' }",
             "trailing.activation_price"}),
    CaseName);

constexpr char kProfit[] = "take_profit { client_order_id: 'tp' trigger { price: '120' } ";

INSTANTIATE_TEST_SUITE_P(
    Ties, TicketTest,
    testing::Values(
        Case{"attached_without_id", "limit", "take_profit { trigger { price: '1' } }",
             "take_profit.client_order_id"},
        Case{"attached_with_the_parents_id", "limit",
             "stop_loss { client_order_id: 'a' trigger { price: '1' } }",
             "stop_loss.client_order_id"},
        Case{"attached_twice_with_one_id", "limit",
             std::string(kProfit) + "} stop_loss { client_order_id: 'tp' trigger { price: '80' } }",
             "stop_loss.client_order_id"},
        Case{"attached_without_trigger", "limit", "take_profit { client_order_id: 'tp' }",
             "take_profit.trigger"},
        Case{"attached_without_trigger_price", "limit",
             "take_profit { client_order_id: 'tp' trigger { } }", "take_profit.trigger.price"},
        Case{"attached_with_unknown_reference", "limit",
             "stop_loss { client_order_id: 'sl' trigger { price: '1' reference: 77 } }",
             "stop_loss.trigger.reference"},
        Case{"attached_price_of_zero", "limit", std::string(kProfit) + "price: '0' }",
             "take_profit.price"},
        Case{"attached_quantity_of_zero", "limit", std::string(kProfit) + "quantity: '0' }",
             "take_profit.quantity"},
        Case{"attached_to_more_than_the_parent", "limit",
             std::string(kProfit) + "quantity: '1.1' }", "take_profit.quantity"},
        Case{"attached_to_a_reducing_order", "limit", std::string(kProfit) + "} reduce_only: true",
             "take_profit"},
        Case{"stop_attached_to_a_reducing_order", "limit",
             "reduce_only: true stop_loss { client_order_id: 'sl' trigger { price: '1' } }",
             "stop_loss"},
        Case{"group_without_id", "limit", "one_cancels_other { }", "one_cancels_other.group_id"},
        Case{"session_without_id", "limit", "cancel_on_disconnect { }",
             "cancel_on_disconnect.session_id"},
        Case{"session_with_a_bad_id", "limit", "cancel_on_disconnect { session_id: 'a:b' }",
             "cancel_on_disconnect.session_id"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Taken, TicketTest,
    testing::Values(
        Case{"limit", "limit", "", ""}, Case{"market", "market", "", ""},
        Case{"market_fok", "market", "time_in_force: TIME_IN_FORCE_FOK", ""},
        Case{"market_with_worst_price", "market", "worst_price: '101'", ""},
        Case{"quote_quantity", "quote", "", ""}, Case{"stop", "stop", "", ""},
        Case{"stop_until_a_day", "stop", "time_in_force: TIME_IN_FORCE_GTD expire_time_ns: 9", ""},
        Case{"stop_limit_post_only", "stop_limit", "post_only: true", ""},
        Case{"take_profit", "profit", "", ""}, Case{"take_profit_limit", "profit_limit", "", ""},
        Case{"trailing_by_rate", "trailing", "", ""},
        Case{"trailing_by_amount", "trailing", "trailing { amount: '5' activation_price: '9' }",
             ""},
        Case{"trailing_by_mark", "trailing", "trigger { reference: TRIGGER_REFERENCE_MARK }", ""},
        Case{"close_position", "close", "position_side: POSITION_SIDE_SHORT", ""},
        Case{"gtd", "limit", "time_in_force: TIME_IN_FORCE_GTD expire_time_ns: 9", ""},
        Case{"post_only", "limit", "post_only: true time_in_force: TIME_IN_FORCE_GTC", ""},
        Case{"attached", "limit",
             std::string(kProfit) + "quantity: '1' price: '119' } "
                                    "stop_loss { client_order_id: 'sl' trigger { price: '80' } }",
             ""},
        Case{"group", "limit", "one_cancels_other { group_id: 'g' }", ""},
        Case{"session", "limit", "cancel_on_disconnect { session_id: 's' grace_ms: 1 }", ""}),
    CaseName);

TEST(TicketTest, RequiresIdSymbolAndSide) {
  v1::OrderTicket ticket = Base("limit");
  ticket.clear_client_order_id();
  ExpectField(CheckTicket(ticket), "client_order_id");
  ticket = Base("limit");
  ticket.clear_symbol();
  ExpectField(CheckTicket(ticket), "symbol");
  ticket = Base("limit");
  ticket.clear_side();
  ExpectField(CheckTicket(ticket), "side");
}

TEST(SingleTicketTest, RefusesAGroupAndWhateverATicketMayNot) {
  ExpectField(CheckSingleTicket(With(Base("limit"), "one_cancels_other { group_id: 'g' }")),
              "one_cancels_other");
  ExpectField(CheckSingleTicket(With(Base("limit"), "price: '0'")), "price");
  ExpectField(CheckSingleTicket(Base("limit")), "");
}

v1::OrderTicket Named(const std::string& id, const std::string& patch = "") {
  return With(Base("limit"), "client_order_id: '" + id + "' " + patch);
}

TEST(TicketListTest, HasOneTo50Tickets) {
  v1::PlaceOrdersRequest request;
  ExpectField(CheckTicketList(request.tickets()), "tickets");
  for (int i = 0; i < 50; ++i) *request.add_tickets() = Named("id" + std::to_string(i));
  ExpectField(CheckTicketList(request.tickets()), "");
  *request.add_tickets() = Named("id50");
  const absl::Status status = CheckTicketList(request.tickets());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_REQUEST_TOO_LARGE);
}

TEST(TicketListTest, RefusesAnIdTwice) {
  v1::PlaceOrdersRequest request;
  *request.add_tickets() = Named("a");
  *request.add_tickets() = Named("a");
  ExpectField(CheckTicketList(request.tickets()), "tickets");
}

TEST(TicketListTest, RefusesAnIdThatAnAttachedOrderHas) {
  v1::PlaceOrdersRequest request;
  *request.add_tickets() = Named("tp");
  *request.add_tickets() = Named("b", std::string(kProfit) + "}");
  ExpectField(CheckTicketList(request.tickets()), "tickets");
}

TEST(TicketListTest, LeavesMissingIdsToTheirTickets) {
  v1::PlaceOrdersRequest request;
  request.add_tickets();
  request.add_tickets();
  ExpectField(CheckTicketList(request.tickets()), "");
}

TEST(TicketListTest, RefusesAGroupOfOne) {
  v1::PlaceOrdersRequest request;
  *request.add_tickets() = Named("a", "one_cancels_other { group_id: 'g' }");
  *request.add_tickets() = Named("b", "one_cancels_other { group_id: 'h' }");
  *request.add_tickets() = Named("c", "one_cancels_other { group_id: 'h' }");
  ExpectField(CheckTicketList(request.tickets()), "tickets");
  *request.add_tickets() = Named("d", "one_cancels_other { group_id: 'g' }");
  ExpectField(CheckTicketList(request.tickets()), "");
}

TEST(OrderTypeTest, EveryTypeSaysHowItEnds) {
  EXPECT_FALSE(EndsAsMarket(v1::ORDER_TYPE_LIMIT));
  EXPECT_TRUE(EndsAsMarket(v1::ORDER_TYPE_MARKET));
  EXPECT_TRUE(EndsAsMarket(v1::ORDER_TYPE_STOP_MARKET));
  EXPECT_FALSE(EndsAsMarket(v1::ORDER_TYPE_STOP_LIMIT));
  EXPECT_TRUE(EndsAsMarket(v1::ORDER_TYPE_TAKE_PROFIT_MARKET));
  EXPECT_FALSE(EndsAsMarket(v1::ORDER_TYPE_TAKE_PROFIT_LIMIT));
  EXPECT_TRUE(EndsAsMarket(v1::ORDER_TYPE_TRAILING_STOP));
  EXPECT_FALSE(EndsAsMarket(v1::ORDER_TYPE_UNRECOGNISED));
}

TEST(TimeInForceTest, UnspecifiedIsGtcOrIocForWhatEndsAsMarket) {
  EXPECT_EQ(EffectiveTimeInForce(Base("limit")), v1::TIME_IN_FORCE_GTC);
  EXPECT_EQ(EffectiveTimeInForce(Base("stop_limit")), v1::TIME_IN_FORCE_GTC);
  EXPECT_EQ(EffectiveTimeInForce(Base("market")), v1::TIME_IN_FORCE_IOC);
  EXPECT_EQ(EffectiveTimeInForce(Base("trailing")), v1::TIME_IN_FORCE_IOC);
  EXPECT_EQ(EffectiveTimeInForce(With(Base("market"), "time_in_force: TIME_IN_FORCE_FOK")),
            v1::TIME_IN_FORCE_FOK);
}

}  // namespace
}  // namespace switchyard::order::risk
