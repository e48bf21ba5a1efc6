#include "services/process/unserved_fields.h"

#include "common/status/status.h"

namespace switchyard::process {

absl::Status RefuseUnservedFields(const config::v1::ProcessConfig& config) {
  constexpr char kWhy[] = "is not served yet";
  if (config.has_access()) return InvalidField("process.access", kWhy);
  if (!config.audit_log().empty()) return InvalidField("process.audit_log", kWhy);
  if (config.has_client_limits()) return InvalidField("process.client_limits", kWhy);
  if (!config.metrics_token_sha256().empty()) {
    return InvalidField("process.metrics_token_sha256", kWhy);
  }
  return absl::OkStatus();
}

}  // namespace switchyard::process
