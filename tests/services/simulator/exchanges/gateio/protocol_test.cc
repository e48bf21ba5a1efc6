#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/services/simulator/harness.h"

namespace switchyard::simulator::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kNonAscii[] = "人生K线_USDT";
constexpr char kNonAsciiEncoded[] = "%E4%BA%BA%E7%94%9FK%E7%BA%BF_USDT";

Options Stepped() {
  Options options;
  options.updates_per_second = 0;
  options.push_every_change = true;
  options.rate_limit_scale = 100;
  return options;
}

class ProtocolTest : public ::testing::Test {
 protected:
  Json GetJson(const std::string& target, const Headers& headers = {}, unsigned status = 200) {
    const HttpAnswer answer = Get(harness_.port(), "/api/v4" + target, headers);
    EXPECT_EQ(answer.status, status) << target << ' ' << answer.body;
    return Json::parse(answer.body, nullptr, false);
  }

  // Steps until a frame of the channel comes.
  Json StepUntil(TestSocket& socket, const std::string& exchange, const std::string& symbol,
                 const std::string& channel) {
    for (int i = 0; i < 200; ++i) {
      harness_.Step(exchange, symbol, 25);
      const std::string product = exchange == "gateio" ? "spot" : "futures";
      for (const std::string& frame : Drain(socket, product)) {
        const Json message = Json::parse(frame, nullptr, false);
        if (message["channel"] == channel && message.contains("result")) return message;
      }
    }
    return {};
  }

  Harness harness_{Stepped()};
};

TEST_F(ProtocolTest, AnAcknowledgementEchoesIdAndPayload) {
  TestSocket socket = harness_.Spot();
  const Json answer = Ask(socket, "spot.trades", "subscribe", {"BTC_USDT", "ETH_USDT"});
  EXPECT_EQ(answer["id"], 7);
  EXPECT_EQ(answer["event"], "subscribe");
  EXPECT_EQ(answer["payload"], Json({"BTC_USDT", "ETH_USDT"}));
  EXPECT_EQ(answer["result"]["status"], "success");
  EXPECT_FALSE(answer.contains("error"));
  EXPECT_EQ(answer["trace_id"], answer["requestId"]);
  EXPECT_EQ(harness_.Statistics("gateio").subscriptions(), 2u);
  EXPECT_EQ(Ask(socket, "spot.trades", "unsubscribe", {"BTC_USDT"})["result"]["status"], "success");
  EXPECT_EQ(harness_.Statistics("gateio").subscriptions(), 1u);
}

struct ErrorCase {
  std::string name, channel, event;
  std::vector<std::string> payload;
  int code;
  std::string message;
};

class SubscribeErrorTest : public ::testing::TestWithParam<ErrorCase> {
 protected:
  static void SetUpTestSuite() { harness_ = new Harness(Stepped()); }
  static void TearDownTestSuite() {
    delete harness_;
    harness_ = nullptr;
  }
  static Harness* harness_;
};
Harness* SubscribeErrorTest::harness_ = nullptr;

TEST_P(SubscribeErrorTest, HasTheDocumentedCode) {
  const bool spot = GetParam().channel.starts_with("spot.");
  TestSocket socket = spot ? harness_->Spot() : harness_->Futures();
  const Json answer = Ask(socket, GetParam().channel, GetParam().event, GetParam().payload);
  EXPECT_EQ(answer["error"]["code"], GetParam().code);
  EXPECT_THAT(answer["error"]["message"].get<std::string>(), HasSubstr(GetParam().message));
  EXPECT_EQ(answer["result"]["status"], "fail");
}

