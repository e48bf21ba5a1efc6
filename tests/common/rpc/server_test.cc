#include "common/rpc/server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/rpc/client_channel.h"
#include "tests/common/rpc/test_service.h"

namespace switchyard::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kReflection[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
// HealthCheckResponse (health.proto): field 1 is the status, 1 = SERVING, 2 = NOT_SERVING.
const std::string kServing = "\x08\x01";
const std::string kNotServing = "\x08\x02";

std::string Local(int port) { return "127.0.0.1:" + std::to_string(port); }

// HealthCheckRequest: field 1 is the service's name.
std::string HealthRequest(const std::string& name) {
  return name.empty() ? "" : "\x0a" + std::string(1, static_cast<char>(name.size())) + name;
}

grpc::Status CheckHealth(const std::string& target, const std::string& name,
                         std::string* response) {
  return CallRaw(MakeChannel(target), kHealthCheck, HealthRequest(name), response);
}

class ServerTest : public testing::Test {
 protected:
  std::unique_ptr<Server> Start(ServerOptions options = {}) {
    if (options.listen.empty()) options.listen = {"127.0.0.1:0"};
    auto server = Server::Start(options, {&service_});
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }
  absl::Status StartError(const ServerOptions& options) {
    return Server::Start(options, {&service_}).status();
  }

  TestService service_;
};

TEST_F(ServerTest, NoAddressIsInvalidArgument) {
  EXPECT_EQ(StartError({}).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ServerTest, BadAddressIsInvalidArgumentAndNamed) {
  for (const char* listen : {"nowhere", "127.0.0.1:99999", "192.0.2.1:0", "unix:/none/socket"}) {
    for (const bool is_health : {false, true}) {
      ServerOptions options;
      options.listen = {is_health ? "127.0.0.1:0" : listen};
      if (is_health) options.health_listen = listen;
      const absl::Status status = StartError(options);
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << listen;
      EXPECT_THAT(std::string(status.message()), HasSubstr(listen));
    }
  }
}

TEST_F(ServerTest, PortInUseIsUnavailableAndNamed) {
  const auto first = Start();
  const std::string address = Local(first->ports()[0]);
  ServerOptions options;
  options.listen = {"127.0.0.1:0", address};
  const absl::Status status = StartError(options);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(address));
  EXPECT_TRUE(CallGetStatus(MakeChannel(address)).ok());
}

TEST_F(ServerTest, ReportsPortsInOrder) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0", "[::1]:0"};
  const auto server = Start(options);
  ASSERT_EQ(server->ports().size(), 2u);
  EXPECT_GT(server->ports()[0], 1);
  EXPECT_TRUE(CallGetStatus(MakeChannel(Local(server->ports()[0]))).ok());
  EXPECT_TRUE(CallGetStatus(MakeChannel("[::1]:" + std::to_string(server->ports()[1]))).ok());
  EXPECT_EQ(server->health_port(), 0);
}

TEST_F(ServerTest, UnixSocketServesAndIsNotTakenOver) {
  char folder[] = "/tmp/switchyard_rpc_XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  ServerOptions options;
  options.listen = {"unix:" + std::string(folder) + "/socket"};
  {
    const auto server = Start(options);
    EXPECT_EQ(server->ports()[0], 0);
    EXPECT_TRUE(CallGetStatus(MakeChannel(options.listen[0])).ok());
    EXPECT_EQ(StartError(options).code(), absl::StatusCode::kUnavailable);
    EXPECT_TRUE(CallGetStatus(MakeChannel(options.listen[0])).ok());
  }
  unlink((std::string(folder) + "/socket").c_str());
  rmdir(folder);
}

TEST_F(ServerTest, InProcessChannelServesWithoutASocket) {
  const auto server = Start();
  EXPECT_TRUE(CallGetStatus(server->InProcessChannel()).ok());
}

