// The order client over real sockets on loopback: streams, commands, and what is told when one of
// them is cut. Nothing is ever written twice.
#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/exchanges/gateio/order/order_client_fixture.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;
using json::Json;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(OrderClientTest, TheStreamIsReadyOnceEveryChannelIsConfirmedAndTellsWhatComes) {
  gate_.PushWhenSubscribed(
      3, {R"({"channel":"spot.orders","event":"update","result":[{"id":"5","text":"t-sw1-a","event":
       "put","currency_pair":"BTC_USDT","type":"limit","side":"buy","amount":"1","left":"1",
       "price":"2","time_in_force":"gtc","finish_as":"open"}]})",
          R"({"channel":"spot.usertrades","event":"update","result":[{"id":77,"order_id":"5",
       "currency_pair":"BTC_USDT","side":"buy","amount":"1","price":"2","role":"maker","fee":"0"}]})"});
  Start();
  EXPECT_EQ(listener_.WaitFor(3), (std::vector<std::string>{"ready", "order 5", "fill 77"}));
  for (const Json& subscription : gate_.subscriptions()) {
    EXPECT_EQ(subscription["payload"], Json::array({"!all"}));
    EXPECT_EQ(subscription["auth"]["KEY"], "key");
  }
}

// R-29: a refused private channel was swallowed; the bot lost its orders for hours.
TEST_F(OrderClientTest, R29ItIsNotReadyWhileAPrivateChannelIsRefused) {
  gate_.OnSubscribe([](int, int number, const Json& frame) -> std::optional<Frames> {
    Json answer = {{"id", frame["id"]}, {"channel", frame["channel"]}, {"event", frame["event"]}};
    if (frame["channel"] == "spot.usertrades") {
      answer["error"] = {{"code", 2}, {"message", "no"}};
    } else {
      answer["result"] = {{"status", "success"}};
    }
    Frames out = {json::Serialise(answer)};
    if (number == 3) {
      out.push_back(
          R"({"channel":"spot.orders","event":"update","result":[{"id":"5","text":"t-sw1-a","event":
       "put","currency_pair":"BTC_USDT","type":"limit","side":"buy","amount":"1","left":"1",
       "price":"2","time_in_force":"gtc","finish_as":"open"}]})");
    }
    return out;
  });
  Start();
  // The push comes behind every answer to a subscription.
  EXPECT_EQ(listener_.WaitFor(1), std::vector<std::string>{"order 5"}) << "no ready before it";
  std::promise<exchange::ClientStatus> asked;
  client_->GetStatus([&](auto status) { asked.set_value(*status); });
  EXPECT_FALSE(Wait(asked).ready);
}

TEST_F(OrderClientTest, FuturesChannelsNameTheUserThatTheLoginTold) {
  gate_.PushWhenSubscribed(
      6, {R"({"channel":"futures.positions","event":"update","result":[{"contract":"BTC_USDT",
           "mode":"dual_short","size":-4}]})",
          R"({"channel":"futures.liquidates","event":"update","result":[{"contract":"BTC_USDT",
           "size":-4,"left":0,"order_id":1,"time_ms":1541486601123}]})"});
  Start(Product::kFutures);
  const std::vector<std::string> events = listener_.WaitFor(3);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1], "position BTC-USDT-PERP POSITION_SIDE_SHORT -0.0004");
  EXPECT_EQ(events[2], "liquidation gateio_futures main 0.0004");
  for (const Json& subscription : gate_.subscriptions()) {
    EXPECT_EQ(subscription["payload"], Json::array({"20011", "!all"}));
  }
}

TEST_F(OrderClientTest, AFrameThatCannotBeReadIsAStreamLostAndFoundAgain) {
  gate_.PushWhenSubscribed(
      3, {R"({"channel":"spot.orders","event":"update","result":[{"id":"5","event":"danced",
           "currency_pair":"BTC_USDT","type":"limit","side":"buy","amount":"1","left":"1"}]})",
          R"({"channel":"spot.orders","event":"update"})"});
  Start();
  EXPECT_EQ(listener_.WaitFor(5),
            (std::vector<std::string>{"ready", "lost", "ready", "lost", "ready"}));
}

TEST_F(OrderClientTest, AnAnnouncedEndOfTheSocketLosesNothing) {
  gate_.PushWhenSubscribed(3, {R"({"channel":"spot.orders","event":"upgrade"})"});
  gate_.OnApi([](const std::string& channel, const Json& payload) -> Frames {
    return {Result(channel, payload, OrderOf(payload["req_param"], "900"))};
  });
  Start();
  listener_.WaitFor(1);
  ASSERT_TRUE(gate_.WaitForSubscriptions(6));
  EXPECT_EQ(gate_.sockets(), 2);
  EXPECT_EQ(Place({Bid("t-sw1-a")})[0].fate, CommandFate::kConfirmed);
  EXPECT_EQ(listener_.WaitFor(1), (std::vector<std::string>{"ready"}));
}

