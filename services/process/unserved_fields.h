#pragma once

#include "absl/status/status.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::process {

// What the contract of configuration has and no process does yet stops the start: who configures it
// must not believe that it holds.
// Errors: InvalidArgument, naming the field.
absl::Status RefuseUnservedFields(const config::v1::ProcessConfig& config);

}  // namespace switchyard::process
