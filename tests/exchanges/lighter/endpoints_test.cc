#include "exchanges/lighter/endpoints.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace switchyard::exchanges::lighter {
namespace {

config::v1::ExchangeConfig Config(const std::map<std::string, std::string>& options) {
  config::v1::ExchangeConfig config;
  config.mutable_options()->insert(options.begin(), options.end());
  return config;
}

struct Bad {
  std::string name, key, value;
};

class BadOptionTest : public testing::TestWithParam<Bad> {};

TEST_P(BadOptionTest, StopsTheStartAndNamesTheField) {
  const auto options = ExchangeOptions::From(Config({{GetParam().key, GetParam().value}}));
  EXPECT_EQ(options.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(options.status().message()).find("options." + GetParam().key),
            std::string::npos)
      << options.status();
}

INSTANTIATE_TEST_SUITE_P(Options, BadOptionTest,
                         testing::Values(Bad{"unknown_key", "netwrok", "testnet"},
                                         Bad{"unknown_network", "network", "devnet"},
                                         Bad{"empty_network", "network", ""},
                                         Bad{"switch", "read_only_socket", "yes"},
                                         Bad{"no_number", "requests_per_minute", "many"},
                                         Bad{"zero", "requests_per_minute", "0"},
                                         Bad{"trailing", "requests_per_minute", "60 "},
                                         Bad{"too_many", "requests_per_minute", "1000001"}),
                         [](const auto& info) { return info.param.name; });

struct Place {
  std::string network, rest, socket;
  std::uint32_t chain_id;
  std::string collateral;
};

class NetworkTest : public testing::TestWithParam<Place> {};

TEST_P(NetworkTest, IsWhereItIs) {
  const Place& place = GetParam();
  const auto config = Config({{"network", place.network}});
  const auto options = ExchangeOptions::From(config);
  ASSERT_TRUE(options.ok()) << options.status();
  const Endpoints endpoints = MakeEndpoints(*options, config);
  EXPECT_EQ(endpoints.rest_url, place.rest);
  EXPECT_EQ(endpoints.websocket_url, place.socket);
  EXPECT_EQ(TraitsOf(options->network).chain_id, place.chain_id);
  EXPECT_EQ(TraitsOf(options->network).collateral, place.collateral);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, NetworkTest,
    testing::Values(Place{"mainnet", "https://mainnet.zklighter.elliot.ai",
                          "wss://mainnet.zklighter.elliot.ai/stream", 304, "USDC"},
                    Place{"testnet", "https://testnet.zklighter.elliot.ai",
                          "wss://testnet.zklighter.elliot.ai/stream", 300, "USDC"},
                    Place{"robinhood", "https://api.rh.lighter.xyz",
                          "wss://api.rh.lighter.xyz/stream", 466'324, "USDG"},
                    Place{"robinhood_testnet", "https://api.rh-testnet.lighter.xyz",
                          "wss://api.rh-testnet.lighter.xyz/stream", 300, "USDG"}),
    [](const auto& info) { return info.param.network; });

TEST(EndpointsTest, WithoutOptionsItIsMainnetWithAStandardAccountsLimit) {
  const auto options = ExchangeOptions::From({});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->network, Network::kMainnet);
  EXPECT_FALSE(options->read_only_socket);
  EXPECT_EQ(options->requests_per_minute, 60);
}

TEST(EndpointsTest, TheConfigurationPointsElsewhere) {
  config::v1::ExchangeConfig config;
  config.set_rest_url("http://127.0.0.1:18003/api/v1/");
  config.set_websocket_url("ws://127.0.0.1:18003");
  Endpoints endpoints = MakeEndpoints({}, config);
  EXPECT_EQ(endpoints.rest_url, "http://127.0.0.1:18003");
  EXPECT_EQ(endpoints.websocket_url, "ws://127.0.0.1:18003/stream");
  config.set_websocket_url("ws://127.0.0.1:18003/");
  EXPECT_EQ(MakeEndpoints({}, config).websocket_url, "ws://127.0.0.1:18003/stream");
  config.set_websocket_url("ws://127.0.0.1:18003/other");
  EXPECT_EQ(MakeEndpoints({}, config).websocket_url, "ws://127.0.0.1:18003/other");
}

TEST(EndpointsTest, AReadOnlySocketSaysSo) {
  const auto config = Config({{"read_only_socket", "true"}, {"requests_per_minute", "24000"}});
  const auto options = ExchangeOptions::From(config);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(MakeEndpoints(*options, config).websocket_url,
            "wss://mainnet.zklighter.elliot.ai/stream?readonly=true");
  EXPECT_EQ(options->requests_per_minute, 24'000);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
