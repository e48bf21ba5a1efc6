// `yard doctor` against processes that answer as a faulty installation does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "clients/cli/session.h"
#include "common/rpc/server.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "switchyard/account/v1/account_service.grpc.pb.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"
#include "switchyard/status/v1/status_service.grpc.pb.h"
#include "tests/clients/cli/run_yard.h"

namespace switchyard::clients::cli {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class StatusAnswers final : public status::v1::StatusService::Service {
 public:
  grpc::Status GetStatus(grpc::ServerContext*, const status::v1::GetStatusRequest*,
                         status::v1::GetStatusResponse* response) override {
    *response = answer;
    return grpc::Status::OK;
  }
  grpc::Status WatchStatus(grpc::ServerContext*, const status::v1::WatchStatusRequest*,
                           grpc::ServerWriter<status::v1::WatchStatusResponse>* writer) override {
    status::v1::WatchStatusResponse message;
    message.mutable_heartbeat()->set_publish_time_ns((SystemClock().Now() + clock_offset).value);
    writer->Write(message);
    return grpc::Status::OK;
  }

  status::v1::GetStatusResponse answer;
  std::chrono::seconds clock_offset{0};
};

class AccountAnswers final : public account::v1::AccountService::Service {
 public:
  grpc::Status ListBalances(grpc::ServerContext*, const account::v1::ListBalancesRequest* request,
                            account::v1::ListBalancesResponse*) override {
    if (request->max_age_ns() != 0) return {grpc::StatusCode::INTERNAL, "not the exchange's word"};
    return ToGrpcStatus(request->account() == "broken" ? refusal : absl::OkStatus());
  }

  absl::Status refusal =
      MakeError(absl::StatusCode::kUnauthenticated, common::v1::ERROR_REASON_BAD_SIGNATURE,
                "wrong signature", {{"exchange", "alpha"}});
};

class OrderAnswers final : public order::v1::OrderService::Service {
 public:
  grpc::Status GetRiskLimits(grpc::ServerContext*, const order::v1::GetRiskLimitsRequest*,
                             order::v1::GetRiskLimitsResponse* response) override {
    response->set_accepting_orders(true);
    return grpc::Status::OK;
  }
};

class DoctorCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rpc::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    auto started = rpc::Server::Start(options, {&status_, &accounts_, &orders_});
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
    address_ = "127.0.0.1:" + std::to_string(server_->ports().front());
    Serve("account", {"main"});
    Serve("order", {"main"});
  }

  void Serve(const std::string& component, const std::vector<std::string>& accounts) {
    auto& entry = *status_.answer.add_statuses();
    entry.set_exchange("alpha");
    entry.set_component(component);
    entry.set_ready(true);
    for (const std::string& account : accounts) entry.add_accounts(account);
  }

  Outcome Run(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), "doctor");
    return RunAt(arguments, address_);
  }

  StatusAnswers status_;
  AccountAnswers accounts_;
  OrderAnswers orders_;
  std::unique_ptr<rpc::Server> server_;
  std::string address_;
};

TEST_F(DoctorCommandTest, WhereAllIsWellEachCheckIsALineOfOkAndTheCodeIsZero) {
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.code, kExitOk) << outcome.out;
  const std::vector<std::string> lines = LinesOf(outcome.out);
  EXPECT_EQ(lines.size(), 9u)
      << outcome.out;  // reachable, clock, five of alpha, two of its account
  for (const std::string& line : lines) EXPECT_THAT(line, StartsWith("ok"));
  EXPECT_THAT(lines, Contains(AllOf(HasSubstr("alpha main"), HasSubstr("balances"))));
}

TEST_F(DoctorCommandTest, ABrokenAccountFailsAloneAndSaysWhatToDo) {
  status_.answer.mutable_statuses(0)->add_accounts("broken");
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.code, kExitFailed);
  EXPECT_THAT(LinesOf(outcome.out), Contains(AllOf(StartsWith("FAILED"), HasSubstr("alpha broken"),
                                                   HasSubstr("secret does not belong"))));
  EXPECT_THAT(LinesOf(outcome.out),
              Contains(AllOf(StartsWith("ok"), HasSubstr("alpha main"), HasSubstr("balances"))));
}

TEST_F(DoctorCommandTest, AServersClockThatIsOffIsTold) {
  status_.clock_offset = std::chrono::seconds(60);
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.code, kExitFailed);
  EXPECT_THAT(LinesOf(outcome.out),
              Contains(AllOf(StartsWith("FAILED"), HasSubstr(address_), HasSubstr("clock"))));
}

TEST_F(DoctorCommandTest, OnlyTheExchangesThatAreAskedForAreLookedAt) {
  EXPECT_THAT(Run({"beta"}).out, AllOf(HasSubstr("beta"), Not(HasSubstr("alpha"))));
  EXPECT_EQ(Run({"beta"}).code, kExitFailed) << "it is not served";
  EXPECT_EQ(Run({"alpha"}).code, kExitOk);
}

TEST_F(DoctorCommandTest, NobodyThereIsTheLastFinding) {
  const std::string broken = ::testing::TempDir() + "/broken.yaml";
  std::ofstream(broken) << "exchanges:\n  - exchnge: alpha\n";
  const Outcome outcome = RunAt({"doctor", "--json", "--timeout=500ms", broken}, "127.0.0.1:1");
  EXPECT_EQ(outcome.code, kExitFailed);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr(R"("check":"configuration")"), HasSubstr("exchnge"),
                                 HasSubstr(R"("check":"reachable")"), HasSubstr("--router")));
}

TEST_F(DoctorCommandTest, AWarningFailsNothing) {
  status_.answer.mutable_statuses(0)->set_clock_offset_ns(1'000'000'000);
  const Outcome outcome = Run();
  EXPECT_EQ(outcome.code, kExitOk);
  EXPECT_THAT(LinesOf(outcome.out), Contains(AllOf(StartsWith("warning"), HasSubstr("clock"))));
}

}  // namespace
}  // namespace switchyard::clients::cli
