// What becomes of the private stream when the exchange refuses a channel, forgets the login, or is
// about to cut the socket; and auto-deleveraging from the socket to the listener.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/exchanges/gateio/order/order_client_fixture.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandFate;
using json::Json;
using std::chrono::seconds;
using Events = std::vector<std::string>;

constexpr int kSpotChannels = 3;
constexpr int kFuturesChannels = 6;

std::string FillPush(int id) {
  return R"({"channel":"spot.usertrades","event":"update","result":[{"id":)" + std::to_string(id) +
         R"(,"order_id":"5","currency_pair":"BTC_USDT","side":"buy","amount":"1","price":"2",
            "role":"maker","fee":"0"}]})";
}

std::string RefusalOf(const Json& frame, int code, const std::string& message) {
  return json::Serialise({{"id", frame["id"]},
                          {"channel", frame["channel"]},
                          {"event", frame["event"]},
                          {"error", {{"code", code}, {"message", message}}},
                          {"result", nullptr}});
}

int CountOf(const Events& events, const std::string& event) {
  return static_cast<int>(std::count(events.begin(), events.end(), event));
}

class PrivateStreamTest : public OrderClientTest {
 protected:
  // Lets the pause after a refusal (10 s) pass, in steps that no socket takes for its peer's death:
  // a fill is told before them, so that all answers are known by then, and one between them.
  void AdvanceWithSignsOfLife(int first_fill) {
    PushFill(first_fill);
    clock_.Advance(seconds(5));
    PushFill(first_fill + 1);
    clock_.Advance(seconds(6));
  }
  void PushFill(int id) {
    const std::size_t told = listener_.WaitFor(0).size();
    ASSERT_GE(gate_.PushNow(0, FillPush(id)), 1);
    ASSERT_GT(listener_.WaitFor(told + 1).size(), told);
  }
  // All that was told, up to this event at least.
  Events WaitForEvent(const std::string& event) {
    Events events = listener_.WaitFor(0);
    while (CountOf(events, event) == 0) {
      const std::size_t known = events.size();
      events = listener_.WaitFor(known + 1);
      if (events.size() == known) {
        ADD_FAILURE() << "no " << event;
        break;
      }
    }
    return events;
  }
  // Renewal after so long, which is also less than what a socket takes for death.
  static constexpr seconds kRenewal{5};
};

TEST_F(PrivateStreamTest, ARefusedChannelIsAskedForAgainAndTheStreamIsNotReadyBefore) {
  gate_.OnSubscribe([](int, int number, const Json& frame) -> std::optional<Frames> {
    if (number != 1) return std::nullopt;
    return Frames{RefusalOf(frame, 3, "server error")};
  });
  Start();
  ASSERT_TRUE(gate_.WaitForSubscriptions(kSpotChannels));
  AdvanceWithSignsOfLife(1);
  EXPECT_EQ(listener_.WaitFor(2), (Events{"fill 1", "fill 2"}))
      << "what is confirmed already flows";
  ASSERT_TRUE(gate_.WaitForSubscriptions(kSpotChannels + 1));
  EXPECT_EQ(listener_.WaitFor(3), (Events{"fill 1", "fill 2", "ready"}));
  const std::vector<Json> asked = gate_.subscriptions();
  EXPECT_EQ(asked.back()["channel"], asked.front()["channel"]);
  EXPECT_NE(asked.back()["id"], asked.front()["id"]);
  EXPECT_NE(asked.back()["auth"]["SIGN"], asked.front()["auth"]["SIGN"]) << "signed anew";
  EXPECT_EQ(gate_.sockets(), 1);
}