INSTANTIATE_TEST_SUITE_P(
    Requests, SubscribeErrorTest,
    ::testing::Values(
        ErrorCase{"unknown_pair",
                  "spot.trades",
                  "subscribe",
                  {"LUNARLENS_USDT", "ETH_USDT"},
                  2,
                  "unknown currency pair: LUNARLENS_USDT"},
        ErrorCase{
            "unknown_contract", "futures.trades", "subscribe", {"NO_USDT"}, 2, "unknown contract"},
        ErrorCase{
            "unknown_channel", "spot.orderbook", "subscribe", {"BTC_USDT"}, 2, "unknown channel"},
        ErrorCase{"futures_channel_on_spot",
                  "spot.contract_stats",
                  "subscribe",
                  {"BTC_USDT"},
                  2,
                  "unknown channel"},
        ErrorCase{"unknown_event", "spot.trades", "follow", {"BTC_USDT"}, 2, "unknown event"},
        ErrorCase{"empty_payload", "spot.trades", "subscribe", {}, 2, "payload"},
        ErrorCase{"old_interval",
                  "spot.order_book_update",
                  "subscribe",
                  {"BTC_USDT", "1000ms"},
                  2,
                  "interval"},
        ErrorCase{"level_20ms",
                  "futures.order_book_update",
                  "subscribe",
                  {"BTC_USDT", "20ms", "100"},
                  2,
                  "level"},
        ErrorCase{"snapshot_depth",
                  "spot.order_book",
                  "subscribe",
                  {"BTC_USDT", "7", "100ms"},
                  2,
                  "level"},
        ErrorCase{"obu_depth", "spot.obu", "subscribe", {"ob.BTC_USDT.60"}, 2, "stream"},
        ErrorCase{
            "candle_interval", "spot.candlesticks", "subscribe", {"2m", "BTC_USDT"}, 2, "interval"},
        ErrorCase{"private_spot", "spot.orders", "subscribe", {"!all"}, 4, "label"},
        ErrorCase{"private_futures", "futures.positions", "subscribe", {"1", "!all"}, 4, "label"}),
    [](const auto& info) { return info.param.name; });

TEST_F(ProtocolTest, WhatIsNoRequestHasCodeOne) {
  TestSocket socket = harness_.Spot();
  for (const std::string text :
       {"nonsense", "[]", "{}", R"({"time":1,"event":"subscribe"})",
        R"({"method":"server.sign","params":["key","sign",1],"id":1})",
        R"({"time":1,"channel":"spot.trades","event":"subscribe","payload":[1]})"}) {
    socket.Send(text);
    EXPECT_EQ(Next(socket)["error"]["code"], 1) << text;
  }
}

TEST_F(ProtocolTest, ARequestFromAnotherTimeIsRefusedAndAPingIsNot) {
  TestSocket socket = harness_.Spot();
  socket.Send(
      R"({"time":1000,"channel":"spot.trades","event":"subscribe","payload":["BTC_USDT"]})");
  EXPECT_EQ(Next(socket)["error"]["code"], 2);
  socket.Send(R"({"time":1000,"channel":"spot.ping"})");
  const Json pong = Next(socket);
  EXPECT_EQ(pong["channel"], "spot.pong");
  EXPECT_EQ(pong["event"], "");
  EXPECT_TRUE(pong["result"].is_null());
}

TEST_F(ProtocolTest, ASecondSubscriptionIsRefused) {
  TestSocket socket = harness_.Spot();
  Ask(socket, "spot.obu", "subscribe", {"ob.BTC_USDT.50"});
  EXPECT_EQ(Next(socket)["result"]["full"], true);
  const Json second = Ask(socket, "spot.obu", "subscribe", {"ob.BTC_USDT.50"});
  EXPECT_EQ(second["error"]["code"], 2);
  EXPECT_EQ(second["error"]["message"], "Alert sub ob.BTC_USDT.50");
  Ask(socket, "spot.trades", "subscribe", {"BTC_USDT"});
  EXPECT_EQ(Ask(socket, "spot.trades", "subscribe", {"BTC_USDT"})["error"]["code"], 2);
}

TEST_F(ProtocolTest, OrdersOverTheSocketNeedAKey) {
  TestSocket socket = harness_.Spot();
  socket.Send(
      R"({"time":1,"channel":"spot.login","event":"api","payload":{"req_id":"r1","api_key":"x"}})");
  const Json answer = Next(socket);
  EXPECT_EQ(answer["request_id"], "r1");
  EXPECT_EQ(answer["header"]["status"], "401");
  EXPECT_EQ(answer["data"]["errs"]["label"], "INVALID_KEY");
}

