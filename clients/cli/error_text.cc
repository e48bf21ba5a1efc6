#include "clients/cli/error_text.h"

#include <fmt/format.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <chrono>

#include "common/status/grpc_status.h"
#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

std::string Describe(const absl::Status& status) {
  std::string text = absl::StatusCodeToString(status.code());
  const ErrorReason reason = ReasonOf(status);
  if (reason != common::v1::ERROR_REASON_UNSPECIFIED) text += " " + ReasonName(reason);
  text += fmt::format(": {}", std::string(status.message()));
  std::string facts;
  for (const auto& [key, value] : MetadataOf(status)) {
    facts += fmt::format("{}{}={}", facts.empty() ? "" : ", ", key, value);
  }
  if (!facts.empty()) text += fmt::format(" ({})", facts);
  if (const auto delay = RetryAfterOf(status)) {
    const auto millis = std::chrono::ceil<std::chrono::milliseconds>(*delay).count();
    text += fmt::format("; retry after {} ms", millis);
  }
  // Exactly one line, whatever an exchange put into its message.
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::string ErrorText(const grpc::Status& status) { return Describe(FromGrpcStatus(status)); }

std::string ErrorText(const common::v1::Status& status) { return Describe(FromProto(status)); }

}  // namespace switchyard::clients::cli
