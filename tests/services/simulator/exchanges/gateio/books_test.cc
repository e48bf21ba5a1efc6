#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>

#include <string>
#include <vector>

#include "tests/services/simulator/harness.h"

namespace switchyard::simulator::testing {
namespace {

// A client that keeps a book by the rules of the exchange's documentation.
class BookKeeper {
 public:
  void Load(const Json& snapshot) {
    Replace(snapshot["bids"], snapshot["asks"]);
    id_ = snapshot["id"];
  }

  // False: a hole.
  bool Apply(const Json& result) {
    const std::uint64_t last = result["u"];
    if (result.contains("full")) {
      Replace(result["b"], result["a"]);
      id_ = last;
      return true;
    }
    if (last <= id_) return true;
    if (result["U"].get<std::uint64_t>() > id_ + 1) return false;
    if (result.contains("b")) testing::Apply(result["b"], book_.bids);
    if (result.contains("a")) testing::Apply(result["a"], book_.asks);
    id_ = last;
    return true;
  }

  std::uint64_t id() const { return id_; }
  const SideBySide& book() const { return book_; }

 private:
  void Replace(const Json& bids, const Json& asks) {
    book_ = {};
    testing::Apply(bids, book_.bids);
    testing::Apply(asks, book_.asks);
  }

  SideBySide book_;
  std::uint64_t id_ = 0;
};

struct Case {
  std::string name;
  std::string exchange;
  std::string channel;
  std::vector<std::string> payload;
  std::string snapshot;  // REST target; empty = the stream brings it
  std::uint32_t depth;   // to which the book must be true; 0 = all
  bool every_change;
};

class BooksTest : public ::testing::TestWithParam<Case> {};

// While the flow runs: subscribe, snapshot, apply. After it stops: exactly the true book.
TEST_P(BooksTest, ABookOfSnapshotAndUpdatesIsTheTruth) {
  const Case& test = GetParam();
  Options options;
  options.symbols = 9;
  options.updates_per_second = test.every_change ? 500 : 300;
  options.push_every_change = test.every_change;
  Harness harness(options);
  const bool spot = test.exchange == "gateio";
  const Headers headers = {{"X-Gate-Size-Decimal", "1"}};
  TestSocket socket = spot ? harness.Spot(headers) : harness.Futures(headers);
  ASSERT_EQ(Ask(socket, test.channel, "subscribe", test.payload)["result"]["status"], "success");

  BookKeeper keeper;
  std::vector<Json> buffered = {Next(socket)};
  if (!test.snapshot.empty()) {
    keeper.Load(Json::parse(Get(harness.port(), test.snapshot, headers).body));
  }
  for (int frames = 0; frames < 40; ++frames) {
    ASSERT_TRUE(buffered.back().is_object());
    ASSERT_TRUE(keeper.Apply(buffered.back()["result"])) << buffered.back();
    buffered.push_back(Next(socket));
  }
  ASSERT_TRUE(keeper.Apply(buffered.back()["result"]));
  harness.SetRate(0);
  for (const std::string& frame : Drain(socket, spot ? "spot" : "futures")) {
    ASSERT_TRUE(keeper.Apply(Json::parse(frame)["result"])) << frame;
  }
  const std::string symbol = test.channel.ends_with("obu") ? "BTC_USDT" : test.payload.front();
  const v1::GetBookResponse truth = harness.Book(test.exchange, symbol, test.depth);
  EXPECT_EQ(keeper.id(), truth.sequence());
  EXPECT_EQ(keeper.book(), ToBook(truth));
}

constexpr char kSpotSnapshot[] =
    "/api/v4/spot/order_book?currency_pair=BTC_USDT&limit=1000&with_id=true";
constexpr char kFuturesSnapshot[] =
    "/api/v4/futures/usdt/order_book?contract=BTC_USDT&limit=100&with_id=true";

INSTANTIATE_TEST_SUITE_P(
    Channels, BooksTest,
    ::testing::Values(
        Case{"spot_100ms",
             "gateio",
             "spot.order_book_update",
             {"BTC_USDT", "100ms"},
             kSpotSnapshot,
             0,
             false},
        Case{"spot_every_change",
             "gateio",
             "spot.order_book_update",
             {"BTC_USDT", "100ms"},
             kSpotSnapshot,
             0,
             true},
        Case{"spot_20ms", "gateio", "spot.order_book_update", {"BTC_USDT", "20ms"}, "", 20, false},
        Case{"spot_obu_50", "gateio", "spot.obu", {"ob.BTC_USDT.50"}, "", 50, false},
        Case{"spot_obu_400", "gateio", "spot.obu", {"ob.BTC_USDT.400"}, "", 400, true},
        Case{"futures_100",
             "gateio_futures",
             "futures.order_book_update",
             {"BTC_USDT", "100ms", "100"},
             kFuturesSnapshot,
             100,
             false},
        Case{"futures_every_change",
             "gateio_futures",
             "futures.order_book_update",
             {"BTC_USDT", "100ms", "100"},
             kFuturesSnapshot,
             100,
             true},
        Case{"futures_20ms",
             "gateio_futures",
             "futures.order_book_update",
             {"BTC_USDT", "20ms", "20"},
             "",
             20,
             false},
        Case{"futures_decimal_sizes",
             "gateio_futures",
             "futures.order_book_update",
             {"0G_USDT", "20ms", "20"},
             "",
             20,
             true},
        Case{"futures_obu_50", "gateio_futures", "futures.obu", {"ob.BTC_USDT.50"}, "", 50, false}),
    [](const auto& info) { return info.param.name; });

TEST(BooksOfMovesTest, AMoveIsOneUpdateLikeAnyOther) {
  Options options;
  options.symbols = 1;
  options.updates_per_second = 0;
  Harness harness(options);
  TestSocket socket = harness.Spot();
  Ask(socket, "spot.obu", "subscribe", {"ob.BTC_USDT.50"});
  BookKeeper keeper;
  ASSERT_TRUE(keeper.Apply(Next(socket)["result"]));
  const std::string before = harness.Book("gateio", "BTC_USDT", 1).bids(0).price();
  grpc::ClientContext context;
  v1::SetFlowRequest request;
  v1::SetFlowResponse response;
  request.set_exchange("gateio");
  request.set_move_per_million(20'000);
  request.set_updates_per_second(0);
  ASSERT_TRUE(harness.stub().SetFlow(&context, request, &response).ok());
  const Json moved = Next(socket);
  EXPECT_FALSE(moved["result"].contains("full"));
  ASSERT_TRUE(keeper.Apply(moved["result"]));
  const v1::GetBookResponse truth = harness.Book("gateio", "BTC_USDT", 50);
  EXPECT_EQ(keeper.book(), ToBook(truth));
  EXPECT_GT(std::stod(truth.bids(0).price()), std::stod(before) * 1.019);
}

TEST(StampTest, TheFirstBidIsTheBestAndItsQuantityASteadyClockInMicroseconds) {
  Options options;
  options.symbols = 1;
  options.updates_per_second = 0;
  options.push_every_change = true;
  options.stamp = true;
  Harness harness(options);
  TestSocket socket = harness.Spot();
  Ask(socket, "spot.order_book_update", "subscribe", {"BTC_USDT", "100ms"});
  const auto now_us = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
  const auto before = now_us();
  harness.Step("gateio", "BTC_USDT", 1);
  const Json bids = Next(socket)["result"]["b"];
  EXPECT_EQ(bids[0][0], harness.Book("gateio", "BTC_USDT", 1).bids(0).price());
  const std::int64_t stamp = std::stoll(bids[0][1].get<std::string>());
  // Stamps begin anew every 100 s.
  constexpr std::int64_t kPeriodUs = 100'000'000;
  EXPECT_LT(stamp, kPeriodUs);
  EXPECT_LE((stamp - before % kPeriodUs + kPeriodUs) % kPeriodUs, now_us() - before);
}

}  // namespace
}  // namespace switchyard::simulator::testing