TEST_F(ProtocolTest, SpotPushesHaveTheirFields) {
  TestSocket socket = harness_.Spot();
  for (const auto& [channel, payload] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"spot.trades", {"BTC_USDT"}},
           {"spot.book_ticker", {"BTC_USDT"}},
           {"spot.tickers", {"BTC_USDT"}},
           {"spot.candlesticks", {"1m", "BTC_USDT"}}}) {
    EXPECT_EQ(Ask(socket, channel, "subscribe", payload)["result"]["status"], "success");
  }
  const Json trade = StepUntil(socket, "gateio", "BTC_USDT", "spot.trades");
  EXPECT_TRUE(trade["result"]["id"].is_number_integer());
  EXPECT_TRUE(std::regex_match(trade["result"]["create_time_ms"].get<std::string>(),
                               std::regex("\\d{13}\\.\\d+")));
  EXPECT_THAT(trade["result"]["side"].get<std::string>(), ::testing::AnyOf("buy", "sell"));
  EXPECT_TRUE(trade["result"]["price"].is_string());
  TestSocket best = harness_.Spot();
  Ask(best, "spot.book_ticker", "subscribe", {"ETH_USDT"});
  const Json ticker = StepUntil(best, "gateio", "ETH_USDT", "spot.book_ticker");
  for (const char* key : {"b", "B", "a", "A"}) EXPECT_TRUE(ticker["result"][key].is_string());
  // Paced by the clock: one and two seconds.
  std::set<std::string> seen;
  while (!(seen.contains("spot.tickers") && seen.contains("spot.candlesticks"))) {
    const Json message = Next(socket);
    ASSERT_TRUE(message.is_object());
    if (!seen.insert(message["channel"]).second) continue;
    if (message["channel"] == "spot.tickers") {
      EXPECT_EQ(message["result"]["currency_pair"], "BTC_USDT");
      EXPECT_TRUE(message["result"]["change_percentage"].is_string());
    } else if (message["channel"] == "spot.candlesticks") {
      EXPECT_EQ(message["result"]["n"], "1m_BTC_USDT");
      EXPECT_TRUE(message["result"]["t"].is_string());
    }
  }
}

TEST_F(ProtocolTest, FuturesPushesHaveTheirFields) {
  TestSocket socket = harness_.Futures();
  Ask(socket, "futures.trades", "subscribe", {kNonAscii});
  const Json trade = StepUntil(socket, "gateio_futures", kNonAscii, "futures.trades");
  ASSERT_TRUE(trade["result"].is_array());
  EXPECT_EQ(trade["result"][0]["contract"], kNonAscii);
  EXPECT_TRUE(trade["result"][0]["size"].is_number_integer());
  EXPECT_GT(trade["result"][0]["create_time_ms"].get<std::int64_t>(), 1'000'000'000'000);
  TestSocket second = harness_.Futures();
  Ask(second, "futures.order_book", "subscribe", {"BTC_USDT", "20", "0"});
  const Json all = Next(second);
  EXPECT_EQ(all["event"], "all");
  EXPECT_EQ(all["result"]["bids"].size(), 20u);
  const Json update = StepUntil(second, "gateio_futures", "BTC_USDT", "futures.order_book");
  ASSERT_TRUE(update["result"].is_array());
  EXPECT_EQ(update["result"][0]["c"], "BTC_USDT");
  TestSocket third = harness_.Futures();
  Ask(third, "futures.public_liquidates", "subscribe", {"!all"});
  const Json liquidation =
      StepUntil(third, "gateio_futures", "BTC_USDT", "futures.public_liquidates");
  EXPECT_TRUE(liquidation["result"][0]["size"].is_number());
  Ask(third, "futures.contract_stats", "subscribe", {"BTC_USDT", "1m"});
  Json stats = Next(third);
  while (stats["channel"] != "futures.contract_stats") stats = Next(third);
  EXPECT_EQ(stats["result"][0]["time"].get<std::int64_t>() % 60, 0);
}

TEST_F(ProtocolTest, SizesAreIntegersOrDecimalStringsAsTheHeaderSays) {
  const Headers decimal = {{"X-Gate-Size-Decimal", "1"}};
  EXPECT_TRUE(GetJson("/futures/usdt/contracts/0G_USDT")["order_size_min"].is_number_integer());
  const Json contract = GetJson("/futures/usdt/contracts/0G_USDT", decimal);
  EXPECT_EQ(contract["order_size_min"], "0.1");
  EXPECT_EQ(contract["enable_decimal"], true);
  const std::string book = "/futures/usdt/order_book?contract=0G_USDT&limit=20";
  const Json integers = GetJson(book);
  const Json decimals = GetJson(book, decimal);
  for (std::size_t i = 0; i < 20; ++i) {
    const Json& size = integers["bids"][i]["s"];
    ASSERT_TRUE(size.is_number_integer());
    const std::string text = decimals["bids"][i]["s"];
    EXPECT_EQ(size.dump(), text.substr(0, text.find('.'))) << text;
  }
  TestSocket socket = harness_.Futures(decimal);
  Ask(socket, "futures.order_book_update", "subscribe", {"0G_USDT", "20ms", "20"});
  EXPECT_TRUE(Next(socket)["result"]["b"][0]["s"].is_string());
}

