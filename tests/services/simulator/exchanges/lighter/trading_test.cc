#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <chrono>
#include <string>
#include <vector>

#include "tests/services/simulator/exchanges/lighter/client.h"
#include "tests/services/simulator/exchanges/lighter/signer.h"

namespace switchyard::simulator::testing {
namespace {

using ::testing::HasSubstr;

constexpr int kCreate = 14;
constexpr int kCancel = 15;
constexpr int kCancelAll = 16;
constexpr int kModify = 17;
constexpr int kLeverage = 20;

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string Encoded(const std::string& text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
    }
  }
  return out;
}

// An order as a transaction has it, with defaults of a limit order on ETH.
struct Wanted {
  std::int64_t market = 0;
  std::int64_t client_index = 1;
  std::int64_t amount = 1'000;  // 0.1 ETH
  std::int64_t price = 0;
  bool is_ask = false;
  int type = 0;
  int time_in_force = 1;
  bool reduce_only = false;
  std::int64_t trigger = 0;
  std::int64_t expiry_ms = NowMs() + 3'600'000;

  std::vector<SignedField> Fields() const {
    return {{"MarketIndex", market},        {"ClientOrderIndex", client_index},
            {"BaseAmount", amount},         {"Price", price},
            {"IsAsk", is_ask ? 1 : 0},      {"Type", type},
            {"TimeInForce", time_in_force}, {"ReduceOnly", reduce_only ? 1 : 0},
            {"TriggerPrice", trigger},      {"OrderExpiry", expiry_ms}};
  }
  static Wanted Market(std::int64_t amount, bool is_ask) {
    Wanted wanted;
    wanted.amount = amount;
    wanted.is_ask = is_ask;
    wanted.price = is_ask ? 1 : 1'000'000;
    wanted.type = 1;
    wanted.time_in_force = 0;
    wanted.expiry_ms = 0;
    return wanted;
  }
};

class TradingTest : public LighterTest {
 protected:
  TradingTest()
      : credentials_(Json::parse(harness_.simulator().EndpointsJson())["lighter"]["credentials"]),
        signer_(credentials_["private_key"].get<std::string>(), credentials_["account_index"],
                credentials_["api_key_index"]) {}

  HttpAnswer Post(const std::string& path, const std::string& body) {
    return Request("POST", harness_.simulator().lighter_port(), path,
                   {{"Content-Type", "application/x-www-form-urlencoded"}}, body,
                   std::chrono::seconds(3));
  }
  Json Send(int type, const std::vector<SignedField>& fields, unsigned status = 200) {
    return SendInfo(type, signer_.Transaction(type, fields, nonce_), status);
  }
  Json SendInfo(int type, const std::string& info, unsigned status = 200) {
    const HttpAnswer answer =
        Post("/api/v1/sendTx", "tx_type=" + std::to_string(type) + "&tx_info=" + Encoded(info));
    EXPECT_EQ(answer.status, status) << answer.body;
    const Json json = Json::parse(answer.body, nullptr, false);
    if (answer.status == 200) ++nonce_;
    return json;
  }
  std::string Token() const { return signer_.Token(NowMs() / 1'000 + 3'600); }
  Json PrivateJson(const std::string& target, unsigned status = 200) {
    const HttpAnswer answer =
        Rest("/api/v1/" + target + (target.find('?') == std::string::npos ? "?" : "&") +
                 "account_index=" + std::to_string(signer_.account()),
             {{"Authorization", Token()}});
    EXPECT_EQ(answer.status, status) << answer.body;
    return Json::parse(answer.body, nullptr, false);
  }
  Json Account() {
    return RestJson("account?by=index&value=" + std::to_string(signer_.account()))["accounts"][0];
  }
  Json Nonce() {
    return RestJson("nextNonce?api_key_index=4&account_index=" +
                    std::to_string(signer_.account()))["nonce"];
  }
  // The status of the newest finished order.
  Json LastInactive() { return PrivateJson("accountInactiveOrders?limit=1")["orders"][0]; }
  std::string Channel(const std::string& name) const {
    return name + "/" + std::to_string(signer_.account());
  }
  Json SubscribePrivate(TestSocket& socket, const std::string& channel) {
    SendJson(socket, {{"type", "subscribe"}, {"channel", channel}, {"auth", Token()}});
    return Next(socket);
  }

