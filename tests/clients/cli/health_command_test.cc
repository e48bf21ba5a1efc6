#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "clients/cli/session.h"
#include "common/rpc/server.h"
#include "tests/clients/cli/run_yard.h"

namespace switchyard::clients::cli {
namespace {

using ::testing::HasSubstr;

// A process of which one service is ready and one is not, as probes see it.
class HealthCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rpc::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.health_listen = "127.0.0.1:0";
    options.generic_service = &no_service_;
    auto started = rpc::Server::Start(options, {});
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    address_ = "127.0.0.1:" + std::to_string(server_->health_port());
    server_->SetServing("acme/order", true);
    server_->SetServing("acme/position", false);
  }

  Outcome Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "health");
    return RunAt(arguments, address_);
  }

  grpc::CallbackGenericService no_service_;
  std::unique_ptr<rpc::Server> server_;
  std::string address_;
};

TEST_F(HealthCommandTest, TheProcessServes) {
  const Outcome outcome = Run({});
  EXPECT_EQ(outcome.code, kExitOk);
  EXPECT_EQ(outcome.out, "SERVING\n");
}

TEST_F(HealthCommandTest, AServiceThatServes) {
  const Outcome outcome = Run({"acme/order"});
  EXPECT_EQ(outcome.code, kExitOk);
  EXPECT_EQ(outcome.out, "acme/order SERVING\n");
}

TEST_F(HealthCommandTest, OneThatDoesNotFailsTheWhole) {
  const Outcome outcome = Run({"acme/position", "acme/order"});
  EXPECT_EQ(outcome.code, kExitFailed);
  EXPECT_EQ(outcome.out, "acme/position NOT_SERVING\nacme/order SERVING\n");
}

TEST_F(HealthCommandTest, JsonIsTheAnswersOwnForm) {
  EXPECT_EQ(Run({"acme/position", "--json"}).out, "{\"status\":\"NOT_SERVING\"}\n");
}

TEST_F(HealthCommandTest, AnUnknownServiceIsAnError) {
  const Outcome outcome = Run({"acme/none"});
  EXPECT_EQ(outcome.code, kExitFailed);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("NOT_FOUND"));
}

TEST_F(HealthCommandTest, NobodyThereIsAnErrorWithinTheTimeout) {
  server_.reset();
  const Outcome outcome = Run({"--timeout=2s"});
  EXPECT_EQ(outcome.code, kExitFailed);
  EXPECT_THAT(outcome.err, HasSubstr("UNAVAILABLE"));
}

}  // namespace
}  // namespace switchyard::clients::cli
