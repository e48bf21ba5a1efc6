#include "services/access/gate.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "common/crypto/bytes.h"
#include "common/crypto/sha.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/server.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "tests/common/rpc/test_service.h"

namespace switchyard::access {
namespace {

using testing::HasSubstr;

constexpr char kToken[] = "open sesame";

// StatusService behind a gate, on a unix socket and in plaintext on TCP.
class GateTest : public testing::Test {
 protected:
  static config::v1::ProcessConfig Secured() {
    config::v1::ProcessConfig config;
    config.add_listen("unix:" + SocketPath());
    config.add_listen("127.0.0.1:0");
    config::v1::PrincipalConfig& monitor = *config.mutable_access()->add_principals();
    monitor.set_name("monitor");
    monitor.add_tokens()->set_sha256(crypto::ToHex(crypto::Sha256(kToken)));
    config::v1::GrantConfig& grant = *monitor.add_grants();
    grant.set_role("read");
    grant.set_exchange("gateio");
    return config;
  }
  static std::string SocketPath() { return "/tmp/gate_test_" + std::to_string(getpid()) + ".sock"; }

  void Serve(const config::v1::ProcessConfig& config) {
    const auto accounts = [](const std::string&, const std::string&) {
      return std::optional(std::vector<std::string>{"main"});
    };
    auto gate =
        Gate::Create({.process = config, .exchanges = {"gateio", "mexc"}, .accounts = accounts},
                     metrics_, SystemClock());
    ASSERT_TRUE(gate.ok()) << gate.status();
    gate_ = *std::move(gate);
    guarded_ = gate_->Guard(service_, "status");
    rpc::ServerOptions options;
    options.listen = {config.listen().begin(), config.listen().end()};
    options.make_interceptors = [this] { return gate_->MakeInterceptorFactory(); };
    auto server = rpc::Server::Start(options, {guarded_.get()});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::shared_ptr<grpc::Channel> OnSocket() { return rpc::MakeChannel("unix:" + SocketPath()); }
  std::shared_ptr<grpc::Channel> OnTcp() {
    return rpc::MakeChannel("127.0.0.1:" + std::to_string(server_->ports().back()));
  }
  static absl::Status Ask(const std::shared_ptr<grpc::Channel>& channel,
                          const std::string& exchange, bool with_token = true) {
    grpc::ClientContext context;
    if (with_token) context.AddMetadata("authorization", std::string("Bearer ") + kToken);
    status::v1::GetStatusRequest request;
    request.set_exchange(exchange);
    status::v1::GetStatusResponse response;
    return FromGrpcStatus(
        status::v1::StatusService::NewStub(channel)->GetStatus(&context, request, &response));
  }

  metrics::Metrics metrics_;
  rpc::TestService service_;
  std::unique_ptr<Gate> gate_;
  std::unique_ptr<grpc::Service> guarded_;
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(GateTest, LetsThroughWhomItKnowsAndWhatIsGranted) {
  Serve(Secured());
  EXPECT_TRUE(Ask(OnSocket(), "gateio").ok());
  EXPECT_EQ(ReasonOf(Ask(OnSocket(), "gateio", /*with_token=*/false)),
            common::v1::ERROR_REASON_CLIENT_NOT_AUTHENTICATED);
  const absl::Status other = Ask(OnSocket(), "mexc");
  EXPECT_EQ(other.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(other.message()), HasSubstr("no read grant on mexc"));
  // Of all exchanges one is not granted.
  EXPECT_EQ(Ask(OnSocket(), "").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("switchyard_access_refused_total{code=\"PERMISSION_DENIED\"} 2"));
}

TEST_F(GateTest, TakesNoTokenOverPlaintextTcp) {
  Serve(Secured());
  const absl::Status refused = Ask(OnTcp(), "gateio");
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("plaintext TCP"));
}

TEST_F(GateTest, StreamsAreJudgedAndGivenBackAtTheirEnd) {
  config::v1::ProcessConfig config = Secured();
  config.mutable_client_limits()->set_max_streams(1);
  Serve(config);
  const auto stub = status::v1::StatusService::NewStub(OnSocket());
  status::v1::WatchStatusRequest request;
  request.set_exchange("gateio");
  const auto open = [&](grpc::ClientContext& context) {
    context.AddMetadata("authorization", std::string("Bearer ") + kToken);
    return stub->WatchStatus(&context, request);
  };
  status::v1::WatchStatusResponse response;
  grpc::ClientContext first_context;
  const auto first = open(first_context);
  ASSERT_TRUE(first->Read(&response));
  grpc::ClientContext second_context;
  const auto second = open(second_context);
  EXPECT_FALSE(second->Read(&response));
  EXPECT_EQ(second->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  first_context.TryCancel();
  while (first->Read(&response)) {
  }
  EXPECT_EQ(first->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // The server learns of the end a little later.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool is_read = false;
  while (!is_read && std::chrono::steady_clock::now() < deadline) {
    grpc::ClientContext context;
    const auto next = open(context);
    is_read = next->Read(&response);
    context.TryCancel();
    while (next->Read(&response)) {
    }
    (void)next->Finish();
  }
  EXPECT_TRUE(is_read);
}

TEST_F(GateTest, LimitsHoldForAddressesWhereNobodyIsAsked) {
  config::v1::ProcessConfig config;
  config.add_listen("127.0.0.1:0");
  config.mutable_client_limits()->set_max_requests_per_second(2);
  Serve(config);
  EXPECT_TRUE(Ask(OnTcp(), "gateio", /*with_token=*/false).ok());
  EXPECT_TRUE(Ask(OnTcp(), "", /*with_token=*/false).ok());
  const absl::Status refused = Ask(OnTcp(), "gateio", /*with_token=*/false);
  EXPECT_EQ(ReasonOf(refused), common::v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_TRUE(RetryAfterOf(refused).has_value());
}

TEST_F(GateTest, NothingConfiguredIsNoGate) {
  config::v1::ProcessConfig config;
  config.add_listen("127.0.0.1:0");
  const auto gate = Gate::Create({.process = config, .accounts = {}}, metrics_, SystemClock());
  ASSERT_TRUE(gate.ok());
  EXPECT_TRUE((*gate)->is_open());
}

TEST_F(GateTest, WhatCanOnlyRefuseStopsTheStart) {
  config::v1::ProcessConfig plaintext = Secured();
  plaintext.clear_listen();
  plaintext.add_listen("127.0.0.1:0");
  const auto refused = [&](const config::v1::ProcessConfig& config) {
    const absl::Status status =
        Gate::Create({.process = config, .accounts = {}}, metrics_, SystemClock()).status();
    return MetadataOf(status)["field"];
  };
  EXPECT_EQ(refused(plaintext), "process.tls");
  config::v1::ProcessConfig router = Secured();
  router.mutable_access()->add_routers("router.local");
  EXPECT_EQ(refused(router), "process.tls.client_ca_file");
  config::v1::ProcessConfig certificate = Secured();
  certificate.mutable_access()->mutable_principals(0)->add_certificates("bot.local");
  EXPECT_EQ(refused(certificate), "process.tls.client_ca_file");
}

}  // namespace
}  // namespace switchyard::access