TEST_F(OrderClientTest, OrdersGoOverTheSocketAndTheEchoIsNoConfirmation) {
  gate_.OnApi([](const std::string& channel, const Json& payload) -> Frames {
    return {Echo(channel, payload), Result(channel, payload, OrderOf(payload["req_param"], "900"))};
  });
  Start();
  listener_.WaitFor(1);
  const auto results = Place({Bid("t-sw1-a")});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].fate, CommandFate::kConfirmed) << results[0].status;
  ASSERT_TRUE(results[0].report.has_value());
  EXPECT_EQ(results[0].report->exchange_order_id, "900");
  EXPECT_EQ(results[0].report->source, model::Source::kWebSocket);
  EXPECT_TRUE(results[0].submit_time.given());
  EXPECT_EQ(gate_.api_requests().size(), 1u);
  EXPECT_EQ(RestCalls("POST"), 0u);
}

TEST_F(OrderClientTest, ARefusalBehindTheEchoIsARefusal) {
  gate_.OnApi([](const std::string& channel, const Json& payload) -> Frames {
    return {Echo(channel, payload), Refusal(channel, payload, 400, "POC_FILL_IMMEDIATELY")};
  });
  Start();
  listener_.WaitFor(1);
  const auto results = Place({Bid("t-sw1-a")});
  EXPECT_EQ(results[0].fate, CommandFate::kRefused);
  EXPECT_EQ(ReasonOf(results[0].status), common::v1::ERROR_REASON_POST_ONLY_WOULD_CROSS);
}

