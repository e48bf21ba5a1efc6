// Cancels and amendments over a real server on a scripted exchange.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

using order::v1::OrderService;

class CancelAmendTest : public OrderHarness {
 protected:
  void Begin() {
    StartReady();
    ASSERT_TRUE(Place(Ticket("one")).ok());
  }
  absl::StatusOr<order::v1::CancelAllOrdersResponse> CancelAll(const std::string& request_id,
                                                               bool keep_external = false) {
    order::v1::CancelAllOrdersRequest request;
    request.set_request_id(request_id);
    request.set_keep_external(keep_external);
    return Call<order::v1::CancelAllOrdersResponse>(&OrderService::Stub::CancelAllOrders, request);
  }
  // Somebody else's order, as the stream tells it.
  void AddExternal(const std::string& id) {
    model::OrderReport report;
    report.symbol = "BTC-USDT";
    report.exchange_order_id = id;
    report.exchange_client_id = "web";
    report.state = order::v1::ORDER_STATE_OPEN;
    report.terms.side = common::v1::SIDE_SELL;
    report.terms.type = order::v1::ORDER_TYPE_LIMIT;
    report.terms.quantity = Decimal::FromInt(2);
    report.terms.price = Decimal::FromInt(200);
    exchange.AddOrder(report);
  }
};

