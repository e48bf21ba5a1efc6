// Every RPC of the three services over a real server, called by its descriptor, so that none can be
// forgotten here either.
#include "services/process/table_service.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/server.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "switchyard/account/v1/account_service.grpc.pb.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"
#include "switchyard/position/v1/position_service.grpc.pb.h"
#include "tests/services/market_data/fake_market_data_client.h"

namespace switchyard::process {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::vector<const ServiceDescriptor*> Services() {
  return {
      order::v1::PlaceOrderRequest::descriptor()->file()->FindServiceByName("OrderService"),
      position::v1::GetPositionRequest::descriptor()->file()->FindServiceByName("PositionService"),
      account::v1::GetAccountRequest::descriptor()->file()->FindServiceByName("AccountService")};
}

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

// What a process has, without one.
struct Environment {
  explicit Environment(const exchange::Capabilities& capabilities)
      : client(capabilities), ticker(SystemClock()), streams(SystemClock(), metrics) {
    clients.Add("alpha", client);
  }
  ServiceContext Context() { return {clients, streams, ticker, metrics, SystemClock()}; }

  testing::FakeMarketDataClient client;
  ExchangeClients clients;
  metrics::Metrics metrics;
  Ticker ticker;
  OpenStreams streams;
};

class TableServiceTest : public ::testing::TestWithParam<const MethodDescriptor*> {
 protected:
  TableServiceTest() : environment_(testing::NoCapabilities("alpha")) {
    std::vector<grpc::Service*> services;
    for (const ServiceDescriptor* service : Services()) {
      auto made = TableService::Create(*service, environment_.Context());
      EXPECT_TRUE(made.ok()) << made.status();
      services_.push_back(*std::move(made));
      services.push_back(services_.back().get());
    }
    rpc::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    auto started = rpc::Server::Start(options, services);
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    stub_ = std::make_unique<grpc::GenericStub>(grpc::CreateChannel(
        fmt::format("127.0.0.1:{}", server_->ports().front()), grpc::InsecureChannelCredentials()));
  }

  // A stream that only ends is, to a client, a unary call without an answer.
  absl::Status Call(const std::string& exchange, const std::string& account) {
    const MethodDescriptor& method = *GetParam();
    const std::unique_ptr<Message> message(google::protobuf::MessageFactory::generated_factory()
                                               ->GetPrototype(method.input_type())
                                               ->New());
    const auto set = [&](const char* field, const std::string& value) {
      message->GetReflection()->SetString(message.get(),
                                          message->GetDescriptor()->FindFieldByName(field), value);
    };
    set("exchange", exchange);
    set("account", account);
    return CallRaw(message->SerializeAsString());
  }

  absl::Status CallRaw(const std::string& bytes) {
    const MethodDescriptor& method = *GetParam();
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    std::promise<grpc::Status> ended;
    stub_->UnaryCall(&context, fmt::format("/{}/{}", method.service()->full_name(), method.name()),
                     {}, &request, &response,
                     [&](grpc::Status status) { ended.set_value(std::move(status)); });
    return FromGrpcStatus(ended.get_future().get());
  }

  Environment environment_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

TEST_P(TableServiceTest, IsUnimplementedByTheTable) {
  const absl::Status status = Call("alpha", "");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  EXPECT_NE(std::string(status.message()).find(GetParam()->name()), std::string::npos);
}

TEST_P(TableServiceTest, AnUnknownExchangeComesFirst) {
  const absl::Status status = Call("gamma", "mine");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNKNOWN_EXCHANGE);
}

TEST_P(TableServiceTest, AnAccountThatIsNotConfiguredIsUnknown) {
  const absl::Status status = Call("alpha", "mine");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNKNOWN_ACCOUNT);
}

TEST_P(TableServiceTest, BytesThatAreNoRequestAreRefused) {
  EXPECT_EQ(CallRaw("\x0a\x7f").code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Methods, TableServiceTest, ::testing::ValuesIn(Methods()),
                         [](const auto& info) { return info.param->name(); });

// Whoever sets the table to a path must also write the code: the process does not start before.
class OfferedWithoutCodeTest : public ::testing::TestWithParam<const MethodDescriptor*> {};

TEST_P(OfferedWithoutCodeTest, StopsTheStartAndIsNamed) {
  const std::string name = GetParam()->service()->name() + "/" + GetParam()->name();
  exchange::Capabilities capabilities = testing::NoCapabilities("alpha");
  for (const exchange::RpcEntry& entry : exchange::RpcEntries()) {
    if (entry.rpc == name) capabilities.*entry.path = exchange::Path::kRest;
  }
  Environment environment(capabilities);
  const auto made = TableService::Create(*GetParam()->service(), environment.Context());
  ASSERT_EQ(made.status().code(), absl::StatusCode::kInternal);
  EXPECT_NE(std::string(made.status().message()).find(name), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Methods, OfferedWithoutCodeTest, ::testing::ValuesIn(Methods()),
                         [](const auto& info) { return info.param->name(); });

}  // namespace
}  // namespace switchyard::process
