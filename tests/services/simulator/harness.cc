#include "tests/services/simulator/harness.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>

namespace switchyard::simulator::testing {

void Apply(const Json& levels, Side& side) {
  for (const Json& level : levels) {
    const bool pair = level.is_array();
    const Json& size = pair ? level.at(1) : level.at("s");
    const std::string price =
        pair ? level.at(0).get<std::string>() : level.at("p").get<std::string>();
    const std::string text = size.is_string() ? size.get<std::string>() : size.dump();
    if (text == "0") {
      side.erase(price);
    } else {
      side[price] = text;
    }
  }
}

SideBySide ToBook(const v1::GetBookResponse& book) {
  SideBySide sides;
  for (const v1::BookLevel& level : book.bids()) sides.bids[level.price()] = level.quantity();
  for (const v1::BookLevel& level : book.asks()) sides.asks[level.price()] = level.quantity();
  return sides;
}

Harness::Harness(const Options& options) {
  auto simulator = Simulator::Create(options);
  EXPECT_TRUE(simulator.ok()) << simulator.status();
  simulator_ = *std::move(simulator);
  stub_ = v1::SimulatorService::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(simulator_->grpc_port()), grpc::InsecureChannelCredentials()));
}

std::uint64_t Harness::SetFault(const v1::Fault& fault) {
  grpc::ClientContext context;
  v1::SetFaultRequest request;
  v1::SetFaultResponse response;
  *request.mutable_fault() = fault;
  const grpc::Status status = stub_->SetFault(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.fault_id();
}

void Harness::ClearFaults() {
  grpc::ClientContext context;
  v1::ClearFaultsResponse response;
  EXPECT_TRUE(stub_->ClearFaults(&context, {}, &response).ok());
}

std::vector<v1::ActiveFault> Harness::Faults() {
  grpc::ClientContext context;
  v1::ListFaultsResponse response;
  EXPECT_TRUE(stub_->ListFaults(&context, {}, &response).ok());
  return {response.faults().begin(), response.faults().end()};
}

void Harness::Step(const std::string& exchange, const std::string& symbol, std::uint32_t steps) {
  grpc::ClientContext context;
  v1::SetFlowRequest request;
  v1::SetFlowResponse response;
  request.set_exchange(exchange);
  request.set_symbol(symbol);
  request.set_steps(steps);
  const grpc::Status status = stub_->SetFlow(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

void Harness::SetRate(std::uint32_t updates_per_second) {
  grpc::ClientContext context;
  v1::SetFlowRequest request;
  v1::SetFlowResponse response;
  request.set_updates_per_second(updates_per_second);
  EXPECT_TRUE(stub_->SetFlow(&context, request, &response).ok());
}

v1::GetBookResponse Harness::Book(const std::string& exchange, const std::string& symbol,
                                  std::uint32_t depth) {
  grpc::ClientContext context;
  v1::GetBookRequest request;
  v1::GetBookResponse response;
  request.set_exchange(exchange);
  request.set_symbol(symbol);
  request.set_depth(depth);
  const grpc::Status status = stub_->GetBook(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

v1::ExchangeStatistics Harness::Statistics(const std::string& exchange) {
  grpc::ClientContext context;
  v1::GetStatisticsRequest request;
  v1::GetStatisticsResponse response;
  request.set_exchange(exchange);
  EXPECT_TRUE(stub_->GetStatistics(&context, request, &response).ok());
  return response.statistics_size() == 1 ? response.statistics(0) : v1::ExchangeStatistics();
}

std::string Frame(const std::string& channel, const std::string& event,
                  const std::vector<std::string>& payload) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Json{{"time", std::chrono::duration_cast<std::chrono::seconds>(now).count()},
              {"id", 7},
              {"channel", channel},
              {"event", event},
              {"payload", payload}}
      .dump();
}

Json Ask(TestSocket& socket, const std::string& channel, const std::string& event,
         const std::vector<std::string>& payload) {
  socket.Send(Frame(channel, event, payload));
  return Next(socket);
}

std::vector<std::string> Drain(TestSocket& socket, const std::string& product) {
  socket.Send(Frame(product + ".ping", "", {}));
  std::vector<std::string> frames;
  while (auto frame = socket.Receive()) {
    if (frame->find("\"" + product + ".pong\"") != std::string::npos) return frames;
    frames.push_back(*std::move(frame));
  }
  ADD_FAILURE() << "the socket ended before the pong";
  return frames;
}

Json Next(TestSocket& socket) {
  const auto frame = socket.Receive();
  return frame ? Json::parse(*frame, nullptr, false) : Json();
}

}  // namespace switchyard::simulator::testing
