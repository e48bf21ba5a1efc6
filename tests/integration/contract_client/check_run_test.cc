#include "tests/integration/contract_client/check_run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "switchyard/simulator/v1/simulator_service.grpc.pb.h"
#include "tests/clients/fake/fake_switchyard.h"

namespace switchyard::contract_client {
namespace {

using clients::fake::Acknowledge;
using clients::fake::AddAsk;
using clients::fake::AddBid;
using clients::fake::Answers;
using clients::fake::BookEvent;
using clients::fake::FakeSwitchyard;
using clients::fake::LiveAnswers;
using clients::fake::MarketDataScript;
using clients::fake::Message;
using nlohmann::json;

constexpr int kUpdatesPerSecond = 200;

marketdata::v1::MarketDataEvent Snapshot(std::uint64_t epoch, std::uint64_t sequence) {
  auto event = BookEvent(marketdata::v1::EVENT_KIND_SNAPSHOT, epoch, sequence);
  AddBid(event, 1000, 150);
  AddAsk(event, 1001, 350);
  return event;
}

// A server whose first stream sends a snapshot and a delta of the given sequence and ends with
// UNAVAILABLE. That a second one is opened proves that the first was read to its end.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::uint64_t delta_sequence) : fake_(MakeAnswers(delta_sequence)) {}

  CheckOptions Options() {
    CheckOptions options;
    options.target = fake_.address();
    options.exchange = "gateio";
    options.symbols = {"BTC-USDT"};
    options.watch = [this] { second_stream_.get_future().wait(); };
    return options;
  }

 private:
  Answers MakeAnswers(std::uint64_t delta_sequence) {
    Answers answers = LiveAnswers(kUpdatesPerSecond);
    answers.stream_market_data = [this, delta_sequence](const auto&, MarketDataScript& stream) {
      stream.Write(Acknowledge(1, 5000));
      stream.Write(Message(Snapshot(static_cast<std::uint64_t>(stream.attempt()) + 1, 1)));
      if (stream.attempt() == 0) {
        stream.Write(Message(BookEvent(marketdata::v1::EVENT_KIND_DELTA, 1, delta_sequence)));
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting");
      }
      second_stream_.set_value();
      stream.HoldOpen();
      return grpc::Status::OK;
    };
    return answers;
  }

  std::promise<void> second_stream_;
  FakeSwitchyard fake_;
};

// A simulator with one book and a flow that can be stopped.
class FakeSimulator final : public simulator::v1::SimulatorService::Service {
 public:
  explicit FakeSimulator(std::string bid_quantity) : bid_quantity_(std::move(bid_quantity)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  std::string address() const { return fmt::format("127.0.0.1:{}", port_); }
  bool stopped() const { return stopped_; }

  grpc::Status SetFlow(grpc::ServerContext*, const simulator::v1::SetFlowRequest* request,
                       simulator::v1::SetFlowResponse*) override {
    stopped_ = request->exchange() == "gateio" && request->has_updates_per_second() &&
               request->updates_per_second() == 0;
    return grpc::Status::OK;
  }

  grpc::Status GetBook(grpc::ServerContext*, const simulator::v1::GetBookRequest* request,
                       simulator::v1::GetBookResponse* response) override {
    if (request->symbol() != "BTC_USDT") return {grpc::StatusCode::NOT_FOUND, request->symbol()};
    response->add_bids()->set_price("100");
    response->mutable_bids(0)->set_quantity(bid_quantity_);
    response->add_asks()->set_price("100.1");
    response->mutable_asks(0)->set_quantity("3.5");
    return grpc::Status::OK;
  }

 private:
  const std::string bid_quantity_;
  std::atomic<bool> stopped_{false};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST(RunCheckTest, AStreamThatKeepsTheContractIsOk) {
  ScriptedServer server(2);
  const auto report = RunCheck(server.Options());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->ok) << report->json;
  const json parsed = json::parse(report->json);
  EXPECT_EQ(parsed["streams_opened"], 2);
  EXPECT_EQ(parsed["symbols"]["BTC-USDT"]["deltas"], 1);
  EXPECT_GE(parsed["symbols"]["BTC-USDT"]["snapshots"], 1);
}

TEST(RunCheckTest, AGapIsReportedAndNotOk) {
  ScriptedServer server(3);
  const auto report = RunCheck(server.Options());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->ok);
  const json parsed = json::parse(report->json);
  EXPECT_EQ(parsed["symbols"]["BTC-USDT"]["violations"]["sequence_gap"], 1);
  EXPECT_EQ(parsed["violations"][0], "BTC-USDT: sequence_gap: delta 3 after 1");
}

TEST(RunCheckTest, ARefusedSymbolIsNotOk) {
  const FakeSwitchyard fake(LiveAnswers(kUpdatesPerSecond));
  CheckOptions options;
  options.target = fake.address();
  options.exchange = "gateio";
  options.symbols = {"NOSUCH"};
  options.watch = [] {};
  const auto report = RunCheck(options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->ok);
  EXPECT_NE(report->json.find("NOSUCH: no snapshot ever came"), std::string::npos) << report->json;
}

TEST(RunCheckTest, BooksAreComparedWithTheTruthOnceTheFlowIsStopped) {
  ScriptedServer server(2);
  const FakeSimulator simulator("1.5");
  CheckOptions options = server.Options();
  options.simulator = simulator.address();
  const auto report = RunCheck(options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->ok) << report->json;
  EXPECT_TRUE(simulator.stopped());
  EXPECT_EQ(json::parse(report->json)["symbols"]["BTC-USDT"]["truth"], "equal");
}

TEST(RunCheckTest, ADifferenceFromTheTruthIsNotOk) {
  ScriptedServer server(2);
  const FakeSimulator simulator("1.4");
  CheckOptions options = server.Options();
  options.simulator = simulator.address();
  options.truth_timeout = std::chrono::milliseconds(300);
  const auto report = RunCheck(options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->ok);
  EXPECT_EQ(json::parse(report->json)["symbols"]["BTC-USDT"]["truth"],
            "bid 0 is 100.0 x 1.50, in truth 100 x 1.4");
}

TEST(RunCheckTest, AnUnreachableTargetCannotBeCompared) {
  CheckOptions options;
  options.target = "127.0.0.1:1";
  options.exchange = "gateio";
  options.symbols = {"BTC-USDT"};
  options.simulator = "127.0.0.1:1";
  options.watch = [] {};
  EXPECT_EQ(RunCheck(options).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace switchyard::contract_client
