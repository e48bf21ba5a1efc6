#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/process/command_line.h"
#include "services/process/process.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::standalone {

inline constexpr char kProgram[] = "switchyard";

// All services of all configured exchanges; of all that the binary holds where none is configured.
// Errors: InvalidArgument, naming the field or the exchange.
absl::StatusOr<process::ProcessSpec> MakeSpec(const process::CommandLine& command_line,
                                              const config::v1::StandaloneConfig& config);

}  // namespace switchyard::standalone
