#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace switchyard::contract_client {

struct CheckOptions {
  std::string target;  // a router or a market data service
  std::string exchange;
  std::vector<std::string> symbols;
  std::uint32_t depth = 10;
  std::uint32_t clients = 1;  // independent streams, each on its own connection
  // gRPC address of the simulator behind the target; empty = no comparison with the truth.
  std::string simulator;
  // How long the last updates may be under way after the flow was stopped.
  std::chrono::milliseconds truth_timeout{10'000};
  bool one_line = false;  // the report; else indented
  // How long to watch: returns when that is over. Called once, after the streams were opened.
  std::function<void()> watch;
};

struct CheckReport {
  bool ok = false;
  std::string json;  // one object
};

// Opens the streams, watches, stops the simulator's flow of the exchange (and leaves it stopped),
// waits until the books are equal to the truth, and reports. Errors: what made the check itself
// impossible (no such instrument, no connection).
absl::StatusOr<CheckReport> RunCheck(const CheckOptions& options);

}  // namespace switchyard::contract_client
