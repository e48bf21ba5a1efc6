// Restarts, crashes, reconciliation: what the exchange knows and we do not, and the reverse.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

namespace risk = order::risk;
using order::v1::OrderService;

// Of this process.
std::int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

constexpr char kPerp[] = "BTC-USDT-PERP";

class RecoveryTest : public OrderHarness {
 protected:
  // Until a position that is not told otherwise counts as known: it was read several times.
  void WaitForComparisons() {
    constexpr int kQueries = 3;  // open orders, fills, positions
    exchange.WaitForQueries(exchange.queries() + kQueries * (risk::PositionAudit::kCertain + 2));
  }
  static order::v1::PositionMismatch UntilMismatch(EventReader& events) {
    return events.Until([](const OrderEvent& event) { return event.has_position_mismatch(); })
        .position_mismatch();
  }
  absl::Status ReleaseKillSwitch() {
    order::v1::SetKillSwitchRequest request;
    request.set_reason("seen");
    return Call<order::v1::SetKillSwitchResponse>(&OrderService::Stub::SetKillSwitch, request)
        .status();
  }
  absl::StatusOr<order::v1::ListOpenOrdersResponse> ListOpen() {
    return Call<order::v1::ListOpenOrdersResponse>(&OrderService::Stub::ListOpenOrders,
                                                   order::v1::ListOpenOrdersRequest());
  }
  static model::OrderReport External(const std::string& id) {
    model::OrderReport report;
    report.symbol = "BTC-USDT";
    report.exchange_order_id = id;
    report.exchange_client_id = "web";
    report.state = order::v1::ORDER_STATE_OPEN;
    report.terms.side = common::v1::SIDE_SELL;
    report.terms.type = order::v1::ORDER_TYPE_LIMIT;
    report.terms.quantity = Decimal::FromInt(2);
    report.terms.price = Decimal::FromInt(200);
    return report;
  }
};

// every open order of the exchange is owned or flagged EXTERNAL.
TEST_F(RecoveryTest, R47AfterARestartEveryOpenOrderIsOursOrExternal) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  Stop();
  exchange.AddOrder(External("e1"));
  StartReady();
  const auto open = ListOpen();
  ASSERT_TRUE(open.ok()) << open.status();
  ASSERT_EQ(open->orders_size(), 2);
  EXPECT_EQ(open->orders(0).origin(), order::v1::ORDER_ORIGIN_EXTERNAL) << "newest first";
  EXPECT_EQ(open->orders(0).ticket().client_order_id(), "");
  EXPECT_EQ(open->orders(0).ticket().price(), "200");
  EXPECT_EQ(open->orders(1).ticket().client_order_id(), "one");
}

TEST_F(RecoveryTest, WhatHappenedWhileWeWereAwayIsLearntOnce) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("filled")).ok());
  ASSERT_TRUE(Place(Ticket("canceled")).ok());
  Stop();
  exchange.Fill(ExchangeId(1, "filled"), "t1", "1");
  exchange.Fill(ExchangeId(1, "filled"), "t2", "2");
  exchange.Change(ExchangeId(2, "canceled"), [](model::OrderReport& report) {
    report.state = order::v1::ORDER_STATE_CANCELED;
  });
  StartReady();
  EXPECT_EQ(Wait("filled", order::v1::WAIT_CONDITION_TERMINAL)->state(),
            order::v1::ORDER_STATE_FILLED);
  EXPECT_EQ(Wait("canceled", order::v1::WAIT_CONDITION_TERMINAL)->finish_reason(),
            order::v1::FINISH_REASON_EXTERNAL_CANCEL);
  EXPECT_EQ(Get("filled")->fills_size(), 2);
}

// fills replayed on restart got new ids.
TEST_F(RecoveryTest, R48FillsAreCountedOnceOverFiveRestarts) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  exchange.listener().OnFill(exchange.Fill(ExchangeId(1, "one"), "t1", "1"));
  Wait("one", order::v1::WAIT_CONDITION_OPEN).status().IgnoreError();
  for (int i = 0; i < 5; ++i) {
    Stop();
    StartReady();
    EXPECT_EQ(Get("one")->fills_size(), 1);
    EXPECT_EQ(Get("one")->order().filled_quantity(), "1");
  }
}

// restart fabricated orders.
TEST_F(RecoveryTest, R49ARestartWithPositionsAndAnUnchangedAccountAddsNothing) {
  exchange.SetPosition(kPerp, 5);
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  const auto before = ListOpen()->position();
  Stop();
  StartReady();
  const auto open = ListOpen();
  EXPECT_EQ(open->orders_size(), 1);
  EXPECT_EQ(open->position().sequence(), before.sequence());
}