TEST_F(ProtocolTest, SpotRestHasItsShapes) {
  const Json pair = GetJson("/spot/currency_pairs/BTC_USDT");
  EXPECT_EQ(pair["precision"], 1);
  EXPECT_EQ(pair["amount_precision"], 6);
  EXPECT_EQ(pair["trade_status"], "tradable");
  EXPECT_GE(GetJson("/spot/currency_pairs").size(), 20u);
  EXPECT_GE(GetJson("/spot/currencies").size(), 20u);
  EXPECT_EQ(GetJson("/spot/currencies/BTC")["currency"], "BTC");
  EXPECT_EQ(GetJson("/spot/tickers?currency_pair=BTC_USDT").size(), 1u);
  const Json plain = GetJson("/spot/order_book?currency_pair=BTC_USDT");
  EXPECT_FALSE(plain.contains("id"));
  EXPECT_EQ(plain["asks"].size(), 10u);
  EXPECT_TRUE(plain["current"].is_number_integer());
  const Json deep = GetJson("/spot/order_book?currency_pair=BTC_USDT&limit=1000&with_id=true");
  EXPECT_EQ(deep["id"], harness_.Book("gateio", "BTC_USDT").sequence());
  EXPECT_GE(deep["bids"].size(), 120u);
  const Json trades = GetJson("/spot/trades?currency_pair=PEPE_USDT&limit=2");
  ASSERT_EQ(trades.size(), 2u);
  EXPECT_GT(std::stoll(trades[0]["id"].get<std::string>()),
            std::stoll(trades[1]["id"].get<std::string>()));
  const Json candles = GetJson("/spot/candlesticks?currency_pair=BTC_USDT&interval=1h&limit=3");
  ASSERT_EQ(candles.size(), 3u);
  EXPECT_EQ(candles[0].size(), 8u);
  EXPECT_EQ(candles[1][7], "true");
  EXPECT_EQ(candles[2][7], "false");
  EXPECT_EQ(GetJson("/wallet/currency_chains?currency=BTC")[0]["chain"], "BTC");
}

