// Cancellations that the gateway itself owes, over a real server on a scripted exchange.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

class OwedCancelsTest : public OrderHarness {
 protected:
  // Orders of a client that has left when this returns, within its grace.
  void PlaceAndLeave(const std::vector<std::string>& ids) {
    EventReader events(*stub_, {}, "s1");
    for (const std::string& id : ids) {
      order::v1::OrderTicket ticket = Ticket(id);
      ticket.mutable_cancel_on_disconnect()->set_session_id("s1");
      ticket.mutable_cancel_on_disconnect()->set_grace_ms(1'000);
      const auto placed = Place(ticket);
      ASSERT_TRUE(placed.ok()) << placed.status();
    }
  }
  void ExpectEndedForAbsence(const std::string& id) {
    const auto ended = Wait(id, order::v1::WAIT_CONDITION_TERMINAL);
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(ended->state(), order::v1::ORDER_STATE_CANCELED);
    EXPECT_EQ(ended->finish_reason(), order::v1::FINISH_REASON_CLIENT_DISCONNECTED);
  }
};

TEST_F(OwedCancelsTest, OneThatWasNotSentIsTriedAgain) {
  StartReady();
  PlaceAndLeave({"one"});
  exchange.Next(Act::kNotSent);
  ExpectEndedForAbsence("one");
  EXPECT_EQ(exchange.commands(), 3) << "a place, and two cancels";
  EXPECT_EQ(exchange.cancelled(), std::vector<std::string>{"x1"});
}

TEST_F(OwedCancelsTest, OneThatFoundNoPermitInTimeIsTriedAgain) {
  options_.queue.wait = std::chrono::milliseconds(20);
  StartReady();
  PlaceAndLeave({"one"});
  exchange.permit_delay = std::chrono::milliseconds(40);  // beyond the wait: refused at once
  exchange.SetPermits(false);
  exchange.WaitForNoPermit("cancel x1", 2);
  EXPECT_EQ(Get("one")->order().state(), order::v1::ORDER_STATE_OPEN);
  exchange.SetPermits(true);
  ExpectEndedForAbsence("one");
}

TEST_F(OwedCancelsTest, OneThatTheExchangeRefusedIsTriedAgain) {
  StartReady();
  PlaceAndLeave({"one"});
  exchange.refusal = MakeError(absl::StatusCode::kUnavailable,
                               common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE, "under maintenance");
  exchange.Next(Act::kRefuse);
  ExpectEndedForAbsence("one");
  EXPECT_EQ(exchange.commands(), 3);
}

TEST_F(OwedCancelsTest, SeveralThatFailedAreTriedAgainTogether) {
  StartReady();
  const std::vector<std::string> ids = {"one", "two", "three", "four"};
  PlaceAndLeave(ids);
  for (std::size_t i = 0; i < ids.size(); ++i) exchange.Next(Act::kNotSent);
  for (const std::string& id : ids) ExpectEndedForAbsence(id);
  const std::vector<std::size_t> lists = exchange.cancel_lists();
  ASSERT_GE(lists.size(), 2u);
  EXPECT_EQ(lists[0], 4u);
  EXPECT_LE(lists.size(), 3u) << "a tick may fall between the moments at which they are due";
}

TEST_F(OwedCancelsTest, OneInDoubtIsTriedAgainWhenTheOrderProvesToBeOpen) {
  exchange.not_received_after = std::chrono::milliseconds(30);
  StartReady();
  PlaceAndLeave({"one"});
  exchange.FailReads(absl::UnavailableError("mute"));
  exchange.Next(Act::kLoseCommand);
  exchange.WaitForCommands(2);
  const int asked = exchange.queries();
  exchange.WaitForQueries(asked + 3);
  EXPECT_EQ(exchange.commands(), 2) << "nothing is sent while the first is in doubt";
  exchange.FailReads(absl::OkStatus());
  ExpectEndedForAbsence("one");
  EXPECT_EQ(exchange.commands(), 3);
}

// The second order is the clock: it is tried again when the first would be.
TEST_F(OwedCancelsTest, NothingIsTriedAgainForAnOrderThatHasEnded) {
  StartReady();
  PlaceAndLeave({"one", "two"});
  exchange.Next(Act::kNotSent);
  exchange.Next(Act::kNotSent);
  exchange.WaitForCommands(4);
  exchange.listener().OnFill(exchange.Fill(ExchangeId(1, "one"), "t1", "3"));
  EXPECT_EQ(Wait("one", order::v1::WAIT_CONDITION_TERMINAL)->state(),
            order::v1::ORDER_STATE_FILLED);
  ExpectEndedForAbsence("two");
  EXPECT_EQ(exchange.commands(), 5) << "two places, two cancels that failed, one again";
  EXPECT_EQ(exchange.sent().back(), "cancel x2");
}

TEST_F(OwedCancelsTest, ACancelThatWaitedForItsOrderToBeFoundIsTriedAgain) {
  StartReady();
  exchange.FailReads(absl::UnavailableError("mute"));
  exchange.Next(Act::kLoseAnswer);
  EXPECT_FALSE(Place(Ticket("one")).ok());
  EXPECT_EQ(ReasonOf(Cancel("one", "r1").status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  exchange.Next(Act::kNotSent);
  exchange.FailReads(absl::OkStatus());
  const auto ended = Wait("one", order::v1::WAIT_CONDITION_TERMINAL);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->state(), order::v1::ORDER_STATE_CANCELED);
  EXPECT_EQ(ended->finish_reason(), order::v1::FINISH_REASON_CLIENT_CANCEL);
  EXPECT_EQ(exchange.commands(), 3);
}

}  // namespace
}  // namespace switchyard::testing
