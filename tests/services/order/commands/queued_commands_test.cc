// Commands for which the exchange's limits have no room, over a real server on a scripted exchange.
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

using order::v1::OrderService;
using std::chrono::milliseconds;

class QueuedCommandsTest : public OrderHarness {
 protected:
  using Placed = absl::StatusOr<order::v1::PlaceOrderResponse>;

  QueuedCommandsTest() { options_.queue.wait = std::chrono::seconds(20); }

  // A call that waits in the queue when this returns; `what` as in FakeOrderClient::sent.
  template <typename Work>
  auto Queue(const std::string& what, Work work) {
    auto answer = std::async(std::launch::async, std::move(work));
    exchange.WaitForNoPermit(what, 2);  // the second time it came from the queue
    return answer;
  }
  std::future<Placed> QueuePlace(const std::string& id) {
    return Queue("-" + id, [this, id] { return Place(Ticket(id)); });
  }
  // The order that was placed as number `number` shows up at the exchange all the same.
  void TellOpen(int number, const std::string& id) {
    model::OrderReport report;
    report.symbol = "BTC-USDT";
    report.exchange_order_id = "x9";
    report.exchange_client_id = ExchangeId(number, id);
    report.state = order::v1::ORDER_STATE_OPEN;
    report.terms.side = common::v1::SIDE_BUY;
    report.terms.type = order::v1::ORDER_TYPE_LIMIT;
    report.terms.quantity = Decimal::FromInt(3);
    report.filled_quantity = Decimal();
    report.exchange_version = 1;
    exchange.AddOrder(report);
    exchange.listener().OnOrder(report);
  }
  // The refusal of a command that provably was not sent.
  static void ExpectLimited(const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_RATE_LIMITED);
    EXPECT_GT(RetryAfterOf(status).value_or(std::chrono::nanoseconds(0)).count(), 0);
  }
  void ExpectNeverSent(const std::string& id) {
    const Order order = Get(id)->order();
    EXPECT_EQ(order.state(), order::v1::ORDER_STATE_REJECTED);
    EXPECT_EQ(order.finish_reason(), order::v1::FINISH_REASON_NOT_SENT);
    EXPECT_EQ(order.pending(), order::v1::PENDING_COMMAND_NONE);
    EXPECT_FALSE(order.outcome_unknown());
    EXPECT_EQ(order.submit_time_ns(), 0);
  }
  // Until the order has this pending command, at most 20 s.
  void UntilPending(const std::string& id, order::v1::PendingCommand command) {
    const TimeNs limit = SystemClock().Now() + std::chrono::seconds(20);
    while (Get(id)->order().pending() != command) ASSERT_LT(SystemClock().Now(), limit);
  }
  // What is on the disk now, as a crash would leave it.
  std::filesystem::path CopyOfJournal() {
    const std::filesystem::path copy = folder_.string() + "-crashed";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(folder_, copy);
    return copy;
  }
};

TEST_F(QueuedCommandsTest, APlaceWithoutRoomWaitsAndIsSentOnce) {
  StartReady();
  exchange.Next(Act::kNoPermit);
  exchange.Next(Act::kNoPermit);
  const auto placed = Place(Ticket("one"));
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(exchange.commands(), 3);
  EXPECT_EQ(exchange.sent(), std::vector<std::string>{"place " + ExchangeId(1, "one")});
}

TEST_F(QueuedCommandsTest, CancelsGoBeforePlacesThatCameEarlier) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  exchange.SetPermits(false);
  auto two = QueuePlace("two");
  auto canceling = Queue("cancel x1", [this] { return Cancel("one", "r1"); });
  auto three = std::async(std::launch::async, [&] { return Place(Ticket("three")); });
  exchange.SetPermits(true);
  ASSERT_TRUE(canceling.get().ok());
  ASSERT_TRUE(two.get().ok());
  ASSERT_TRUE(three.get().ok());
  const auto sent = exchange.sent();
  ASSERT_EQ(sent.size(), 4u);
  EXPECT_EQ(sent[1], "cancel x1");
}

TEST_F(QueuedCommandsTest, PlacesOfAMarketKeepTheirOrder) {
  StartReady();
  exchange.SetPermits(false);
  auto one = QueuePlace("one");
  auto two = QueuePlace("two");
  exchange.SetPermits(true);
  ASSERT_TRUE(one.get().ok());
  ASSERT_TRUE(two.get().ok());
  EXPECT_EQ(exchange.sent(), (std::vector<std::string>{"place " + ExchangeId(1, "one"),
                                                       "place " + ExchangeId(2, "two")}));
}

