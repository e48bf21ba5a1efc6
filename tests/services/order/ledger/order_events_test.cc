// StreamOrderEvents and the lists over a real server on a scripted exchange.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

using order::v1::OrderService;

class OrderEventsTest : public OrderHarness {
 protected:
  static common::v1::JournalPosition At(std::uint64_t epoch, std::uint64_t sequence) {
    common::v1::JournalPosition position;
    position.set_epoch(epoch);
    position.set_sequence(sequence);
    return position;
  }
  common::v1::JournalPosition Here() {
    return Call<order::v1::ListOpenOrdersResponse>(&OrderService::Stub::ListOpenOrders,
                                                   order::v1::ListOpenOrdersRequest())
        ->position();
  }
};

TEST_F(OrderEventsTest, EachChangeIsToldOnceInOrderAfterItsCommit) {
  StartReady();
  EventReader events(*stub_);
  ASSERT_TRUE(Place(Ticket("one")).ok());
  exchange.listener().OnFill(exchange.Fill(ExchangeId(1, "one"), "t1", "1"));
  ASSERT_TRUE(Cancel("one", "r1").ok());
  std::uint64_t sequence = 0, version = 0;
  std::vector<std::string> told;
  events.Until([&](const OrderEvent& event) {
    if (sequence != 0) {
      EXPECT_EQ(event.sequence(), sequence + 1);
    }
    sequence = event.sequence();
    EXPECT_NE(event.epoch(), 0u);
    EXPECT_GT(event.commit_time_ns(), 0);
    EXPECT_GE(event.publish_time_ns(), event.commit_time_ns());
    if (event.has_fill()) told.push_back("fill");
    if (event.has_order()) {
      told.push_back(order::v1::OrderState_Name(event.order().state()).substr(12));
      EXPECT_GT(event.order().version(), version);
      version = event.order().version();
      EXPECT_EQ(event.order().position().sequence(), event.sequence());
    }
    return event.has_order() && order::IsTerminal(event.order().state());
  });
  EXPECT_EQ(told, (std::vector<std::string>{"PENDING_NEW", "OPEN", "fill", "PARTIALLY_FILLED",
                                            "PARTIALLY_FILLED", "CANCELED"}));
}

TEST_F(OrderEventsTest, AResumedStreamGoesOnBehindItsRowAcrossARestart) {
  StartReady();
  for (int i = 1; i <= 400; ++i) ASSERT_TRUE(Place(Ticket("o" + std::to_string(i))).ok());
  const auto end = Here();
  ASSERT_GE(end.sequence(), 800u);
  Stop();
  StartReady();
  EventReader events(*stub_, At(end.epoch(), 10));
  // More than one page of the journal, then what happens now.
  for (std::uint64_t sequence = 11; sequence <= end.sequence(); ++sequence) {
    const OrderEvent event = events.Next();
    ASSERT_EQ(event.sequence(), sequence);
    ASSERT_EQ(event.epoch(), end.epoch());
  }
  ASSERT_TRUE(Place(Ticket("now")).ok());
  const OrderEvent live = events.Next();
  EXPECT_EQ(live.sequence(), end.sequence() + 1);
  EXPECT_EQ(live.order().ticket().client_order_id(), "now");
}

TEST_F(OrderEventsTest, ReadersThatResumeWhileOrdersArePlacedMissNothing) {
  StartReady();
  const auto begin = Here();
  constexpr int kOrders = 100;
  std::vector<std::unique_ptr<EventReader>> readers;
  for (int i = 0; i < kOrders; ++i) {
    if (i % 25 == 0) {
      readers.push_back(std::make_unique<EventReader>(*stub_, At(begin.epoch(), 0)));
    }
    ASSERT_TRUE(Place(Ticket("o" + std::to_string(i))).ok());
  }
  const auto end = Here();
  for (const auto& reader : readers) {
    for (std::uint64_t sequence = 1; sequence <= end.sequence(); ++sequence) {
      ASSERT_EQ(reader->Next().sequence(), sequence);
    }
  }
}

TEST_F(OrderEventsTest, AnotherJournalsPositionIsToldByAGap) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  const auto here = Here();
  EventReader events(*stub_, At(here.epoch() + 1, 1));
  const OrderEvent gap = events.Next();
  ASSERT_TRUE(gap.has_gap());
  EXPECT_EQ(gap.gap().reason(), common::v1::STALE_REASON_JOURNAL_CHANGED);
  EXPECT_EQ(gap.sequence(), here.sequence());
  EXPECT_EQ(gap.epoch(), here.epoch());
  ASSERT_TRUE(Place(Ticket("two")).ok());
  EXPECT_EQ(events.Next().sequence(), here.sequence() + 1);
}

TEST_F(OrderEventsTest, RowsThatAreNoLongerKeptAreToldByAGap) {
  StartReady();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Place(Ticket("o" + std::to_string(i))).ok());
  const auto here = Here();
  Stop();
  order::journal::Options journal;
  journal.path = folder_ / "alpha.main.journal";
  journal.exchange = "alpha";
  journal.account = "main";
  journal.retention = {.events = 3, .event_age = std::chrono::hours(0)};
  {
    metrics::Metrics metrics;
    const auto opened = order::journal::Journal::Open(journal, SystemClock(), metrics);
    ASSERT_TRUE(opened.ok());
    while (*(*opened)->WithStore([](order::journal::Store& store) {
      return store.FirstSequence();
    }) != here.sequence() - 2) {
      std::this_thread::yield();
    }
  }
  StartReady();
  EventReader events(*stub_, At(here.epoch(), 2));
  const OrderEvent gap = events.Next();
  ASSERT_TRUE(gap.has_gap());
  EXPECT_EQ(gap.gap().reason(), common::v1::STALE_REASON_JOURNAL_TRUNCATED);
  EXPECT_EQ(gap.gap().from_position().sequence(), 2u);
  EXPECT_EQ(gap.sequence(), here.sequence() - 3);
  EXPECT_EQ(events.Next().sequence(), here.sequence() - 2);
}

