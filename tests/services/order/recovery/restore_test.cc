// What a service does on a journal that was restored from a backup: nothing is sent twice, no id at
// the exchange is given twice, and every reader learns that its position is no more.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "common/status/status.h"
#include "services/order/journal/backup.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

class RestoreTest : public OrderHarness {
 protected:
  std::string JournalPath() const { return folder_ / "alpha.main.journal"; }
  std::string BackupPath() const { return folder_ / "backup"; }

  void BackUp() {
    const auto facts = order::journal::BackUp(JournalPath(), BackupPath(), SystemClock().Now(), [] {
      std::this_thread::yield();
      return true;
    });
    ASSERT_TRUE(facts.ok()) << facts.status();
  }
  void Restore() {
    const auto restored = order::journal::Restore(BackupPath(), JournalPath(), SystemClock().Now());
    ASSERT_TRUE(restored.ok()) << restored.status();
  }
};

TEST_F(RestoreTest, WhatHappenedSinceIsAdoptedAndReadersAreToldAGap) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  BackUp();
  const auto second = Place(Ticket("two"));
  ASSERT_TRUE(second.ok()) << second.status();
  Stop();
  Restore();
  StartReady();

  EventReader events(*stub_, second->order().position());
  const OrderEvent gap = events.Next();
  ASSERT_TRUE(gap.has_gap());
  EXPECT_EQ(gap.gap().reason(), common::v1::STALE_REASON_JOURNAL_CHANGED);
  EXPECT_NE(gap.epoch(), second->order().position().epoch());

  const auto open = Call<order::v1::ListOpenOrdersResponse>(
      &order::v1::OrderService::Stub::ListOpenOrders, order::v1::ListOpenOrdersRequest());
  ASSERT_TRUE(open.ok()) << open.status();
  ASSERT_EQ(open->orders_size(), 2);
  int adopted = 0;
  for (const Order& order : open->orders()) {
    if (order.exchange_client_id() == ExchangeId(2, "two")) {
      EXPECT_EQ(order.origin(), order::v1::ORDER_ORIGIN_EXTERNAL);
      ++adopted;
    }
  }
  EXPECT_EQ(adopted, 1);
}

TEST_F(RestoreTest, NoIdAtTheExchangeIsGivenAgain) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  BackUp();
  ASSERT_TRUE(Place(Ticket("two")).ok());
  Stop();
  Restore();
  StartReady();
  const auto third = Place(Ticket("three"));
  ASSERT_TRUE(third.ok()) << third.status();
  // t-NUMBER-three
  const std::string& id = third->order().exchange_client_id();
  EXPECT_GE(std::stoull(id.substr(2)), 1'000'000u) << id;
}

TEST_F(RestoreTest, AnOrderPlacedAfterTheBackupIsNotSentAgain) {
  StartReady();
  BackUp();
  ASSERT_TRUE(Place(Ticket("two")).ok());
  Stop();
  Restore();
  for (int life = 0; life < 2; ++life) {  // the second knows it from the journal
    StartReady();
    const auto again = Place(Ticket("two"));
    EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists) << again.status();
    EXPECT_EQ(ReasonOf(again.status()), common::v1::ERROR_REASON_CLIENT_ORDER_ID_REUSED);
    EXPECT_TRUE(Place(Ticket("other" + std::to_string(life))).ok());
    Stop();
  }
  EXPECT_EQ(exchange.placed(), 3);
}

TEST_F(RestoreTest, AnOrderOfALostJournalIsNotSentAgainEvenIfItHasEnded) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("open")).ok());
  ASSERT_TRUE(Place(Ticket("ended")).ok());
  exchange.Fill("x2", "t1", "3");
  Stop();
  std::filesystem::remove_all(folder_);  // with all that said that it was here
  for (int life = 0; life < 2; ++life) {
    StartReady();
    EXPECT_EQ(Place(Ticket("open")).status().code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(Place(Ticket("ended")).status().code(), absl::StatusCode::kAlreadyExists);
    Stop();
  }
  EXPECT_EQ(exchange.placed(), 2);
  StartReady();
  const auto other = Place(Ticket("other"));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_GT(std::stoull(other->order().exchange_client_id().substr(2)), 2u) << "not given before";
}

TEST_F(RestoreTest, AHistoryThatIsMoreThanTheLimitsOfReadsIsReadInParts) {
  StartReady();
  for (const char* const name : {"one", "two", "three"}) ASSERT_TRUE(Place(Ticket(name)).ok());
  for (const char* const id : {"x1", "x2", "x3"}) exchange.Fill(id, id, "3");
  Stop();
  std::filesystem::remove_all(folder_);
  exchange.longest_page = 1;
  exchange.finished_limit = 3;  // the first two pages are read, then the third
  StartReady();
  for (const char* const name : {"one", "two", "three"}) {
    EXPECT_EQ(Place(Ticket(name)).status().code(), absl::StatusCode::kAlreadyExists) << name;
  }
  EXPECT_EQ(exchange.placed(), 3);
}

TEST_F(RestoreTest, WithoutTheHistoryOfALostJournalNothingNewIsTaken) {
  exchange.FailReads(absl::UnavailableError("the exchange is away"));
  Start();
  EXPECT_EQ(ReasonOf(Place(Ticket("one")).status()), common::v1::ERROR_REASON_FAIL_CLOSED);
  exchange.FailReads(absl::OkStatus());
  WaitUntilAccepting();
  EXPECT_TRUE(Place(Ticket("one")).ok());
}

TEST_F(RestoreTest, WhatWaitedAtTheBackupIsAskedForAndNotSentAgain) {
  options_.queue.wait = std::chrono::seconds(60);
  StartReady();
  exchange.permit_delay = std::chrono::milliseconds(50);
  exchange.SetPermits(false);
  std::thread client([this] { EXPECT_TRUE(Place(Ticket("one")).ok()); });
  exchange.WaitForNoPermit("place", 1);
  BackUp();  // the order waits
  exchange.SetPermits(true);
  client.join();
  ASSERT_EQ(exchange.placed(), 1);
  Stop();
  Restore();
  StartReady();
  const auto found = Wait("one", order::v1::WAIT_CONDITION_OPEN);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_TRUE(Place(Ticket("one"))->replayed());
  EXPECT_EQ(exchange.placed(), 1);
}

TEST_F(RestoreTest, WhatWasUnsentAtTheBackupIsNotPlacedAgain) {
  StartReady();
  exchange.Next(Act::kNotSent);
  EXPECT_FALSE(Place(Ticket("one")).ok());
  BackUp();
  ASSERT_TRUE(Place(Ticket("one")).ok()) << "what was not sent may be placed again";
  ASSERT_EQ(exchange.placed(), 1);
  exchange.Change("x1",
                  [](model::OrderReport& order) { order.state = order::v1::ORDER_STATE_CANCELED; });
  Stop();
  Restore();
  StartReady();
  const auto again = Place(Ticket("one"));
  EXPECT_EQ(again.status().code(), absl::StatusCode::kFailedPrecondition) << again.status();
  EXPECT_NE(again.status().ToString().find("restored"), std::string::npos) << again.status();
  EXPECT_EQ(exchange.placed(), 1);
}

}  // namespace
}  // namespace switchyard::testing