TEST_F(OrderClientTest, ASocketCutAfterTheRequestLeavesItUnknownAndNothingGoesOverRest) {
  gate_.OnApi([](const std::string& channel, const Json& payload) -> Frames {
    return {Echo(channel, payload), "CUT"};
  });
  Start();
  listener_.WaitFor(1);
  const auto results = Place({Bid("t-sw1-a")});
  EXPECT_EQ(results[0].fate, CommandFate::kUnknown);
  EXPECT_EQ(results[0].status.code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(ReasonOf(results[0].status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  EXPECT_EQ(listener_.WaitFor(3), (std::vector<std::string>{"ready", "lost", "ready"}));
  EXPECT_EQ(RestCalls("POST"), 0u);
  EXPECT_EQ(gate_.api_requests().size(), 1u);
}

TEST_F(OrderClientTest, NoAnswerInTimeIsUnknown) {
  gate_.OnApi([](const std::string& channel, const Json& payload) -> Frames {
    return {Echo(channel, payload)};
  });
  Start(Product::kSpot, milliseconds(300));
  listener_.WaitFor(1);
  const auto results = Place({Bid("t-sw1-a")});
  EXPECT_EQ(results[0].fate, CommandFate::kUnknown);
  EXPECT_EQ(RestCalls("POST"), 0u);
}

TEST_F(OrderClientTest, WithoutALoginOrdersGoOverRest) {
  gate_.RefuseLogins();
  gate_.OnRest("POST /api/v4/spot/orders",
               {201, json::Serialise(OrderOf({{"text", "t-sw1-a"},
                                              {"currency_pair", "BTC_USDT"},
                                              {"side", "buy"},
                                              {"amount", "0.001"},
                                              {"price", "65000"}},
                                             "901"))});
  Start();
  listener_.WaitFor(1);
  const auto results = Place({Bid("t-sw1-a")});
  EXPECT_EQ(results[0].fate, CommandFate::kConfirmed) << results[0].status;
  EXPECT_EQ(results[0].report->exchange_order_id, "901");
  EXPECT_EQ(RestCalls("POST /api/v4/spot/orders "), 1u);
  EXPECT_TRUE(gate_.api_requests().empty());
}

TEST_F(OrderClientTest, APageInPlaceOfAnAnswerIsNoConfirmation) {
  gate_.RefuseLogins();
  gate_.OnRest("POST /api/v4/spot/orders", {200, "<html>welcome</html>"});
  Start();
  listener_.WaitFor(1);
  EXPECT_EQ(Place({Bid("t-sw1-a")})[0].fate, CommandFate::kUnknown);
}

TEST_F(OrderClientTest, AListBecomesBatchesAndEachOrderHasItsResult) {
  gate_.OnApi([](const std::string& channel, const Json& payload) -> Frames {
    const Json& list = payload["req_param"];
    if (!list.is_array()) {
      return {Result(channel, payload, OrderOf(list, "1"))};
    }
    Json items = Json::array();
    for (const Json& order : list) {
      if (order["text"] == "t-sw3-a") {
        items.push_back(
            {{"text", order["text"]}, {"label", "BALANCE_NOT_ENOUGH"}, {"message", ""}});
      } else {
        Json item = OrderOf(order, "1");
        item["succeeded"] = true;
        items.push_back(item);
      }
    }
    return {Result(channel, payload, items)};
  });
  Start();
  listener_.WaitFor(1);
  std::vector<exchange::PlaceCommand> commands;
  for (int i = 0; i < 6; ++i) commands.push_back(Bid("t-sw" + std::to_string(i) + "-a"));
  for (int i = 6; i < 12; ++i) {
    commands.push_back(Bid("t-sw" + std::to_string(i) + "-a", "ETH-USDT"));
  }
  commands.push_back(Bid("t-sw12-a", "NO-PE"));
  const auto results = Place(commands);
  ASSERT_EQ(results.size(), 13u);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(results[i].fate, i == 3 ? CommandFate::kRefused : CommandFate::kConfirmed) << i;
  }
  EXPECT_EQ(results[12].fate, CommandFate::kNotSent);
  EXPECT_EQ(results[12].status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(gate_.api_requests().size(), 2u);
}

TEST_F(OrderClientTest, OurOwnLimitSendsNothing) {
  gate_.OnApi([](const std::string& channel, const Json& payload) -> Frames {
    return {Result(channel, payload, OrderOf(payload["req_param"], "1"))};
  });
  Start();
  listener_.WaitFor(1);
  std::size_t refused = 0;
  for (int i = 0; i < 30; ++i) {
    const auto results = Place({Bid("t-sw" + std::to_string(i) + "-a")});
    if (results[0].fate != CommandFate::kNotSent) continue;
    ++refused;
    EXPECT_EQ(ReasonOf(results[0].status), common::v1::ERROR_REASON_RATE_LIMITED);
  }
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(gate_.api_requests().size(), 30u - refused);
}

TEST_F(OrderClientTest, ConditionalOrdersGoOverRestAndAreKnownByTheirOwnId) {
  gate_.OnRest("POST /api/v4/spot/price_orders", {201, R"({"id":1432329})"});
  Start();
  listener_.WaitFor(1);
  exchange::PlaceCommand stop = Bid("t-sw1-a");
  stop.terms.type = order::v1::ORDER_TYPE_STOP_LIMIT;
  stop.terms.trigger = {*Decimal::Parse("66000"), order::v1::TRIGGER_REFERENCE_LAST};
  const auto results = Place({stop});
  EXPECT_EQ(results[0].fate, CommandFate::kConfirmed) << results[0].status;
  EXPECT_EQ(results[0].report->exchange_order_id, "1432329");
}

TEST_F(OrderClientTest, CancelAllAsksForEveryMarketOfTheFuturesAndForConditionalOrders) {
  gate_.OnRest(
      "GET /api/v4/futures/usdt/orders",
      {200, R"([{"id":1,"contract":"BTC_USDT","status":"open","size":1,"left":1,"price":"1",
                 "tif":"gtc","text":"web"},{"id":2,"contract":"ADA_USDT","status":"open","size":1,
                 "left":1,"price":"1","tif":"gtc","text":"web"}])"});
  gate_.OnRest("GET /api/v4/futures/usdt/price_orders", {200, "[]"});
  gate_.OnRest("DELETE /api/v4/futures/usdt/price_orders", {200, "[]"});
  gate_.OnApi([](const std::string& channel, const Json& payload) -> Frames {
    return {Result(channel, payload, Json::array())};
  });
  Start(Product::kFutures);
  listener_.WaitFor(1);
  std::promise<CommandResult> done;
  client_->CancelAll({}, [&](auto result) { done.set_value(*result); });
  const CommandResult result = Wait(done);
  EXPECT_EQ(result.fate, CommandFate::kConfirmed) << result.status;
  EXPECT_EQ(gate_.api_requests(),
            (std::vector<std::string>{R"(futures.order_cancel_cp {"contract":"ADA_USDT"})",
                                      R"(futures.order_cancel_cp {"contract":"BTC_USDT"})"}));
  EXPECT_EQ(RestCalls("DELETE /api/v4/futures/usdt/price_orders"), 2u);
}

TEST_F(OrderClientTest, TheDeadManSwitchSaysWhenItStrikes) {
  gate_.OnRest("POST /api/v4/spot/countdown_cancel_all",
               {200, R"({"trigger_time":4102444800000})"});
  Start();
  listener_.WaitFor(1);
  std::promise<absl::StatusOr<TimeNs>> armed, wrong;
  client_->ArmDeadManSwitch(seconds(30), [&](auto at) { armed.set_value(at); });
  const auto at = Wait(armed);
  ASSERT_TRUE(at.ok()) << at.status();
  // By our clock, which is the server's here.
  EXPECT_LE(std::abs(at->Seconds() - 4'102'444'800), 2);
  client_->ArmDeadManSwitch(seconds(3), [&](auto result) { wrong.set_value(result); });
  EXPECT_EQ(Wait(wrong).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(OrderClientTest, StoppingAnswersWhatIsUnderWay) {
  Start();
  listener_.WaitFor(1);
  std::promise<std::vector<CommandResult>> done;
  client_->Place({Bid("t-sw1-a")}, [&](auto results) { done.set_value(*results); });
  client_->Stop();
  const auto results = Wait(done);
  ASSERT_EQ(results.size(), 1u);
  // Written and not answered, or not written any more: never confirmed.
  EXPECT_TRUE(results[0].fate == CommandFate::kUnknown || results[0].fate == CommandFate::kNotSent);
  EXPECT_EQ(results[0].fate == CommandFate::kNotSent, gate_.api_requests().empty());
}

TEST_F(OrderClientTest, HowLongAnOrderMayStillBeTakenFollowsFromThePath) {
  Start();
  EXPECT_EQ(client_->NotReceivedAfter(), seconds(62));
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
