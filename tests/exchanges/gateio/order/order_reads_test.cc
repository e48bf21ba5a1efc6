// Reads over pages, searches, and what a "not found" proves.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "exchanges/gateio/order/history_page.h"
#include "exchanges/gateio/order/order_reads.h"
#include "tests/exchanges/gateio/order/markets.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::HistoryQuery;
using exchange::OrderReference;
using json::Json;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'700'000'000);

Json SpotOrder(int id, const std::string& text, const std::string& status) {
  return {{"id", std::to_string(id)},
          {"text", text},
          {"status", status},
          {"finish_as", status == "open" ? "open" : "cancelled"},
          {"currency_pair", "BTC_USDT"},
          {"type", "limit"},
          {"side", "buy"},
          {"amount", "1"},
          {"price", "2"},
          {"left", "1"},
          {"time_in_force", "gtc"},
          {"update_time_ms", 1'600'000'000'000 + id}};
}

Json SpotOrders(int count, const std::string& status) {
  Json out = Json::array();
  for (int i = 0; i < count; ++i) out.push_back(SpotOrder(i, "web", status));
  return out;
}

absl::Status NotFound() {
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ORDER, "none");
}

class OrderReadsTest : public testing::Test {
 protected:
  OrderReadsTest() : clock_(kNow) { Use(Product::kSpot); }

  void Use(Product product) {
    table_ = product == Product::kSpot ? SpotMarkets() : FuturesMarkets();
    reads_ = std::make_unique<OrderReads>(
        OrderProtocolOf(product), clock_,
        [this](RestRequest request, std::function<void(absl::StatusOr<std::string>)> done) {
          asked_.push_back(request.path + "?" + PlainQuery(request));
          if (history_) {
            const Json page = history_(request);
            return done(page.is_null() ? absl::StatusOr<std::string>(NotFound())
                                       : absl::StatusOr<std::string>(json::Serialise(page)));
          }
          ASSERT_FALSE(answers_.empty()) << asked_.back();
          absl::StatusOr<std::string> answer = std::move(answers_.front());
          answers_.pop_front();
          done(std::move(answer));
        });
  }
  void Answer(const Json& body) { answers_.push_back(json::Serialise(body)); }
  void Answer(absl::Status status) { answers_.push_back(std::move(status)); }

  absl::StatusOr<model::OrderReport> Get(OrderReference order) {
    absl::StatusOr<model::OrderReport> out;
    reads_->GetOrder(table_, std::move(order), [&](auto result) { out = std::move(result); });
    return out;
  }
  absl::StatusOr<std::vector<model::OrderReport>> Open(const std::string& symbol) {
    absl::StatusOr<std::vector<model::OrderReport>> out;
    reads_->ListOpen(table_, symbol, [&](auto result) { out = std::move(result); });
    return out;
  }
  absl::StatusOr<exchange::Page<model::FillReport>> Fills(HistoryQuery query) {
    absl::StatusOr<exchange::Page<model::FillReport>> out;
    reads_->ListFills(table_, std::move(query), [&](auto result) { out = std::move(result); });
    return out;
  }

  ManualClock clock_;
  std::shared_ptr<const model::InstrumentTable> table_;
  std::unique_ptr<OrderReads> reads_;
  std::deque<absl::StatusOr<std::string>> answers_;
  std::vector<std::string> asked_;
  // Answers by what is asked, where set, in place of `answers_`; null = not found.
  std::function<Json(const RestRequest&)> history_;
};

int QueryNumber(const RestRequest& request, std::string_view name, int fallback) {
  for (const auto& [key, value] : request.query) {
    if (key == name) return std::stoi(value);
  }
  return fallback;
}

// What the exchange has of `count` entries, newest (number count - 1) first, as its own page: by
// `offset`, or by `page` where there is none.
template <typename Entry>
Json PageOfHistory(const RestRequest& request, int count, Entry entry) {
  const int limit = QueryNumber(request, "limit", 100);
  const int first = QueryNumber(request, "offset", (QueryNumber(request, "page", 1) - 1) * limit);
  Json out = Json::array();
  for (int i = first; i < std::min(first + limit, count); ++i) out.push_back(entry(count - 1 - i));
  return out;
}

TEST_F(OrderReadsTest, AnOrderIsAskedForByEitherId) {
  Answer(SpotOrder(7, "t-sw1-a", "open"));
  EXPECT_EQ(Get({"BTC-USDT", "7", "", false})->exchange_client_id, "t-sw1-a");
  Answer(SpotOrder(7, "t-sw1-a", "open"));
  EXPECT_EQ(Get({"BTC-USDT", "", "t-sw1-a", false})->exchange_order_id, "7");
  EXPECT_EQ(asked_[0], "/spot/orders/7?currency_pair=BTC_USDT&account=spot");
  EXPECT_EQ(asked_[1], "/spot/orders/t-sw1-a?currency_pair=BTC_USDT&account=spot");
}

