#include <gtest/gtest.h>

#include "tests/services/simulator/exchanges/gateio/trading/trader.h"

namespace switchyard::simulator::testing {
namespace {

// The flow stands still, so books are what clients make of them.
Options Still() {
  Options options;
  options.updates_per_second = 0;
  options.symbols = 3;
  return options;
}

class PrivateRestTest : public ::testing::Test {
 protected:
  std::string BestBid(const std::string& exchange) {
    return harness_.Book(exchange, "BTC_USDT", 1).bids(0).price();
  }
  static Json SpotOrder(const std::string& side, const std::string& price,
                        const std::string& amount, const std::string& text = "t-1") {
    return {{"currency_pair", "BTC_USDT"},
            {"side", side},
            {"type", "limit"},
            {"price", price},
            {"amount", amount},
            {"text", text}};
  }

  Harness harness_{Still()};
  Trader trader_{harness_, "simulator-key-0001", "simulator-secret-0001"};
  Trader second_{harness_, "simulator-key-0002", "simulator-secret-0002"};
  Trader reader_{harness_, "simulator-key-0003", "simulator-secret-0003"};
};

TEST_F(PrivateRestTest, RefusesWhoCannotProveIt) {
  const Trader wrong(harness_, "simulator-key-0001", "another");
  EXPECT_EQ(wrong.Refusal("GET", "/spot/accounts", {}, 401), "INVALID_SIGNATURE");
  const Trader unknown(harness_, "no-such-key", "another");
  EXPECT_EQ(unknown.Refusal("GET", "/spot/accounts", {}, 401), "INVALID_KEY");
  for (const std::int64_t off : {-61, 61}) {
    const HttpAnswer answer = trader_.Call("GET", "/spot/accounts", {}, NowS() + off);
    EXPECT_EQ(answer.status, 401u);
    EXPECT_NE(answer.body.find("REQUEST_EXPIRED"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(trader_.Call("GET", "/spot/accounts", {}, NowS() - 50).status, 200u);
}

TEST_F(PrivateRestTest, AReadOnlyKeyReadsAndWritesNothing) {
  EXPECT_EQ(reader_.Call("GET", "/spot/accounts").status, 200u);
  EXPECT_EQ(reader_.Refusal("POST", "/spot/orders", SpotOrder("buy", "90000", "0.01"), 403),
            "READ_ONLY");
  EXPECT_EQ(reader_.Refusal("POST", "/withdrawals", {{"currency", "USDT"}}, 403), "FORBIDDEN");
}

TEST_F(PrivateRestTest, ASpotOrderLivesAndEnds) {
  const Json placed = trader_.Ask("POST", "/spot/orders", SpotOrder("buy", "90000", "0.01"), 201);
  EXPECT_EQ(placed["status"], "open");
  EXPECT_EQ(placed["finish_as"], "open");
  EXPECT_EQ(placed["left"], "0.01");
  EXPECT_TRUE(placed["id"].is_string());
  EXPECT_TRUE(placed["create_time"].is_string());
  EXPECT_TRUE(placed["create_time_ms"].is_number_integer());
  const std::string id = placed["id"];
  const Json usdt = trader_.Ask("GET", "/spot/accounts?currency=USDT");
  EXPECT_EQ(usdt[0]["locked"], "900");
  EXPECT_EQ(trader_.Ask("GET", "/spot/orders/t-1?currency_pair=BTC_USDT")["id"], id);
  const Json amended = trader_.Ask("PATCH", "/spot/orders/" + id + "?currency_pair=BTC_USDT",
                                   {{"price", "90001.5"}, {"amend_text", "again"}});
  EXPECT_EQ(amended["price"], "90001.5");
  EXPECT_EQ(amended["amend_text"], "again");
  const Json open = trader_.Ask("GET", "/spot/open_orders");
  EXPECT_EQ(open[0]["total"], 1);
  EXPECT_EQ(second_.Refusal("DELETE", "/spot/orders/" + id + "?currency_pair=BTC_USDT", {}, 404),
            "ORDER_NOT_FOUND");
  const Json cancelled = trader_.Ask("DELETE", "/spot/orders/" + id + "?currency_pair=BTC_USDT");
  EXPECT_EQ(cancelled["status"], "cancelled");
  EXPECT_EQ(cancelled["finish_as"], "cancelled");
  EXPECT_EQ(trader_.Refusal("DELETE", "/spot/orders/" + id + "?currency_pair=BTC_USDT"),
            "ORDER_CANCELLED");
  EXPECT_EQ(trader_.Refusal("GET", "/spot/orders/t-1?currency_pair=BTC_USDT", {}, 404),
            "CLIENT_ID_NOT_FOUND");
  EXPECT_EQ(trader_.Ask("GET", "/spot/orders/" + id + "?currency_pair=BTC_USDT")["id"], id);
  EXPECT_EQ(trader_.Ask("GET", "/spot/accounts?currency=USDT")[0]["locked"], "0");
}

TEST_F(PrivateRestTest, AClientsOrderStandsInThePublicBook) {
  const v1::GetBookResponse before = harness_.Book("gateio", "BTC_USDT");
  // A price far below the flow's levels.
  trader_.Ask("POST", "/spot/orders", SpotOrder("buy", "90000", "0.5"), 201);
  const v1::GetBookResponse after = harness_.Book("gateio", "BTC_USDT");
  ASSERT_EQ(after.bids_size(), before.bids_size() + 1);
  EXPECT_EQ(after.bids(after.bids_size() - 1).price(), "90000");
  EXPECT_EQ(after.bids(after.bids_size() - 1).quantity(), "0.5");
  EXPECT_EQ(after.sequence(), before.sequence() + 1);
}

TEST_F(PrivateRestTest, TwoClientsTradeAndThePublicSeesIt) {
  // The second one's bid is the best; the first one sells to it.
  const double best = std::stod(BestBid("gateio"));
  const double ask = std::stod(harness_.Book("gateio", "BTC_USDT", 1).asks(0).price());
  ASSERT_LT(best, ask);
  const std::string price = BestBid("gateio");
  const Json bid = second_.Ask("POST", "/spot/orders", SpotOrder("buy", price, "0.002"), 201);
  Json sell = SpotOrder("sell", price, "5");
  sell["time_in_force"] = "ioc";
  const Json sold = trader_.Ask("POST", "/spot/orders", sell, 201);
  EXPECT_EQ(sold["finish_as"], "ioc");
  EXPECT_EQ(sold["status"], "cancelled");
  const Json fills = second_.Ask("GET", "/spot/my_trades?currency_pair=BTC_USDT");
  ASSERT_EQ(fills.size(), 1u);
  EXPECT_EQ(fills[0]["order_id"], bid["id"]);
  EXPECT_EQ(fills[0]["role"], "maker");
  EXPECT_EQ(fills[0]["fee"], "0.000002");
  const HttpAnswer trades =
      Get(harness_.port(), "/api/v4/spot/trades?currency_pair=BTC_USDT&limit=1000");
  EXPECT_NE(trades.body.find("\"id\":\"" + fills[0]["id"].get<std::string>() + "\""),
            std::string::npos);
}

struct SpotRefusal {
  std::string name;
  Json change;
  std::string label;
};

class SpotRefusalTest : public PrivateRestTest,
                        public ::testing::WithParamInterface<SpotRefusal> {};

TEST_P(SpotRefusalTest, HasTheExchangesLabel) {
  Json order = SpotOrder("buy", "90000", "0.01");
  order.update(GetParam().change);
  EXPECT_EQ(trader_.Refusal("POST", "/spot/orders", order), GetParam().label);
}

INSTANTIATE_TEST_SUITE_P(
    Orders, SpotRefusalTest,
    ::testing::Values(
        SpotRefusal{"pair", {{"currency_pair", "NO_USDT"}}, "INVALID_CURRENCY_PAIR"},
        SpotRefusal{"text", {{"text", "mine"}}, "INVALID_PARAM_VALUE"},
        SpotRefusal{
            "long_text", {{"text", "t-12345678901234567890123456789"}}, "INVALID_PARAM_VALUE"},
        SpotRefusal{"text_charset", {{"text", "t-a b"}}, "INVALID_PARAM_VALUE"},
        SpotRefusal{"precision", {{"price", "90000.15"}}, "INVALID_PRECISION"},
        SpotRefusal{"amount_precision", {{"amount", "0.0100001"}}, "INVALID_PRECISION"},
        SpotRefusal{"small", {{"amount", "0.00002"}}, "INVALID_PARAM_VALUE"},
        SpotRefusal{"large", {{"amount", "60"}}, "AMOUNT_TOO_MUCH"},
        SpotRefusal{
            "balance",
            {{"side", "sell"}, {"price", "10000"}, {"amount", "101"}, {"time_in_force", "gtc"}},
            "BALANCE_NOT_ENOUGH"},
        SpotRefusal{
            "post_only", {{"price", "99999"}, {"time_in_force", "poc"}}, "POC_FILL_IMMEDIATELY"},
        SpotRefusal{"side", {{"side", "both"}}, "INVALID_PARAM_VALUE"}),
    [](const auto& info) { return info.param.name; });

TEST_F(PrivateRestTest, ABatchAnswersForEachOrder) {
  const Json answers = trader_.Ask("POST", "/spot/batch_orders",
                                   Json::array({SpotOrder("buy", "90000", "0.01", "t-a"),
                                                SpotOrder("buy", "90000", "0.00001", "t-b")}));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0]["succeeded"], true);
  EXPECT_EQ(answers[0]["status"], "open");
  EXPECT_EQ(answers[1]["succeeded"], false);
  EXPECT_EQ(answers[1]["text"], "t-b");
  const Json cancelled =
      trader_.Ask("POST", "/spot/cancel_batch_orders",
                  Json::array({{{"currency_pair", "BTC_USDT"}, {"id", answers[0]["id"]}},
                               {{"currency_pair", "BTC_USDT"}, {"id", "1"}}}));
  EXPECT_EQ(cancelled[0]["succeeded"], true);
  EXPECT_EQ(cancelled[1]["label"], "ORDER_NOT_FOUND");
}

TEST_F(PrivateRestTest, TenOrdersASecondAreAllThatAMarketTakes) {
  Json ten = Json::array();
  for (int i = 0; i < 10; ++i) {
    ten.push_back(SpotOrder("buy", "90000", "0.0001", "t-" + std::to_string(i)));
  }
  bool refused = false;
  // A slow machine may need more than a second for two requests.
  for (int attempt = 0; attempt < 20 && !refused; ++attempt) {
    const HttpAnswer first = trader_.Call("POST", "/spot/batch_orders", ten);
    EXPECT_EQ(first.headers.at("X-Gate-RateLimit-Limit"), "10");
    const HttpAnswer second = trader_.Call("POST", "/spot/batch_orders", ten);
    refused = first.status == 429 || second.status == 429;
    EXPECT_EQ(second_.Call("GET", "/spot/accounts").status, 200u);
  }
  EXPECT_TRUE(refused);
}

TEST_F(PrivateRestTest, FuturesPositionsOpenAndClose) {
  const Json order =
      trader_.Ask("POST", "/futures/usdt/orders",
                  {{"contract", "BTC_USDT"}, {"size", 20}, {"price", "0"}, {"tif", "ioc"}}, 201);
  EXPECT_EQ(order["status"], "finished");
  EXPECT_EQ(order["finish_as"], "filled");
  EXPECT_EQ(order["left"], 0);
  EXPECT_GT(order["id"].get<std::int64_t>(), std::int64_t{1} << 53);
  const Json position = trader_.Ask("GET", "/futures/usdt/positions/BTC_USDT");
  EXPECT_EQ(position["size"], 20);
  EXPECT_EQ(position["mode"], "single");
  EXPECT_TRUE(position["entry_price"].is_string());
  EXPECT_EQ(trader_.Refusal("POST", "/futures/usdt/dual_mode?dual_mode=true"), "POSITION_HOLDING");
  EXPECT_EQ(trader_.Refusal("POST", "/futures/usdt/orders",
                            {{"contract", "BTC_USDT"},
                             {"size", 5},
                             {"price", "0"},
                             {"tif", "ioc"},
                             {"reduce_only", true}}),
            "INCREASE_POSITION");
  const Json close = trader_.Ask(
      "POST", "/futures/usdt/orders",
      {{"contract", "BTC_USDT"}, {"size", 0}, {"price", "0"}, {"tif", "ioc"}, {"close", true}},
      201);
  EXPECT_EQ(close["is_close"], true);
  EXPECT_EQ(close["size"], -20);
  EXPECT_EQ(trader_.Ask("GET", "/futures/usdt/positions/BTC_USDT")["size"], 0);
  EXPECT_EQ(trader_.Ask("GET", "/futures/usdt/position_close").size(), 1u);
  int closed = 0;
  for (const Json& fill : trader_.Ask("GET", "/futures/usdt/my_trades?contract=BTC_USDT")) {
    closed += fill["close_size"].get<int>();
  }
  EXPECT_EQ(closed, -20);
  const Json fees = trader_.Ask("GET", "/futures/usdt/account_book?type=fee");
  EXPECT_GE(fees.size(), 2u);
  EXPECT_EQ(trader_.Ask("POST", "/futures/usdt/dual_mode?dual_mode=true")["in_dual_mode"], true);
}

struct FuturesRefusal {
  std::string name;
  Json change;
  unsigned status;
  std::string label;
};

class FuturesRefusalTest : public PrivateRestTest,
                           public ::testing::WithParamInterface<FuturesRefusal> {};

TEST_P(FuturesRefusalTest, HasTheExchangesLabel) {
  Json order = {{"contract", "BTC_USDT"}, {"size", 10}, {"price", "90000"}, {"text", "t-1"}};
  order.update(GetParam().change);
  EXPECT_EQ(trader_.Refusal("POST", "/futures/usdt/orders", order, GetParam().status),
            GetParam().label);
}

INSTANTIATE_TEST_SUITE_P(
    Orders, FuturesRefusalTest,
    ::testing::Values(
        FuturesRefusal{"contract", {{"contract", "NO_USDT"}}, 404, "CONTRACT_NOT_FOUND"},
        FuturesRefusal{"zero", {{"size", 0}}, 400, "SIZE_TOO_SMALL"},
        FuturesRefusal{"fraction", {{"size", "1.5"}}, 400, "INVALID_PARAM_VALUE"},
        FuturesRefusal{"deviated", {{"price", "70000"}}, 400, "PRICE_TOO_DEVIATED"},
        FuturesRefusal{
            "post_only", {{"price", "100000"}, {"tif", "poc"}}, 400, "ORDER_POC_IMMEDIATE"},
        FuturesRefusal{"too_large", {{"size", 5'000'000}}, 400, "SIZE_TOO_LARGE"},
        FuturesRefusal{"risk", {{"size", 100'000}}, 400, "RISK_LIMIT_EXCEEDED"},
        FuturesRefusal{"unfillable", {{"tif", "fok"}}, 400, "ORDER_FOK"},
        FuturesRefusal{"empty", {{"reduce_only", true}}, 400, "POSITION_EMPTY"},
        FuturesRefusal{"market_gtc", {{"price", "0"}}, 400, "INVALID_PARAM_VALUE"}),
    [](const auto& info) { return info.param.name; });

TEST_F(PrivateRestTest, MoneyMovesBetweenAccounts) {
  const Json moved = trader_.Ask("POST", "/wallet/transfers",
                                 {{"currency", "USDT"},
                                  {"from", "spot"},
                                  {"to", "futures"},
                                  {"amount", "25.5"},
                                  {"settle", "usdt"}});
  EXPECT_TRUE(moved["tx_id"].is_number_integer());
  EXPECT_EQ(trader_.Ask("GET", "/futures/usdt/accounts")["total"], "1000025.5");
  EXPECT_EQ(trader_.Ask("GET", "/spot/accounts?currency=USDT")[0]["available"], "9999974.5");
  EXPECT_EQ(trader_.Ask("GET", "/futures/usdt/account_book?type=dnw")[0]["change"], "25.5");
}

TEST_F(PrivateRestTest, AWithdrawalIsListedAndCancelled) {
  const Json made = trader_.Ask("POST", "/withdrawals",
                                {{"currency", "USDT"},
                                 {"amount", "10.5"},
                                 {"chain", "ETH"},
                                 {"address", "0x0ab891497116f7f5532a4c2f4f7b1784488628e1"},
                                 {"withdraw_order_id", "wd-1"}});
  EXPECT_EQ(made["status"], "REQUEST");
  EXPECT_EQ(trader_.Ask("GET", "/wallet/withdrawals?withdraw_order_id=wd-1").size(), 1u);
  const Json cancelled =
      trader_.Ask("DELETE", "/withdrawals/" + made["id"].get<std::string>(), {}, 202);
  EXPECT_EQ(cancelled["status"], "CANCELPEND");
}

}  // namespace
}  // namespace switchyard::simulator::testing
