// ListOrders and ListFills beyond what the journal knows.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

using order::v1::OrderService;

class HistoryTest : public OrderHarness {
 protected:
  // Somebody's order that had ended an hour ago.
  void AddOld(const std::string& id) {
    model::OrderReport report;
    report.symbol = "BTC-USDT";
    report.exchange_order_id = id;
    report.state = order::v1::ORDER_STATE_CANCELED;
    report.terms.side = common::v1::SIDE_SELL;
    report.terms.type = order::v1::ORDER_TYPE_LIMIT;
    report.terms.quantity = Decimal::FromInt(2);
    report.terms.price = Decimal::FromInt(200);
    report.exchange_create_time = an_hour_ago_;
    exchange.AddOrder(report);
  }

  // Every page, of `page_size` rows. Fills `coverage_`.
  std::vector<Order> AllOrders(order::v1::ListOrdersRequest request, std::uint32_t page_size = 1) {
    std::vector<Order> orders;
    do {
      request.set_page_size(page_size);
      const auto page =
          Call<order::v1::ListOrdersResponse>(&OrderService::Stub::ListOrders, request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      EXPECT_LE(page->orders_size(), static_cast<int>(page_size));
      orders.insert(orders.end(), page->orders().begin(), page->orders().end());
      coverage_ = page->coverage();
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return orders;
  }
  std::vector<std::string> AllTrades(order::v1::ListFillsRequest request) {
    std::vector<std::string> trades;
    do {
      request.set_page_size(1);
      const auto page = Call<order::v1::ListFillsResponse>(&OrderService::Stub::ListFills, request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const order::v1::Fill& fill : page->fills()) trades.push_back(fill.trade_id());
      coverage_ = page->coverage();
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return trades;
  }

  const TimeNs an_hour_ago_ = SystemClock().Now() - std::chrono::hours(1);
  order::v1::HistoryCoverage coverage_;
};

TEST_F(HistoryTest, OrdersOlderThanTheJournalFollowFromTheExchange) {
  AddOld("old-1");
  AddOld("old-2");
  AddOld("old-3");
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  ASSERT_TRUE(Place(Ticket("two")).ok());
  ASSERT_TRUE(Cancel("one", "r1").ok());  // the exchange lists it as finished too
  for (int round = 0; round < 2; ++round) {
    const std::vector<Order> orders = AllOrders({});
    ASSERT_EQ(orders.size(), 5u);
    EXPECT_EQ(orders[0].ticket().client_order_id(), "two");
    EXPECT_EQ(orders[1].ticket().client_order_id(), "one");
    std::set<std::string> old;
    for (std::size_t i = 2; i < orders.size(); ++i) {
      old.insert(orders[i].exchange_order_id());
      EXPECT_EQ(orders[i].origin(), order::v1::ORDER_ORIGIN_EXTERNAL);
      EXPECT_EQ(orders[i].state(), order::v1::ORDER_STATE_CANCELED);
      EXPECT_EQ(orders[i].create_time_ns(), an_hour_ago_.value);
      EXPECT_FALSE(orders[i].has_position()) << "shown, and not kept";
      EXPECT_EQ(orders[i].account(), "main");
    }
    EXPECT_EQ(old, (std::set<std::string>{"old-1", "old-2", "old-3"}));
    EXPECT_TRUE(coverage_.continued_by_exchange());
    EXPECT_GT(coverage_.complete_since_time_ns(), an_hour_ago_.value);
  }
}

TEST_F(HistoryTest, WhoeverWantsNothingOlderIsNotSentToTheExchange) {
  AddOld("old");
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  order::v1::ListOrdersRequest ours;
  ours.set_exclude_external(true);
  EXPECT_EQ(AllOrders(ours).size(), 1u);
  EXPECT_FALSE(coverage_.continued_by_exchange());
  order::v1::ListOrdersRequest open;
  open.add_states(order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(AllOrders(open).size(), 1u);
  EXPECT_FALSE(coverage_.continued_by_exchange());
  order::v1::ListOrdersRequest recent;
  recent.set_start_time_ns(coverage_.complete_since_time_ns());
  EXPECT_EQ(AllOrders(recent).size(), 1u);
  EXPECT_FALSE(coverage_.continued_by_exchange());
  order::v1::ListOrdersRequest filled;
  filled.add_states(order::v1::ORDER_STATE_FILLED);
  EXPECT_EQ(AllOrders(filled).size(), 0u) << "the states hold for older ones too";
  EXPECT_TRUE(coverage_.continued_by_exchange());
}

TEST_F(HistoryTest, WhatTheJournalCoversSurvivesARestart) {
  StartReady();
  AllOrders({});
  const std::int64_t since = coverage_.complete_since_time_ns();
  EXPECT_GT(since, 0);
  Stop();
  StartReady();
  AllOrders({});
  EXPECT_EQ(coverage_.complete_since_time_ns(), since);
}

TEST_F(HistoryTest, FillsOlderThanTheJournalFollowFromTheExchangeEachOnce) {
  AddOld("old");
  exchange.Fill("old", "before", "2", an_hour_ago_);
  StartReady();
  ASSERT_TRUE(Place(Ticket("one")).ok());
  exchange.listener().OnFill(exchange.Fill(ExchangeId(1, "one"), "t1", "1"));
  ASSERT_EQ(Get("one")->fills_size(), 1);
  EXPECT_EQ(AllTrades({}), (std::vector<std::string>{"t1", "before"}));
  EXPECT_TRUE(coverage_.continued_by_exchange());
  order::v1::ListFillsRequest of_one;
  of_one.mutable_order()->set_client_order_id("one");
  EXPECT_EQ(AllTrades(of_one), std::vector<std::string>{"t1"});
  order::v1::ListFillsRequest of_old;
  of_old.mutable_order()->set_exchange_order_id("old");
  of_old.mutable_order()->set_symbol("BTC-USDT");
  EXPECT_EQ(AllTrades(of_old), std::vector<std::string>{"before"});
}

TEST_F(HistoryTest, ATokenOfAnotherListIsRefused) {
  AddOld("old");
  StartReady();
  order::v1::ListOrdersRequest request;
  const auto page = Call<order::v1::ListOrdersResponse>(&OrderService::Stub::ListOrders, request);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_FALSE(page->next_page_token().empty());
  request.set_page_token(page->next_page_token());
  request.set_symbol("ETH-USDT");
  EXPECT_EQ(
      ReasonOf(
          Call<order::v1::ListOrdersResponse>(&OrderService::Stub::ListOrders, request).status()),
      common::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

}  // namespace
}  // namespace switchyard::testing
