#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "services/simulator/options.h"
#include "services/simulator/simulator.h"
#include "switchyard/simulator/v1/simulator_service.grpc.pb.h"
#include "tests/services/simulator/test_client.h"

namespace switchyard::simulator::testing {

using Json = nlohmann::json;

// Levels by price, as their texts are.
using Side = std::map<std::string, std::string>;

struct SideBySide {
  Side bids;
  Side asks;
  friend bool operator==(const SideBySide&, const SideBySide&) = default;
};

// Adds the levels of an update to a book; both forms of level; a zero removes.
void Apply(const Json& levels, Side& side);
SideBySide ToBook(const v1::GetBookResponse& book);

// A simulator in this process and a client of its commands.
class Harness {
 public:
  explicit Harness(const Options& options);

  std::uint16_t port() const { return simulator_->port(); }
  const Simulator& simulator() const { return *simulator_; }
  v1::SimulatorService::Stub& stub() { return *stub_; }

  TestSocket Spot(const Headers& headers = {}) { return {port(), "/ws/v4/", headers}; }
  TestSocket Futures(const Headers& headers = {}) { return {port(), "/v4/ws/usdt", headers}; }

  // All expect success.
  std::uint64_t SetFault(const v1::Fault& fault);
  void ClearFaults();
  std::vector<v1::ActiveFault> Faults();
  void Step(const std::string& exchange, const std::string& symbol, std::uint32_t steps);
  void SetRate(std::uint32_t updates_per_second);
  v1::GetBookResponse Book(const std::string& exchange, const std::string& symbol,
                           std::uint32_t depth = 0);
  v1::ExchangeStatistics Statistics(const std::string& exchange);

 private:
  std::unique_ptr<Simulator> simulator_;
  std::unique_ptr<v1::SimulatorService::Stub> stub_;
};

// A request as a client sends it, with the present time.
std::string Frame(const std::string& channel, const std::string& event,
                  const std::vector<std::string>& payload);
// Sends a request and returns the next frame.
Json Ask(TestSocket& socket, const std::string& channel, const std::string& event,
         const std::vector<std::string>& payload);
// Frames up to the answer of a ping: all that was queued before it. `product` is spot or futures.
std::vector<std::string> Drain(TestSocket& socket, const std::string& product = "spot");
// The next frame as JSON; null = none came.
Json Next(TestSocket& socket);

}  // namespace switchyard::simulator::testing
