#include "common/rpc/client_channel.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "common/rpc/server.h"
#include "tests/common/rpc/name_server.h"
#include "tests/common/rpc/test_service.h"

namespace switchyard::rpc {
namespace {

class ClientChannelTest : public testing::Test {
 protected:
  // On `address`, or any free port.
  std::unique_ptr<Server> Start(const std::string& address = "127.0.0.1:0") {
    ServerOptions options;
    options.listen = {address};
    auto server = Server::Start(options, {&service_});
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }

  TestService service_;
};

TEST_F(ClientChannelTest, NobodyListeningIsUnavailableAtOnce) {
  auto server = Start();
  const std::string target = "127.0.0.1:" + std::to_string(server->ports()[0]);
  server.reset();
  EXPECT_EQ(CallGetStatus(MakeChannel(target)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ClientChannelTest, ComesBackByItself) {
  auto server = Start();
  const std::string target = "127.0.0.1:" + std::to_string(server->ports()[0]);
  const auto channel = MakeChannel(target);
  EXPECT_TRUE(CallGetStatus(channel).ok());
  server.reset();
  EXPECT_EQ(CallGetStatus(channel).error_code(), grpc::StatusCode::UNAVAILABLE);
  server = Start(target);
  EXPECT_TRUE(CallGetStatus(channel, [](grpc::ClientContext& context) {
                context.set_wait_for_ready(true);
              }).ok());
}

// A restarted pod has another address. gRPC by itself would not ask for it for 30 s.
TEST_F(ClientChannelTest, FollowsANameThatMovesWithinSeconds) {
  NameServer names(1);
  auto server = Start();
  const std::string port = std::to_string(server->ports()[0]);
  const auto channel = MakeChannel("dns://" + names.address() + "/backend.test:" + port);
  ASSERT_TRUE(CallGetStatus(channel).ok());
  server.reset();
  names.Move(2);
  server = Start("127.0.0.2:" + port);
  const grpc::Status status = CallGetStatus(channel, [](grpc::ClientContext& context) {
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  });
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(ClientChannelTest, EachChannelHasItsOwnConnection) {
  const auto server = Start();
  const std::string target = "127.0.0.1:" + std::to_string(server->ports()[0]);
  const auto first = MakeChannel(target);
  const auto second = MakeChannel(target);
  ASSERT_TRUE(CallGetStatus(first).ok());
  const std::string first_peer = service_.last_peer;
  ASSERT_TRUE(CallGetStatus(second).ok());
  EXPECT_NE(service_.last_peer, first_peer);
  ASSERT_TRUE(CallGetStatus(first).ok());
  EXPECT_EQ(service_.last_peer, first_peer);
}

TEST_F(ClientChannelTest, TooLargeAnswerIsResourceExhausted) {
  const auto server = Start();
  ChannelOptions options;
  options.max_receive_message_bytes = 0;
  service_.answer = grpc::Status::OK;
  const auto channel = MakeChannel("127.0.0.1:" + std::to_string(server->ports()[0]), options);
  std::string response;
  // Health answers two bytes.
  EXPECT_EQ(CallRaw(channel, "/grpc.health.v1.Health/Check", "", &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace switchyard::rpc