// a position mismatch was only logged; the node traded as if flat.
TEST_F(RecoveryTest, R51APositionMismatchIsAdoptedToldAndBlocksNewRiskUntilItIsAcknowledged) {
  options_.reconcile_interval = std::chrono::milliseconds(10);
  risk_.emplace();
  risk_->set_on_position_mismatch("BLOCK");
  risk_->add_symbols()->set_symbol(kPerp);
  risk_->mutable_symbols(0)->set_max_position_quantity("100");
  StartReady();
  ASSERT_TRUE(Place(Ticket("before")).ok());
  WaitForComparisons();
  EventReader events(*stub_);
  exchange.SetPosition(kPerp, 5);
  const order::v1::PositionMismatch told = UntilMismatch(events);
  EXPECT_EQ(told.symbol(), kPerp);
  EXPECT_EQ(told.expected_size(), "0");
  EXPECT_EQ(told.exchange_size(), "5");
  EXPECT_TRUE(told.blocking());
  const OrderEvent next = events.Next();
  ASSERT_TRUE(next.has_kill_switch());
  EXPECT_EQ(next.kill_switch().set_by(), "gateway");
  const auto refused = Place(Ticket("blocked"));
  EXPECT_EQ(ReasonOf(refused.status()), common::v1::ERROR_REASON_KILL_SWITCH) << refused.status();
  EXPECT_NE(std::string(refused.status().message()).find(kPerp), std::string::npos);
  EXPECT_EQ(ReasonOf(Amend("before", "a1", "99").status()), common::v1::ERROR_REASON_KILL_SWITCH);
  EXPECT_TRUE(Cancel("before", "c1").ok());
  std::string used;
  const order::v1::GetRiskLimitsResponse limits = Limits();
  for (const order::v1::RiskLimit& limit : limits.limits()) {
    const bool wanted = limit.kind() == order::v1::RISK_LIMIT_KIND_POSITION_QUANTITY;
    if (wanted && limit.symbol() == kPerp) used = limit.used();
  }
  EXPECT_EQ(used, "5") << "limits count what the exchange says";
  ASSERT_TRUE(ReleaseKillSwitch().ok());
  EXPECT_TRUE(Place(Ticket("after")).ok());
  WaitForComparisons();
  EXPECT_TRUE(Place(Ticket("later")).ok()) << "what was acknowledged is no mismatch any more";
}

TEST_F(RecoveryTest, R51APositionThatChangedWhileWeWereAwayIsAMismatchToo) {
  options_.reconcile_interval = std::chrono::milliseconds(10);
  risk_.emplace();
  risk_->set_on_position_mismatch("BLOCK");
  exchange.SetPosition(kPerp, -3);
  StartReady();
  WaitForComparisons();
  EXPECT_TRUE(Place(Ticket("one")).ok()) << "what there was at the beginning is no mismatch";
  const common::v1::JournalPosition seen = ListOpen()->position();
  Stop();
  exchange.SetPosition(kPerp, 2);
  Start();
  EventReader events(*stub_, seen);
  const order::v1::PositionMismatch told = UntilMismatch(events);
  EXPECT_EQ(told.expected_size(), "-3");
  EXPECT_EQ(told.exchange_size(), "2");
  EXPECT_EQ(Limits().kill_switch().set_by(), "gateway");
}

TEST_F(RecoveryTest, R51AMismatchIsOnlyToldUnlessTheConfigurationSaysOtherwise) {
  options_.reconcile_interval = std::chrono::milliseconds(10);
  StartReady();
  WaitForComparisons();
  EventReader events(*stub_);
  exchange.SetPosition(kPerp, 5);
  EXPECT_FALSE(UntilMismatch(events).blocking());
  EXPECT_TRUE(Place(Ticket("one")).ok());
}

// fills never delivered on the stream while it was healthy.
TEST_F(RecoveryTest, R35FillsThatTheStreamOmittedAreFoundWithinOneInterval) {
  options_.reconcile_interval = std::chrono::milliseconds(20);
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  EventReader events(*stub_);
  exchange.Fill(ExchangeId(1, "one"), "omitted", "1");
  exchange.listener().OnFill(exchange.Fill(ExchangeId(1, "one"), "told", "1"));
  std::vector<std::string> trades;
  events.Until([&](const OrderEvent& event) {
    if (event.has_fill()) trades.push_back(event.fill().trade_id());
    return trades.size() == 2;
  });
  EXPECT_EQ(std::set<std::string>(trades.begin(), trades.end()),
            (std::set<std::string>{"omitted", "told"}));
  const Order order = Get("one")->order();
  EXPECT_EQ(order.filled_quantity(), "2");
  EXPECT_EQ(Get("one")->fills_size(), 2);
}

