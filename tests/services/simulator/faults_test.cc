#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/services/simulator/harness.h"

namespace switchyard::simulator::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kBook[] = "spot.order_book_update";

// A stopped flow that the test steps: every step is one frame at once.
Options Stepped() {
  Options options;
  options.symbols = 2;
  options.updates_per_second = 0;
  options.push_every_change = true;
  options.rate_limit_scale = 100;
  return options;
}

class FaultsTest : public ::testing::Test {
 protected:
  FaultsTest() : socket_(harness_.Spot()) {
    EXPECT_EQ(Ask(socket_, kBook, "subscribe", {"BTC_USDT", "100ms"})["result"]["status"],
              "success");
  }

  static v1::Fault Make(v1::FaultKind kind, std::uint64_t count = 0) {
    v1::Fault fault;
    fault.set_kind(kind);
    fault.set_exchange("gateio");
    fault.set_count(count);
    return fault;
  }

  // Frames of so many steps of BTC_USDT, in the order of their arrival.
  std::vector<std::string> Steps(std::uint32_t steps) {
    harness_.Step("gateio", "BTC_USDT", steps);
    return Drain(socket_);
  }
  // For each frame its first id less the id after the one before the steps: 0, 1, 2 where nothing
  // is wrong (steps of one change each are not promised, so ids are replaced by their rank).
  std::vector<std::uint64_t> FirstIds(const std::vector<std::string>& frames) {
    std::vector<std::uint64_t> ids;
    for (const std::string& frame : frames) ids.push_back(Json::parse(frame)["result"]["U"]);
    return ids;
  }

  Harness harness_{Stepped()};
  TestSocket socket_;
};

TEST_F(FaultsTest, WithoutFaultsTheSequenceHasNoHole) {
  const auto frames = Steps(50);
  ASSERT_EQ(frames.size(), 50u);
  std::uint64_t expected = Json::parse(frames[0])["result"]["U"];
  for (const std::string& frame : frames) {
    const Json result = Json::parse(frame)["result"];
    EXPECT_EQ(result["U"], expected);
    expected = result["u"].get<std::uint64_t>() + 1;
  }
}

TEST_F(FaultsTest, DropLeavesAHole) {
  const std::uint64_t next = harness_.Book("gateio", "BTC_USDT").sequence() + 1;
  harness_.SetFault(Make(v1::FAULT_KIND_DROP, 1));
  const auto frames = Steps(2);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_GT(FirstIds(frames)[0], next);
  EXPECT_EQ(harness_.Faults().at(0).strikes(), 1u);
  EXPECT_FALSE(harness_.Faults().at(0).active());
}

TEST_F(FaultsTest, AFilterSparesOtherSymbolsAndChannels) {
  v1::Fault fault = Make(v1::FAULT_KIND_DROP);
  fault.set_symbol("ETH_USDT");
  harness_.SetFault(fault);
  EXPECT_EQ(Steps(3).size(), 3u);
  fault = Make(v1::FAULT_KIND_DROP);
  fault.set_channel("spot.trades");
  harness_.SetFault(fault);
  EXPECT_EQ(Steps(3).size(), 3u);
}

TEST_F(FaultsTest, DuplicateSendsTheSameFrameTwice) {
  harness_.SetFault(Make(v1::FAULT_KIND_DUPLICATE, 1));
  const auto frames = Steps(2);
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0], frames[1]);
  EXPECT_NE(frames[1], frames[2]);
}

TEST_F(FaultsTest, ReorderSendsTheSuccessorFirst) {
  harness_.SetFault(Make(v1::FAULT_KIND_REORDER, 1));
  const auto ids = FirstIds(Steps(3));
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_LT(ids[1], ids[0]);
  EXPECT_LT(ids[0], ids[2]);
}

TEST_F(FaultsTest, AHeldFrameWithoutASuccessorIsSentWhenTheFlowStops) {
  harness_.SetFault(Make(v1::FAULT_KIND_REORDER, 1));
  EXPECT_TRUE(Steps(1).empty());
  harness_.SetRate(0);
  EXPECT_EQ(Drain(socket_).size(), 1u);
}