TEST_F(PrivateStreamTest, AForgottenLoginIsMadeAgainAndOrdersGoOverRestMeanwhile) {
  std::atomic<bool> forgets{true};
  gate_.OnApi([&forgets](const std::string& channel, const Json& payload) -> Frames {
    if (forgets) return {Refusal(channel, payload, 401, "AUTHENTICATION_FAILED")};
    return {Result(channel, payload, OrderOf(payload["req_param"], "900"))};
  });
  gate_.OnRest("POST /api/v4/spot/orders",
               {201, json::Serialise(OrderOf({{"text", "t-sw2-a"},
                                              {"currency_pair", "BTC_USDT"},
                                              {"side", "buy"},
                                              {"amount", "0.001"},
                                              {"price", "65000"}},
                                             "901"))});
  Start();
  listener_.WaitFor(1);
  ASSERT_TRUE(gate_.WaitForLogins(1));
  const auto refused = Place({Bid("t-sw1-a")});
  EXPECT_EQ(refused[0].fate, CommandFate::kRefused)
      << "the exchange has said that it was not taken";
  EXPECT_EQ(refused[0].status.code(), absl::StatusCode::kUnauthenticated);
  const auto over_rest = Place({Bid("t-sw2-a")});
  EXPECT_EQ(over_rest[0].fate, CommandFate::kConfirmed) << over_rest[0].status;
  EXPECT_EQ(over_rest[0].report->source, model::Source::kRest);
  EXPECT_EQ(gate_.api_requests().size(), 1u);
  forgets = false;
  AdvanceWithSignsOfLife(1);
  ASSERT_TRUE(gate_.WaitForLogins(2));
  PushFill(3);  // behind the answer to the login: that is known then
  const auto over_socket = Place({Bid("t-sw3-a")});
  EXPECT_EQ(over_socket[0].fate, CommandFate::kConfirmed) << over_socket[0].status;
  EXPECT_EQ(over_socket[0].report->source, model::Source::kWebSocket);
  EXPECT_EQ(RestCalls("POST"), 1u);
  EXPECT_EQ(gate_.sockets(), 1) << "nothing was cut for it";
}

TEST_F(PrivateStreamTest, APlannedRolloverLosesNoEventAndSaysNothingOfIt) {
  // The second socket's last channel is left unconfirmed until the test confirms it.
  gate_.OnSubscribe([](int, int number, const Json&) -> std::optional<Frames> {
    return number < 2 * kSpotChannels ? std::nullopt : std::optional(Frames());
  });
  rollover_seconds_ = 30;
  Start();
  ASSERT_EQ(listener_.WaitFor(1), Events{"ready"});
  for (int i = 0; i < 6; ++i) {
    PushFill(100 + i);
    clock_.Advance(seconds(5));
  }
  ASSERT_TRUE(gate_.WaitForSubscriptions(2 * kSpotChannels));
  ASSERT_EQ(gate_.sockets(), 2);
  // It asks again for what is not answered in time: by then the old one would be closed, if the new
  // one's mere existence were enough.
  PushFill(106);
  clock_.Advance(seconds(6));
  ASSERT_TRUE(gate_.WaitForSubscriptions(2 * kSpotChannels + 1));
  EXPECT_EQ(gate_.PushNow(kSpotChannels, FillPush(1)), 1) << "the old one alone is whole";
  WaitForEvent("fill 1");
  const Json frame = gate_.subscriptions().back();
  gate_.PushOn(2, json::Serialise({{"id", frame["id"]},
                                   {"channel", frame["channel"]},
                                   {"event", "subscribe"},
                                   {"result", {{"status", "success"}}}}));
  ASSERT_TRUE(gate_.WaitForOpen(1)) << "the old one is closed once the new one is whole";
  EXPECT_TRUE(gate_.PushOn(2, FillPush(2)));
  const Events events = WaitForEvent("fill 2");
  EXPECT_EQ(CountOf(events, "fill 1"), 1);
  EXPECT_EQ(CountOf(events, "fill 2"), 1);
  EXPECT_EQ(CountOf(events, "ready"), 1);
  EXPECT_EQ(CountOf(events, "lost"), 0);
}

TEST_F(PrivateStreamTest, DuringARolloverAnEventOfBothSocketsIsToldAtLeastOnceAndNoneTwiceAfterIt) {
  rollover_seconds_ = kRenewal.count();
  Start();
  ASSERT_EQ(listener_.WaitFor(1), Events{"ready"});
  clock_.Advance(kRenewal);
  ASSERT_TRUE(gate_.WaitForSubscriptions(2 * kSpotChannels));
  gate_.PushNow(kSpotChannels, FillPush(1));  // on whichever is open
  ASSERT_TRUE(gate_.WaitForOpen(1));
  EXPECT_EQ(gate_.PushNow(kSpotChannels, FillPush(2)), 1);
  const Events events = WaitForEvent("fill 2");
  EXPECT_GE(CountOf(events, "fill 1"), 1);
  EXPECT_LE(CountOf(events, "fill 1"), 2);
  EXPECT_EQ(CountOf(events, "fill 2"), 1);
  EXPECT_EQ(CountOf(events, "lost"), 0);
}

