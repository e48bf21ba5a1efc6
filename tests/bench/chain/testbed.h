#pragma once

#include <grpcpp/channel.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "switchyard/simulator/v1/simulator_service.grpc.pb.h"
#include "tests/bench/chain/process.h"
#include "tests/bench/chain/reader.h"

namespace switchyard::bench {

// What is measured and what it is compared with.
enum class Side : std::uint8_t { kFloor, kReal };
// How far an update travels.
enum class Path : std::uint8_t { kService, kRouter };

// What a test bed is made of.
struct TestbedOptions {
  // Instruments of the simulator; enough for the widest fan-out.
  int symbols = 50;
  // The simulator speaks TLS with this certificate (PEM) and its key, and Switchyard trusts it.
  // Empty: plain. The bare chain reads plain ones alone.
  std::string certificate = {};
  std::string key = {};
  // More of the exchange's configuration, "field: value" each.
  std::vector<std::string> config = {};
};

// Some of the simulator's books, by index; the first is BTC_USDT.
struct Books {
  std::size_t first = 0;
  std::size_t count = 1;
};

// The simulator, and in front of it Switchyard with its router as well as the bare chain: five
// processes, only one side of which reads the simulator at a time.
class Testbed {
 public:
  struct Programs {
    std::string simulator, switchyard, router, floor;
  };
  // `scratch`: a directory for configuration and output, made where it is not there.
  Testbed(const Programs& programs, const std::string& scratch, const TestbedOptions& options = {});

  // Book changes per second of the first `symbols` symbols; the others rest. Unpaced: kUnpaced.
  void SetFlow(std::size_t symbols, std::uint32_t updates_per_second);
  static constexpr std::uint32_t kUnpaced = ~std::uint32_t{0};
  // Frames that the simulator has sent.
  std::uint64_t frames_sent();
  // To the simulator.
  std::uint32_t open_sockets();
  // Moves the whole book of a symbol (as the exchange writes it), through clients' orders.
  void MoveMarket(const std::string& symbol, std::int32_t per_million);
  // Closes all exchange sockets.
  void CloseSockets();
  // Before a measurement of `side`: waits until the other one has left the simulator.
  void Use(Side side);
  // Until nobody reads the simulator.
  void AwaitQuiet();

  // A connection of its own.
  std::shared_ptr<grpc::Channel> Connect(Side side, Path path) const;
  // `batch`: updates in one message of the floor.
  Reader::Options ReaderOptions(Side side, std::shared_ptr<grpc::Channel> channel, Books books,
                                std::uint32_t batch = 1) const;

  // The simulator's file of endpoints.
  const std::string& endpoints() const { return endpoints_; }
  // Where the exchange is, host:port.
  const std::string& host() const { return host_; }

  // The processes of a side; the first is the service.
  std::vector<const Process*> Chain(Side side, Path path) const;

 private:
  void StartChains(const Programs& programs, const std::string& scratch);
  void LoadSymbols();
  simulator::v1::ExchangeStatistics Statistics();

  const std::string endpoints_;
  std::string host_;
  std::unique_ptr<Process> simulator_, switchyard_, router_, floor_, forwarder_;
  std::string service_address_, router_address_, floor_address_, forwarder_address_;
  std::unique_ptr<simulator::v1::SimulatorService::Stub> control_;
  Side side_ = Side::kFloor;
  std::vector<std::string> symbols_;  // as the exchange writes them, BTC_USDT first
};

}  // namespace switchyard::bench
