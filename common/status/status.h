#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "switchyard/common/v1/errors.pb.h"

// Evaluates an absl::Status and returns it from the enclosing function if it is an error.
#define SWITCHYARD_RETURN_IF_ERROR(expression)                                  \
  do {                                                                          \
    if (absl::Status switchyard_status = (expression); !switchyard_status.ok()) \
      return switchyard_status;                                                 \
  } while (false)

#define SWITCHYARD_CONCAT_INNER(left, right) left##right
#define SWITCHYARD_CONCAT(left, right) SWITCHYARD_CONCAT_INNER(left, right)

// Declares `target` from an absl::StatusOr, or returns its error from the enclosing function.
#define SWITCHYARD_ASSIGN_OR_RETURN(target, expression) \
  SWITCHYARD_ASSIGN_OR_RETURN_INNER(SWITCHYARD_CONCAT(switchyard_or_, __LINE__), target, expression)
// The arguments are declarations and names: parentheses would change them.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define SWITCHYARD_ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto result = (expression);                                         \
  if (!result.ok()) return std::move(result).status();                \
  target = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)

namespace switchyard {

using common::v1::ErrorReason;

// Details that travel with a status, see common/v1/errors.proto. Values are cut to 256 bytes and to
// valid UTF-8.
using ErrorMetadata = std::map<std::string, std::string>;

// An error with a reason. `message` says what was attempted, on what, and what came back.
absl::Status MakeError(absl::StatusCode code, ErrorReason reason, std::string_view message,
                       const ErrorMetadata& metadata = {});

// The same status with a hint when a retry can succeed.
absl::Status WithRetryAfter(absl::Status status, std::chrono::nanoseconds delay);
// The same status with one more metadata entry. A status without a reason gets UNSPECIFIED.
absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value);

// UNSPECIFIED when the status carries none.
ErrorReason ReasonOf(const absl::Status& status);
ErrorMetadata MetadataOf(const absl::Status& status);
std::optional<std::chrono::nanoseconds> RetryAfterOf(const absl::Status& status);

// INVALID_ARGUMENT with reason INVALID_FIELD and the field's name.
absl::Status InvalidField(std::string_view field, std::string_view why);
// UNIMPLEMENTED with reason NOT_IN_CAPABILITIES.
absl::Status NotInCapabilities(std::string_view exchange, std::string_view what);

// The contract's own form of a status, for items of batches, scatters and subscriptions.
common::v1::Status ToProto(const absl::Status& status);
// The way back. Unknown codes become UNKNOWN.
absl::Status FromProto(const common::v1::Status& proto);

// Without its prefix: "BOOK_NOT_READY".
std::string ReasonName(ErrorReason reason);

}  // namespace switchyard