TEST_F(RecoveryTest, AFillThatContradictsItsOrderIsAskedForAgain) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  EventReader events(*stub_);
  model::FillReport wrong_side = exchange.Fill(ExchangeId(1, "one"), "t1", "1");
  ASSERT_EQ(wrong_side.side, common::v1::SIDE_BUY);
  wrong_side.side = common::v1::SIDE_SELL;
  exchange.listener().OnFill(wrong_side);
  const OrderEvent told = events.Until([](const OrderEvent& event) { return event.has_fill(); });
  EXPECT_EQ(told.fill().side(), common::v1::SIDE_BUY);
  model::FillReport wrong_market = exchange.Fill(ExchangeId(1, "one"), "t2", "1");
  wrong_market.symbol = "ETH-USDT-PERP";
  wrong_market.exchange_client_id = ExchangeId(1, "one");
  exchange.listener().OnFill(wrong_market);
  const OrderEvent second = events.Until([](const OrderEvent& event) { return event.has_fill(); });
  EXPECT_EQ(second.fill().symbol(), wrong_side.symbol);
  EXPECT_EQ(second.fill().trade_id(), "t2");
  EXPECT_EQ(Get("one")->order().filled_quantity(), "2");
}

// the user stream drops; replay from REST.
TEST_F(RecoveryTest, R34AReconnectBringsWhatWasMissed) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  exchange.listener().OnPrivateStreamLost(absl::UnavailableError("cut"));
  exchange.Fill(ExchangeId(1, "one"), "t1", "3");
  exchange.listener().OnPrivateStreamReady();
  EXPECT_EQ(Wait("one", order::v1::WAIT_CONDITION_TERMINAL)->state(),
            order::v1::ORDER_STATE_FILLED);
}

// a private channel that was never confirmed went unnoticed for hours.
TEST_F(RecoveryTest, R29ReadinessIsFalseWhileThePrivateStreamIsNotConfirmed) {
  StartReady();
  const auto ready = [this] {
    std::promise<bool> told;
    service_->GetStatus("alpha", [&](const auto& status) { told.set_value(status->ready); });
    return told.get_future().get();
  };
  while (!ready()) {
  }
  exchange.listener().OnPrivateStreamLost(absl::UnavailableError("refused"));
  while (ready()) {
  }
  ASSERT_TRUE(Place(Ticket("one")).ok());
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(ready()) << "until it is confirmed";
  exchange.listener().OnPrivateStreamReady();
  while (!ready()) {
  }
}

// connections that were cut and made again kept filling memory.
TEST_F(RecoveryTest, R38MemoryIsFlatOverThousandsOfReconnects) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  const auto reconnect = [this](int times) {
    for (int i = 0; i < times; ++i) {
      exchange.listener().OnPrivateStreamLost(absl::UnavailableError("cut"));
      const int before = exchange.queries();
      exchange.listener().OnPrivateStreamReady();
      exchange.WaitForQueries(before + 1);
    }
  };
  reconnect(500);
  const std::int64_t before = ResidentBytes();
  reconnect(2'000);
  EXPECT_LT(ResidentBytes() - before, before / 20) << "5 %";
}

// the closing fill was lost.
TEST_F(RecoveryTest, R37FastFillsAreAllTold) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one", "5")).ok());
  EventReader events(*stub_);
  for (int i = 1; i <= 5; ++i) {
    exchange.listener().OnFill(exchange.Fill(ExchangeId(1, "one"), "t" + std::to_string(i), "1"));
  }
  int fills = 0;
  const OrderEvent last = events.Until([&](const OrderEvent& event) {
    fills += event.has_fill() ? 1 : 0;
    return event.has_order() && event.order().state() == order::v1::ORDER_STATE_FILLED;
  });
  EXPECT_EQ(fills, 5);
  EXPECT_EQ(last.order().filled_quantity(), "5");
}

TEST_F(RecoveryTest, WhileTheAccountCannotBeReadNewOrdersAreRefusedAndCancelsPass) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  Stop();
  exchange.FailReads(absl::UnavailableError("maintenance"));
  Start();
  const auto refused = Place(Ticket("two"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition) << refused.status();
  EXPECT_EQ(ReasonOf(refused.status()), common::v1::ERROR_REASON_FAIL_CLOSED);
  EXPECT_FALSE(Limits().accepting_orders());
  EXPECT_FALSE(Limits().refusal().empty());
  EXPECT_TRUE(Cancel("one", "r1").ok());
  exchange.FailReads(absl::OkStatus());
  exchange.listener().OnPrivateStreamReady();
  WaitUntilAccepting();
  EXPECT_TRUE(Place(Ticket("two")).ok());
}

