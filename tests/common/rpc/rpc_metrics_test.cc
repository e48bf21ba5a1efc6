#include "common/rpc/rpc_metrics.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "common/metrics/metrics.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/server.h"
#include "tests/common/rpc/test_service.h"

namespace switchyard::rpc {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

std::string Series(const std::string& name, const std::string& labels, int value) {
  return "\n" + name + "{" + labels + "} " + std::to_string(value) + "\n";
}

class RpcMetricsTest : public testing::Test {
 protected:
  RpcMetricsTest() {
    ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.metrics = &metrics_;
    auto server = Server::Start(options, {&service_});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = MakeChannel("127.0.0.1:" + std::to_string(server_->ports()[0]));
  }

  metrics::Metrics metrics_;
  TestService service_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(RpcMetricsTest, UnaryCallsAreCountedByMethodAndCode) {
  service_.answer = grpc::Status(grpc::StatusCode::NOT_FOUND, "no such thing");
  EXPECT_EQ(CallGetStatus(channel_).error_code(), grpc::StatusCode::NOT_FOUND);
  service_.answer = grpc::Status::OK;
  EXPECT_TRUE(CallGetStatus(channel_).ok());
  EXPECT_TRUE(CallGetStatus(channel_).ok());
  const std::string exposed = metrics_.Expose();
  const std::string method = std::string("method=\"") + kGetStatus + "\"";
  EXPECT_THAT(exposed,
              HasSubstr(Series("switchyard_grpc_calls_total", "code=\"NOT_FOUND\"," + method, 1)));
  EXPECT_THAT(exposed,
              HasSubstr(Series("switchyard_grpc_calls_total", "code=\"OK\"," + method, 2)));
  EXPECT_THAT(exposed, HasSubstr(Series("switchyard_grpc_call_seconds_count", method, 3)));
}

TEST_F(RpcMetricsTest, StreamsAreLeftToTheirReactors) {
  {
    const auto stub = status::v1::StatusService::NewStub(channel_);
    grpc::ClientContext context;
    const auto stream = stub->WatchStatus(&context, {});
    status::v1::WatchStatusResponse message;
    ASSERT_TRUE(stream->Read(&message));
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  server_->Shutdown(milliseconds(0));
  EXPECT_THAT(metrics_.Expose(), Not(HasSubstr("WatchStatus")));
}

TEST_F(RpcMetricsTest, ReportedStreamsAreCounted) {
  RpcMetrics& rpc = *server_->rpc_metrics();
  rpc.StreamStarted(kWatchStatus);
  rpc.StreamStarted(kWatchStatus);
  rpc.StreamEnded(kWatchStatus, grpc::StatusCode::RESOURCE_EXHAUSTED);
  const std::string exposed = metrics_.Expose();
  const std::string method = std::string("method=\"") + kWatchStatus + "\"";
  EXPECT_THAT(exposed, HasSubstr(Series("switchyard_grpc_streams_started_total", method, 2)));
  EXPECT_THAT(exposed, HasSubstr(Series("switchyard_grpc_streams_active", method, 1)));
  EXPECT_THAT(exposed, HasSubstr(Series("switchyard_grpc_calls_total",
                                        "code=\"RESOURCE_EXHAUSTED\"," + method, 1)));
}

TEST_F(RpcMetricsTest, CodesOutsideTheTableAreUnknown) {
  for (const int code : {-1, 17, 1000}) server_->rpc_metrics()->StreamEnded("/a/B", code);
  EXPECT_THAT(metrics_.Expose(), HasSubstr(Series("switchyard_grpc_calls_total",
                                                  "code=\"UNKNOWN\",method=\"/a/B\"", 3)));
}

TEST_F(RpcMetricsTest, InventedMethodNamesDoNotGrowForEver) {
  for (int i = 0; i < 2000; ++i) {
    server_->rpc_metrics()->StreamEnded("/invented/" + std::to_string(i), 12);
  }
  const std::string exposed = metrics_.Expose();
  EXPECT_THAT(exposed, HasSubstr("method=\"other\""));
  EXPECT_THAT(exposed, Not(HasSubstr("/invented/600\"")));
}

TEST(RpcMetricsOffTest, ServerWithoutMetricsHasNone) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  TestService service;
  const auto server = Server::Start(options, {&service});
  ASSERT_TRUE(server.ok());
  EXPECT_EQ((*server)->rpc_metrics(), nullptr);
}

}  // namespace
}  // namespace switchyard::rpc