TEST_F(OrderReadsTest, AFinishedOrderIsFoundByItsClientIdInTheHistory) {
  Answer(NotFound());
  Answer(SpotOrders(kPage, "cancelled"));
  Json second = SpotOrders(2, "cancelled");
  second.push_back(SpotOrder(555, "t-sw1-a", "cancelled"));
  Answer(second);
  const auto found = Get({"BTC-USDT", "", "t-sw1-a", false});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->exchange_order_id, "555");
  ASSERT_EQ(asked_.size(), 3u);
  EXPECT_EQ(asked_[2],
            "/spot/orders?currency_pair=BTC_USDT&status=finished&page=2&limit=100&account=spot"
            "&from=1697408000");
}

TEST_F(OrderReadsTest, UnknownIsOnlyWhatTheWholeHistoryDoesNotHold) {
  Answer(NotFound());
  Answer(SpotOrders(3, "cancelled"));
  EXPECT_EQ(Get({"BTC-USDT", "", "t-sw1-a", false}).status().code(), absl::StatusCode::kNotFound);
  // A history without an end proves nothing.
  Answer(NotFound());
  for (int i = 0; i < 40; ++i) Answer(SpotOrders(kPage, "cancelled"));
  EXPECT_EQ(Get({"BTC-USDT", "", "t-sw1-a", false}).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(OrderReadsTest, AFailedReadIsNotANotFound) {
  Answer(absl::UnavailableError("down"));
  EXPECT_EQ(Get({"BTC-USDT", "", "t-sw1-a", false}).status().code(),
            absl::StatusCode::kUnavailable);
  Answer(NotFound());
  Answer(absl::DeadlineExceededError("late"));
  EXPECT_EQ(Get({"BTC-USDT", "", "t-sw1-a", false}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(OrderReadsTest, OpenOrdersAreReadToTheLastPageWithConditionalOnes) {
  Json first = Json::array();
  first.push_back({{"currency_pair", "BTC_USDT"}, {"total", 101}, {"orders", Json::array()}});
  for (int i = 0; i < kPage; ++i) first[0]["orders"].push_back(SpotOrder(i, "web", "open"));
  Answer(first);
  Json second = Json::array();
  second.push_back({{"currency_pair", "BTC_USDT"}, {"total", 101}, {"orders", Json::array()}});
  // Moved to the second page while it was read.
  second[0]["orders"] = {SpotOrder(99, "web", "open"), SpotOrder(100, "t-sw1-a", "open")};
  Answer(second);
  Answer(*json::Parse(R"([{"market":"BTC_USDT","id":99,"status":"open","ctime":1,
      "trigger":{"price":"5","rule":">="},"put":{"type":"limit","side":"buy","price":"6",
      "amount":"1","time_in_force":"gtc","text":"t-sw2-b"}}])"));
  const auto open = Open("");
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(open->size(), 102u);
  EXPECT_EQ(open->back().exchange_client_id, "t-sw2-b");
  EXPECT_EQ(open->back().trigger_state, order::v1::TRIGGER_STATE_WAITING);
  ASSERT_EQ(asked_.size(), 3u);
  EXPECT_EQ(asked_[1], "/spot/open_orders?page=2&limit=100&account=spot");
  EXPECT_EQ(asked_[2], "/spot/price_orders?status=open&limit=100&offset=0");
}

TEST_F(OrderReadsTest, AListThatCannotBeReadWholeIsAnError) {
  Answer(SpotOrders(1, "open"));
  Answer(absl::UnavailableError("down"));
  EXPECT_FALSE(Open("BTC-USDT").ok());
  Json strange = SpotOrders(1, "open");
  strange[0]["status"] = "floating";
  Answer(strange);
  EXPECT_EQ(Open("BTC-USDT").status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Open("NO-PE").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(OrderReadsTest, AConditionalOrderThatLostItsClientIdLeavesItOpenWhichItIs) {
  const Json nameless = *json::Parse(R"([{"market":"BTC_USDT","id":99,"status":"open","ctime":1,
      "trigger":{"price":"5","rule":">="},"put":{"type":"limit","side":"buy","price":"6",
      "amount":"1","time_in_force":"gtc","text":"api"}}])");
  Answer(nameless);
  Answer(Json::array());
  EXPECT_EQ(Get({"BTC-USDT", "", "t-sw1-a", true}).status().code(), absl::StatusCode::kUnavailable);
  Answer(Json::array());
  Answer(nameless);
  EXPECT_EQ(Get({"BTC-USDT", "", "t-sw1-a", true}).status().code(), absl::StatusCode::kNotFound);
}

// Every page of a list, by the tokens that it gives.
template <typename Item, typename ListPage, typename IdOfItem>
std::vector<std::string> AllPages(HistoryQuery query, ListPage list, IdOfItem id) {
  std::vector<std::string> ids;
  for (int pages = 0; pages < 200; ++pages) {
    absl::StatusOr<exchange::Page<Item>> page = list(query);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return ids;
    for (const Item& item : page->items) ids.push_back(id(item));
    if (page->next_page_token.empty()) return ids;
    query.page_token = page->next_page_token;
  }
  ADD_FAILURE() << "pages without end";
  return ids;
}

std::vector<std::string> Descending(int count) {
  std::vector<std::string> ids;
  for (int i = count - 1; i >= 0; --i) ids.push_back(std::to_string(i));
  return ids;
}

constexpr int kThousands = 4'230;

class LongHistoryTest : public OrderReadsTest, public testing::WithParamInterface<Product> {
 protected:
  LongHistoryTest() { Use(GetParam()); }
  std::string symbol() const { return GetParam() == Product::kSpot ? "BTC-USDT" : "BTC-USDT-PERP"; }
  static Json Order(int id) {
    if (GetParam() == Product::kSpot) return SpotOrder(id, "web", "cancelled");
    return {
        {"id", id},      {"contract", "BTC_USDT"},           {"status", "finished"}, {"size", 1},
        {"left", 1},     {"finish_as", "cancelled"},         {"price", "1"},         {"tif", "gtc"},
        {"text", "web"}, {"update_time", 1'600'000'000 + id}};
  }
  static Json Fill(int id) {
    Json out = {{"id", std::to_string(id)},
                {"order_id", "9"},
                {"price", "2"},
                {"role", "maker"},
                {"create_time", std::to_string(1'699'000'000 + id)}};
    if (GetParam() == Product::kSpot) {
      out["currency_pair"] = "BTC_USDT";
      out["side"] = "buy";
      out["amount"] = "1";
    } else {
      out["contract"] = "BTC_USDT";
      out["size"] = 1;
    }
    return out;
  }
};

TEST_P(LongHistoryTest, ThousandsOfFinishedOrdersAreReadToTheLast) {
  history_ = [](const RestRequest& request) {
    return PageOfHistory(request, kThousands, &LongHistoryTest::Order);
  };
  HistoryQuery query;
  query.symbol = symbol();
  const auto ids = AllPages<model::OrderReport>(
      query,
      [this](const HistoryQuery& each) {
        absl::StatusOr<exchange::Page<model::OrderReport>> out;
        reads_->ListFinished(table_, each, [&](auto page) { out = std::move(page); });
        return out;
      },
      [](const model::OrderReport& order) { return order.exchange_order_id; });
  EXPECT_EQ(ids, Descending(kThousands));
  EXPECT_EQ(asked_.size(), 43u) << "100 a page";
}

TEST_P(LongHistoryTest, ThousandsOfFillsAreReadToTheLast) {
  history_ = [](const RestRequest& request) {
    return PageOfHistory(request, kThousands, &LongHistoryTest::Fill);
  };
  HistoryQuery query;
  query.symbol = symbol();
  const auto ids = AllPages<model::FillReport>(
      query, [this](const HistoryQuery& each) { return Fills(each); },
      [](const model::FillReport& fill) { return fill.trade_id; });
  EXPECT_EQ(ids, Descending(kThousands));
}

// The lists grow at their front: what was on one page is then at the next one's beginning too.
TEST_P(LongHistoryTest, WhatIsAddedWhileItIsReadTakesNothingAway) {
  int count = kThousands;
  history_ = [&count](const RestRequest& request) {
    return PageOfHistory(request, count++, &LongHistoryTest::Fill);
  };
  HistoryQuery query;
  query.symbol = symbol();
  const auto ids = AllPages<model::FillReport>(
      query, [this](const HistoryQuery& each) { return Fills(each); },
      [](const model::FillReport& fill) { return fill.trade_id; });
  const std::set<std::string> distinct(ids.begin(), ids.end());
  for (int i = 0; i < kThousands; ++i) ASSERT_TRUE(distinct.contains(std::to_string(i))) << i;
}

// An order that is old, but within what is searched: the search reads as far as it has to.
TEST_P(LongHistoryTest, AnOrderBehindThousandsIsFoundAndBeyondThemNothingIsClaimed) {
  const auto with_ours_at = [](int place) {
    return [place](const RestRequest& request) {
      return PageOfHistory(request, kThousands, [place](int id) {
        Json order = Order(id);
        if (kThousands - 1 - id == place) order["text"] = "t-sw1-a";
        return order;
      });
    };
  };
  const auto ask = [this](std::function<Json(const RestRequest&)> history) {
    bool first = true;
    history_ = [&first, history](const RestRequest& request) {
      // The order itself is not found any more by this id.
      if (std::exchange(first, false)) return Json();
      return history(request);
    };
    return Get({symbol(), "", "t-sw1-a", false});
  };
  const auto found = ask(with_ours_at(2'950));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->exchange_order_id, std::to_string(kThousands - 1 - 2'950));
  EXPECT_EQ(ask(with_ours_at(4'000)).status().code(), absl::StatusCode::kUnavailable)
      << "it may be there: not looked at is not not there";
}

INSTANTIATE_TEST_SUITE_P(Products, LongHistoryTest,
                         testing::Values(Product::kSpot, Product::kFutures), [](const auto& info) {
                           return info.param == Product::kSpot ? "spot" : "futures";
                         });

TEST_F(OrderReadsTest, SpotFillsAreAskedForInSpansOfThirtyDays) {
  HistoryQuery query;
  query.symbol = "BTC-USDT";
  query.start = kNow - std::chrono::hours(40 * 24);
  query.end = kNow;
  query.page_size = 2;
  const Json fill = *json::Parse(R"({"id":"1","create_time_ms":"1699999999000.5",
      "currency_pair":"BTC_USDT","side":"buy","role":"maker","amount":"1","price":"2",
      "order_id":"9","fee":"0","fee_currency":"BTC","text":"t-sw1-a"})");
  Answer(Json::array({fill, fill}));
  auto page = Fills(query);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items.size(), 2u);
  EXPECT_EQ(asked_.back(),
            "/spot/my_trades?currency_pair=BTC_USDT&account=spot&limit=2&page=1&from=1697408000"
            "&to=1700000000");
  query.page_token = page->next_page_token;
  Answer(Json::array());
  page = Fills(query);
  EXPECT_NE(asked_.back().find("page=2&from=1697408000"), std::string::npos) << asked_.back();
  query.page_token = page->next_page_token;
  Answer(Json::array());
  page = Fills(query);
  EXPECT_NE(asked_.back().find("page=1&from=1696544000&to=1697408000"), std::string::npos)
      << asked_.back();
  EXPECT_EQ(page->next_page_token, "");
}

TEST_F(OrderReadsTest, FillsOutsideTheSpanAreLeftOut) {
  HistoryQuery query;
  query.symbol = "BTC-USDT";
  query.start = TimeNs::FromMillis(1'699'999'999'600);
  query.end = kNow;
  Answer(*json::Parse(R"([{"id":"1","create_time_ms":"1699999999500","currency_pair":"BTC_USDT",
      "side":"buy","role":"maker","amount":"1","price":"2","order_id":"9"}])"));
  EXPECT_TRUE(Fills(query)->items.empty());
}

TEST_F(OrderReadsTest, FuturesFillsOfOneOrderAreAskedForByItsId) {
  Use(Product::kFutures);
  HistoryQuery query;
  query.order = OrderReference{"BTC-USDT-PERP", "123", "", false};
  Answer(*json::Parse(R"([{"trade_id":"5","create_time":1700000000.5,"contract":"BTC_USDT",
      "order_id":"123","size":-3,"price":"2","role":"taker","text":"t-sw1-a","fee":"0.1"}])"));
  const auto page = Fills(query);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items[0].trade_id, "5");
  EXPECT_EQ(asked_.back(),
            "/futures/usdt/my_trades?contract=BTC_USDT&order=123&limit=100&offset=0");
  query.order.reset();
  query.symbol = "BTC-USDT-PERP";
  query.start = TimeNs::FromSeconds(1'600'000'000);
  Answer(Json::array());
  EXPECT_TRUE(Fills(query).ok());
  EXPECT_EQ(
      asked_.back(),
      "/futures/usdt/my_trades_timerange?contract=BTC_USDT&from=1600000000&limit=100&offset=0");
}

TEST(HistoryPageTest, ForeignTokensAreRefused) {
  HistoryQuery query;
  for (const char* const token : {"x", "0", "-1", "1@", "1@x", "@5", "1@-5"}) {
    query.page_token = token;
    EXPECT_EQ(ReasonOf(PageOf(query, kNow, std::chrono::seconds(0)).status()),
              common::v1::ERROR_REASON_INVALID_PAGE_TOKEN)
        << token;
  }
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