TEST_F(QueuedCommandsTest, BeyondItsTimeAPlaceIsRefusedAndTheSameKeyPlacesExactlyOneOrder) {
  options_.queue.wait = milliseconds(60);
  StartReady();
  exchange.SetPermits(false);
  const TimeNs before = SystemClock().Now();
  ExpectLimited(Place(Ticket("one")).status());
  EXPECT_LT(SystemClock().Now() - before, std::chrono::seconds(10));
  ExpectNeverSent("one");
  EXPECT_EQ(Get("one")->order().rejection().reason(), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(Limits().unknown_orders(), 0u);
  exchange.SetPermits(true);
  EXPECT_EQ(Place(Ticket("one", "4")).status().code(), absl::StatusCode::kAlreadyExists);
  const auto again = Place(Ticket("one"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->replayed());
  EXPECT_EQ(again->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_TRUE(Place(Ticket("one"))->replayed());
  EXPECT_EQ(exchange.placed(), 1);
  EXPECT_EQ(exchange.sent().size(), 1u);
}

TEST_F(QueuedCommandsTest, ANeverSentOrderMayBePlacedAgainAfterARestartToo) {
  options_.queue.wait = milliseconds(20);
  StartReady();
  exchange.SetPermits(false);
  ExpectLimited(Place(Ticket("one")).status());
  Stop();
  exchange.SetPermits(true);
  StartReady();
  const auto again = Place(Ticket("one"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->replayed());
  Stop();
  StartReady();
  EXPECT_TRUE(Place(Ticket("one"))->replayed());
  EXPECT_EQ(exchange.placed(), 1);
}

TEST_F(QueuedCommandsTest, AQueuedPlaceThatShowsUpAtTheExchangeIsAnsweredAndNotSent) {
  StartReady();
  exchange.SetPermits(false);
  auto placing = QueuePlace("one");
  TellOpen(1, "one");
  EXPECT_EQ(Wait("one", order::v1::WAIT_CONDITION_OPEN)->exchange_order_id(), "x9");
  exchange.SetPermits(true);
  const auto placed = placing.get();
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().exchange_order_id(), "x9");
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_TRUE(exchange.sent().empty());
}

TEST_F(QueuedCommandsTest, APlaceThatShowsUpBeforeItsRefusalIsAnsweredAndNotQueued) {
  StartReady();
  exchange.HoldAnswers(true);
  exchange.Next(Act::kNoPermit);
  auto placing = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.WaitForHeld(1);
  TellOpen(1, "one");
  EXPECT_EQ(Wait("one", order::v1::WAIT_CONDITION_OPEN)->exchange_order_id(), "x9");
  exchange.HoldAnswers(false);
  exchange.Release();
  const auto placed = placing.get();
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_TRUE(exchange.sent().empty());
}

TEST_F(QueuedCommandsTest, APlaceBeyondTheExchangesOwnLimitMayBeMadeAgain) {
  StartReady();
  exchange.refusal = MakeError(absl::StatusCode::kResourceExhausted,
                               common::v1::ERROR_REASON_RATE_LIMITED, "too many requests");
  exchange.Next(Act::kRefuse);
  const absl::Status refused = Place(Ticket("one")).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_EQ(ReasonOf(refused), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(Get("one")->order().state(), order::v1::ORDER_STATE_REJECTED);
  EXPECT_EQ(Get("one")->order().finish_reason(), order::v1::FINISH_REASON_NOT_SENT);
  const auto again = Place(Ticket("one"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->replayed());
  EXPECT_EQ(again->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(exchange.placed(), 1);
}

TEST_F(QueuedCommandsTest, APlaceBeyondTheExchangesOwnLimitWaitsWhereItSaysForHowLong) {
  StartReady();
  exchange.refusal =
      WithRetryAfter(MakeError(absl::StatusCode::kResourceExhausted,
                               common::v1::ERROR_REASON_RATE_LIMITED, "too many requests"),
                     milliseconds(5));
  exchange.Next(Act::kRefuse);
  const auto placed = Place(Ticket("one"));
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(exchange.commands(), 2);
  EXPECT_EQ(exchange.placed(), 1);
}

// The refusal and what the private stream told contradict each other: the exchange is asked.
TEST_F(QueuedCommandsTest, APlaceThatWasTurnedAwayButShowsUpIsAskedFor) {
  StartReady();
  exchange.refusal =
      WithRetryAfter(MakeError(absl::StatusCode::kResourceExhausted,
                               common::v1::ERROR_REASON_RATE_LIMITED, "too many requests"),
                     milliseconds(5));
  exchange.HoldAnswers(true);
  exchange.Next(Act::kRefuse);
  auto placing = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.WaitForHeld(1);
  TellOpen(1, "one");
  EXPECT_EQ(Wait("one", order::v1::WAIT_CONDITION_OPEN)->exchange_order_id(), "x9");
  exchange.FailReads(absl::UnavailableError("mute"));
  exchange.HoldAnswers(false);
  exchange.Release();
  const auto placed = placing.get();
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_TRUE(Get("one")->order().outcome_unknown());
  EXPECT_EQ(exchange.commands(), 1);
}

TEST_F(QueuedCommandsTest, AnOrderThatTheExchangeKnowsDoesNotBeginAnew) {
  StartReady();
  exchange.Next(Act::kNotSent);
  EXPECT_EQ(Place(Ticket("one")).status().code(), absl::StatusCode::kUnavailable);
  EventReader events(*stub_);
  TellOpen(1, "one");
  events.Until([](const OrderEvent& event) {
    return event.has_order() && event.order().exchange_order_id() == "x9";
  });
  const auto again = Place(Ticket("one"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->order().exchange_order_id(), "x9");
  EXPECT_EQ(exchange.commands(), 1);
}

TEST_F(QueuedCommandsTest, WhoeverAsksForAQueuedPlaceAgainGetsItsAnswerAndNoSecondOrder) {
  StartReady();
  exchange.SetPermits(false);
  auto first = QueuePlace("one");
  auto second = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.SetPermits(true);
  ASSERT_TRUE(first.get().ok());
  const auto again = second.get();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(exchange.placed(), 1);
}

TEST_F(QueuedCommandsTest, AFullQueueRefusesAtOnceAndACancelPutsOutTheYoungestPlace) {
  options_.queue.limit = 1;
  StartReady();
  ASSERT_TRUE(Place(Ticket("zero")).ok());
  exchange.SetPermits(false);
  auto one = QueuePlace("one");
  ExpectLimited(Place(Ticket("two")).status());
  ExpectNeverSent("two");
  auto canceling = std::async(std::launch::async, [&] { return Cancel("zero", "r1"); });
  ExpectLimited(one.get().status());
  ExpectNeverSent("one");
  exchange.SetPermits(true);
  EXPECT_TRUE(canceling.get().ok());
  EXPECT_TRUE(Place(Ticket("two")).ok());
  EXPECT_EQ(exchange.placed(), 2);
}

TEST_F(QueuedCommandsTest, AmendmentsAndCancelsThatRanOutOfTimeMayBeGivenAgainUnderTheirIds) {
  options_.queue.wait = milliseconds(30);
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  exchange.SetPermits(false);
  ExpectLimited(Amend("one", "a1", "99.5").status());
  ExpectLimited(Cancel("one", "c1").status());
  const Order order = Get("one")->order();
  EXPECT_EQ(order.state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(order.pending(), order::v1::PENDING_COMMAND_NONE);
  EXPECT_EQ(order.sent().price(), "100.5");
  exchange.SetPermits(true);
  const auto amended = Amend("one", "a1", "99.5");
  ASSERT_TRUE(amended.ok()) << amended.status();
  EXPECT_EQ(amended->order().sent().price(), "99.5");
  const auto canceled = Cancel("one", "c1");
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  EXPECT_EQ(exchange.sent().size(), 3u);
}

TEST_F(QueuedCommandsTest, ACancelOfAQueuedPlaceEndsItUnsent) {
  StartReady();
  exchange.SetPermits(false);
  auto placing = QueuePlace("one");
  const auto canceled = Cancel("one", "r1");
  ASSERT_TRUE(canceled.ok()) << canceled.status();
  EXPECT_EQ(canceled->order().state(), order::v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(canceled->order().finish_reason(), order::v1::FINISH_REASON_CLIENT_CANCEL);
  const auto placed = placing.get();
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(placed->order().state(), order::v1::ORDER_STATE_CANCELED);
  exchange.SetPermits(true);
  EXPECT_TRUE(Place(Ticket("one"))->replayed()) << "canceled, not refused";
  EXPECT_EQ(exchange.sent().size(), 0u);
}

TEST_F(QueuedCommandsTest, ACancelGoesBeforeAQueuedAmendmentOfItsOrder) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  exchange.SetPermits(false);
  auto amending = Queue("amend x1", [this] { return Amend("one", "a1", "99.5"); });
  auto canceling = std::async(std::launch::async, [&] { return Cancel("one", "c1"); });
  EXPECT_EQ(amending.get().status().code(), absl::StatusCode::kFailedPrecondition);
  exchange.SetPermits(true);
  EXPECT_TRUE(canceling.get().ok());
  EXPECT_EQ(exchange.sent().back(), "cancel x1");
  EXPECT_EQ(exchange.sent().size(), 2u);
}

TEST_F(QueuedCommandsTest, ACancelAllWithoutRoomWaitsToo) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  ASSERT_TRUE(Place(Ticket("two")).ok());
  exchange.Next(Act::kNoPermit);
  order::v1::CancelAllOrdersRequest request;
  request.set_request_id("r1");
  const auto all =
      Call<order::v1::CancelAllOrdersResponse>(&OrderService::Stub::CancelAllOrders, request);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->remaining_open(), 0u);
  EXPECT_EQ(exchange.sent().back(), "cancel all");
}

TEST_F(QueuedCommandsTest, ACancelAllWaitsOutThePauseThatAnotherCancelWasTold) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  ASSERT_TRUE(Place(Ticket("two")).ok());
  exchange.permit_delay = milliseconds(300);
  exchange.Next(Act::kNoPermit);
  auto canceling = std::async(std::launch::async, [this] { return Cancel("one", "r1"); });
  exchange.WaitForNoPermit("cancel x1", 1);
  order::v1::CancelAllOrdersRequest request;
  request.set_request_id("r2");
  const auto all =
      Call<order::v1::CancelAllOrdersResponse>(&OrderService::Stub::CancelAllOrders, request);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->remaining_open(), 0u);
  ASSERT_TRUE(canceling.get().ok());
  const auto sent = exchange.sent();
  ASSERT_EQ(sent.size(), 4u);
  EXPECT_EQ(sent[2], "cancel x1");
  EXPECT_EQ(sent[3], "cancel all");
}

TEST_F(QueuedCommandsTest, CancelsThatWaitedGoTogether) {
  StartReady();
  order::v1::CancelOrdersRequest request;
  request.set_request_id("r1");
  for (const char* id : {"one", "two", "three"}) {
    ASSERT_TRUE(Place(Ticket(id)).ok());
    request.add_orders()->set_client_order_id(id);
  }
  for (int i = 0; i < 3; ++i) exchange.Next(Act::kNoPermit);
  const auto answer =
      Call<order::v1::CancelOrdersResponse>(&OrderService::Stub::CancelOrders, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  for (const auto& result : answer->results()) EXPECT_EQ(result.status().code(), 0);
  EXPECT_EQ(exchange.cancel_lists(), (std::vector<std::size_t>{3, 3}));
  EXPECT_EQ(exchange.cancelled(), (std::vector<std::string>{"x1", "x2", "x3"}));
}

TEST_F(QueuedCommandsTest, ACancelAllOfUnknownOrdersWaitsTooAndIsRefusedInTime) {
  order::v1::CancelAllOrdersRequest request;
  request.set_request_id("r1");
  const auto cancel_all = [&] {
    return Call<order::v1::CancelAllOrdersResponse>(&OrderService::Stub::CancelAllOrders, request);
  };
  options_.queue.wait = milliseconds(2'000);
  StartReady();
  exchange.permit_delay = std::chrono::seconds(4);
  exchange.Next(Act::kNoPermit);
  ExpectLimited(cancel_all().status());
  EXPECT_TRUE(exchange.sent().empty());
  exchange.permit_delay = milliseconds(5);
  exchange.Next(Act::kNoPermit);
  const auto all = cancel_all();
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_FALSE(all->replayed());
  EXPECT_EQ(exchange.sent(), std::vector<std::string>{"cancel all"});
}

TEST_F(QueuedCommandsTest, AKillSwitchHoldsForWhatWaits) {
  StartReady();
  exchange.SetPermits(false);
  auto placing = QueuePlace("one");
  order::v1::SetKillSwitchRequest request;
  request.set_engaged(true);
  request.set_reason("stop it");
  ASSERT_TRUE(
      Call<order::v1::SetKillSwitchResponse>(&OrderService::Stub::SetKillSwitch, request).ok());
  exchange.SetPermits(true);
  EXPECT_EQ(ReasonOf(placing.get().status()), common::v1::ERROR_REASON_KILL_SWITCH);
  ExpectNeverSent("one");
  EXPECT_EQ(exchange.sent().size(), 0u);
}

TEST_F(QueuedCommandsTest, AShutdownAnswersWhatWaitsHonestly) {
  options_.drain = milliseconds(100);
  StartReady();
  ASSERT_TRUE(Place(Ticket("open")).ok());
  ASSERT_TRUE(Place(Ticket("amended")).ok());
  exchange.SetPermits(false);
  auto placing = QueuePlace("one");
  auto amending = Queue("amend x2", [this] { return Amend("amended", "a1", "99.5"); });
  auto canceling = Queue("cancel x1", [this] { return Cancel("open", "c1"); });
  service_->Drain();
  for (const absl::Status& status :
       {placing.get().status(), amending.get().status(), canceling.get().status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_SHUTTING_DOWN);
  }
  ExpectNeverSent("one");
  Stop();
  EXPECT_EQ(exchange.sent().size(), 2u);
  exchange.SetPermits(true);
  StartReady();
  EXPECT_EQ(Get("amended")->order().pending(), order::v1::PENDING_COMMAND_NONE);
  EXPECT_FALSE(Place(Ticket("one"))->replayed());
  EXPECT_TRUE(Cancel("open", "c1").ok());
}

TEST_F(QueuedCommandsTest, CancelsThatFindRoomWhileDrainingAreSent) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("open")).ok());
  exchange.SetPermits(false);
  auto placing = QueuePlace("one");
  auto canceling = Queue("cancel x1", [this] { return Cancel("open", "c1"); });
  auto draining = std::async(std::launch::async, [&] { service_->Drain(); });
  EXPECT_EQ(placing.get().status().code(), absl::StatusCode::kUnavailable);
  exchange.SetPermits(true);
  EXPECT_TRUE(canceling.get().ok());
  draining.get();
}

// The private stream told of an order that its answer then refused: nothing waits, all is in doubt.
TEST_F(QueuedCommandsTest, ADoubtWithoutACommandSurvivesARestart) {
  StartReady();
  exchange.refusal = MakeError(absl::StatusCode::kFailedPrecondition,
                               common::v1::ERROR_REASON_ORDER_REJECTED, "no");
  exchange.HoldAnswers(true);
  exchange.Next(Act::kRefuse);
  auto placing = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.WaitForHeld(1);
  TellOpen(1, "one");
  EXPECT_EQ(Wait("one", order::v1::WAIT_CONDITION_OPEN)->exchange_order_id(), "x9");
  exchange.FailReads(absl::UnavailableError("mute"));
  exchange.HoldAnswers(false);
  exchange.Release();
  ASSERT_TRUE(placing.get().ok());
  ASSERT_TRUE(Get("one")->order().outcome_unknown());
  Stop();
  Start();
  const Order order = Get("one")->order();
  EXPECT_EQ(order.state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(order.pending(), order::v1::PENDING_COMMAND_NONE);
  EXPECT_TRUE(order.outcome_unknown());
  EXPECT_FALSE(order.has_rejection()) << order.rejection().message();
}

// The journal alone tells that they were never sent: the exchange is not asked.
TEST_F(QueuedCommandsTest, ACrashWithQueuedCommandsLeavesNoDoubt) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("amended")).ok());
  exchange.permit_delay = std::chrono::seconds(15);  // given to the client once
  exchange.SetPermits(false);
  auto placing = std::async(std::launch::async, [&] { return Place(Ticket("one")); });
  exchange.WaitForNoPermit("-one", 1);
  auto amending = std::async(std::launch::async, [&] { return Amend("amended", "a1", "99"); });
  UntilPending("amended", order::v1::PENDING_COMMAND_AMEND);
  ASSERT_TRUE(Get("one").ok()) << "an answer is given when what was before is on the disk";
  const std::filesystem::path crashed = CopyOfJournal();
  Stop();
  EXPECT_FALSE(placing.get().ok());
  EXPECT_FALSE(amending.get().ok());
  folder_ = crashed;
  exchange.FailReads(absl::UnavailableError("mute"));
  Start();
  ExpectNeverSent("one");
  const Order amended = Get("amended")->order();
  EXPECT_EQ(amended.pending(), order::v1::PENDING_COMMAND_NONE);
  EXPECT_FALSE(amended.outcome_unknown());
  EXPECT_EQ(Limits().unknown_orders(), 0u);
  exchange.FailReads(absl::OkStatus());
  exchange.SetPermits(true);
  exchange.listener().OnPrivateStreamReady();
  WaitUntilAccepting();
  const auto again = Place(Ticket("one"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->replayed());
  EXPECT_EQ(exchange.placed(), 2) << "amended, and one once";
}

}  // namespace
}  // namespace switchyard::testing