TEST_F(PrivateStreamTest, AnAnswerUnderWayOnTheOldSocketIsAwaitedBeforeItCloses) {
  std::promise<Json> taken;
  gate_.OnApi([&taken](const std::string&, const Json& payload) -> Frames {
    taken.set_value(payload);
    return {};
  });
  rollover_seconds_ = kRenewal.count();
  Start(Product::kSpot, seconds(60));
  ASSERT_EQ(listener_.WaitFor(1), Events{"ready"});
  std::promise<std::vector<exchange::CommandResult>> done;
  client_->Place({Bid("t-sw1-a")}, [&](auto results) { done.set_value(*results); });
  auto request = taken.get_future();
  ASSERT_EQ(request.wait_for(seconds(10)), std::future_status::ready);
  clock_.Advance(kRenewal);
  ASSERT_TRUE(gate_.WaitForSubscriptions(2 * kSpotChannels));
  gate_.PushNow(0, FillPush(1));  // a sign of life
  listener_.WaitFor(2);
  // A third socket is opened only once the second has taken over, and behind the closing of those
  // that are done with: so the first is open now because an answer is awaited.
  clock_.Advance(kRenewal);
  ASSERT_TRUE(gate_.WaitForSubscriptions(3 * kSpotChannels));
  const Json payload = request.get();
  EXPECT_TRUE(
      gate_.PushOn(1, Result("spot.order_place", payload, OrderOf(payload["req_param"], "900"))));
  const auto results = Wait(done);
  EXPECT_EQ(results[0].fate, CommandFate::kConfirmed) << results[0].status;
  ASSERT_TRUE(gate_.WaitForOpen(1));
}

TEST_F(PrivateStreamTest, AutoDeleveragingIsToldWithItsOrderItsFillAndThePosition) {
  gate_.PushWhenSubscribed(
      kFuturesChannels,
      {R"({"channel":"futures.orders","event":"update","result":[{"contract":"BTC_USDT","id":4872460,
           "size":-20,"left":0,"price":40000.4,"fill_price":40000.4,"status":"finished",
           "finish_as":"auto_deleveraged","tif":"gtc","text":"auto_deleveraging","is_liq":false,
           "finish_time_ms":1628736848321}]})",
       R"({"channel":"futures.usertrades","event":"update","result":[{"contract":"BTC_USDT",
           "id":"3335259","order_id":"4872460","size":-20,"price":"40000.4","role":"maker",
           "text":"auto_deleveraging","fee":0.1,"create_time_ms":1628736848321}]})",
       R"({"channel":"futures.auto_deleverages","event":"update","result":[{"entry_price":39000,
           "fill_price":40000.4,"position_size":10,"trade_size":20,"time":1628736848,
           "time_ms":1628736848321,"contract":"BTC_USDT","user":"1040"}]})",
       R"({"channel":"futures.positions","event":"update","result":[{"contract":"BTC_USDT",
           "mode":"single","size":10}]})"});
  Start(Product::kFutures);
  EXPECT_EQ(listener_.WaitFor(5), (Events{"ready", "order 4872460", "fill 3335259",
                                          "liquidation gateio_futures main 0.002",
                                          "position BTC-USDT-PERP POSITION_SIDE_NET 0.001"}));
  const auto fills = listener_.fills();
  ASSERT_EQ(fills.size(), 1u);
  EXPECT_EQ(fills[0].kind, order::v1::FILL_KIND_AUTO_DELEVERAGING);
  EXPECT_EQ(fills[0].side, common::v1::SIDE_SELL);
  const auto told = listener_.liquidations();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind(), position::v1::LIQUIDATION_KIND_AUTO_DELEVERAGING);
  EXPECT_EQ(told[0].symbol(), "BTC-USDT-PERP");
  EXPECT_EQ(told[0].position_side(), common::v1::POSITION_SIDE_LONG);
  EXPECT_EQ(told[0].price(), "40000.4");
  EXPECT_EQ(told[0].entry_price(), "39000");
  EXPECT_EQ(told[0].remaining_quantity(), "0.001");
  EXPECT_EQ(told[0].exchange_time_ns(), 1'628'736'848'321'000'000);
  EXPECT_EQ(told[0].source(), common::v1::SOURCE_WEBSOCKET);
}

TEST_F(PrivateStreamTest, AnAutoDeleveragingThatCannotBeReadIsAStreamLostAndFoundAgain) {
  gate_.PushWhenSubscribed(
      kFuturesChannels,
      {R"({"channel":"futures.auto_deleverages","event":"update","result":[{"fill_price":1,
           "time_ms":1628736848321,"contract":"BTC_USDT"}]})"});
  Start(Product::kFutures);
  EXPECT_EQ(listener_.WaitFor(3), (Events{"ready", "lost", "ready"}));
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