// An order that was on its way when the process ended: nobody knows, nothing is sent again.
TEST_F(RecoveryTest, ACrashBetweenCommitAndAnswerIsResolvedByAsking) {
  StartReady();
  exchange.Next(Act::kLoseAnswer);
  exchange.FailReads(absl::UnavailableError("mute"));
  EXPECT_FALSE(Place(Ticket("arrived")).ok());
  exchange.Next(Act::kLoseCommand);
  EXPECT_FALSE(Place(Ticket("lost")).ok());
  Stop();
  exchange.FailReads(absl::OkStatus());
  StartReady();
  EXPECT_EQ(Wait("arrived", order::v1::WAIT_CONDITION_OPEN)->state(), order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(Wait("lost", order::v1::WAIT_CONDITION_TERMINAL)->finish_reason(),
            order::v1::FINISH_REASON_NOT_RECEIVED);
  EXPECT_EQ(exchange.commands(), 2);
}

// They are given away many at a time; what was given is more than that here.
TEST_F(RecoveryTest, NumbersAreNeverGivenTwice) {
  constexpr int kOrders = 70;
  StartReady();
  for (int i = 0; i < kOrders; ++i) {
    const std::string id = "o" + std::to_string(i);
    ASSERT_TRUE(Place(Ticket(id)).ok());
    ASSERT_TRUE(Cancel(id, "r" + std::to_string(i)).ok());
  }
  Stop();
  StartReady();
  ASSERT_TRUE(Place(Ticket("again")).ok());
  // "t-", the number, "-again".
  const std::string id = exchange.place_commands().back().exchange_client_id;
  EXPECT_GT(std::stoi(id.substr(2)), kOrders) << id;
}

// An order of ours that had ended and is open at the exchange must not fill.
TEST_F(RecoveryTest, AnOrderThatEndedAndIsOpenAtTheExchangeIsCanceledThere) {
  options_.reconcile_interval = std::chrono::milliseconds(20);
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  ASSERT_TRUE(Cancel("one", "r1").ok());
  exchange.Change("x1", [](model::OrderReport& report) {
    report.state = order::v1::ORDER_STATE_OPEN;
    ++report.exchange_version;
  });
  exchange.WaitForCommands(3);
  EXPECT_EQ(exchange.cancelled(), (std::vector<std::string>{"x1", "x1"}));
  EXPECT_EQ(Get("one")->order().state(), order::v1::ORDER_STATE_CANCELED);
}

TEST_F(RecoveryTest, ADamagedJournalStopsTheStart) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  Stop();
  const std::string path = folder_ / "alpha.main.journal";
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, "UPDATE orders SET record = x'ff'", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(handle);
  ServiceHost host;
  order::DeskSpec spec;
  spec.exchange = "alpha";
  spec.account = "main";
  spec.journal.path = path;
  spec.journal.exchange = "alpha";
  spec.journal.account = "main";
  const auto desk =
      order::AccountDesk::Create(std::move(spec), std::make_unique<BorrowedOrderClient>(exchange),
                                 host.alpha, host.metrics, SystemClock());
  EXPECT_EQ(desk.status().code(), absl::StatusCode::kDataLoss) << desk.status();
}

TEST_F(RecoveryTest, OrdersOfAnAbsentClientAreCanceledAfterItsGrace) {
  StartReady();
  order::v1::OrderTicket ticket = Ticket("one");
  ticket.mutable_cancel_on_disconnect()->set_session_id("s1");
  ticket.mutable_cancel_on_disconnect()->set_grace_ms(1'000);
  const auto alone = Place(ticket);
  EXPECT_EQ(ReasonOf(alone.status()), common::v1::ERROR_REASON_SESSION_NOT_CONNECTED)
      << alone.status();
  TimeNs left;
  {
    EventReader events(*stub_, {}, "s1");
    ASSERT_TRUE(Place(ticket).ok());
    left = SystemClock().Now();
  }
  const auto ended = Wait("one", order::v1::WAIT_CONDITION_TERMINAL);
  EXPECT_EQ(ended->finish_reason(), order::v1::FINISH_REASON_CLIENT_DISCONNECTED);
  EXPECT_EQ(ended->change_origin(), order::v1::CHANGE_ORIGIN_EXCHANGE);
  EXPECT_GE(TimeNs(ended->finish_time_ns()) - left, std::chrono::milliseconds(1'000));
}

TEST_F(RecoveryTest, TheDeadManSwitchIsArmedAndItsTimeTold) {
  options_.dead_man_switch = std::chrono::seconds(30);
  StartReady();
  while (Limits().dead_man_time_ns() == 0) {
  }
  EXPECT_EQ(exchange.armed().front(), std::chrono::seconds(30));
}

}  // namespace
}  // namespace switchyard::testing
