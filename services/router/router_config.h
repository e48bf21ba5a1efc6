#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/config/flags.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::router {

// What the command line says.
struct RouterFlags {
  config::CommonFlags common;
  // EXCHANGE[/COMPONENT]=ADDRESS each; the same service again adds an address.
  std::vector<std::string> backends;

  void AddTo(config::FlagParser& parser);
};

// Adds one `--backend` to the configuration.
// Errors: InvalidArgument, showing the text.
absl::Status AddBackend(const std::string& text, config::v1::RouterConfig* config);

// The file that --config names (or nothing), with the flags over it and the defaults filled in:
// listen 127.0.0.1:50050, deadline 10 s.
// Errors: those of LoadYamlFile; InvalidArgument naming the field.
absl::StatusOr<config::v1::RouterConfig> LoadConfig(const RouterFlags& flags);

}  // namespace switchyard::router