TEST_F(ProtocolTest, FuturesRestHasItsShapes) {
  std::set<std::string> multipliers;
  for (const Json& contract : GetJson("/futures/usdt/contracts")) {
    multipliers.insert(contract["quanto_multiplier"]);
  }
  for (const char* multiplier : {"0.0001", "0.01", "1", "10", "1000"}) {
    EXPECT_TRUE(multipliers.contains(multiplier)) << multiplier;
  }
  EXPECT_EQ(GetJson(std::string("/futures/usdt/contracts/") + kNonAsciiEncoded)["name"], kNonAscii);
  const HttpAnswer book =
      Get(harness_.port(), "/api/v4/futures/usdt/order_book?contract=BTC_USDT&with_id=true");
  EXPECT_TRUE(std::regex_search(book.body, std::regex("\"current\":\\d{10}(\\.\\d+)?,")));
  const std::string trades =
      Get(harness_.port(), "/api/v4/futures/usdt/trades?contract=BTC_USDT&limit=1").body;
  EXPECT_TRUE(std::regex_search(trades, std::regex("\"create_time_ms\":\\d{10}(\\.\\d+)?,")))
      << "seconds, whatever its name says: " << trades;
  for (const char* contract : {"BTC_USDT", "mark_BTC_USDT", "index_BTC_USDT"}) {
    const std::string query = std::string("contract=") + contract + "&interval=5m&limit=4";
    EXPECT_EQ(GetJson("/futures/usdt/candlesticks?" + query).size(), 4u) << contract;
  }
  EXPECT_EQ(GetJson("/futures/usdt/premium_index?contract=BTC_USDT&limit=5").size(), 5u);
  EXPECT_EQ(GetJson("/futures/usdt/tickers?contract=BTC_USDT")[0]["contract"], "BTC_USDT");
  const Json funding = GetJson("/futures/usdt/funding_rate?contract=BTC_USDT&limit=3");
  ASSERT_EQ(funding.size(), 3u);
  EXPECT_EQ(funding[0]["t"].get<std::int64_t>() - funding[1]["t"].get<std::int64_t>(), 28'800);
  EXPECT_EQ(GetJson("/futures/usdt/risk_limit_tiers?contract=BTC_USDT")[0]["tier"], 1);
  EXPECT_EQ(GetJson("/futures/usdt/contract_stats?contract=BTC_USDT&limit=2").size(), 2u);
  EXPECT_GE(GetJson("/futures/usdt/insurance?limit=3").size(), 3u);
  EXPECT_TRUE(GetJson("/futures/usdt/liq_orders?contract=BTC_USDT").is_array());
}

struct RestErrorCase {
  std::string name, target;
  unsigned status;
  std::string label;
};

TEST_F(ProtocolTest, RestErrorsHaveLabels) {
  for (const RestErrorCase& row : std::vector<RestErrorCase>{
           {"pair", "/spot/order_book?currency_pair=NO_USDT", 400, "INVALID_CURRENCY_PAIR"},
           {"no_pair", "/spot/order_book", 400, "MISSING_REQUIRED_PARAM"},
           {"limit", "/spot/order_book?currency_pair=BTC_USDT&limit=0", 400, "INVALID_PARAM_VALUE"},
           {"limit_text", "/spot/trades?currency_pair=BTC_USDT&limit=x", 400,
            "INVALID_PARAM_VALUE"},
           {"interval", "/spot/candlesticks?currency_pair=BTC_USDT&interval=9m", 400,
            "INVALID_PARAM_VALUE"},
           {"both", "/spot/candlesticks?currency_pair=BTC_USDT&limit=5&from=1", 400,
            "INVALID_PARAM_VALUE"},
           {"currency", "/spot/currencies/NOPE", 400, "INVALID_CURRENCY"},
           {"contract", "/futures/usdt/contracts/NO_USDT", 404, "CONTRACT_NOT_FOUND"},
           {"liq_range", "/futures/usdt/liq_orders?from=1", 400, "INVALID_PARAM_VALUE"},
           {"path", "/spot/nothing", 404, "NOT_FOUND"},
           {"orders", "/spot/orders?status=open", 401, "MISSING_REQUIRED_HEADER"},
           {"positions", "/futures/usdt/positions", 401, "MISSING_REQUIRED_HEADER"}}) {
    EXPECT_EQ(GetJson(row.target, {}, row.status)["label"], row.label) << row.name;
  }
  EXPECT_EQ(
      GetJson("/spot/accounts", {{"KEY", "x"}, {"Timestamp", "1"}, {"SIGN", "x"}}, 401)["label"],
      "INVALID_KEY");
  EXPECT_EQ(GetJson("/spot/time", {{"x-gate-exptime", "1000"}}, 401)["label"], "REQUEST_EXPIRED");
  EXPECT_EQ(Request("POST", harness_.port(), "/api/v4/spot/time", {}).status, 405u);
}

TEST_F(ProtocolTest, AnswersHaveTheExchangesHeaders) {
  const HttpAnswer answer =
      Get(harness_.port(), "/api/v4/spot/time", {{"X-Client-Request-Id", "mine"}});
  EXPECT_EQ(answer.headers.at("X-Client-Request-Id"), "mine");
  EXPECT_EQ(answer.headers.at("X-Gate-RateLimit-Limit"), "20000");
  EXPECT_EQ(answer.headers.at("X-Gate-RateLimit-Requests-Remain"), "19999");
  EXPECT_FALSE(answer.headers.at("X-Gate-Trace-Id").empty());
}

TEST_F(ProtocolTest, AnUnknownSocketPathIsNotFound) {
  TestSocket socket(harness_.port(), "/ws/v3/");
  EXPECT_FALSE(socket.connected());
  EXPECT_EQ(socket.refusal_status(), 404u);
}

}  // namespace
}  // namespace switchyard::simulator::testing
