#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "switchyard/status/v1/status_service.grpc.pb.h"
#include "tests/services/router/router_fixture.h"

namespace switchyard::router {
namespace {

using status::v1::GetCapabilitiesResponse;
using status::v1::GetStatusResponse;
using status::v1::StatusService;

GetStatusResponse ReadyStatus(const std::string& exchange) {
  GetStatusResponse response;
  for (const char* component : {"market_data", "order", "position", "account"}) {
    status::v1::ExchangeStatus& status = *response.add_statuses();
    status.set_exchange(exchange);
    status.set_component(component);
    status.set_ready(true);
    status.add_connections()->set_name("ws-0");
  }
  return response;
}

class StatusServiceTest : public testing::Test {
 protected:
  StatusServiceTest() {
    alpha_.OnAnswer("StatusService/GetStatus", ReadyStatus("alpha"));
    beta_.OnAnswer("StatusService/GetStatus", ReadyStatus("beta"));
    GetCapabilitiesResponse capabilities;
    capabilities.add_capabilities()->set_exchange("alpha");
    capabilities.mutable_capabilities(0)->set_api_version("v4");
    alpha_.OnAnswer("StatusService/GetCapabilities", capabilities);
  }

  std::unique_ptr<StatusService::Stub> Stub(RouterUnderTest& router) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    return StatusService::NewStub(router.channel());
  }

  FakeBackend alpha_{"alpha"};
  FakeBackend beta_{"beta"};
  grpc::ClientContext context_;
};

TEST_F(StatusServiceTest, MergesStatusesAndAddsTheRoutersOwnConnections) {
  RouterUnderTest router({&alpha_, &beta_});
  beta_.Kill();
  ASSERT_TRUE(router.WaitForHealth("beta/order", false));
  GetStatusResponse response;
  ASSERT_TRUE(Stub(router)->GetStatus(&context_, {}, &response).ok());
  ASSERT_EQ(response.statuses_size(), 8);
  const status::v1::ExchangeStatus& there = response.statuses(1);
  EXPECT_EQ(there.component(), "market_data");
  EXPECT_TRUE(there.ready());
  ASSERT_EQ(there.connections_size(), 2);
  EXPECT_EQ(there.connections(0).name(), "ws-0");
  EXPECT_EQ(there.connections(1).name(), "backend");
  EXPECT_EQ(there.connections(1).state(), status::v1::CONNECTION_STATE_SERVING);
  const status::v1::ExchangeStatus& gone = response.statuses(5);
  EXPECT_EQ(gone.exchange(), "beta");
  EXPECT_FALSE(gone.ready());
  ASSERT_EQ(gone.connections_size(), 1);
  EXPECT_NE(gone.connections(0).state(), status::v1::CONNECTION_STATE_SERVING);
  EXPECT_FALSE(gone.connections(0).last_error().empty());
  EXPECT_EQ(response.errors_size(), 4);
  EXPECT_GT(response.start_time_ns(), 0);
  EXPECT_FALSE(response.version().empty());
}

TEST_F(StatusServiceTest, MergesCapabilitiesAndNamesWhoDidNotAnswer) {
  RouterUnderTest router({&alpha_, &beta_});
  GetCapabilitiesResponse response;
  ASSERT_TRUE(Stub(router)->GetCapabilities(&context_, {}, &response).ok());
  ASSERT_EQ(response.capabilities_size(), 1);
  EXPECT_EQ(response.capabilities(0).api_version(), "v4");
  ASSERT_EQ(response.errors_size(), 1);
  EXPECT_EQ(response.errors(0).exchange(), "beta");
}

TEST_F(StatusServiceTest, RefusesAnUnknownExchange) {
  RouterUnderTest router({&alpha_});
  status::v1::GetStatusRequest request;
  request.set_exchange("nowhere");
  GetStatusResponse response;
  const absl::Status status =
      FromGrpcStatus(Stub(router)->GetStatus(&context_, request, &response));
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNKNOWN_EXCHANGE);
}

