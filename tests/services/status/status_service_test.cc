// StatusService over a real server.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <string>

#include "common/rpc/server.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "services/status/status_converters.h"
#include "services/status/status_service.h"
#include "tests/services/market_data/fake_market_data_client.h"

namespace switchyard::status {
namespace {

using exchange::ClientStatus;
using exchange::ConnectionState;

ClientStatus StatusWith(ConnectionState state) {
  ClientStatus status;
  status.ready = state == ConnectionState::kReady;
  exchange::ConnectionStatus connection;
  connection.name = "ws-0";
  connection.state = state;
  connection.reconnects = 3;
  status.connections = {connection};
  status.gaps = 4;
  status.read_latencies = {{.source = model::Source::kCache, .count = 2}};
  status.limits = {{.name = "rest:book", .remaining = 7, .limit = 10, .window_ms = 1'000}};
  return status;
}

// Two exchanges; "alpha" has a market-data client, "beta" an order service without one.
class StatusServiceTest : public ::testing::Test {
 protected:
  StatusServiceTest()
      : alpha_(testing::FullCapabilities("alpha")),
        beta_(testing::NoCapabilities("beta")),
        ticker_(SystemClock()),
        streams_(SystemClock(), metrics_) {
    clients_.Add("alpha", alpha_);
    clients_.Add("beta", beta_);
    alpha_.SetStatus(StatusWith(ConnectionState::kReady));
    board_.Add(
        {.exchange = "alpha", .component = "market_data", .client = &alpha_, .client_streams = [] {
           return 5u;
         }});
    board_.Add({.exchange = "beta", .component = "order", .accounts = {"main", "second"}});
    board_.Poll();
    service_ = std::make_unique<StatusService>(
        process::ServiceContext{clients_, streams_, ticker_, metrics_, SystemClock()}, board_);
    rpc::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    auto started = rpc::Server::Start(options, {service_.get()});
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    stub_ = v1::StatusService::NewStub(grpc::CreateChannel(
        fmt::format("127.0.0.1:{}", server_->ports().front()), grpc::InsecureChannelCredentials()));
  }
  ~StatusServiceTest() override {
    streams_.Shutdown();
    server_->Shutdown(std::chrono::milliseconds(500));
  }

  // One tick of the process, as if `span` had passed.
  void TickAfter(std::chrono::nanoseconds span) {
    board_.Poll();
    service_->Tick(SystemClock().Steady() + span);
  }

  testing::FakeMarketDataClient alpha_;
  testing::FakeMarketDataClient beta_;
  process::ExchangeClients clients_;
  metrics::Metrics metrics_;
  process::Ticker ticker_;
  process::OpenStreams streams_;
  StatusBoard board_;
  std::unique_ptr<StatusService> service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::StatusService::Stub> stub_;
};

TEST_F(StatusServiceTest, CapabilitiesListEveryRpcAndChannelOfEveryExchange) {
  grpc::ClientContext context;
  v1::GetCapabilitiesResponse response;
  ASSERT_TRUE(stub_->GetCapabilities(&context, {}, &response).ok());
  ASSERT_EQ(response.capabilities_size(), 2);
  const v1::ExchangeCapabilities& alpha = response.capabilities(0);
  EXPECT_EQ(alpha.exchange(), "alpha");
  EXPECT_EQ(alpha.api_version(), "v9");
  ASSERT_EQ(alpha.rpcs_size(), static_cast<int>(exchange::RpcEntries().size()));
  ASSERT_EQ(alpha.channels_size(), static_cast<int>(exchange::ChannelEntries().size()));
  for (const v1::RpcCapability& rpc : alpha.rpcs()) {
    const bool offered = std::string_view(rpc.rpc()).starts_with("MarketDataService/");
    EXPECT_EQ(rpc.path(), offered ? v1::PATH_REST : v1::PATH_NONE) << rpc.rpc();
  }
  EXPECT_EQ(alpha.channels(0).channel(), "MarketDataService/ORDER_BOOK");
  EXPECT_EQ(alpha.channels(0).path(), v1::PATH_WEBSOCKET);
  EXPECT_EQ(alpha.book_depths_size(), 3);
  EXPECT_EQ(response.capabilities(1).rpcs(2).path(), v1::PATH_NONE);
}

TEST(StatusConvertersTest, APolledChannelSaysHowOften) {
  const exchange::Capabilities polled = exchange::WithoutWebSocket(
      switchyard::testing::FullCapabilities("alpha"), std::chrono::milliseconds(1'500));
  const v1::ExchangeCapabilities told = ToProto(polled);
  for (const v1::ChannelCapability& channel : told.channels()) {
    EXPECT_EQ(channel.path(), v1::PATH_POLLED) << channel.channel();
    EXPECT_EQ(channel.poll_interval_ms(), 1'500U) << channel.channel();
  }
  exchange::Capabilities streamed = switchyard::testing::FullCapabilities("alpha");
  streamed.poll_interval_ms = 1'500;
  const v1::ExchangeCapabilities other = ToProto(streamed);
  for (const v1::ChannelCapability& channel : other.channels()) {
    EXPECT_EQ(channel.poll_interval_ms(), 0U) << channel.channel();
  }
}

TEST_F(StatusServiceTest, CapabilitiesOfOneExchange) {
  grpc::ClientContext context;
  v1::GetCapabilitiesRequest request;
  request.set_exchange("beta");
  v1::GetCapabilitiesResponse response;
  ASSERT_TRUE(stub_->GetCapabilities(&context, request, &response).ok());
  ASSERT_EQ(response.capabilities_size(), 1);
  EXPECT_EQ(response.capabilities(0).exchange(), "beta");
}

TEST_F(StatusServiceTest, AnUnknownExchangeIsRefusedByAllThree) {
  v1::GetCapabilitiesRequest capabilities;
  capabilities.set_exchange("gamma");
  v1::GetStatusRequest status;
  status.set_exchange("gamma");
  v1::WatchStatusRequest watch;
  watch.set_exchange("gamma");
  grpc::ClientContext contexts[3];
  v1::GetCapabilitiesResponse capabilities_response;
  v1::GetStatusResponse status_response;
  const auto reader = stub_->WatchStatus(&contexts[2], watch);
  for (const grpc::Status& each :
       {stub_->GetCapabilities(&contexts[0], capabilities, &capabilities_response),
        stub_->GetStatus(&contexts[1], status, &status_response), reader->Finish()}) {
    EXPECT_EQ(each.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(FromGrpcStatus(each)), common::v1::ERROR_REASON_UNKNOWN_EXCHANGE);
  }
}

TEST_F(StatusServiceTest, StatusTellsWhatTheClientKnows) {
  grpc::ClientContext context;
  v1::GetStatusResponse response;
  ASSERT_TRUE(stub_->GetStatus(&context, {}, &response).ok());
  ASSERT_EQ(response.statuses_size(), 2);
  const v1::ExchangeStatus& alpha = response.statuses(0);
  EXPECT_EQ(alpha.exchange(), "alpha");
  EXPECT_EQ(alpha.component(), "market_data");
  EXPECT_TRUE(alpha.ready());
  ASSERT_EQ(alpha.connections_size(), 1);
  EXPECT_EQ(alpha.connections(0).state(), v1::CONNECTION_STATE_READY);
  EXPECT_EQ(alpha.connections(0).last_message_age_ns(), -1);
  EXPECT_EQ(alpha.connections(0).reconnects(), 3u);
  EXPECT_EQ(alpha.gaps(), 4u);
  EXPECT_EQ(alpha.client_streams(), 5u);
  EXPECT_EQ(alpha.read_latencies(0).source(), common::v1::SOURCE_CACHE);
  EXPECT_EQ(alpha.limits(0).remaining(), 7u);
  EXPECT_EQ(response.statuses(1).component(), "order");
  EXPECT_TRUE(response.statuses(1).ready()) << "no connection is needed";
  EXPECT_EQ(alpha.accounts_size(), 0);
  ASSERT_EQ(response.statuses(1).accounts_size(), 2);
  EXPECT_EQ(response.statuses(1).accounts(0), "main");
  EXPECT_EQ(response.statuses(1).accounts(1), "second");
  EXPECT_GT(response.start_time_ns(), 0);
  EXPECT_FALSE(response.version().empty());
}

TEST_F(StatusServiceTest, AnExchangeThatDoesNotAnswerIsNamedAndTheRestIsTold) {
  alpha_.Hold();
  grpc::ClientContext context;
  const v1::GetStatusRequest request;
  v1::GetStatusResponse response;
  std::promise<grpc::Status> ended;
  stub_->async()->GetStatus(&context, &request, &response,
                            [&](grpc::Status status) { ended.set_value(status); });
  alpha_.WaitForHeld(1);
  // The time-out is set after the clients were asked.
  std::future<grpc::Status> result = ended.get_future();
  while (result.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    ticker_.Tick(SystemClock().Steady() + std::chrono::seconds(2));
  }
  ASSERT_TRUE(result.get().ok());
  ASSERT_EQ(response.errors_size(), 1);
  EXPECT_EQ(response.errors(0).exchange(), "alpha");
  EXPECT_EQ(response.errors(0).component(), "market_data");
  ASSERT_EQ(response.statuses_size(), 2);
  EXPECT_EQ(response.statuses(0).exchange(), "alpha");
  EXPECT_FALSE(response.statuses(0).ready());
  EXPECT_EQ(response.statuses(1).exchange(), "beta");
  EXPECT_TRUE(response.statuses(1).ready());
  alpha_.Release();
}

// Reads one message; fails the test where the stream has ended.
v1::WatchStatusResponse Next(grpc::ClientReader<v1::WatchStatusResponse>& reader) {
  v1::WatchStatusResponse response;
  EXPECT_TRUE(reader.Read(&response)) << "the stream has ended";
  return response;
}

TEST_F(StatusServiceTest, AWatchBeginsWithTheAcknowledgementAndEveryExchange) {
  grpc::ClientContext context;
  const auto reader = stub_->WatchStatus(&context, {});
  EXPECT_EQ(Next(*reader).acknowledgement().results_size(), 1);
  std::set<std::string> exchanges;
  while (exchanges.size() < 2) {
    const v1::WatchStatusResponse next = Next(*reader);
    for (const v1::ExchangeStatus& each : next.events()) {
      exchanges.insert(each.exchange());
    }
  }
  EXPECT_EQ(exchanges, (std::set<std::string>{"alpha", "beta"}));
  context.TryCancel();
}

TEST_F(StatusServiceTest, AWatchHearsOfAChangedConnectionAtOnceAndOfNothingElse) {
  grpc::ClientContext context;
  v1::WatchStatusRequest request;
  request.set_exchange("alpha");
  request.set_interval_ms(60'000);
  const auto reader = stub_->WatchStatus(&context, request);
  Next(*reader);
  ASSERT_EQ(Next(*reader).events_size(), 1);
  TickAfter({});
  alpha_.SetStatus(StatusWith(ConnectionState::kBackoff));
  TickAfter({});
  const v1::WatchStatusResponse changed = Next(*reader);
  ASSERT_EQ(changed.events_size(), 1);
  EXPECT_FALSE(changed.events(0).ready());
  EXPECT_EQ(changed.events(0).connections(0).state(), v1::CONNECTION_STATE_BACKOFF);
  context.TryCancel();
}

TEST_F(StatusServiceTest, AWatchHearsOfEverythingAtItsInterval) {
  grpc::ClientContext context;
  v1::WatchStatusRequest request;
  request.set_exchange("beta");
  const auto reader = stub_->WatchStatus(&context, request);
  Next(*reader);
  ASSERT_EQ(Next(*reader).events_size(), 1);
  TickAfter(std::chrono::milliseconds(1'100));
  const v1::WatchStatusResponse due = Next(*reader);
  ASSERT_EQ(due.events_size(), 1);
  EXPECT_EQ(due.events(0).exchange(), "beta");
  context.TryCancel();
}

TEST_F(StatusServiceTest, AWatchEndsAtShutdown) {
  grpc::ClientContext context;
  const auto reader = stub_->WatchStatus(&context, {});
  Next(*reader);
  streams_.Shutdown();
  v1::WatchStatusResponse rest;
  while (reader->Read(&rest)) {
  }
  EXPECT_EQ(ReasonOf(FromGrpcStatus(reader->Finish())), common::v1::ERROR_REASON_SHUTTING_DOWN);
}

}  // namespace
}  // namespace switchyard::status
