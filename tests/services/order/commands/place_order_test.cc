// PlaceOrder and PlaceOrders over a real server on a scripted exchange.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

using order::v1::OrderService;

class PlaceOrderTest : public OrderHarness {};

TEST_F(PlaceOrderTest, AConfirmedOrderIsOpenAndSentAsAsked) {
  StartReady();
  const auto placed = Place(Ticket("one"));
  ASSERT_TRUE(placed.ok()) << placed.status();
  const Order& order = placed->order();
  EXPECT_FALSE(placed->replayed());
  EXPECT_EQ(order.state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(order.exchange(), "alpha");
  EXPECT_EQ(order.account(), "main");
  EXPECT_EQ(order.exchange_order_id(), "x1");
  EXPECT_EQ(order.exchange_client_id(), ExchangeId(1, "one"));
  EXPECT_EQ(order.origin(), order::v1::ORDER_ORIGIN_CLIENT);
  EXPECT_EQ(order.remaining_quantity(), "3.000");
  EXPECT_GT(order.position().sequence(), 0u);
  const auto commands = exchange.place_commands();
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].terms.price->ToString(), "100.5");
  EXPECT_EQ(commands[0].symbol, "BTC-USDT");
}

TEST_F(PlaceOrderTest, TheSameTicketAgainIsReplayedAndNothingIsSent) {
  StartReady();
  const auto first = Place(Ticket("one"));
  ASSERT_TRUE(first.ok());
  const auto again = Place(Ticket("one"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->order().exchange_order_id(), first->order().exchange_order_id());
  EXPECT_EQ(exchange.commands(), 1);
}

TEST_F(PlaceOrderTest, AnotherTicketUnderTheSameKeyIsRefused) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  const auto other = Place(Ticket("one", "4"));
  EXPECT_EQ(other.status().code(), absl::StatusCode::kAlreadyExists) << other.status();
  EXPECT_EQ(ReasonOf(other.status()), common::v1::ERROR_REASON_CLIENT_ORDER_ID_REUSED);
  EXPECT_EQ(exchange.commands(), 1);
}