TEST_F(StatusServiceTest, WatchTellsTheLossOfABackend) {
  RouterUnderTest router({&alpha_, &beta_});
  status::v1::WatchStatusRequest request;
  request.set_interval_ms(100);
  const auto stub = Stub(router);
  const auto reader = stub->WatchStatus(&context_, request);
  status::v1::WatchStatusResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_TRUE(response.has_acknowledgement());
  const auto wait_for = [&](bool ready) {
    while (reader->Read(&response)) {
      for (const status::v1::ExchangeStatus& status : response.events()) {
        if (status.exchange() == "beta" && status.ready() == ready) return true;
      }
    }
    return false;
  };
  EXPECT_TRUE(wait_for(true));
  beta_.Kill();
  EXPECT_TRUE(wait_for(false));
  beta_.Restart();
  EXPECT_TRUE(wait_for(true));
  context_.TryCancel();
}

TEST_F(StatusServiceTest, HealthHasANamePerExchangeAndFunction) {
  RouterUnderTest router({&alpha_, &beta_});
  EXPECT_TRUE(router.WaitForHealth("", true));
  for (const std::string function : {"market_data", "order", "position", "account"}) {
    EXPECT_TRUE(router.WaitForHealth("alpha/" + function, true)) << function;
  }
  beta_.Kill();
  EXPECT_TRUE(router.WaitForHealth("beta/order", false));
  EXPECT_TRUE(router.WaitForHealth("alpha/order", true));
  EXPECT_TRUE(router.WaitForHealth("", true));
}

TEST_F(StatusServiceTest, ABackendThatSaysItIsNotReadyIsNotServing) {
  RouterUnderTest router({&alpha_, &beta_});
  ASSERT_TRUE(router.WaitForHealth("alpha/order", true));
  GetStatusResponse loading = ReadyStatus("alpha");
  loading.mutable_statuses(1)->set_ready(false);
  alpha_.OnAnswer("StatusService/GetStatus", loading);
  EXPECT_TRUE(router.WaitForHealth("alpha/order", false));
  EXPECT_TRUE(router.WaitForHealth("alpha/market_data", true));
  alpha_.OnAnswer("StatusService/GetStatus", ReadyStatus("alpha"));
  EXPECT_TRUE(router.WaitForHealth("alpha/order", true));
}

// One question to grpc.reflection.v1alpha, whose messages are written by hand here:
// ServerReflectionRequest{file_containing_symbol = 4, list_services = 7} and its answer's bytes.
std::string AskReflection(RouterUnderTest& router, char tag, const std::string& value) {
  const grpc::Slice slice(std::string(1, tag) + static_cast<char>(value.size()) + value);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const grpc::internal::RpcMethod method(
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      grpc::internal::RpcMethod::BIDI_STREAMING);
  const std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream(
      grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
          router.channel().get(), method, &context));
  EXPECT_TRUE(stream->Write(grpc::ByteBuffer(&slice, 1)));
  stream->WritesDone();
  grpc::ByteBuffer answer;
  EXPECT_TRUE(stream->Read(&answer));
  grpc::Slice bytes;
  EXPECT_TRUE(answer.DumpToSingleSlice(&bytes).ok());
  const std::string text(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  EXPECT_TRUE(stream->Finish().ok());
  return text;
}

TEST_F(StatusServiceTest, ReflectionListsWhatIsForwarded) {
  RouterUnderTest router({&alpha_});
  constexpr char kListServices = 0x3A;
  const std::string services = AskReflection(router, kListServices, "*");
  for (const std::string name :
       {"switchyard.marketdata.v1.MarketDataService", "switchyard.order.v1.OrderService",
        "switchyard.position.v1.PositionService", "switchyard.account.v1.AccountService",
        "switchyard.router.v1.RouterService", "switchyard.status.v1.StatusService",
        "grpc.health.v1.Health"}) {
    EXPECT_NE(services.find(name), std::string::npos) << name;
  }
}

TEST_F(StatusServiceTest, ReflectionDescribesAForwardedMethod) {
  RouterUnderTest router({&alpha_});
  constexpr char kFileContainingSymbol = 0x22;
  const std::string file =
      AskReflection(router, kFileContainingSymbol, "switchyard.order.v1.OrderService");
  EXPECT_NE(file.find("switchyard/order/v1/order_service.proto"), std::string::npos);
  EXPECT_NE(file.find("PlaceOrderRequest"), std::string::npos);
}

}  // namespace
}  // namespace switchyard::router