TEST_F(FaultsTest, AHeldFrameWithoutASuccessorIsSentAfterAWhile) {
  harness_.SetFault(Make(v1::FAULT_KIND_REORDER, 1));
  EXPECT_TRUE(Steps(1).empty());
  EXPECT_EQ(Next(socket_)["channel"], kBook);
}

TEST_F(FaultsTest, DelayKeepsTheOrder) {
  v1::Fault fault = Make(v1::FAULT_KIND_DELAY, 1);
  fault.set_delay_ms(60);
  harness_.SetFault(fault);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(Steps(2).empty());
  const std::uint64_t first = Next(socket_)["result"]["u"];
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(60));
  EXPECT_EQ(Next(socket_)["result"]["U"], first + 1);
}

TEST_F(FaultsTest, SkipLeavesAHoleThatTheTruthHasToo) {
  Steps(1);
  v1::Fault fault = Make(v1::FAULT_KIND_SKIP_SEQUENCE, 1);
  fault.set_amount(1000);
  harness_.SetFault(fault);
  const auto frames = Steps(2);
  ASSERT_EQ(frames.size(), 2u);
  const std::uint64_t last = Json::parse(frames[0])["result"]["u"];
  EXPECT_EQ(FirstIds(frames)[1], last + 1001);
  const std::uint64_t end = Json::parse(frames[1])["result"]["u"];
  EXPECT_EQ(harness_.Book("gateio", "BTC_USDT").sequence(), end);
}

TEST_F(FaultsTest, RestartBeginsAtOne) {
  harness_.SetFault(Make(v1::FAULT_KIND_RESTART_SEQUENCE, 1));
  const auto ids = FirstIds(Steps(2));
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids[1], 1u);
  EXPECT_LT(harness_.Book("gateio", "BTC_USDT").sequence(), 100u);
}

TEST_F(FaultsTest, CrossBookAddsABidAboveTheAsksAndTheTruthStays) {
  harness_.SetFault(Make(v1::FAULT_KIND_CROSS_BOOK, 1));
  const auto frames = Steps(1);
  ASSERT_EQ(frames.size(), 1u);
  const v1::GetBookResponse truth = harness_.Book("gateio", "BTC_USDT");
  const std::string bid = Json::parse(frames[0])["result"]["b"][0][0];
  EXPECT_GT(std::stod(bid), std::stod(truth.asks(0).price()));
  EXPECT_LT(std::stod(truth.bids(0).price()), std::stod(truth.asks(0).price()));
}

TEST_F(FaultsTest, CrossBookReachesEveryBookChannel) {
  ASSERT_EQ(Ask(socket_, "spot.obu", "subscribe", {"ob.BTC_USDT.50"})["result"]["status"],
            "success");
  Next(socket_);  // the full book
  ASSERT_EQ(
      Ask(socket_, "spot.order_book", "subscribe", {"BTC_USDT", "5", "100ms"})["result"]["status"],
      "success");
  ASSERT_EQ(Ask(socket_, "spot.book_ticker", "subscribe", {"BTC_USDT"})["result"]["status"],
            "success");
  Drain(socket_);
  harness_.SetFault(Make(v1::FAULT_KIND_CROSS_BOOK));
  std::map<std::string, double> best_bids;
  const double ask = std::stod(harness_.Book("gateio", "BTC_USDT").asks(0).price());
  for (const std::string& frame : Steps(40)) {
    const Json message = Json::parse(frame);
    const Json& result = message["result"];
    const Json& bids = result.contains("bids") ? result["bids"] : result["b"];
    best_bids[message["channel"]] =
        std::stod(bids.is_string() ? bids.get<std::string>() : bids[0][0].get<std::string>());
  }
  EXPECT_EQ(best_bids.size(), 4u);
  for (const auto& [channel, bid] : best_bids) EXPECT_GT(bid, ask * 0.9999) << channel;
}

TEST_F(FaultsTest, MuteStopsFramesAndAnswersPings) {
  harness_.SetFault(Make(v1::FAULT_KIND_MUTE));
  EXPECT_TRUE(Steps(5).empty());
  EXPECT_EQ(Ask(socket_, "spot.trades", "subscribe", {"BTC_USDT"})["result"]["status"], "success");
  harness_.ClearFaults();
  EXPECT_FALSE(Steps(1).empty());
}