TEST_F(PlaceOrderTest, BothHoldAfterARestart) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  exchange.Next(Act::kRefuse);
  exchange.refusal = MakeError(absl::StatusCode::kFailedPrecondition,
                               common::v1::ERROR_REASON_INSUFFICIENT_FUNDS, "too poor");
  EXPECT_FALSE(Place(Ticket("ended")).ok());
  Stop();
  StartReady();
  const auto again = Place(Ticket("one"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(Place(Ticket("one", "4")).status().code(), absl::StatusCode::kAlreadyExists);
  const auto ended = Place(Ticket("ended"));
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_TRUE(ended->replayed());
  EXPECT_EQ(ended->order().state(), order::v1::ORDER_STATE_REJECTED);
  EXPECT_EQ(exchange.commands(), 2);
}

TEST_F(PlaceOrderTest, TwoCallsAtOnceSendOneOrderAndGetOneAnswer) {
  StartReady();
  exchange.Next(Act::kHold);
  auto first = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.WaitForHeld(1);
  auto second = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.Release();
  const auto a = first.get();
  const auto b = second.get();
  ASSERT_TRUE(a.ok()) << a.status();
  ASSERT_TRUE(b.ok()) << b.status();
  EXPECT_FALSE(a->replayed());
  EXPECT_TRUE(b->replayed());
  EXPECT_EQ(exchange.commands(), 1);
}

TEST_F(PlaceOrderTest, ARefusalCarriesItsReasonAndTheOrderIsRejected) {
  StartReady();
  exchange.Next(Act::kRefuse);
  exchange.refusal = MakeError(absl::StatusCode::kFailedPrecondition,
                               common::v1::ERROR_REASON_POST_ONLY_WOULD_CROSS, "it would cross");
  const auto placed = Place(Ticket("one"));
  EXPECT_EQ(placed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(placed.status()), common::v1::ERROR_REASON_POST_ONLY_WOULD_CROSS);
  EXPECT_EQ(MetadataOf(placed.status()).at("client_order_id"), "one");
  EXPECT_EQ(Get("one")->order().state(), order::v1::ORDER_STATE_REJECTED);
}

TEST_F(PlaceOrderTest, WhatWasNotSentIsUnavailableAndMayBePlacedAgainUnderTheSameKey) {
  StartReady();
  exchange.Next(Act::kNotSent);
  const auto placed = Place(Ticket("one"));
  EXPECT_EQ(placed.status().code(), absl::StatusCode::kUnavailable) << placed.status();
  EXPECT_EQ(ReasonOf(placed.status()), common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE);
  const Order ended = Get("one")->order();
  EXPECT_EQ(ended.state(), order::v1::ORDER_STATE_REJECTED);
  EXPECT_EQ(ended.finish_reason(), order::v1::FINISH_REASON_NOT_SENT);
  EXPECT_EQ(ended.submit_time_ns(), 0);
  EXPECT_EQ(exchange.placed(), 0);
  EXPECT_EQ(Place(Ticket("one", "4")).status().code(), absl::StatusCode::kAlreadyExists);
  const auto again = Place(Ticket("one"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->replayed());
  EXPECT_EQ(again->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_GT(again->order().version(), ended.version());
  EXPECT_FALSE(again->order().has_rejection());
  EXPECT_TRUE(Place(Ticket("one"))->replayed());
  EXPECT_EQ(exchange.placed(), 1);
}

// create timed out but the order existed; a retry bought twice.
TEST_F(PlaceOrderTest, R40ALostAnswerIsUnknownThenResolvedAndNeverSentTwice) {
  StartReady();
  exchange.Next(Act::kLoseAnswer);
  exchange.FailReads(absl::UnavailableError("mute"));
  const auto placed = Place(Ticket("one"));
  EXPECT_EQ(placed.status().code(), absl::StatusCode::kUnknown) << placed.status();
  EXPECT_EQ(ReasonOf(placed.status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  const auto while_unknown = Get("one");
  EXPECT_TRUE(while_unknown->order().outcome_unknown());
  EXPECT_EQ(while_unknown->order().state(), order::v1::ORDER_STATE_PENDING_NEW);
  EXPECT_EQ(Place(Ticket("one")).status().code(), absl::StatusCode::kUnknown);
  exchange.FailReads(absl::OkStatus());
  const auto found = Wait("one", order::v1::WAIT_CONDITION_OPEN);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(found->exchange_order_id(), "x1");
  EXPECT_EQ(found->change_origin(), order::v1::CHANGE_ORIGIN_RECONCILIATION);
  EXPECT_EQ(exchange.placed(), 1);
  EXPECT_EQ(exchange.commands(), 1);
}

// the order never reached the venue. R-46: it was dropped there without a word.
TEST_F(PlaceOrderTest, R43R46ALostCommandIsProvenNotReceivedAndRejected) {
  exchange.not_received_after = std::chrono::milliseconds(50);
  StartReady();
  exchange.Next(Act::kLoseCommand);
  const TimeNs sent = SystemClock().Now();
  EXPECT_EQ(Place(Ticket("one")).status().code(), absl::StatusCode::kUnknown);
  const auto ended = Wait("one", order::v1::WAIT_CONDITION_TERMINAL);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->state(), order::v1::ORDER_STATE_REJECTED);
  EXPECT_EQ(ended->finish_reason(), order::v1::FINISH_REASON_NOT_RECEIVED);
  EXPECT_EQ(ended->rejection().reason(), common::v1::ERROR_REASON_NOT_RECEIVED);
  EXPECT_GE(TimeNs(ended->finish_time_ns()) - sent, std::chrono::milliseconds(50))
      << "not before the exchange can no longer take it";
  EXPECT_EQ(exchange.commands(), 1);
}

// no terminal state without the venue's evidence.
TEST_F(PlaceOrderTest, R42WhileTheExchangeIsMuteNothingIsConcluded) {
  StartReady();
  exchange.Next(Act::kLoseAnswer);
  exchange.FailReads(absl::UnavailableError("mute"));
  const int before = exchange.queries();
  EXPECT_EQ(Place(Ticket("one")).status().code(), absl::StatusCode::kUnknown);
  exchange.WaitForQueries(before + 4);
  const auto order = Get("one");
  EXPECT_TRUE(order->order().outcome_unknown());
  EXPECT_FALSE(order::IsTerminal(order->order().state()));
  EXPECT_EQ(Limits().unknown_orders(), 1u);
}

// What GetOrder does not find is looked for in the lists before anything is concluded.
TEST_F(PlaceOrderTest, AnOrderThatOneReadMissesIsFoundInAnother) {
  exchange.hidden_from_get = {ExchangeId(1, "one"), ExchangeId(2, "two")};
  StartReady();
  exchange.Next(Act::kLoseAnswer);
  EXPECT_FALSE(Place(Ticket("one")).ok());
  EXPECT_EQ(Wait("one", order::v1::WAIT_CONDITION_OPEN)->state(), order::v1::ORDER_STATE_OPEN);
}

TEST_F(PlaceOrderTest, AFillIsProofThatAnOrderArrived) {
  exchange.hidden_from_get = {ExchangeId(1, "one")};
  exchange.hidden_from_lists = {ExchangeId(1, "one")};
  exchange.not_received_after = std::chrono::milliseconds(100);
  StartReady();
  exchange.Next(Act::kLoseAnswer);
  EXPECT_FALSE(Place(Ticket("one")).ok());
  exchange.Fill(ExchangeId(1, "one"), "t1", "1");
  const auto order = Wait("one", order::v1::WAIT_CONDITION_OPEN);
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(order->state(), order::v1::ORDER_STATE_PARTIALLY_FILLED);
  EXPECT_EQ(order->filled_quantity(), "1");
}

TEST_F(PlaceOrderTest, TheStreamSettlesAnUnknownOutcomeToo) {
  exchange.FailReads(absl::OkStatus());
  StartReady();
  exchange.FailReads(absl::UnavailableError("mute"));
  exchange.Next(Act::kLoseAnswer);
  EXPECT_FALSE(Place(Ticket("one")).ok());
  exchange.listener().OnOrder(exchange.Report(ExchangeId(1, "one")));
  EXPECT_EQ(Wait("one", order::v1::WAIT_CONDITION_OPEN)->state(), order::v1::ORDER_STATE_OPEN);
}

TEST_F(PlaceOrderTest, AFillBeforeTheAcknowledgementIsTaken) {
  StartReady();
  EventReader events(*stub_);
  exchange.Next(Act::kHold);
  auto placing = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.WaitForHeld(1);
  model::FillReport fill = exchange.Fill(ExchangeId(1, "one"), "t1", "1");
  // Some channels do not tell our id: the fill waits for whoever names the order.
  fill.exchange_client_id.clear();
  exchange.listener().OnFill(fill);
  exchange.Release();
  ASSERT_TRUE(placing.get().ok());
  const Order order = events.UntilState(order::v1::ORDER_STATE_PARTIALLY_FILLED);
  EXPECT_EQ(order.filled_quantity(), "1");
  EXPECT_EQ(order.ticket().client_order_id(), "one");
}

TEST_F(PlaceOrderTest, AFillWithoutItsAcknowledgementIsTakenOnce) {
  StartReady();
  exchange.Next(Act::kHold);
  auto placing = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.WaitForHeld(1);
  const model::FillReport fill = exchange.Fill(ExchangeId(1, "one"), "t1", "3");
  for (int i = 0; i < 3; ++i) exchange.listener().OnFill(fill);
  exchange.Release();
  const auto placed = placing.get();
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_FILLED);
  const auto order = Get("one");
  EXPECT_EQ(order->order().filled_quantity(), "3");
  ASSERT_EQ(order->fills_size(), 1);
  EXPECT_EQ(order->fills(0).client_order_id(), "one");
  EXPECT_EQ(order->fills(0).quote_quantity(), "301.5");
}

TEST_F(PlaceOrderTest, ABatchAnswersEachItemOnItsOwn) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("known")).ok());
  exchange.Next(Act::kConfirm);
  exchange.Next(Act::kRefuse);
  exchange.refusal = MakeError(absl::StatusCode::kFailedPrecondition,
                               common::v1::ERROR_REASON_INSUFFICIENT_FUNDS, "too poor");
  order::v1::PlaceOrdersRequest request;
  *request.add_tickets() = Ticket("a");
  *request.add_tickets() = Ticket("b");
  *request.add_tickets() = Ticket("known");
  *request.add_tickets() = Ticket("malformed", "0");
  *request.add_tickets() = Ticket("elsewhere");
  request.mutable_tickets(4)->set_symbol("NO-SUCH");
  const auto placed =
      Call<order::v1::PlaceOrdersResponse>(&OrderService::Stub::PlaceOrders, request);
  ASSERT_TRUE(placed.ok()) << placed.status();
  ASSERT_EQ(placed->results_size(), 5);
  EXPECT_EQ(placed->results(0).status().code(), 0u);
  EXPECT_EQ(placed->results(0).order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(placed->results(1).status().reason(), common::v1::ERROR_REASON_INSUFFICIENT_FUNDS);
  EXPECT_EQ(placed->results(1).order().state(), order::v1::ORDER_STATE_REJECTED);
  EXPECT_TRUE(placed->results(2).replayed());
  EXPECT_EQ(placed->results(3).status().reason(), common::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_FALSE(placed->results(3).has_order());
  EXPECT_EQ(placed->results(4).status().reason(), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
  EXPECT_EQ(exchange.commands(), 3);
}

TEST_F(PlaceOrderTest, AKeyTwiceInABatchPlacesNothing) {
  StartReady();
  order::v1::PlaceOrdersRequest request;
  *request.add_tickets() = Ticket("a");
  *request.add_tickets() = Ticket("a");
  const auto placed =
      Call<order::v1::PlaceOrdersResponse>(&OrderService::Stub::PlaceOrders, request);
  EXPECT_EQ(placed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(exchange.commands(), 0);
}

TEST_F(PlaceOrderTest, WhatTheExchangeCannotHoldIsRefusedBeforeTheJournal) {
  exchange.check = [](const model::OrderTerms&) { return NotInCapabilities("alpha", "LIMIT"); };
  StartReady();
  EXPECT_EQ(Place(Ticket("one")).status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(Get("one").status().code(), absl::StatusCode::kNotFound);
  order::v1::OrderTicket grouped = Ticket("two");
  grouped.mutable_take_profit()->set_client_order_id("tp");
  grouped.mutable_take_profit()->mutable_trigger()->set_price("110");
  EXPECT_EQ(Place(grouped).status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(exchange.commands(), 0);
}

// nothing is rounded unless asked, and nothing has an exponent.
TEST_F(PlaceOrderTest, R56R59WhatIsNotRepresentableIsRefusedWithTheNearestValues) {
  StartReady();
  const auto placed = Place(Ticket("one", "1.0005"));
  EXPECT_EQ(placed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(placed.status()), common::v1::ERROR_REASON_NOT_REPRESENTABLE);
  EXPECT_EQ(MetadataOf(placed.status()).at("nearest"), "1.000,1.001");
  order::v1::OrderTicket rounded = Ticket("two", "1.0005");
  rounded.set_quantity_rounding(order::v1::ROUNDING_DOWN);
  const auto down = Place(rounded);
  ASSERT_TRUE(down.ok()) << down.status();
  EXPECT_EQ(down->order().sent().quantity(), "1.000");
  EXPECT_EQ(down->order().ticket().quantity(), "1.0005");
}

TEST_F(PlaceOrderTest, LimitsRefuseBeforeTheExchange) {
  risk_.emplace();
  risk_->add_symbols()->set_max_order_quantity("2");
  risk_->set_max_open_orders(1);
  StartReady();
  const auto large = Place(Ticket("large", "3", "100.1"));
  EXPECT_EQ(ReasonOf(large.status()), common::v1::ERROR_REASON_RISK_LIMIT) << large.status();
  ASSERT_TRUE(Place(Ticket("a", "1", "100.1")).ok());
  const auto second = Place(Ticket("b", "1", "100.1"));
  EXPECT_EQ(ReasonOf(second.status()), common::v1::ERROR_REASON_RISK_LIMIT);
  ASSERT_TRUE(Cancel("a", "r1").ok());
  EXPECT_TRUE(Place(Ticket("b", "1", "100.1")).ok()) << "a canceled order frees its place";
}

TEST_F(PlaceOrderTest, TheKillSwitchRefusesNewOrdersSurvivesARestartAndLetsCancelsPass) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  ASSERT_TRUE(Place(Ticket("two")).ok());
  order::v1::SetKillSwitchRequest request;
  request.set_engaged(true);
  request.set_reason("stop it");
  ASSERT_TRUE(
      Call<order::v1::SetKillSwitchResponse>(&OrderService::Stub::SetKillSwitch, request).ok());
  Stop();
  Start();
  const auto refused = Place(Ticket("three"));
  EXPECT_EQ(ReasonOf(refused.status()), common::v1::ERROR_REASON_KILL_SWITCH) << refused.status();
  EXPECT_EQ(ReasonOf(Amend("two", "r0", "99").status()), common::v1::ERROR_REASON_KILL_SWITCH);
  EXPECT_TRUE(Cancel("one", "r1").ok());
  request.set_cancel_open_orders(true);
  const auto again =
      Call<order::v1::SetKillSwitchResponse>(&OrderService::Stub::SetKillSwitch, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->remaining_open(), 0u);
  EXPECT_EQ(Get("two")->order().finish_reason(), order::v1::FINISH_REASON_KILL_SWITCH);
  request.set_engaged(false);
  request.set_cancel_open_orders(false);
  ASSERT_TRUE(
      Call<order::v1::SetKillSwitchResponse>(&OrderService::Stub::SetKillSwitch, request).ok());
  WaitUntilAccepting();
  EXPECT_TRUE(Place(Ticket("three")).ok());
}

TEST_F(PlaceOrderTest, UnknownAccountsAndTablesWithoutTheRpcAreSaid) {
  StartReady();
  order::v1::PlaceOrderRequest request;
  *request.mutable_ticket() = Ticket("one");
  request.set_account("other");
  const auto other = Call<order::v1::PlaceOrderResponse>(&OrderService::Stub::PlaceOrder, request);
  EXPECT_EQ(ReasonOf(other.status()), common::v1::ERROR_REASON_UNKNOWN_ACCOUNT);
  request.clear_account();
  request.set_exchange("beta");  // its table offers nothing
  const auto beta =
      Ask<order::v1::PlaceOrderResponse>(*stub_, &OrderService::Stub::PlaceOrder, request);
  EXPECT_EQ(ReasonOf(beta.status()), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  request.set_exchange("gamma");
  const auto gamma =
      Ask<order::v1::PlaceOrderResponse>(*stub_, &OrderService::Stub::PlaceOrder, request);
  EXPECT_EQ(ReasonOf(gamma.status()), common::v1::ERROR_REASON_UNKNOWN_EXCHANGE);
}

// stop = drain.
TEST_F(PlaceOrderTest, R55AfterTheShutdownBeganNothingNewIsTakenAndWhatIsUnderWayIsAnswered) {
  StartReady();
  exchange.Next(Act::kHold);
  auto under_way = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.WaitForHeld(1);
  auto draining = std::async(std::launch::async, [&] { service_->Drain(); });
  auto late = Place(Ticket("probe-0"));
  for (int i = 1; late.ok(); ++i) late = Place(Ticket("probe-" + std::to_string(i)));
  EXPECT_EQ(late.status().code(), absl::StatusCode::kUnavailable) << late.status();
  EXPECT_EQ(ReasonOf(late.status()), common::v1::ERROR_REASON_SHUTTING_DOWN);
  exchange.Release();
  draining.get();
  EXPECT_TRUE(under_way.get().ok());
}

}  // namespace
}  // namespace switchyard::testing
