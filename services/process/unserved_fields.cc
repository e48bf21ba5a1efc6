#include "services/process/unserved_fields.h"

#include "common/status/status.h"

namespace switchyard::process {

absl::Status RefuseUnservedFields(const config::v1::ProcessConfig& config) {
  constexpr char kWhy[] = "is not served yet";
  if (!config.metrics_token_sha256().empty()) {
    return InvalidField("process.metrics_token_sha256", kWhy);
  }
  return absl::OkStatus();
}

}  // namespace switchyard::process