TEST_F(FaultsTest, AcknowledgeOnlySilencesNewSubscriptionsAlone) {
  v1::Fault fault = Make(v1::FAULT_KIND_ACKNOWLEDGE_ONLY);
  fault.set_symbol("ETH_USDT");
  harness_.SetFault(fault);
  EXPECT_EQ(Ask(socket_, kBook, "subscribe", {"ETH_USDT", "100ms"})["result"]["status"], "success");
  harness_.Step("gateio", "ETH_USDT", 5);
  EXPECT_TRUE(Drain(socket_).empty());
  EXPECT_EQ(Steps(2).size(), 2u);
}

TEST_F(FaultsTest, RejectedSubscriptionsHaveTheExchangesError) {
  harness_.SetFault(Make(v1::FAULT_KIND_REJECT_SUBSCRIPTION, 1));
  const Json refusal = Ask(socket_, kBook, "subscribe", {"ETH_USDT", "100ms"});
  EXPECT_EQ(refusal["error"]["code"], 2);
  EXPECT_EQ(refusal["result"]["status"], "fail");
  EXPECT_EQ(Ask(socket_, kBook, "subscribe", {"ETH_USDT", "100ms"})["result"]["status"], "success");
}

TEST_F(FaultsTest, SocketsAreClosedWithTheCode) {
  v1::Fault fault = Make(v1::FAULT_KIND_CLOSE_SOCKETS);
  fault.set_close_code(1012);
  harness_.SetFault(fault);
  EXPECT_FALSE(socket_.Receive());
  EXPECT_TRUE(socket_.closed());
  EXPECT_EQ(socket_.close_code(), 1012);
  EXPECT_EQ(harness_.Faults().at(0).strikes(), 1u);
}

TEST_F(FaultsTest, OnlySocketsWithTheSymbolAreCut) {
  TestSocket other = harness_.Spot();
  ASSERT_EQ(Ask(other, kBook, "subscribe", {"ETH_USDT", "100ms"})["result"]["status"], "success");
  v1::Fault fault = Make(v1::FAULT_KIND_CLOSE_SOCKETS);
  fault.set_symbol("BTC_USDT");
  harness_.SetFault(fault);
  EXPECT_FALSE(socket_.Receive());
  EXPECT_EQ(socket_.close_code(), 0);
  EXPECT_TRUE(Drain(other).empty());
  EXPECT_FALSE(other.closed());
}

TEST_F(FaultsTest, AStatusHasTheExchangesBodyAndRetryAfter) {
  v1::Fault fault = Make(v1::FAULT_KIND_HTTP_STATUS, 1);
  fault.set_path("/api/v4/spot/time");
  fault.set_http_status(429);
  fault.set_retry_after_seconds(3);
  harness_.SetFault(fault);
  EXPECT_EQ(Get(harness_.port(), "/api/v4/spot/tickers").status, 200u);
  const HttpAnswer refused = Get(harness_.port(), "/api/v4/spot/time");
  EXPECT_EQ(refused.status, 429u);
  EXPECT_EQ(refused.headers.at("Retry-After"), "3");
  EXPECT_EQ(Json::parse(refused.body)["label"], "TOO_MANY_REQUESTS");
  EXPECT_EQ(Get(harness_.port(), "/api/v4/spot/time").status, 200u);
}

TEST_F(FaultsTest, AHandshakeCanBeRefused) {
  v1::Fault fault = Make(v1::FAULT_KIND_HTTP_STATUS, 1);
  fault.set_path("websocket");
  fault.set_http_status(503);
  harness_.SetFault(fault);
  EXPECT_EQ(harness_.Spot().refusal_status(), 503u);
  EXPECT_TRUE(harness_.Spot().connected());
}

TEST_F(FaultsTest, AnHtmlPageHasItsSize) {
  v1::Fault fault = Make(v1::FAULT_KIND_HTML_PAGE);
  fault.set_amount(5000);
  harness_.SetFault(fault);
  const HttpAnswer page = Get(harness_.port(), "/api/v4/spot/tickers");
  EXPECT_EQ(page.status, 502u);
  EXPECT_EQ(page.body.size(), 5000u);
  EXPECT_EQ(page.headers.at("Content-Type"), "text/html");
  EXPECT_THAT(page.body, HasSubstr("<html>"));
}

