#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace switchyard::simulator {

// What the command line says. Every flag is `--name=value`; `--help` lists them.
struct Options {
  std::string listen_address = "127.0.0.1";
  std::uint16_t port = 0;          // 0 = any free one
  std::uint16_t lighter_port = 0;  // 0 = any free one
  std::uint16_t grpc_port = 0;     // 0 = any free one
  std::string endpoints_file;
  std::string metrics_listen;  // host:port; empty = off
  std::string certificate;
  std::string key;
  std::string replay_spot;     // prefix of recorded files; empty = the engine
  std::string replay_futures;  // likewise
  std::uint64_t seed = 1;
  std::uint32_t updates_per_second = 10;
  std::uint32_t symbols = 0;  // 0 = the well-known ones
  std::uint32_t rate_limit_scale = 1;
  bool tls = false;
  bool push_every_change = false;
  bool stamp = false;
  bool replay_when_subscribed = false;
  bool help = false;
};

// Errors: InvalidArgument, an unknown flag or a bad value, named.
absl::StatusOr<Options> ParseOptions(int argc, const char* const* argv);

// What --help prints.
std::string OptionsHelp();

}  // namespace switchyard::simulator