  const Json credentials_;
  const Signer signer_;
  std::int64_t nonce_ = 0;
};

TEST_F(TradingTest, ALimitOrderRestsIsSeenAndIsCancelledByItsClientIndex) {
  Wanted wanted;
  wanted.client_index = 77;
  wanted.price = 340'000;
  const Json answer = Send(kCreate, wanted.Fields());
  EXPECT_EQ(answer["code"], 200);
  EXPECT_EQ(answer["tx_hash"].get<std::string>().size(), 80u);
  const Json orders = PrivateJson("accountActiveOrders")["orders"];
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0]["client_order_index"], 77);
  EXPECT_EQ(orders[0]["status"], "open");
  EXPECT_EQ(orders[0]["price"], "3400.00");
  EXPECT_EQ(orders[0]["remaining_base_amount"], "0.1000");
  EXPECT_EQ(orders[0]["time_in_force"], "good-till-time");
  EXPECT_LT(orders[0]["order_index"].get<std::int64_t>(), std::int64_t{1} << 49);
  Send(kCancel, {{"MarketIndex", 0}, {"Index", 77}});
  EXPECT_TRUE(PrivateJson("accountActiveOrders")["orders"].empty());
  EXPECT_EQ(LastInactive()["status"], "canceled");
}

TEST_F(TradingTest, NoncesAreStrictAndARefusalSpendsNone) {
  Wanted wanted;
  wanted.price = 340'000;
  EXPECT_EQ(Nonce(), 0);
  Send(kCreate, wanted.Fields());
  EXPECT_EQ(Nonce(), 1);
  for (const std::int64_t wrong : {0, 2}) {
    const std::string info = signer_.Transaction(kCreate, wanted.Fields(), wrong);
    EXPECT_EQ(SendInfo(kCreate, info, 400)["code"], 21104) << wrong;
  }
  // The same client index again.
  EXPECT_EQ(Send(kCreate, wanted.Fields(), 400)["code"], 21728);
  EXPECT_EQ(Nonce(), 1);
  EXPECT_EQ(RestJson("nextNonce?account_index=5&api_key_index=4")["nonce"], 0);
}

TEST_F(TradingTest, AWrongSignatureAndAnUnknownKeyAreRefused) {
  Wanted wanted;
  wanted.price = 340'000;
  std::string info = signer_.Transaction(kCreate, wanted.Fields(), 0);
  const std::size_t price = info.find("340000");
  info[price] = '2';
  EXPECT_EQ(SendInfo(kCreate, info, 400)["code"], 21120);
  const Signer unknown(credentials_["private_key"].get<std::string>(), signer_.account(), 99);
  EXPECT_EQ(SendInfo(kCreate, unknown.Transaction(kCreate, wanted.Fields(), 0), 400)["code"],
            21109);
}

