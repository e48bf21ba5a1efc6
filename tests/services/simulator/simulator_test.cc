#include "services/simulator/simulator.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "services/simulator/options.h"
#include "tests/common/net/test_certificates.h"
#include "tests/services/simulator/harness.h"

namespace switchyard::simulator::testing {
namespace {

Options Quiet() {
  Options options;
  options.symbols = 1;
  options.updates_per_second = 0;
  return options;
}

TEST(SimulatorTest, TheEndpointsFileNamesWhatListens) {
  Options options = Quiet();
  options.endpoints_file = ::testing::TempDir() + "/endpoints.json";
  options.metrics_listen = "127.0.0.1:0";
  Harness harness(options);
  const Json endpoints = Json::parse(std::ifstream(options.endpoints_file));
  const std::string host = "127.0.0.1:" + std::to_string(harness.port());
  EXPECT_EQ(endpoints["gateio"]["host"], host);
  EXPECT_EQ(endpoints["gateio_futures"]["host"], host);
  EXPECT_EQ(endpoints["gateio"]["tls"], false);
  EXPECT_FALSE(endpoints["gateio"]["credentials"]["api_key"].get<std::string>().empty());
  EXPECT_EQ(endpoints["simulator"]["grpc"],
            "127.0.0.1:" + std::to_string(harness.simulator().grpc_port()));
  const HttpAnswer metrics = Get(harness.simulator().metrics_port(), "/metrics");
  EXPECT_NE(metrics.body.find("switchyard_simulator_open_sockets"), std::string::npos);
}

TEST(SimulatorTest, APortInUseIsAClearError) {
  const Harness first(Quiet());
  Options options = Quiet();
  options.port = first.port();
  const auto second = Simulator::Create(options);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(second.status().message()).find(std::to_string(options.port)),
            std::string::npos);
}

TEST(SimulatorTest, ServesTls) {
  const auto identity = net::testing::TestAuthority().Issue("IP:127.0.0.1");
  Options options = Quiet();
  options.tls = true;
  options.certificate = ::testing::TempDir() + "/certificate.pem";
  options.key = ::testing::TempDir() + "/key.pem";
  std::ofstream(options.certificate) << identity.certificate;
  std::ofstream(options.key) << identity.key;
  const Harness harness(options);
  EXPECT_EQ(Get(harness.port(), "/api/v4/spot/time", {}, /*tls=*/true).status, 200u);
  TestSocket socket(harness.port(), "/ws/v4/", {}, /*tls=*/true);
  ASSERT_TRUE(socket.connected());
  EXPECT_EQ(Ask(socket, "spot.trades", "subscribe", {"BTC_USDT"})["result"]["status"], "success");
}

TEST(SimulatorTest, ABadCertificateIsAClearError) {
  Options options = Quiet();
  options.tls = true;
  options.certificate = "/nowhere.pem";
  options.key = "/nowhere.pem";
  EXPECT_EQ(Simulator::Create(options).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SimulatorTest, TooManyRequestsAreRefusedAsTheExchangeDoes) {
  const Harness harness(Quiet());
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(Get(harness.port(), "/api/v4/spot/time").status, 200u) << i;
  }
  const HttpAnswer refused = Get(harness.port(), "/api/v4/spot/time");
  EXPECT_EQ(refused.status, 429u);
  EXPECT_EQ(Json::parse(refused.body)["label"], "TOO_MANY_REQUESTS");
  EXPECT_EQ(refused.headers.at("X-Gate-RateLimit-Requests-Remain"), "0");
  EXPECT_EQ(Get(harness.port(), "/api/v4/spot/tickers").status, 200u);
}

TEST(SimulatorTest, AnAddressHasThreeHundredSockets) {
  Harness harness(Quiet());
  std::vector<TestSocket> sockets;
  for (int i = 0; i < 300; ++i) {
    sockets.push_back(i % 2 == 0 ? harness.Spot() : harness.Futures());
    ASSERT_TRUE(sockets.back().connected()) << i;
  }
  EXPECT_EQ(harness.Spot().refusal_status(), 429u);
  EXPECT_EQ(harness.Statistics("gateio").open_sockets(), 150u);
}

TEST(SimulatorTest, StatisticsTellWhatCameWhen) {
  Harness harness(Quiet());
  TestSocket socket = harness.Spot();
  Ask(socket, "spot.trades", "subscribe", {"BTC_USDT"});
  Get(harness.port(), "/api/v4/spot/currency_pairs/BTC_USDT");
  const v1::ExchangeStatistics statistics = harness.Statistics("gateio");
  EXPECT_EQ(statistics.accepted_sockets(), 1u);
  EXPECT_EQ(statistics.subscribe_frames(), 1u);
  EXPECT_EQ(statistics.subscribe_time_ns_size(), 1);
  EXPECT_EQ(statistics.accept_time_ns_size(), 1);
  EXPECT_EQ(statistics.requests().at("/api/v4/spot/currency_pairs/{}"), 1u);
  EXPECT_EQ(harness.Statistics("gateio_futures").accepted_sockets(), 0u);
}

struct OptionsCase {
  std::string name;
  std::vector<const char*> arguments;
  std::string error;  // empty = accepted
};

class OptionsTest : public ::testing::TestWithParam<OptionsCase> {};

TEST_P(OptionsTest, AreCheckedAndNamed) {
  std::vector<const char*> arguments = {"simulator"};
  arguments.insert(arguments.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  const auto options = ParseOptions(static_cast<int>(arguments.size()), arguments.data());
  EXPECT_EQ(options.ok(), GetParam().error.empty()) << options.status();
  EXPECT_NE(std::string(options.status().message()).find(GetParam().error), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Flags, OptionsTest,
    ::testing::Values(OptionsCase{"none", {}, ""},
                      OptionsCase{"good", {"--port=80", "--stamp", "--seed=5"}, ""},
                      OptionsCase{"max", {"--updates_per_second=max"}, ""},
                      OptionsCase{"unknown", {"--prot=80"}, "--prot"},
                      OptionsCase{"number", {"--port=99999"}, "--port=99999"},
                      OptionsCase{"missing", {"--port"}, "--port"},
                      OptionsCase{"scale", {"--rate_limit_scale=0"}, "rate_limit_scale"},
                      OptionsCase{"tls", {"--tls"}, "--certificate"},
                      OptionsCase{"certificate", {"--certificate=x", "--key=y"}, "--tls"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::simulator::testing