TEST_F(OrderEventsTest, R58LiquidationsAreEventsToldOnceAndTheKillSwitchIsOneToo) {
  StartReady();
  EventReader events(*stub_);
  order::v1::SetKillSwitchRequest request;
  request.set_engaged(true);
  request.set_reason("enough");
  ASSERT_TRUE(
      Call<order::v1::SetKillSwitchResponse>(&OrderService::Stub::SetKillSwitch, request).ok());
  EXPECT_EQ(events.Next().kill_switch().reason(), "enough");
  // typed, and once although two paths tell it.
  position::v1::Liquidation liquidation;
  liquidation.set_liquidation_id("l1");
  liquidation.set_kind(position::v1::LIQUIDATION_KIND_AUTO_DELEVERAGING);
  exchange.listener().OnLiquidation(liquidation);
  exchange.listener().OnLiquidation(liquidation);
  EXPECT_EQ(events.Next().liquidation().kind(), position::v1::LIQUIDATION_KIND_AUTO_DELEVERAGING);
  request.set_engaged(false);
  ASSERT_TRUE(
      Call<order::v1::SetKillSwitchResponse>(&OrderService::Stub::SetKillSwitch, request).ok());
  EXPECT_FALSE(events.Next().kill_switch().engaged());
}

TEST_F(OrderEventsTest, AShutdownEndsTheStreamAsUnavailable) {
  StartReady();
  EventReader events(*stub_);
  host_->streams.Shutdown();
  const absl::Status ended = events.Finish();
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable) << ended;
  EXPECT_EQ(ReasonOf(ended), common::v1::ERROR_REASON_SHUTTING_DOWN);
}

TEST_F(OrderEventsTest, ListsArePagedNewestFirst) {
  StartReady();
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(Place(Ticket("o" + std::to_string(i))).ok());
  ASSERT_TRUE(Cancel("o3", "r1").ok());
  const auto all = [&](auto request, auto method, auto next) {
    std::vector<std::string> ids;
    request.set_page_size(2);
    do {
      auto response = next(request);
      EXPECT_TRUE(response.ok()) << response.status();
      if (!response.ok()) break;
      for (const Order& order : response->orders()) {
        ids.push_back(order.ticket().client_order_id());
      }
      request.set_page_token(response->next_page_token());
    } while (!request.page_token().empty());
    static_cast<void>(method);
    return ids;
  };
  EXPECT_EQ(all(order::v1::ListOpenOrdersRequest(), 0,
                [&](const auto& request) {
                  return Call<order::v1::ListOpenOrdersResponse>(
                      &OrderService::Stub::ListOpenOrders, request);
                }),
            (std::vector<std::string>{"o5", "o4", "o2", "o1"}));
  EXPECT_EQ(all(order::v1::ListOrdersRequest(), 0,
                [&](const auto& request) {
                  return Call<order::v1::ListOrdersResponse>(&OrderService::Stub::ListOrders,
                                                             request);
                }),
            (std::vector<std::string>{"o5", "o4", "o3", "o2", "o1"}));
  order::v1::ListOrdersRequest canceled;
  canceled.add_states(order::v1::ORDER_STATE_CANCELED);
  const auto listed =
      Call<order::v1::ListOrdersResponse>(&OrderService::Stub::ListOrders, canceled);
  ASSERT_EQ(listed->orders_size(), 1);
  EXPECT_EQ(listed->orders(0).ticket().client_order_id(), "o3");
}

TEST_F(OrderEventsTest, FillsAreListedByOrderAndWhole) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  ASSERT_TRUE(Place(Ticket("two")).ok());
  exchange.Fill(ExchangeId(1, "one"), "t1", "1");
  exchange.Fill(ExchangeId(2, "two"), "t2", "1");
  const auto fills = Call<order::v1::ListFillsResponse>(&OrderService::Stub::ListFills,
                                                        order::v1::ListFillsRequest());
  ASSERT_TRUE(fills.ok()) << fills.status();
  EXPECT_EQ(fills->fills_size(), 2) << "the exchange was asked";
  order::v1::ListFillsRequest of_one;
  of_one.mutable_order()->set_client_order_id("one");
  const auto one = Call<order::v1::ListFillsResponse>(&OrderService::Stub::ListFills, of_one);
  ASSERT_EQ(one->fills_size(), 1);
  EXPECT_EQ(one->fills(0).trade_id(), "t1");
}

TEST_F(OrderEventsTest, APageTokenOfAnotherRequestIsRefused) {
  StartReady();
  order::v1::ListOrdersRequest request;
  request.set_page_token("bm90IGEgdG9rZW4");
  const auto listed = Call<order::v1::ListOrdersResponse>(&OrderService::Stub::ListOrders, request);
  EXPECT_EQ(ReasonOf(listed.status()), common::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

TEST_F(OrderEventsTest, WaitForOrderEndsWithItsTime) {
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  order::v1::WaitForOrderRequest request;
  request.mutable_order()->set_client_order_id("one");
  request.set_condition(order::v1::WAIT_CONDITION_TERMINAL);
  request.set_timeout_ms(20);
  const auto waited =
      Call<order::v1::WaitForOrderResponse>(&OrderService::Stub::WaitForOrder, request);
  ASSERT_TRUE(waited.ok()) << waited.status();
  EXPECT_TRUE(waited->timed_out());
  EXPECT_EQ(waited->order().state(), order::v1::ORDER_STATE_OPEN);
}

}  // namespace
}  // namespace switchyard::testing
