#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace switchyard::clients::cli {

// What the user asked for. Fields that the command does not know keep their defaults.
struct CommandLine {
  std::string command;                 // for instance "book"
  std::vector<std::string> arguments;  // exchange, symbols, ...

  std::string router = "127.0.0.1:50050";
  bool json = false;
  std::chrono::milliseconds timeout{10'000};
  std::int64_t count = 0;  // events after which a watch ends; 0 = never
  bool watch = false;

  std::int64_t depth = 10;
  std::chrono::milliseconds interval{60'000};
  std::int64_t limit = 0;  // rows of a list; 0 = the server's default
  std::string base;
  std::string quote;
  std::string kind;  // "spot", "perp", or empty
  std::vector<std::string> bases;

  // Not empty: print this and exit with 0.
  std::string help;
};

// Parses everything after the program's name. `router_from_environment` is SWITCHYARD_ROUTER's
// value, empty where it is not set; --router beats it.
// Errors: InvalidArgument with a line for the user.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments,
                                             std::string_view router_from_environment);

}  // namespace switchyard::clients::cli