TEST_F(FaultsTest, ARestAnswerCanBeDelayed) {
  v1::Fault fault = Make(v1::FAULT_KIND_DELAY);
  fault.set_path("/api/v4/spot/time");
  fault.set_delay_ms(50);
  harness_.SetFault(fault);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Get(harness_.port(), "/api/v4/spot/time").status, 200u);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
  EXPECT_EQ(Steps(2).size(), 2u) << "frames are not delayed";
}

TEST_F(FaultsTest, AMalformedFrameIsNoJson) {
  harness_.SetFault(Make(v1::FAULT_KIND_MALFORMED_FRAME, 1));
  const auto frames = Steps(2);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_TRUE(Json::parse(frames[0], nullptr, false).is_discarded());
  EXPECT_FALSE(Json::parse(frames[1], nullptr, false).is_discarded());
}

TEST_F(FaultsTest, AnUnknownFrameComesBesideTheOthers) {
  harness_.SetFault(Make(v1::FAULT_KIND_UNKNOWN_FRAME, 1));
  const auto frames = Steps(1);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(Json::parse(frames[0])["channel"], kBook);
  EXPECT_EQ(Json::parse(frames[1])["channel"], "spot.weather");
}

TEST_F(FaultsTest, HangingConnectionsGetNoAnswer) {
  harness_.SetFault(Make(v1::FAULT_KIND_HANG_CONNECTIONS));
  EXPECT_EQ(
      Get(harness_.port(), "/api/v4/spot/time", {}, false, std::chrono::milliseconds(100)).status,
      0u);
  EXPECT_EQ(Steps(1).size(), 1u) << "open sockets go on";
  harness_.ClearFaults();
  EXPECT_EQ(Get(harness_.port(), "/api/v4/spot/time").status, 200u);
}

TEST_F(FaultsTest, ARefusingPortOpensAgain) {
  harness_.SetFault(Make(v1::FAULT_KIND_REFUSE_CONNECTIONS));
  EXPECT_EQ(Get(harness_.port(), "/api/v4/spot/time").status, 0u);
  EXPECT_EQ(Steps(1).size(), 1u) << "open sockets go on";
  harness_.ClearFaults();
  EXPECT_EQ(Get(harness_.port(), "/api/v4/spot/time").status, 200u);
}

TEST_F(FaultsTest, AShiftedClockIsSeenEverywhere) {
  const std::int64_t before =
      Json::parse(Get(harness_.port(), "/api/v4/spot/time").body)["server_time"];
  v1::Fault fault = Make(v1::FAULT_KIND_SHIFT_CLOCK);
  fault.set_amount(3'600'000);
  harness_.SetFault(fault);
  const std::int64_t after =
      Json::parse(Get(harness_.port(), "/api/v4/spot/time").body)["server_time"];
  EXPECT_GE(after, before + 3'600'000);
  const auto frames = Steps(1);
  EXPECT_GE(Json::parse(frames.at(0))["time_ms"].get<std::int64_t>(), before + 3'600'000);
  // A request with the true time is an hour old now.
  EXPECT_EQ(Ask(socket_, "spot.trades", "subscribe", {"BTC_USDT"})["error"]["code"], 2);
}

TEST_F(FaultsTest, BadFaultsAreRefused) {
  v1::Fault fault = Make(v1::FAULT_KIND_DROP);
  v1::SetFaultRequest request;
  v1::SetFaultResponse response;
  for (const auto& [exchange, channel, symbol] :
       std::vector<std::array<std::string, 3>>{{"nowhere", "", ""},
                                               {"gateio", "spot.nothing", ""},
                                               {"gateio", "", "NO_SUCH"},
                                               {"gateio", "futures.trades", ""}}) {
    fault.set_exchange(exchange);
    fault.set_channel(channel);
    fault.set_symbol(symbol);
    *request.mutable_fault() = fault;
    grpc::ClientContext context;
    EXPECT_EQ(harness_.stub().SetFault(&context, request, &response).error_code(),
              grpc::StatusCode::INVALID_ARGUMENT)
        << exchange << channel << symbol;
  }
}

}  // namespace
}  // namespace switchyard::simulator::testing