TEST_F(ServerTest, TooLargeMessageIsResourceExhausted) {
  ServerOptions options;
  options.max_receive_message_bytes = 1000;
  const auto server = Start(options);
  std::string response;
  const auto call = [&](std::size_t size) {
    // Field 15, unknown to the service, of `size` bytes.
    std::string request = "\x7a";
    request += static_cast<char>(size % 128 | 128);
    request += static_cast<char>(size / 128);
    request += std::string(size, 'x');
    return CallRaw(server->InProcessChannel(), kGetStatus, request, &response).error_code();
  };
  EXPECT_EQ(call(900), grpc::StatusCode::OK);
  EXPECT_EQ(call(1200), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ServerTest, MetadataUpTo32KiBPasses) {
  const auto server = Start();
  const auto channel = MakeChannel(Local(server->ports()[0]));
  const auto call = [&](std::size_t size) {
    return CallGetStatus(channel,
                         [size](grpc::ClientContext& context) {
                           context.AddMetadata("x-test", std::string(size, 'x'));
                         })
        .error_code();
  };
  EXPECT_EQ(call(30 << 10), grpc::StatusCode::OK);
  EXPECT_EQ(call(40 << 10), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ServerTest, ReflectionListsServicesUnlessOff) {
  // ServerReflectionRequest: field 7, list_services.
  const std::string request = std::string("\x3a\x00", 2);
  std::string response;
  {
    ServerOptions options;
    options.reflection = false;
    const auto server = Start(options);
    EXPECT_EQ(CallRaw(server->InProcessChannel(), kReflection, request, &response).error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
  }
  const auto server = Start();
  const grpc::Status status = CallRaw(server->InProcessChannel(), kReflection, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response, HasSubstr("switchyard.status.v1.StatusService"));
}

TEST_F(ServerTest, HealthIsKeptByNameOnBothServers) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.health_listen = "127.0.0.1:0";
  const auto server = Start(options);
  const std::vector<int> ports = {server->ports()[0], server->health_port()};
  std::string response;
  for (const int port : ports) {
    EXPECT_TRUE(CheckHealth(Local(port), "", &response).ok());
    EXPECT_EQ(response, kServing);
    EXPECT_EQ(CheckHealth(Local(port), "gateio.books", &response).error_code(),
              grpc::StatusCode::NOT_FOUND);
  }
  server->SetServing("gateio.books", true);
  server->SetServing("", false);
  for (const int port : ports) {
    EXPECT_TRUE(CheckHealth(Local(port), "gateio.books", &response).ok());
    EXPECT_EQ(response, kServing);
    EXPECT_TRUE(CheckHealth(Local(port), "", &response).ok());
    EXPECT_EQ(response, kNotServing);
  }
}

TEST_F(ServerTest, HealthServerServesHealthAlone) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.health_listen = "127.0.0.1:0";
  const auto server = Start(options);
  const auto channel = MakeChannel(Local(server->health_port()));
  EXPECT_EQ(CallGetStatus(channel).error_code(), grpc::StatusCode::UNIMPLEMENTED);
  std::string response;
  EXPECT_EQ(CallRaw(channel, kReflection, "", &response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(ServerTest, TooManyPingsAreRefused) {
  // The other side of the rule: clients may ping every 10 s, not every 20 ms.
  const auto server = Start();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  const auto channel = grpc::CreateCustomChannel(Local(server->ports()[0]),
                                                 grpc::InsecureChannelCredentials(), arguments);
  const auto stub = status::v1::StatusService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + seconds(20));
  const auto stream = stub->WatchStatus(&context, {});
  status::v1::WatchStatusResponse message;
  while (stream->Read(&message)) {
  }
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("Too many pings"));
}

TEST_F(ServerTest, ShutdownLetsCallsFinish) {
  std::promise<grpc::ServerUnaryReactor*> entered;
  service_.hold = [&entered](grpc::ServerUnaryReactor* reactor) { entered.set_value(reactor); };
  const auto server = Start();
  auto call = std::async(std::launch::async,
                         [&] { return CallGetStatus(MakeChannel(Local(server->ports()[0]))); });
  grpc::ServerUnaryReactor* const reactor = entered.get_future().get();
  auto shutdown = std::async(std::launch::async, [&] { server->Shutdown(seconds(20)); });
  reactor->Finish(grpc::Status::OK);
  EXPECT_TRUE(call.get().ok());
  shutdown.get();
}

TEST_F(ServerTest, ShutdownCancelsWhatStaysAndRefusesAfterwards) {
  auto server = Start();
  const auto channel = MakeChannel(Local(server->ports()[0]));
  const auto stub = status::v1::StatusService::NewStub(channel);
  grpc::ClientContext context;
  const auto stream = stub->WatchStatus(&context, {});
  status::v1::WatchStatusResponse message;
  ASSERT_TRUE(stream->Read(&message));
  server->Shutdown(milliseconds(10));
  server->Shutdown(seconds(20));
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_FALSE(stream->Finish().ok());
  EXPECT_EQ(service_.streams_done, 1);
  EXPECT_EQ(CallGetStatus(channel).error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace switchyard::rpc
