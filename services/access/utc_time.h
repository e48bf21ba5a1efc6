#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/time/time.h"

namespace switchyard::access {

// RFC 3339, to the second: `2027-01-31T00:00:00Z` or with an offset, `2027-01-31T02:00:00+02:00`.
// Errors: InvalidArgument.
absl::StatusOr<TimeNs> ParseUtc(const std::string& text);

}  // namespace switchyard::access
