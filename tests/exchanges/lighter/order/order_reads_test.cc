// Reads of orders and fills: what is asked for, and what may be concluded. Failures first.
#include "exchanges/lighter/order/order_reads.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "tests/exchanges/lighter/order/markets.h"
#include "tests/exchanges/lighter/order/private_samples.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::HistoryQuery;
using exchange::Page;
using json::Json;
using model::FillReport;
using model::OrderReport;

constexpr char kEth[] = "ETH-USDC-PERP";

// "path?a=1&b=2" of a request.
std::string TextOf(const RestRequest& request) { return ToHttpRequest(request).target; }

class OrderReadsTest : public testing::Test {
 protected:
  OrderReadsTest()
      : reads_(1234, clock_,
               [this](RestRequest request, std::function<void(absl::StatusOr<std::string>)> done) {
                 asked_.push_back(TextOf(request));
                 waiting_.push_back(std::move(done));
               }) {}

  void Answer(absl::StatusOr<std::string> body) {
    ASSERT_EQ(waiting_.size(), 1u);
    const auto done = std::exchange(waiting_, {});
    done[0](std::move(body));
  }
  // The documented order with a few fields changed.
  static Json Order(const std::string& id, const Json& changes = Json::object()) {
    Json order = GoldenMessage("private/ws_account_orders_update")["orders"]["0"][0];
    order["order_id"] = id;
    order["order_index"] = std::stoll(id);
    order.update(changes);
    return order;
  }
  static std::string Orders(const std::vector<Json>& orders, const std::string& cursor = "") {
    Json body = {{"code", 200}, {"orders", orders}};
    if (!cursor.empty()) body["next_cursor"] = cursor;
    return json::Serialise(body);
  }
  static std::string Trades(const std::vector<std::int64_t>& millis, const std::string& cursor) {
    Json body = {{"code", 200}, {"next_cursor", cursor}, {"trades", Json::array()}};
    for (std::size_t i = 0; i < millis.size(); ++i) {
      Json trade = GoldenMessage("private/ws_account_all_trades_update")["trades"]["0"][0];
      trade["trade_id_str"] = std::to_string(i + 1);
      trade["transaction_time"] = millis[i] * 1000;
      body["trades"].push_back(trade);
    }
    return json::Serialise(body);
  }
  void GetOrder(exchange::OrderReference order) {
    reads_.GetOrder(markets_, std::move(order),
                    [this](absl::StatusOr<OrderReport> reply) { found_ = std::move(reply); });
  }
  template <typename T>
  exchange::Reply<T> Into(absl::StatusOr<T>& target) {
    return [&target](absl::StatusOr<T> reply) { target = std::move(reply); };
  }

