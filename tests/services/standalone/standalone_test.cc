// The whole process inside the test, with exchanges of the test.
#include "services/standalone/standalone.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"
#include "switchyard/status/v1/status_service.grpc.pb.h"
#include "tests/common/rpc/test_service.h"

namespace switchyard::standalone {
namespace {

using process::Process;

process::CommandLine OnAnyPort() {
  process::CommandLine command_line;
  command_line.flags.listen = "127.0.0.1:0";
  command_line.flags.log_level = "error";
  return command_line;
}

std::unique_ptr<Process> MustStart(const process::CommandLine& command_line,
                                   const config::v1::StandaloneConfig& config = {}) {
  auto spec = MakeSpec(command_line, config);
  EXPECT_TRUE(spec.ok()) << spec.status();
  auto started = Process::Start(*std::move(spec));
  EXPECT_TRUE(started.ok()) << started.status();
  return *std::move(started);
}

std::shared_ptr<grpc::Channel> ChannelTo(const Process& process) {
  return grpc::CreateChannel(fmt::format("127.0.0.1:{}", process.grpc_port()),
                             grpc::InsecureChannelCredentials());
}

TEST(StandaloneTest, ServesAllServicesOfAllRegisteredExchanges) {
  const auto process = MustStart(OnAnyPort());
  const auto channel = ChannelTo(*process);
  grpc::ClientContext contexts[3];
  marketdata::v1::GetOrderBookRequest book;
  book.set_exchange("alpha");
  book.set_symbol("BTC-USDT");
  marketdata::v1::GetOrderBookResponse book_response;
  EXPECT_TRUE(marketdata::v1::MarketDataService::NewStub(channel)
                  ->GetOrderBook(&contexts[0], book, &book_response)
                  .ok());
  order::v1::PlaceOrderRequest order;
  order.set_exchange("beta");
  order::v1::PlaceOrderResponse order_response;
  EXPECT_EQ(order::v1::OrderService::NewStub(channel)
                ->PlaceOrder(&contexts[1], order, &order_response)
                .error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  status::v1::GetStatusResponse status_response;
  ASSERT_TRUE(status::v1::StatusService::NewStub(channel)
                  ->GetStatus(&contexts[2], {}, &status_response)
                  .ok());
  EXPECT_EQ(status_response.statuses_size(), 2 * 4) << "two exchanges, four components";
}

TEST(StandaloneTest, TheReadyLineNamesTheActualPorts) {
  process::CommandLine command_line = OnAnyPort();
  command_line.flags.metrics_listen = "127.0.0.1:0";
  command_line.flags.health_listen = "127.0.0.1:0";
  const auto process = MustStart(command_line);
  const std::string& line = process->ready_line();
  EXPECT_TRUE(line.starts_with(fmt::format(
      "switchyard listening grpc=127.0.0.1:{} health=127.0.0.1:", process->grpc_port())))
      << line;
  EXPECT_NE(line.find(" metrics=127.0.0.1:"), std::string::npos) << line;
  EXPECT_EQ(line.find(":0"), std::string::npos) << line;
}

// The answer of grpc.health.v1 (health.proto): field 1 of both messages.
std::string HealthOf(const Process& process, const std::string& name) {
  const std::string request = "\x0a" + std::string(1, static_cast<char>(name.size())) + name;
  std::string response;
  EXPECT_TRUE(
      rpc::CallRaw(ChannelTo(process), "/grpc.health.v1.Health/Check", request, &response).ok())
      << name;
  return response;
}

TEST(StandaloneTest, HealthFollowsEachExchangeAndFunction) {
  constexpr char kServing[] = "\x08\x01";
  constexpr char kNotServing[] = "\x08\x02";
  const auto process = MustStart(OnAnyPort());
  EXPECT_EQ(HealthOf(*process, ""), kServing);
  EXPECT_EQ(HealthOf(*process, "alpha/market_data"), kServing);
  EXPECT_EQ(HealthOf(*process, "beta/market_data"), kNotServing) << "its client is not ready";
  EXPECT_EQ(HealthOf(*process, "beta/order"), kServing) << "needs no connection";
}

TEST(StandaloneTest, ServesOnlyTheConfiguredExchanges) {
  config::v1::StandaloneConfig config;
  config.add_exchanges()->set_exchange("beta");
  const auto process = MustStart(OnAnyPort(), config);
  grpc::ClientContext context;
  status::v1::GetCapabilitiesResponse response;
  ASSERT_TRUE(status::v1::StatusService::NewStub(ChannelTo(*process))
                  ->GetCapabilities(&context, {}, &response)
                  .ok());
  ASSERT_EQ(response.capabilities_size(), 1);
  EXPECT_EQ(response.capabilities(0).exchange(), "beta");
}

TEST(StandaloneTest, StopsWithinTwoSecondsThoughStreamsAreOpen) {
  const auto process = MustStart(OnAnyPort());
  const auto stub = marketdata::v1::MarketDataService::NewStub(ChannelTo(*process));
  grpc::ClientContext context;
  marketdata::v1::StreamMarketDataRequest request;
  auto& subscription = *request.add_subscriptions();
  subscription.set_exchange("alpha");
  subscription.set_symbol("BTC-USDT");
  subscription.set_channel(marketdata::v1::CHANNEL_TRADES);
  const auto reader = stub->StreamMarketData(&context, request);
  marketdata::v1::StreamMarketDataResponse response;
  ASSERT_TRUE(reader->Read(&response));
  const auto began = std::chrono::steady_clock::now();
  process->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(ReasonOf(FromGrpcStatus(reader->Finish())), common::v1::ERROR_REASON_SHUTTING_DOWN);
}

TEST(StandaloneTest, AnAddressInUseIsNamed) {
  const auto first = MustStart(OnAnyPort());
  process::CommandLine command_line = OnAnyPort();
  command_line.flags.listen = fmt::format("127.0.0.1:{}", first->grpc_port());
  const auto second = Process::Start(*MakeSpec(command_line, {}));
  ASSERT_FALSE(second.ok());
  EXPECT_NE(std::string(second.status().message()).find(command_line.flags.listen),
            std::string::npos)
      << second.status();
}

struct BadConfig {
  std::string name;
  std::string exchange;
  std::string rest_url;
  bool twice;
  std::string want;
};

class BadConfigTest : public ::testing::TestWithParam<BadConfig> {};

TEST_P(BadConfigTest, NamesTheCulprit) {
  config::v1::StandaloneConfig config;
  for (int i = 0; i <= static_cast<int>(GetParam().twice); ++i) {
    auto& exchange = *config.add_exchanges();
    exchange.set_exchange(GetParam().exchange);
    exchange.set_rest_url(GetParam().rest_url);
  }
  auto spec = MakeSpec(OnAnyPort(), config);
  const absl::Status status = spec.ok() ? Process::Start(*std::move(spec)).status() : spec.status();
  ASSERT_FALSE(status.ok());
  EXPECT_NE(std::string(status.message()).find(GetParam().want), std::string::npos) << status;
}

INSTANTIATE_TEST_SUITE_P(
    Configs, BadConfigTest,
    ::testing::Values(BadConfig{"unknown_exchange", "gamma", "", false, "'gamma'"},
                      BadConfig{"no_id", "", "", false, "exchanges[0].exchange"},
                      BadConfig{"twice", "alpha", "", true, "exchanges[1].exchange"},
                      BadConfig{"bad_url", "alpha", "nonsense", false, "rest_url"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::standalone
