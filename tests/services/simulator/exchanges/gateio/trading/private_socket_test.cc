#include <gtest/gtest.h>

#include "tests/services/simulator/exchanges/gateio/trading/trader.h"

namespace switchyard::simulator::testing {
namespace {

constexpr char kUser[] = "10000001";

Options Still() {
  Options options;
  options.updates_per_second = 0;
  options.symbols = 3;
  options.rate_limit_scale = 100;
  return options;
}

class PrivateSocketTest : public ::testing::Test {
 protected:
  static Json SpotOrder(const std::string& text = "t-1") {
    return {{"currency_pair", "BTC_USDT"},
            {"side", "buy"},
            {"type", "limit"},
            {"price", "90000"},
            {"amount", "0.01"},
            {"text", text}};
  }
  static Json FuturesMarket(int size) {
    return {{"contract", "BTC_USDT"}, {"size", size}, {"price", "0"}, {"tif", "ioc"}};
  }
  // Subscribes and expects success.
  void Listen(TestSocket& socket, const std::string& channel,
              const std::vector<std::string>& payload) {
    socket.Send(trader_.Subscribe(channel, payload));
    const Json answer = Next(socket);
    EXPECT_EQ(answer["result"]["status"], "success") << answer.dump();
  }
  // The answer to a frame of the WebSocket API, after its acknowledgement.
  Json Result(TestSocket& socket, const std::string& channel, const Json& parameters) {
    socket.Send(trader_.Api(channel, parameters));
    Json answer = Next(socket);
    if (answer.value("ack", false)) answer = Next(socket);
    return answer;
  }
  TestSocket LoggedIn(bool spot = true) {
    TestSocket socket = spot ? harness_.Spot() : harness_.Futures();
    socket.Send(trader_.Api(spot ? "spot.login" : "futures.login", {}));
    const Json answer = Next(socket);
    EXPECT_EQ(answer["header"]["status"], "200") << answer.dump();
    EXPECT_EQ(answer["data"]["result"]["uid"], kUser);
    return socket;
  }
  v1::Fault Fault(v1::FaultKind kind, const std::string& exchange = "gateio") {
    v1::Fault fault;
    fault.set_kind(kind);
    fault.set_exchange(exchange);
    return fault;
  }

