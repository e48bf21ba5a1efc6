#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/services/simulator/harness.h"

namespace switchyard::simulator::testing {
namespace {

constexpr char kCaptures[] = "tests/golden/gateio/captures/";

struct Case {
  std::string name;
  std::string exchange;
  std::string prefix;
  std::string book_target;
  std::vector<std::string> symbols;
};

class ReplayTest : public ::testing::TestWithParam<Case> {
 protected:
  static Options MakeOptions() {
    Options options;
    options.replay_spot = std::string(kCaptures) + "spot_2021-04-22";
    options.replay_futures = std::string(kCaptures) + "futures_2023-05-24";
    return options;
  }

  Harness harness_{MakeOptions()};
};

// Subscribes, takes each recorded snapshot, plays all: every update applies without a hole.
TEST_P(ReplayTest, EveryUpdateFollowsItsSnapshot) {
  const Case& test = GetParam();
  const bool spot = test.exchange == "gateio";
  const std::string product = spot ? "spot" : "futures";
  TestSocket socket = spot ? harness_.Spot() : harness_.Futures();
  std::map<std::string, std::uint64_t> ids;
  for (const std::string& symbol : test.symbols) {
    ASSERT_EQ(Ask(socket, product + ".order_book_update", "subscribe",
                  {symbol, "100ms"})["result"]["status"],
              "success");
    const HttpAnswer answer =
        Get(harness_.port(), test.book_target + symbol + "&limit=100&with_id=true");
    ASSERT_EQ(answer.status, 200u) << symbol;
    ids[symbol] = Json::parse(answer.body)["id"];
  }
  grpc::ClientContext context;
  v1::StartReplayRequest request;
  v1::StartReplayResponse response;
  request.set_exchange(test.exchange);
  ASSERT_TRUE(harness_.stub().StartReplay(&context, request, &response).ok());
  ASSERT_GT(response.records(), 150u);

  std::set<std::string> applied;
  std::size_t frames = 0;
  while (harness_.Statistics(test.exchange).replayed() < response.records() || frames == 0) {
    for (const std::string& frame : Drain(socket, product)) {
      const Json result = Json::parse(frame)["result"];
      const std::string symbol = result["s"];
      ++frames;
      if (result["u"].get<std::uint64_t>() <= ids.at(symbol)) continue;
      ASSERT_LE(result["U"].get<std::uint64_t>(), ids.at(symbol) + 1) << frame;
      ids.at(symbol) = result["u"];
      applied.insert(symbol);
    }
  }
  EXPECT_GT(frames, 100u);
  EXPECT_GE(applied.size(), 6u);
}

TEST_P(ReplayTest, InstrumentsAreTheRecordedOnes) {
  const Case& test = GetParam();
  const bool spot = test.exchange == "gateio";
  const std::string list = spot ? "/api/v4/spot/currency_pairs" : "/api/v4/futures/usdt/contracts";
  const Json all = Json::parse(Get(harness_.port(), list).body);
  EXPECT_GT(all.size(), 100u);
  const Json one = Json::parse(Get(harness_.port(), list + "/" + test.symbols[0]).body);
  EXPECT_EQ(one[spot ? "id" : "name"], test.symbols[0]);
}

TEST_P(ReplayTest, TheTruthAndTheFlowAreNotToBeHad) {
  grpc::ClientContext book_context;
  v1::GetBookRequest book;
  v1::GetBookResponse no_book;
  book.set_exchange(GetParam().exchange);
  book.set_symbol(GetParam().symbols[0]);
  EXPECT_EQ(harness_.stub().GetBook(&book_context, book, &no_book).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
  grpc::ClientContext flow_context;
  v1::SetFlowRequest flow;
  v1::SetFlowResponse no_flow;
  flow.set_exchange(GetParam().exchange);
  EXPECT_EQ(harness_.stub().SetFlow(&flow_context, flow, &no_flow).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

INSTANTIATE_TEST_SUITE_P(
    Recordings, ReplayTest,
    ::testing::Values(Case{"spot",
                           "gateio",
                           "spot_2021-04-22",
                           "/api/v4/spot/order_book?currency_pair=",
                           {"HAI_ETH", "QTUM3S_USDT", "FAST_USDT", "OMG_USDT", "ZKS_ETH", "NEO_BTC",
                            "INK_USDT", "DIS_USDT", "BTC_USDC", "NANO_USDT"}},
                      Case{"futures",
                           "gateio_futures",
                           "futures_2023-05-24",
                           "/api/v4/futures/usdt/order_book?contract=",
                           {"RDNT_USDT", "OMG_USDT", "PHB_USDT", "FRONT_USDT", "QUICK_USDT",
                            "WOO_USDT", "ZRX_USDT", "SFP_USDT", "DIA_USDT", "LIT_USDT"}}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::simulator::testing