  ManualClock clock_{TimeNs::FromSeconds(1'800'000'000)};
  const std::shared_ptr<const model::InstrumentTable> markets_ = Markets();
  std::vector<std::string> asked_;
  std::vector<std::function<void(absl::StatusOr<std::string>)>> waiting_;
  OrderReads reads_;
  absl::StatusOr<OrderReport> found_ = absl::CancelledError("nothing told");
};

constexpr char kActive[] = "/api/v1/accountActiveOrders?account_index=1234&market_id=0";
constexpr char kFinished[] =
    "/api/v1/accountInactiveOrders?account_index=1234&market_id=0&limit=100";

// The exchange drops some invalid reduce-only orders without any record. That one is in neither
// list, and only both lists, whole, say so: then the order service rejects it, once it can no
// longer arrive.
TEST_F(OrderReadsTest, R46_AnOrderThatWasDroppedIsUnknownOnlyAfterBothListsWereReadWhole) {
  GetOrder({kEth, "", "77", false});
  EXPECT_EQ(asked_.back(), kActive);
  Answer(Orders({Order("281474976710701")}));
  EXPECT_EQ(asked_.back(), kFinished);
  Answer(Orders({Order("281474976710702", {{"status", "filled"}})}, "page 2"));
  EXPECT_EQ(asked_.back(), std::string(kFinished) + "&cursor=page%202");
  EXPECT_EQ(found_.status().code(), absl::StatusCode::kCancelled);
  Answer(Orders({Order("281474976710703", {{"status", "canceled"}})}));
  EXPECT_EQ(found_.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(found_.status()), common::v1::ERROR_REASON_UNKNOWN_ORDER);
}

TEST_F(OrderReadsTest, AListThatIsCutShortProvesNothing) {
  GetOrder({kEth, "", "77", false});
  Answer(absl::UnavailableError("503"));
  EXPECT_EQ(found_.status().code(), absl::StatusCode::kUnavailable);
  GetOrder({kEth, "", "77", false});
  Answer(Orders({}));
  Answer(absl::UnavailableError("503"));
  EXPECT_EQ(found_.status().code(), absl::StatusCode::kUnavailable);
  GetOrder({kEth, "", "77", false});
  Answer(Orders({}));
  Answer(std::string("<html>"));
  EXPECT_EQ(ReasonOf(found_.status()), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

TEST_F(OrderReadsTest, ASearchThatFindsNoEndCannotTell) {
  GetOrder({kEth, "", "77", false});
  Answer(Orders({}));
  for (int page = 1; page <= OrderReads::kSearchedPages; ++page) Answer(Orders({}, "more"));
  EXPECT_EQ(found_.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(waiting_.empty());
}

TEST_F(OrderReadsTest, AnOrderThatCannotBeReadIsNotLeftOutOfASearch) {
  GetOrder({kEth, "", "77", false});
  Answer(Orders({Order("281474976710701", {{"status", "resting"}})}));
  EXPECT_EQ(ReasonOf(found_.status()), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

TEST_F(OrderReadsTest, FindsByEitherId) {
  GetOrder({kEth, "", "42", false});
  Answer(Orders({Order("281474976710701", {{"client_order_id", "41"}}), Order("281474976710702")}));
  ASSERT_TRUE(found_.ok()) << found_.status();
  EXPECT_EQ(found_->exchange_order_id, "281474976710702");
  GetOrder({kEth, "281474976710709", "42", false});
  Answer(Orders({Order("281474976710702")}));
  Answer(Orders({Order("281474976710709", {{"status", "canceled-oco"}})}));
  ASSERT_TRUE(found_.ok()) << found_.status();
  EXPECT_EQ(found_->finish_reason, order::v1::FINISH_REASON_ONE_CANCELS_OTHER);
  EXPECT_EQ(found_->source, model::Source::kRest);
  EXPECT_EQ(found_->receive_time, clock_.Now());
}

TEST_F(OrderReadsTest, AReferenceWithoutIdOrMarketIsRefused) {
  GetOrder({kEth, "", "", false});
  EXPECT_EQ(ReasonOf(found_.status()), common::v1::ERROR_REASON_INVALID_FIELD);
  GetOrder({"", "281474976710701", "", false});
  EXPECT_EQ(ReasonOf(found_.status()), common::v1::ERROR_REASON_INVALID_FIELD);
  GetOrder({"DOGE", "281474976710701", "", false});
  EXPECT_EQ(ReasonOf(found_.status()), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(OrderReadsTest, OpenOrdersAreThoseThatHaveNotEnded) {
  absl::StatusOr<std::vector<OrderReport>> open = absl::CancelledError();
  reads_.ListOpen(markets_, "", Into(open));
  EXPECT_EQ(asked_.back(), "/api/v1/accountActiveOrders?account_index=1234&market_id=255");
  // The exchange's own sample of active orders holds a canceled one.
  Json ended = GoldenMessage("private/rest_accountActiveOrders")["orders"][0];
  Answer(Orders({Order("281474976710701"), ended,
                 Order("281474976710703", {{"status", "pending"}, {"type", "stop-loss"}})}));
  ASSERT_TRUE(open.ok()) << open.status();
  ASSERT_EQ(open->size(), 2u);
  EXPECT_EQ(open->at(0).exchange_order_id, "281474976710701");
  EXPECT_EQ(open->at(1).trigger_state, order::v1::TRIGGER_STATE_WAITING);
}

TEST_F(OrderReadsTest, OpenOrdersComeWholeOrNotAtAll) {
  absl::StatusOr<std::vector<OrderReport>> open = absl::CancelledError();
  reads_.ListOpen(markets_, kEth, Into(open));
  EXPECT_EQ(asked_.back(), kActive);
  Answer(Orders({Order("281474976710701"), Order("281474976710702", {{"market_index", 999}})}));
  EXPECT_EQ(ReasonOf(open.status()), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
}

TEST_F(OrderReadsTest, FinishedOrdersOfASpanOfTime) {
  absl::StatusOr<Page<OrderReport>> page = absl::CancelledError();
  HistoryQuery query;
  query.symbol = kEth;
  query.page_size = 1000;
  const auto ended = [&](const std::string& id, std::int64_t at) {
    return Order(id, {{"status", "filled"}, {"updated_at", at}});
  };
  constexpr std::int64_t kMs = 1'800'000'000'000;
  query.start = TimeNs::FromMillis(kMs + 2000);
  query.end = TimeNs::FromMillis(kMs + 4000);
  reads_.ListFinished(markets_, query, Into(page));
  EXPECT_EQ(asked_.back(), kFinished);  // 100 are the most
  Answer(Orders({ended("281474976710704", kMs + 4000), ended("281474976710703", kMs + 3999),
                 ended("281474976710702", kMs + 2000), ended("281474976710701", kMs + 1999)},
                "next"));
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items[0].exchange_order_id, "281474976710703");
  EXPECT_EQ(page->items[1].exchange_order_id, "281474976710702");
  EXPECT_EQ(page->next_page_token, "next");
  query.page_token = "next";
  reads_.ListFinished(markets_, query, Into(page));
  EXPECT_EQ(asked_.back(), std::string(kFinished) + "&cursor=next");
  Answer(Orders({ended("281474976710700", kMs)}, "further"));
  EXPECT_TRUE(page->items.empty());
  EXPECT_EQ(page->next_page_token, "");
}

TEST_F(OrderReadsTest, HistoriesLeaveOutMarketsThatAreGone) {
  absl::StatusOr<Page<OrderReport>> page = absl::CancelledError();
  reads_.ListFinished(markets_, {}, Into(page));
  Answer(Orders({Order("281474976710701", {{"market_index", 999}, {"status", "filled"}}),
                 Order("281474976710702", {{"status", "filled"}})}));
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].exchange_order_id, "281474976710702");
}

TEST_F(OrderReadsTest, FillsComeByTimeAndEndBeforeTheStart) {
  absl::StatusOr<Page<FillReport>> page = absl::CancelledError();
  constexpr std::int64_t kMs = 1'800'000'000'000;
  HistoryQuery query;
  query.symbol = kEth;
  query.start = TimeNs::FromMillis(kMs);
  query.page_size = 50;
  reads_.ListFills(markets_, query, Into(page));
  EXPECT_EQ(asked_.back(),
            "/api/v1/trades?account_index=1234&market_id=0&sort_by=timestamp&sort_dir=desc"
            "&limit=50");
  Answer(Trades({kMs + 2, kMs}, "next"));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->next_page_token, "next");
  query.page_token = "next";
  reads_.ListFills(markets_, query, Into(page));
  Answer(Trades({kMs, kMs - 1}, "further"));
  EXPECT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->next_page_token, "");
}

TEST_F(OrderReadsTest, FillsOfOneOrder) {
  absl::StatusOr<Page<FillReport>> page = absl::CancelledError();
  HistoryQuery query;
  query.order = {kEth, "562947905631053", "7001011966", false};
  reads_.ListFills(markets_, query, Into(page));
  EXPECT_EQ(asked_.back(),
            "/api/v1/trades?account_index=1234&market_id=0&sort_by=timestamp&sort_dir=desc"
            "&limit=100&order_index=562947905631053");
  Answer(Trades({1'800'000'000'000}, ""));
  EXPECT_EQ(page->items.size(), 1u);
  // By our id alone all trades of the market are looked through.
  query.order = {kEth, "", "5", false};
  reads_.ListFills(markets_, query, Into(page));
  Answer(Trades({1'800'000'000'000}, ""));
  EXPECT_TRUE(page->items.empty());
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