  Harness harness_{Still()};
  Trader trader_{harness_, "simulator-key-0001", "simulator-secret-0001"};
};

TEST_F(PrivateSocketTest, ASubscriptionNeedsItsOwnSignature) {
  TestSocket socket = harness_.Spot();
  EXPECT_EQ(Ask(socket, "spot.orders", "subscribe", {"!all"})["error"]["code"], 4);
  Json frame = Json::parse(trader_.Subscribe("spot.orders", {"!all"}));
  frame["channel"] = "spot.usertrades";
  socket.Send(frame.dump());
  const Json refused = Next(socket);
  EXPECT_EQ(refused["error"]["code"], 4);
  EXPECT_EQ(Json::parse(refused["error"]["message"].get<std::string>())["label"],
            "INVALID_SIGNATURE");
  Listen(socket, "spot.orders", {"!all"});
}

TEST_F(PrivateSocketTest, AFuturesPayloadNamesItsOwnUser) {
  TestSocket socket = harness_.Futures();
  socket.Send(trader_.Subscribe("futures.orders", {"10000002", "!all"}));
  EXPECT_EQ(Next(socket)["error"]["code"], 2);
  socket.Send(trader_.Subscribe("futures.orders", {kUser, "NO_USDT"}));
  EXPECT_EQ(Next(socket)["error"]["code"], 2);
  Listen(socket, "futures.orders", {kUser, "!all"});
  Listen(socket, "futures.balances", {kUser});
}

TEST_F(PrivateSocketTest, SpotChannelsTellWhatHappens) {
  TestSocket socket = harness_.Spot();
  Listen(socket, "spot.orders", {"BTC_USDT"});
  Listen(socket, "spot.balances", {});
  const Json placed = trader_.Ask("POST", "/spot/orders", SpotOrder(), 201);
  const Json balance = NextOf(socket, "spot.balances")["result"][0];
  EXPECT_EQ(balance["change_type"], "order-create");
  EXPECT_EQ(balance["change"], "0");
  EXPECT_EQ(balance["freeze_change"], "900");
  EXPECT_EQ(balance["available"], "9999100");
  const Json put = NextOf(socket, "spot.orders")["result"][0];
  EXPECT_EQ(put["event"], "put");
  EXPECT_EQ(put["id"], placed["id"]);
  EXPECT_TRUE(put["create_time_ms"].is_string());
  EXPECT_EQ(put["user"], 10'000'001);
  trader_.Ask("DELETE", "/spot/orders?currency_pair=BTC_USDT");
  EXPECT_EQ(NextOf(socket, "spot.orders")["result"][0]["finish_as"], "cancelled");
}

TEST_F(PrivateSocketTest, FuturesChannelsTellWithNumbers) {
  TestSocket socket = harness_.Futures();
  for (const char* channel : {"futures.orders", "futures.usertrades", "futures.positions"}) {
    Listen(socket, channel, {kUser, "BTC_USDT"});
  }
  trader_.Ask("POST", "/futures/usdt/orders", FuturesMarket(20), 201);
  const Json put = NextOf(socket, "futures.orders")["result"][0];
  EXPECT_EQ(put["finish_as"], "_new");
  EXPECT_TRUE(put["price"].is_number());
  EXPECT_EQ(put["user"], kUser);
  const Json position = NextOf(socket, "futures.positions")["result"][0];
  EXPECT_TRUE(position["entry_price"].is_number());
  EXPECT_EQ(position["mode"], "single");
  const Json fill = NextOf(socket, "futures.usertrades")["result"][0];
  EXPECT_TRUE(fill["id"].is_string());
  EXPECT_TRUE(fill["size"].is_number());
}

TEST_F(PrivateSocketTest, OrderEntryNeedsALogin) {
  TestSocket socket = harness_.Spot();
  const Json refused = Result(socket, "spot.order_place", SpotOrder());
  EXPECT_EQ(refused["header"]["status"], "400");
  EXPECT_EQ(refused["data"]["errs"]["label"], "AUTHENTICATION_FAILED");
  const Trader wrong(harness_, "simulator-key-0001", "another");
  socket.Send(wrong.Api("spot.login", {}));
  EXPECT_EQ(Next(socket)["header"]["status"], "401");
}

TEST_F(PrivateSocketTest, OrderEntryAcknowledgesAndThenAnswers) {
  TestSocket socket = LoggedIn();
  socket.Send(trader_.Api("spot.order_place", SpotOrder("t-ws"), "first"));
  const Json acknowledged = Next(socket);
  EXPECT_EQ(acknowledged["request_id"], "first");
  EXPECT_EQ(acknowledged["ack"], true);
  EXPECT_EQ(acknowledged["data"]["result"]["req_param"]["text"], "t-ws");
  const Json placed = Next(socket);
  EXPECT_FALSE(placed.contains("ack"));
  EXPECT_EQ(placed["header"]["status"], "200");
  const std::string id = placed["data"]["result"]["id"];
  const Json named = {{"order_id", id}, {"currency_pair", "BTC_USDT"}};
  EXPECT_EQ(Result(socket, "spot.order_status", named)["data"]["result"]["text"], "t-ws");
  Json change = named;
  change["price"] = "90001";
  EXPECT_EQ(Result(socket, "spot.order_amend", change)["data"]["result"]["price"], "90001");
  EXPECT_EQ(Result(socket, "spot.order_cancel", named)["data"]["result"]["status"], "cancelled");
  EXPECT_EQ(Result(socket, "spot.order_cancel", named)["data"]["errs"]["label"], "ORDER_CANCELLED");
}

TEST_F(PrivateSocketTest, FuturesOrderEntryTellsThatAResultIsNoAcknowledgement) {
  TestSocket socket = LoggedIn(/*spot=*/false);
  socket.Send(trader_.Api("futures.order_place", FuturesMarket(5)));
  EXPECT_EQ(Next(socket)["ack"], true);
  const Json placed = Next(socket);
  EXPECT_EQ(placed["ack"], false);
  EXPECT_EQ(placed["data"]["result"]["finish_as"], "filled");
  const Json ids = Json::array({"1"});
  EXPECT_EQ(Result(socket, "futures.order_cancel_ids", ids)["data"]["result"][0]["message"],
            "ORDER_NOT_FOUND");
}

TEST_F(PrivateSocketTest, ASwallowedOrderIsNowhere) {
  v1::Fault fault = Fault(v1::FAULT_KIND_SWALLOW_ORDER);
  fault.set_count(1);
  fault.set_amount(1);
  harness_.SetFault(fault);
  EXPECT_EQ(trader_.Call("POST", "/spot/orders", SpotOrder()).status, 0u);
  EXPECT_EQ(trader_.Ask("GET", "/spot/open_orders").size(), 0u);
}

TEST_F(PrivateSocketTest, AnOrderWhoseAnswerIsLostStands) {
  v1::Fault fault = Fault(v1::FAULT_KIND_LOSE_ANSWER);
  fault.set_count(1);
  harness_.SetFault(fault);
  EXPECT_EQ(
      trader_.Call("POST", "/spot/orders", SpotOrder(), NowS(), std::chrono::milliseconds(300))
          .status,
      0u);
  EXPECT_EQ(trader_.Ask("GET", "/spot/open_orders")[0]["total"], 1);
}

TEST_F(PrivateSocketTest, AnErrorMayHideAnAcceptedOrder) {
  v1::Fault fault = Fault(v1::FAULT_KIND_ERROR_AFTER_ACCEPTING);
  fault.set_count(1);
  fault.set_http_status(503);
  harness_.SetFault(fault);
  EXPECT_EQ(trader_.Call("POST", "/spot/orders", SpotOrder()).status, 503u);
  EXPECT_EQ(trader_.Ask("GET", "/spot/open_orders")[0]["total"], 1);
}

TEST_F(PrivateSocketTest, FillFramesCanBeOmitted) {
  TestSocket socket = harness_.Futures();
  Listen(socket, "futures.usertrades", {kUser, "!all"});
  harness_.SetFault(Fault(v1::FAULT_KIND_OMIT_FILLS, "gateio_futures"));
  trader_.Ask("POST", "/futures/usdt/orders", FuturesMarket(5), 201);
  EXPECT_TRUE(Drain(socket, "futures").empty());
  EXPECT_FALSE(trader_.Ask("GET", "/futures/usdt/my_trades").empty());
}

TEST_F(PrivateSocketTest, AFillMayComeBeforeItsAcknowledgement) {
  TestSocket socket = LoggedIn(/*spot=*/false);
  Listen(socket, "futures.usertrades", {kUser, "!all"});
  harness_.SetFault(Fault(v1::FAULT_KIND_FILL_BEFORE_ACKNOWLEDGEMENT, "gateio_futures"));
  socket.Send(trader_.Api("futures.order_place", FuturesMarket(5)));
  Json frame = Next(socket);
  EXPECT_EQ(frame["channel"], "futures.usertrades");
  while (frame.value("channel", "") == "futures.usertrades") frame = Next(socket);
  EXPECT_EQ(frame["ack"], true);
  EXPECT_EQ(Next(socket)["data"]["result"]["finish_as"], "filled");
}

TEST_F(PrivateSocketTest, APositionIsLiquidatedAndDeleveragedOnDemand) {
  TestSocket socket = harness_.Futures();
  Listen(socket, "futures.liquidates", {kUser, "!all"});
  Listen(socket, "futures.auto_deleverages", {kUser, "!all"});
  trader_.Ask("POST", "/futures/usdt/orders", FuturesMarket(20), 201);
  v1::Fault fault = Fault(v1::FAULT_KIND_AUTO_DELEVERAGE, "gateio_futures");
  fault.set_amount(5);
  harness_.SetFault(fault);
  EXPECT_EQ(NextOf(socket, "futures.auto_deleverages")["result"][0]["position_size"], 15);
  fault.set_kind(v1::FAULT_KIND_LIQUIDATE);
  harness_.SetFault(fault);
  EXPECT_EQ(NextOf(socket, "futures.liquidates")["result"][0]["size"], 15);
  EXPECT_EQ(trader_.Ask("GET", "/futures/usdt/positions/BTC_USDT")["size"], 0);
  EXPECT_EQ(trader_.Ask("GET", "/futures/usdt/liquidates").size(), 1u);
  EXPECT_EQ(trader_.Ask("GET", "/futures/usdt/auto_deleverages").size(), 1u);
}

TEST_F(PrivateSocketTest, LoginsExpireOnDemand) {
  TestSocket socket = LoggedIn();
  harness_.SetFault(Fault(v1::FAULT_KIND_EXPIRE_SESSION));
  EXPECT_EQ(Result(socket, "spot.order_place", SpotOrder())["data"]["errs"]["label"],
            "AUTHENTICATION_FAILED");
}

TEST_F(PrivateSocketTest, TheLedgerHoldsEveryOrderAndFill) {
  trader_.Ask("POST", "/futures/usdt/orders", FuturesMarket(20), 201);
  trader_.Ask("POST", "/futures/usdt/orders",
              {{"contract", "BTC_USDT"}, {"size", 5}, {"price", "90000"}, {"text", "t-open"}}, 201);
  grpc::ClientContext context;
  v1::ListClientOrdersRequest request;
  v1::ListClientOrdersResponse response;
  request.set_exchange("gateio_futures");
  request.set_user_id(10'000'001);
  request.set_page_size(1);
  ASSERT_TRUE(harness_.stub().ListClientOrders(&context, request, &response).ok());
  ASSERT_EQ(response.orders_size(), 1);
  EXPECT_EQ(response.orders(0).finished_as(), "FILLED");
  EXPECT_EQ(response.orders(0).filled_quantity(), "20");
  grpc::ClientContext second;
  request.set_page_token(response.next_page_token());
  ASSERT_TRUE(harness_.stub().ListClientOrders(&second, request, &response).ok());
  EXPECT_EQ(response.orders(0).text(), "t-open");
  EXPECT_TRUE(response.orders(0).open());
  EXPECT_EQ(response.next_page_token(), "");
  grpc::ClientContext third;
  v1::ListClientFillsRequest fills_request;
  v1::ListClientFillsResponse fills;
  fills_request.set_exchange("gateio_futures");
  ASSERT_TRUE(harness_.stub().ListClientFills(&third, fills_request, &fills).ok());
  EXPECT_GE(fills.fills_size(), 1);
  EXPECT_FALSE(fills.fills(0).maker());
}

}  // namespace
}  // namespace switchyard::simulator::testing