TEST_F(CancelAmendTest, ACancelEndsTheOrderWithItsReason) {
  Begin();
  const auto canceled = Cancel("one", "r1");
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  EXPECT_EQ(canceled->order().state(), order::v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(canceled->order().finish_reason(), order::v1::FINISH_REASON_CLIENT_CANCEL);
  EXPECT_EQ(canceled->order().remaining_quantity(), "0");
  EXPECT_FALSE(canceled->replayed());
}

TEST_F(CancelAmendTest, TheSameRequestAgainIsReplayedAlsoAfterARestart) {
  Begin();
  ASSERT_TRUE(Cancel("one", "r1").ok());
  EXPECT_TRUE(Cancel("one", "r1")->replayed());
  Stop();
  StartReady();
  const auto again = Cancel("one", "r1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(exchange.commands(), 2) << "one place, one cancel";
}

TEST_F(CancelAmendTest, ARequestIdForAnotherCommandIsRefused) {
  Begin();
  ASSERT_TRUE(Place(Ticket("two")).ok());
  ASSERT_TRUE(Cancel("one", "r1").ok());
  const auto other = Cancel("two", "r1");
  EXPECT_EQ(other.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(other.status()), common::v1::ERROR_REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(ReasonOf(Amend("one", "r1", "99").status()),
            common::v1::ERROR_REASON_REQUEST_ID_REUSED);
}

TEST_F(CancelAmendTest, UnknownAndFinishedOrdersAreSaid) {
  Begin();
  EXPECT_EQ(ReasonOf(Cancel("none", "r1").status()), common::v1::ERROR_REASON_UNKNOWN_ORDER);
  ASSERT_TRUE(Cancel("one", "r2").ok());
  const auto twice = Cancel("one", "r3");
  EXPECT_EQ(twice.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(twice.status()), common::v1::ERROR_REASON_ORDER_FINISHED);
  EXPECT_EQ(ReasonOf(Amend("one", "r4", "99").status()), common::v1::ERROR_REASON_ORDER_FINISHED);
}

TEST_F(CancelAmendTest, WhatWasNotSentMayBeTriedAgainUnderTheSameRequest) {
  Begin();
  exchange.Next(Act::kNotSent);
  EXPECT_EQ(Cancel("one", "r1").status().code(), absl::StatusCode::kUnavailable);
  const auto again = Cancel("one", "r1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->order().state(), order::v1::ORDER_STATE_CANCELED);
}

// a bot cancelled an order that did not exist, for ever.
TEST_F(CancelAmendTest, R39NotFoundOnCancelIsAskedForAndEndsTheOrder) {
  Begin();
  exchange.Change(ExchangeId(1, "one"), [](model::OrderReport& report) {
    report.state = order::v1::ORDER_STATE_CANCELED;
    report.finish_reason = order::v1::FINISH_REASON_EXCHANGE_CANCEL;
    ++report.exchange_version;
  });
  const auto canceled = Cancel("one", "r1");
  EXPECT_EQ(ReasonOf(canceled.status()), common::v1::ERROR_REASON_ORDER_FINISHED)
      << canceled.status();
  EXPECT_EQ(Get("one")->order().state(), order::v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(Get("one")->order().finish_reason(), order::v1::FINISH_REASON_EXCHANGE_CANCEL);
}

TEST_F(CancelAmendTest, R39AnOrderThatTheExchangeForgotEndsAfterBoundedQuestions) {
  Begin();
  exchange.hidden_from_get = {ExchangeId(1, "one")};
  exchange.hidden_from_lists = {ExchangeId(1, "one")};
  exchange.Next(Act::kRefuse);
  exchange.refusal = MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ORDER,
                               "no such order");
  const int before = exchange.queries();
  EXPECT_FALSE(Cancel("one", "r1").ok());
  EXPECT_EQ(Get("one")->order().state(), order::v1::ORDER_STATE_CANCELED);
  EXPECT_LE(exchange.queries() - before, 4);
}

// the cancel raced a fill.
TEST_F(CancelAmendTest, R54ACancelThatRacedAFillEndsFilledWithItsFills) {
  Begin();
  exchange.Fill(ExchangeId(1, "one"), "t1", "1");
  exchange.Fill(ExchangeId(1, "one"), "t2", "2");
  EventReader events(*stub_);
  const auto canceled = Cancel("one", "r1");
  EXPECT_EQ(ReasonOf(canceled.status()), common::v1::ERROR_REASON_ORDER_FINISHED);
  EXPECT_EQ(Get("one")->order().state(), order::v1::ORDER_STATE_FILLED);
  int fills = 0;
  events.Until([&](const OrderEvent& event) {
    fills += event.has_fill() ? 1 : 0;
    return fills == 2;
  });
  EXPECT_EQ(Get("one")->fills_size(), 2);
  EXPECT_EQ(Get("one")->order().filled_quote_quantity(), "301.5");
}

TEST_F(CancelAmendTest, ALostAnswerOfACancelIsUnknownThenResolved) {
  Begin();
  exchange.FailReads(absl::UnavailableError("mute"));
  exchange.Next(Act::kLoseAnswer);
  const auto canceled = Cancel("one", "r1");
  EXPECT_EQ(ReasonOf(canceled.status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  EXPECT_TRUE(Get("one")->order().outcome_unknown());
  exchange.FailReads(absl::OkStatus());
  const auto ended = Wait("one", order::v1::WAIT_CONDITION_TERMINAL);
  EXPECT_EQ(ended->state(), order::v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(ended->finish_reason(), order::v1::FINISH_REASON_CLIENT_CANCEL);
  const auto again = Cancel("one", "r1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
}

TEST_F(CancelAmendTest, ALostCancelLeavesTheOrderOpenOnceItCanNoLongerArrive) {
  exchange.not_received_after = std::chrono::milliseconds(30);
  Begin();
  exchange.Next(Act::kLoseCommand);
  EXPECT_FALSE(Cancel("one", "r1").ok());
  const auto order = Wait("one", order::v1::WAIT_CONDITION_OPEN);
  EXPECT_EQ(order->state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(order->pending(), order::v1::PENDING_COMMAND_NONE);
  EXPECT_EQ(order->rejection().reason(), common::v1::ERROR_REASON_NOT_RECEIVED);
  EXPECT_TRUE(Cancel("one", "r2").ok());
}

TEST_F(CancelAmendTest, AMereAcknowledgementIsAnsweredWhenTheOrderHasEnded) {
  Begin();
  exchange.Next(Act::kAcknowledge);
  const auto canceled = Cancel("one", "r1");
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  EXPECT_EQ(canceled->order().state(), order::v1::ORDER_STATE_CANCELED);
}

TEST_F(CancelAmendTest, AnAcknowledgedCancelThatTakesLongIsAnsweredAsPending) {
  options_.cancel_end_wait = std::chrono::milliseconds(20);
  exchange.not_received_after = std::chrono::hours(1);
  Begin();
  exchange.Next(Act::kAcceptOnly);
  const auto canceled = Cancel("one", "r1");
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  EXPECT_EQ(canceled->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(canceled->order().pending(), order::v1::PENDING_COMMAND_CANCEL);
}

TEST_F(CancelAmendTest, AnUnknownOrderIsCanceledAsSoonAsItIsFound) {
  StartReady();
  exchange.FailReads(absl::UnavailableError("mute"));
  exchange.Next(Act::kLoseAnswer);
  EXPECT_FALSE(Place(Ticket("one")).ok());
  EXPECT_EQ(ReasonOf(Cancel("one", "r1").status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  exchange.FailReads(absl::OkStatus());
  EXPECT_EQ(Wait("one", order::v1::WAIT_CONDITION_TERMINAL)->state(),
            order::v1::ORDER_STATE_CANCELED);
}

TEST_F(CancelAmendTest, ACancelWhileTheOrderIsOnItsWayGoesBehindIt) {
  StartReady();
  exchange.Next(Act::kHold);
  auto placing = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.WaitForHeld(1);
  auto canceling = std::async(std::launch::async, [&] { return Cancel("one", "r1"); });
  exchange.Release();
  EXPECT_TRUE(placing.get().ok());
  const auto canceled = canceling.get();
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  EXPECT_EQ(canceled->order().state(), order::v1::ORDER_STATE_CANCELED);
}

TEST_F(CancelAmendTest, SeveralCancelsAnswerEachOnItsOwn) {
  Begin();
  ASSERT_TRUE(Place(Ticket("two")).ok());
  order::v1::CancelOrdersRequest request;
  request.set_request_id("r1");
  request.add_orders()->set_client_order_id("one");
  request.add_orders()->set_client_order_id("none");
  request.add_orders()->set_exchange_order_id("x2");
  request.mutable_orders(2)->set_symbol("BTC-USDT");
  const auto canceled =
      Call<order::v1::CancelOrdersResponse>(&OrderService::Stub::CancelOrders, request);
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  ASSERT_EQ(canceled->results_size(), 3);
  EXPECT_EQ(canceled->results(0).order().state(), order::v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(canceled->results(1).status().reason(), common::v1::ERROR_REASON_UNKNOWN_ORDER);
  EXPECT_EQ(canceled->results(2).order().ticket().client_order_id(), "two");
  const auto again =
      Call<order::v1::CancelOrdersResponse>(&OrderService::Stub::CancelOrders, request);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->results_size(), 3);
}

TEST_F(CancelAmendTest, CancelAllEndsWhatIsOpenAndCanLeaveOthersAlone) {
  AddExternal("e1");
  Begin();
  ASSERT_TRUE(Place(Ticket("two")).ok());
  const auto kept = CancelAll("r1", /*keep_external=*/true);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->results_size(), 2);
  EXPECT_EQ(kept->remaining_open(), 0u);
  EXPECT_EQ(exchange.Report("e1").state, order::v1::ORDER_STATE_OPEN);
  ASSERT_TRUE(CancelAll("r2").ok());
  EXPECT_EQ(exchange.Report("e1").state, order::v1::ORDER_STATE_CANCELED);
}

TEST_F(CancelAmendTest, ACancelAllThatFailsSaysSoAlsoWhereNoOrderIsKnown) {
  StartReady();
  exchange.refusal = MakeError(absl::StatusCode::kUnauthenticated,
                               common::v1::ERROR_REASON_BAD_SIGNATURE, "wrong secret");
  exchange.Next(Act::kRefuse);
  const auto refused = CancelAll("r1");
  EXPECT_EQ(ReasonOf(refused.status()), common::v1::ERROR_REASON_BAD_SIGNATURE) << refused.status();
  exchange.lost = absl::DeadlineExceededError("the socket closed");
  exchange.Next(Act::kLoseAnswer);
  const auto lost = CancelAll("r2");
  EXPECT_EQ(ReasonOf(lost.status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN)
      << lost.status();
  const auto done = CancelAll("r3");
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->results_size(), 0);
}

TEST_F(CancelAmendTest, AnExternalOrderIsCanceledByItsExchangeId) {
  AddExternal("e1");
  StartReady();
  order::v1::CancelOrderRequest request;
  request.set_request_id("r1");
  request.mutable_order()->set_exchange_order_id("e1");
  request.mutable_order()->set_symbol("BTC-USDT");
  const auto canceled =
      Call<order::v1::CancelOrderResponse>(&OrderService::Stub::CancelOrder, request);
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  EXPECT_EQ(canceled->order().origin(), order::v1::ORDER_ORIGIN_EXTERNAL);
  EXPECT_EQ(canceled->order().state(), order::v1::ORDER_STATE_CANCELED);
}

TEST_F(CancelAmendTest, AnAmendmentChangesTheOrder) {
  Begin();
  const auto amended = Amend("one", "r1", "99.5");
  ASSERT_TRUE(amended.ok()) << amended.status();
  EXPECT_EQ(amended->order().sent().price(), "99.5");
  EXPECT_EQ(amended->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(exchange.Report("x1").terms.price->ToString(), "99.5");
  EXPECT_TRUE(Amend("one", "r1", "99.5")->replayed());
  EXPECT_EQ(exchange.commands(), 2);
}

TEST_F(CancelAmendTest, ARefusedAmendmentLeavesTheOrderAsItIs) {
  Begin();
  exchange.Next(Act::kRefuse);
  exchange.refusal = MakeError(absl::StatusCode::kFailedPrecondition,
                               common::v1::ERROR_REASON_INSUFFICIENT_FUNDS, "too poor");
  EXPECT_EQ(ReasonOf(Amend("one", "r1", "100").status()),
            common::v1::ERROR_REASON_INSUFFICIENT_FUNDS);
  EXPECT_EQ(Get("one")->order().sent().price(), "100.5");
  EXPECT_EQ(Get("one")->order().state(), order::v1::ORDER_STATE_OPEN);
}

// modify during reconnect was rejected though applied.
TEST_F(CancelAmendTest, R53ALostAnswerOfAnAmendmentIsUnknownThenTheExchangesTruth) {
  Begin();
  exchange.FailReads(absl::UnavailableError("mute"));
  exchange.Next(Act::kLoseAnswer);
  const auto amended = Amend("one", "r1", "99.5");
  EXPECT_EQ(ReasonOf(amended.status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  EXPECT_EQ(ReasonOf(Amend("one", "r2", "98").status()),
            common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN)
      << "nothing is sent on top of a doubt";
  exchange.FailReads(absl::OkStatus());
  const auto order = Wait("one", order::v1::WAIT_CONDITION_OPEN);
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(order->sent().price(), "99.5");
  EXPECT_EQ(order->pending(), order::v1::PENDING_COMMAND_NONE);
  EXPECT_EQ(exchange.commands(), 2);
}

TEST_F(CancelAmendTest, RequestsWithoutTheirIdsAreRefused) {
  Begin();
  EXPECT_EQ(Cancel("one", "").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Cancel("one", "with space").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Cancel("", "r1").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(exchange.commands(), 1);
}

}  // namespace
}  // namespace switchyard::testing