TEST_F(TradingTest, AMarketOrderMakesAPositionAndATradeThatEveryChannelTells) {
  TestSocket socket = Open();
  EXPECT_EQ(SubscribePrivate(socket, Channel("account_all_orders"))["type"],
            "subscribed/account_all_orders");
  EXPECT_EQ(SubscribePrivate(socket, Channel("account_all_trades"))["type"],
            "subscribed/account_all_trades");
  EXPECT_TRUE(SubscribePrivate(socket, Channel("account_all_positions"))["positions"].empty());
  Send(kCreate, Wanted::Market(2'000, false).Fields());
  std::int64_t lots = 0;
  std::string status;
  bool positioned = false;
  while (!positioned) {
    const Json frame = Next(socket);
    ASSERT_TRUE(frame.is_object());
    if (frame["type"] == "update/account_all_trades") {
      for (const Json& trade : frame["trades"]["0"]) {
        lots += std::stoll(trade["size"].get<std::string>().erase(1, 1));
        EXPECT_EQ(trade["bid_account_id"], signer_.account());
        EXPECT_EQ(trade["taker_fee"], 196);
      }
    } else if (frame["type"] == "update/account_all_orders") {
      status = frame["orders"]["0"][0]["status"];
    } else if (frame["type"] == "update/account_all_positions") {
      EXPECT_EQ(frame["positions"]["0"]["position"], "0.2000");
      EXPECT_EQ(frame["positions"]["0"]["sign"], 1);
      positioned = true;
    }
  }
  EXPECT_EQ(lots, 2'000);
  EXPECT_EQ(status, "filled");
  EXPECT_EQ(Account()["positions"][0]["initial_margin_fraction"], "5.00");
  const Json trades = PrivateJson("trades?sort_by=trade_id&limit=100")["trades"];
  ASSERT_FALSE(trades.empty());
  EXPECT_EQ(trades.back()["taker_position_size_before"], "0.0000");
  EXPECT_EQ(trades.back()["taker_position_sign_changed"], true);
}

TEST_F(TradingTest, TokensAreAskedForVerifiedAndExpire) {
  const std::string target =
      "/api/v1/accountActiveOrders?account_index=" + std::to_string(signer_.account());
  EXPECT_EQ(Rest(target).status, 400u);
  const std::string token = Token();
  EXPECT_EQ(Rest(target, {{"Authorization", token}}).status, 200u);
  std::string forged = token;
  forged.back() = forged.back() == '0' ? '1' : '0';
  EXPECT_EQ(Rest(target, {{"Authorization", forged}}).status, 400u);
  EXPECT_EQ(Rest(target, {{"Authorization", signer_.Token(NowMs() / 1'000 - 1)}}).status, 400u);
  EXPECT_EQ(Rest(target, {{"Authorization", signer_.Token(NowMs() / 1'000 + 9 * 3'600)}}).status,
            400u);
  TestSocket socket = Open();
  EXPECT_EQ(Subscribe(socket, Channel("account_all_orders"))["error"]["code"], 20001);
  EXPECT_EQ(Subscribe(socket, "account_all_orders/10000002")["error"]["code"], 20001);
  EXPECT_EQ(Subscribe(socket, Channel("user_stats"))["type"], "subscribed/user_stats");
  harness_.SetFault(FaultOf(v1::FAULT_KIND_EXPIRE_SESSION));
  EXPECT_EQ(Rest(target, {{"Authorization", token}}).status, 400u);
}

TEST_F(TradingTest, ASocketTakesTransactionsAndEchoesTheirIds) {
  TestSocket socket = Open();
  Wanted wanted;
  wanted.price = 340'000;
  const Json info = Json::parse(signer_.Transaction(kCreate, wanted.Fields(), 0));
  const Json message = {{"type", "jsonapi/sendtx"},
                        {"data", {{"id", "a1"}, {"tx_type", kCreate}, {"tx_info", info}}}};
  SendJson(socket, message);
  const Json answer = Next(socket);
  EXPECT_EQ(answer["code"], 200);
  EXPECT_EQ(answer["id"], "a1");
  EXPECT_EQ(answer["type"], "jsonapi/sendtx");
  SendJson(socket, message);
  const Json refusal = Next(socket);
  EXPECT_EQ(refusal["error"]["code"], 21104);
  EXPECT_EQ(refusal["id"], "a1");
  // A text in place of the object.
  SendJson(socket, {{"type", "jsonapi/sendtx"},
                    {"data", {{"tx_type", kCreate}, {"tx_info", info.dump()}}}});
  EXPECT_EQ(Next(socket)["error"]["code"], 30007);
}

TEST_F(TradingTest, ABatchIsTakenWhollyOrNotAtAll) {
  Wanted first;
  first.price = 340'000;
  Wanted second = first;
  second.client_index = 2;
  const auto send = [&](std::int64_t second_nonce) {
    const Json infos = {signer_.Transaction(kCreate, first.Fields(), 0),
                        signer_.Transaction(kCreate, second.Fields(), second_nonce)};
    return Post("/api/v1/sendTxBatch",
                "tx_types=" + Encoded("[14,14]") + "&tx_infos=" + Encoded(infos.dump()));
  };
  EXPECT_THAT(send(0).body, HasSubstr("21105"));
  EXPECT_TRUE(PrivateJson("accountActiveOrders")["orders"].empty());
  EXPECT_THAT(send(1).body, HasSubstr("\"tx_hash\":[\""));
  EXPECT_EQ(PrivateJson("accountActiveOrders")["orders"].size(), 2u);
  EXPECT_EQ(Nonce(), 2);
}

TEST_F(TradingTest, AStopWaitsForTheMarkAndThenSells) {
  Send(kCreate, Wanted::Market(2'000, false).Fields());
  Wanted stop = Wanted::Market(2'000, true);
  stop.client_index = 2;
  stop.type = 2;
  stop.reduce_only = true;
  stop.trigger = 340'000;
  stop.expiry_ms = NowMs() + 3'600'000;
  Send(kCreate, stop.Fields());
  const Json waiting = PrivateJson("accountActiveOrders")["orders"];
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0]["status"], "pending");
  EXPECT_EQ(waiting[0]["trigger_status"], "mark-price");
  TestSocket socket = Open();
  SubscribePrivate(socket, Channel("account_all_positions"));
  grpc::ClientContext context;
  v1::SetFlowRequest flow;
  v1::SetFlowResponse response;
  flow.set_exchange("lighter");
  flow.set_symbol("ETH");
  flow.set_move_per_million(-50'000);
  EXPECT_TRUE(harness_.stub().SetFlow(&context, flow, &response).ok());
  // What was bought before may be told first.
  while (!Next(socket)["positions"].empty()) {
  }
  EXPECT_EQ(LastInactive()["status"], "filled");
  EXPECT_EQ(LastInactive()["type"], "stop-loss");
}

TEST_F(TradingTest, AModifiedOrderHasItsNewPriceAndCancelAllTakesEveryOne) {
  Wanted wanted;
  wanted.price = 340'000;
  Send(kCreate, wanted.Fields());
  Send(kModify, {{"MarketIndex", 0},
                 {"Index", 1},
                 {"BaseAmount", 1'500},
                 {"Price", 341'000},
                 {"TriggerPrice", 0}});
  const Json orders = PrivateJson("accountActiveOrders")["orders"];
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(orders[0]["price"], "3410.00");
  EXPECT_EQ(orders[0]["initial_base_amount"], "0.1500");
  EXPECT_EQ(Send(kModify,
                 {{"MarketIndex", 0},
                  {"Index", 5},
                  {"BaseAmount", 1'500},
                  {"Price", 341'000},
                  {"TriggerPrice", 0}},
                 400)["code"],
            21600);
  Send(kCancelAll, {{"TimeInForce", 0}, {"Time", 0}});
  EXPECT_TRUE(PrivateJson("accountActiveOrders")["orders"].empty());
  EXPECT_EQ(Send(kCancelAll, {{"TimeInForce", 1}, {"Time", NowMs() + 1'000}}, 400)["code"], 21714);
  Send(kCancelAll, {{"TimeInForce", 1}, {"Time", NowMs() + 600'000}});
  EXPECT_GT(Account()["cancel_all_time"].get<std::int64_t>(), NowMs());
}

TEST_F(TradingTest, LeverageIsKeptWithinTheMarketsBounds) {
  const auto set = [&](std::int64_t fraction, unsigned status) {
    return Send(kLeverage,
                {{"MarketIndex", 0}, {"InitialMarginFraction", fraction}, {"MarginMode", 0}},
                status);
  };
  set(1'000, 200);
  EXPECT_EQ(Account()["positions"][0]["initial_margin_fraction"], "10.00");
  EXPECT_EQ(set(199, 400)["code"], 21113);
  Wanted wanted;
  wanted.price = 340'000;
  Send(kCreate, wanted.Fields());
  EXPECT_EQ(
      Send(kLeverage, {{"MarketIndex", 0}, {"InitialMarginFraction", 1'000}, {"MarginMode", 1}},
           400)["code"],
      21132);
}

TEST_F(TradingTest, ASwallowedOrderIsNotTakenAndALostAnswersOrderIs) {
  Wanted wanted;
  wanted.price = 340'000;
  v1::Fault fault = FaultOf(v1::FAULT_KIND_SWALLOW_ORDER, 1);
  fault.set_amount(1);
  harness_.SetFault(fault);
  const std::string info = signer_.Transaction(kCreate, wanted.Fields(), 0);
  const std::string body = "tx_type=14&tx_info=" + Encoded(info);
  EXPECT_EQ(Post("/api/v1/sendTx", body).status, 0u);
  EXPECT_EQ(Nonce(), 0);
  EXPECT_TRUE(PrivateJson("accountActiveOrders")["orders"].empty());
  fault.set_kind(v1::FAULT_KIND_LOSE_ANSWER);
  harness_.SetFault(fault);
  EXPECT_EQ(Post("/api/v1/sendTx", body).status, 0u);
  EXPECT_EQ(Nonce(), 1);
  EXPECT_EQ(PrivateJson("accountActiveOrders")["orders"].size(), 1u);
}

TEST_F(TradingTest, ALiquidationIsNotifiedListedAndTradedAsOne) {
  Send(kCreate, Wanted::Market(2'000, false).Fields());
  TestSocket socket = Open();
  SubscribePrivate(socket, Channel("notification"));
  v1::Fault fault = FaultOf(v1::FAULT_KIND_LIQUIDATE);
  fault.set_symbol("ETH");
  harness_.SetFault(fault);
  const Json frame = Next(socket);
  EXPECT_EQ(frame["type"], "update/notification");
  EXPECT_EQ(frame["notifs"][0]["kind"], "liquidation");
  EXPECT_EQ(frame["notifs"][0]["content"]["size"], "0.2000");
  EXPECT_EQ(frame["notifs"][0]["content"]["is_ask"], true);
  EXPECT_EQ(PrivateJson("liquidations?limit=5")["liquidations"][0]["trade"]["size"], "0.2000");
  EXPECT_EQ(PrivateJson("trades?sort_by=trade_id&limit=1")["trades"][0]["type"], "liquidation");
  EXPECT_EQ(LastInactive()["type"], "liquidation");
}

TEST_F(TradingTest, TheLedgerOfTheSimulatorHoldsOrdersAndFills) {
  Send(kCreate, Wanted::Market(2'000, false).Fields());
  grpc::ClientContext context;
  v1::ListClientFillsRequest request;
  v1::ListClientFillsResponse fills;
  request.set_exchange("lighter");
  EXPECT_TRUE(harness_.stub().ListClientFills(&context, request, &fills).ok());
  const Json trades = PrivateJson("trades?sort_by=trade_id&limit=100")["trades"];
  ASSERT_EQ(fills.fills_size(), static_cast<int>(trades.size()));
  EXPECT_EQ(fills.fills(0).trade_id(), trades.back()["trade_id_str"]);
  EXPECT_EQ(fills.fills(0).fee_currency(), "USDC");
}

}  // namespace
}  // namespace switchyard::simulator::testing
