#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/services/simulator/exchanges/lighter/client.h"

namespace switchyard::simulator::testing {
namespace {

using ::testing::HasSubstr;

// A client's book: levels by price, as their texts are, and the number to go on from.
struct ClientBook {
  SideBySide sides;
  std::uint64_t nonce = 0;
  int gaps = 0;

  void Take(const Json& frame) {
    const Json& book = frame["order_book"];
    const bool snapshot = frame["type"] == "subscribed/order_book";
    if (snapshot) {
      sides = {};
    } else if (book["begin_nonce"] != nonce) {
      ++gaps;
    }
    nonce = book["nonce"].get<std::uint64_t>();
    Set(book["bids"], sides.bids);
    Set(book["asks"], sides.asks);
  }

  static void Set(const Json& levels, Side& side) {
    for (const Json& level : levels) {
      const std::string size = level["size"];
      if (size.find_first_not_of("0.") == std::string::npos) {
        side.erase(level["price"]);
      } else {
        side[level["price"]] = size;
      }
    }
  }
};

class StreamTest : public LighterTest {};

TEST_F(StreamTest, SnapshotAndUpdatesMakeTheTrueBookWithoutAGap) {
  TestSocket socket = Open();
  ClientBook book;
  book.Take(Subscribe(socket, "order_book/1"));
  EXPECT_EQ(book.sides, ToBook(harness_.Book("lighter", "BTC")));
  Step("BTC", 3'000);
  int updates = 0;
  std::int64_t offset = 0;
  for (const Json& frame : DrainJson(socket)) {
    ASSERT_EQ(frame["type"], "update/order_book");
    if (offset != 0) {
      EXPECT_EQ(frame["offset"], offset + 1);
    }
    offset = frame["offset"];
    EXPECT_EQ(frame["offset"], frame["order_book"]["offset"]);
    book.Take(frame);
    ++updates;
  }
  EXPECT_GT(updates, 1'000);
  EXPECT_EQ(book.gaps, 0);
  EXPECT_EQ(book.sides, ToBook(harness_.Book("lighter", "BTC")));
}

TEST_F(StreamTest, ALaterSubscriberStartsWhereTheOthersAre) {
  TestSocket first = Open();
  Subscribe(first, "order_book/0");
  Step("ETH", 100);
  TestSocket second = Open();
  ClientBook book;
  book.Take(Subscribe(second, "order_book/0"));
  Step("ETH", 500);
  for (const Json& frame : DrainJson(second)) book.Take(frame);
  EXPECT_EQ(book.gaps, 0);
  EXPECT_EQ(book.sides, ToBook(harness_.Book("lighter", "ETH")));
}

TEST_F(StreamTest, ASkippedOrRestartedSequenceShowsAsAGap) {
  for (const v1::FaultKind kind : {v1::FAULT_KIND_SKIP_SEQUENCE, v1::FAULT_KIND_RESTART_SEQUENCE}) {
    TestSocket socket = Open();
    ClientBook book;
    book.Take(Subscribe(socket, "order_book/0"));
    v1::Fault fault = FaultOf(kind, 1);
    fault.set_symbol("ETH");
    fault.set_amount(7);
    harness_.SetFault(fault);
    Step("ETH", 50);
    for (const Json& frame : DrainJson(socket)) book.Take(frame);
    EXPECT_EQ(book.gaps, 1) << v1::FaultKind_Name(kind);
    harness_.ClearFaults();
  }
}

TEST_F(StreamTest, ADroppedUpdateShowsAsAGapAndASnapshotMends) {
  TestSocket socket = Open();
  ClientBook book;
  book.Take(Subscribe(socket, "order_book/0"));
  v1::Fault fault = FaultOf(v1::FAULT_KIND_DROP, 1);
  fault.set_channel("order_book");
  harness_.SetFault(fault);
  Step("ETH", 50);
  for (const Json& frame : DrainJson(socket)) book.Take(frame);
  EXPECT_EQ(book.gaps, 1);
  SendJson(socket, {{"type", "unsubscribe"}, {"channel", "order_book/0"}});
  EXPECT_EQ(Next(socket)["type"], "unsubscribed");
  book.Take(Subscribe(socket, "order_book/0"));
  EXPECT_EQ(book.sides, ToBook(harness_.Book("lighter", "ETH")));
}

TEST_F(StreamTest, ACrossedFrameHasABidAboveTheAsks) {
  TestSocket socket = Open();
  ClientBook book;
  book.Take(Subscribe(socket, "order_book/0"));
  harness_.SetFault(FaultOf(v1::FAULT_KIND_CROSS_BOOK, 1));
  Step("ETH", 1);
  for (const Json& frame : DrainJson(socket)) book.Take(frame);
  EXPECT_GE(std::stod(book.sides.bids.rbegin()->first), std::stod(book.sides.asks.begin()->first));
}

TEST_F(StreamTest, AcknowledgedAndThenSilent) {
  harness_.SetFault(FaultOf(v1::FAULT_KIND_ACKNOWLEDGE_ONLY, 1));
  TestSocket socket = Open();
  EXPECT_EQ(Subscribe(socket, "order_book/0")["type"], "subscribed/order_book");
  Step("ETH", 100);
  EXPECT_TRUE(DrainJson(socket).empty());
}

TEST_F(StreamTest, AnEndedSubscriptionBringsNothing) {
  TestSocket socket = Open();
  Subscribe(socket, "order_book/0");
  EXPECT_EQ(harness_.Statistics("lighter").subscriptions(), 1u);
  SendJson(socket, {{"type", "unsubscribe"}, {"channel", "order_book/0"}});
  EXPECT_EQ(Next(socket)["type"], "unsubscribed");
  Step("ETH", 100);
  EXPECT_TRUE(DrainJson(socket).empty());
  EXPECT_EQ(harness_.Statistics("lighter").subscriptions(), 0u);
}

TEST_F(StreamTest, TradesAreTheRestAnswersOwnAndNewestFirst) {
  TestSocket socket = Open();
  Subscribe(socket, "trade/0");
  Step("ETH", 2'000);
  std::vector<std::int64_t> streamed;
  for (const Json& frame : DrainJson(socket)) {
    ASSERT_EQ(frame["type"], "update/trade");
    std::vector<std::int64_t> ids;
    for (const char* list : {"trades", "liquidation_trades"}) {
      for (const Json& trade : frame[list]) {
        ids.push_back(trade["trade_id"]);
        EXPECT_EQ(trade["type"], list == std::string("trades") ? "trade" : "liquidation");
        EXPECT_LT(trade["bid_id"].get<std::int64_t>(), std::int64_t{1} << 49);
        EXPECT_GT(trade["ask_id"].get<std::int64_t>(), std::int64_t{1} << 48);
      }
      EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend()));
    }
    std::sort(ids.begin(), ids.end());
    streamed.insert(streamed.end(), ids.begin(), ids.end());
  }
  ASSERT_GE(streamed.size(), 20u);
  std::vector<std::int64_t> asked;
  const Json answer = RestJson("recentTrades?market_id=0&limit=20");
  for (const Json& trade : answer["trades"]) asked.push_back(trade["trade_id"]);
  EXPECT_EQ(asked, std::vector<std::int64_t>(streamed.rbegin(), streamed.rbegin() + 20));
}

TEST_F(StreamTest, TheTickerIsTheTopOfTheBook) {
  TestSocket socket = Open();
  Json last = Subscribe(socket, "ticker/0");
  Step("ETH", 300);
  for (const Json& frame : DrainJson(socket)) last = frame;
  const v1::GetBookResponse book = harness_.Book("lighter", "ETH", 1);
  EXPECT_EQ(last["ticker"]["b"]["price"], book.bids(0).price());
  EXPECT_EQ(last["ticker"]["a"]["size"], book.asks(0).quantity());
}

struct ErrorCase {
  std::string name, frame;
  int code;
  std::string message;
};

class FrameErrorTest : public StreamTest, public ::testing::WithParamInterface<ErrorCase> {};

TEST_P(FrameErrorTest, HasTheDocumentedCode) {
  TestSocket socket = Open();
  Subscribe(socket, "order_book/0");
  socket.Send(GetParam().frame);
  const Json answer = Next(socket);
  EXPECT_EQ(answer["error"]["code"], GetParam().code);
  EXPECT_THAT(answer["error"]["message"].get<std::string>(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Frames, FrameErrorTest,
    ::testing::Values(ErrorCase{"no_json", "{", 30000, "Invalid Json"},
                      ErrorCase{"unknown_type", R"({"type":"follow"})", 30001, "Invalid Type"},
                      ErrorCase{"not_subscribed", R"({"type":"unsubscribe","channel":"trade/0"})",
                                30002, "Not Subscribed"},
                      ErrorCase{"twice", R"({"type":"subscribe","channel":"order_book/0"})", 30003,
                                "Already Subscribed to order_book:0"},
                      ErrorCase{"unknown_channel", R"({"type":"subscribe","channel":"weather/0"})",
                                30005, "Invalid Channel"},
                      ErrorCase{"no_channel", R"({"type":"subscribe"})", 30005, "Invalid Channel"},
                      ErrorCase{"unknown_market", R"({"type":"subscribe","channel":"trade/254"})",
                                30005, "(marketId)"},
                      ErrorCase{"spot_in_perpetual_stats",
                                R"({"type":"subscribe","channel":"market_stats/2048"})", 30005,
                                "(marketId)"},
                      ErrorCase{"bad_resolution", R"({"type":"subscribe","channel":"candle/0/7m"})",
                                30005, "Invalid Channel"}),
    [](const auto& info) { return info.param.name; });

TEST_F(StreamTest, ARejectedSubscriptionIsAnErrorFrame) {
  harness_.SetFault(FaultOf(v1::FAULT_KIND_REJECT_SUBSCRIPTION, 1));
  TestSocket socket = Open();
  EXPECT_EQ(Subscribe(socket, "order_book/0")["error"]["code"], 30012);
  EXPECT_EQ(Subscribe(socket, "order_book/0")["type"], "subscribed/order_book");
}

struct RestErrorCase {
  std::string name, target;
  unsigned status;
  int code;
};

class RestErrorTest : public StreamTest, public ::testing::WithParamInterface<RestErrorCase> {};

TEST_P(RestErrorTest, HasTheBusinessCode) {
  const Json answer = RestJson(GetParam().target, GetParam().status);
  EXPECT_EQ(answer["code"], GetParam().code);
  EXPECT_FALSE(answer["message"].get<std::string>().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Requests, RestErrorTest,
    ::testing::Values(
        RestErrorCase{"unknown_market", "orderBookDetails?market_id=77", 400, 21602},
        RestErrorCase{"no_limit", "orderBookOrders?market_id=0", 400, 20001},
        RestErrorCase{"limit_too_large", "orderBookOrders?market_id=0&limit=251", 400, 20001},
        RestErrorCase{"trades_limit", "recentTrades?market_id=0&limit=101", 400, 20001},
        RestErrorCase{"times_reversed",
                      "candles?market_id=0&resolution=1m&start_timestamp=5&end_timestamp=4"
                      "&count_back=1",
                      400, 22400},
        RestErrorCase{"resolution",
                      "candles?market_id=0&resolution=2m&start_timestamp=5&end_timestamp=9"
                      "&count_back=1",
                      400, 22402},
        RestErrorCase{"fundings_of_spot",
                      "fundings?market_id=2048&resolution=1h&start_timestamp=5&end_timestamp=9"
                      "&count_back=1",
                      400, 21602},
        RestErrorCase{"unknown_path", "nothing", 404, 29404}),
    [](const auto& info) { return info.param.name; });

TEST_F(StreamTest, MarketsHaveIdsOnBothSidesOfTheWideningAndLotsOfAThousand) {
  const Json rows = RestJson("orderBooks");
  std::map<std::string, std::int64_t> ids;
  for (const Json& row : rows["order_books"]) ids[row["symbol"]] = row["market_id"];
  EXPECT_EQ(ids.at("ETH"), 0);
  EXPECT_EQ(ids.at("BTC"), 1);
  EXPECT_GT(ids.at("LIT/USDC"), 4095);
  EXPECT_EQ(ids.at("SUI"), 4095);
  EXPECT_TRUE(ids.contains("1000PEPE"));
}

TEST_F(StreamTest, AQuietCandleLeavesOutItsZeroes) {
  const Json rows = RestJson(
      "candles?market_id=0&resolution=1m&start_timestamp=0&end_timestamp=5000000000000"
      "&count_back=1");
  ASSERT_EQ(rows["c"].size(), 1u);
  // The newest bucket begins without a trade.
  for (const char* key : {"v", "V", "i"}) EXPECT_FALSE(rows["c"][0].contains(key)) << key;
  EXPECT_TRUE(rows["c"][0].contains("o"));
}

class TightTest : public LighterTest {
 protected:
  static Options Tight() {
    Options options = SteppedLighter();
    options.rate_limit_scale = 1;
    return options;
  }
  TightTest() : LighterTest(Tight()) {}
};

TEST_F(TightTest, TheFortyFirstTradesRequestInAMinuteIsRefused) {
  // 24,000 a minute, 600 each.
  for (int i = 0; i < 40; ++i) RestJson("recentTrades?market_id=0&limit=1");
  EXPECT_EQ(RestJson("recentTrades?market_id=0&limit=1", 429)["code"], 23000);
}

TEST_F(TightTest, TheTwoHundredAndFirstMessageInAMinuteIsRefused) {
  TestSocket socket = Open();
  for (int i = 0; i < 200; ++i) {
    SendJson(socket, {{"type", "ping"}});
    ASSERT_EQ(Next(socket)["type"], "pong");
  }
  SendJson(socket, {{"type", "ping"}});
  EXPECT_EQ(Next(socket)["error"]["code"], 30009);
}

TEST_F(TightTest, TooManyConnectionsAreRefused) {
  std::vector<TestSocket> sockets;
  for (int i = 0; i < 255; ++i) sockets.push_back(Open(false));
  TestSocket late(harness_.simulator().lighter_port(), "/stream");
  EXPECT_FALSE(late.connected());
  EXPECT_EQ(late.refusal_status(), 429u);
  EXPECT_THAT(late.refusal().body, HasSubstr("23003"));
}

TEST_F(StreamTest, FaultsOfRestStrikeThisExchangeAlone) {
  v1::Fault fault = FaultOf(v1::FAULT_KIND_HTTP_STATUS, 1);
  fault.set_http_status(429);
  fault.set_retry_after_seconds(3);
  harness_.SetFault(fault);
  EXPECT_EQ(Get(harness_.port(), "/api/v4/spot/currency_pairs").status, 200u);
  const HttpAnswer answer = Rest("/api/v1/orderBooks");
  EXPECT_EQ(answer.status, 429u);
  EXPECT_THAT(answer.body, HasSubstr("23000"));
  EXPECT_EQ(RestJson("orderBooks")["code"], 200);
}

TEST_F(StreamTest, AClosedSocketTellsTheCode) {
  TestSocket socket = Open();
  Subscribe(socket, "order_book/0");
  v1::Fault fault = FaultOf(v1::FAULT_KIND_CLOSE_SOCKETS);
  fault.set_channel("order_book");
  fault.set_close_code(1012);
  harness_.SetFault(fault);
  EXPECT_FALSE(socket.Receive().has_value());
  EXPECT_EQ(socket.close_code(), 1012);
}

}  // namespace
}  // namespace switchyard::simulator::testing
