#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace switchyard::exchanges::gateio {

// All page tokens of Gate.io's reads are one number: the id or time at which the next page begins.
// Errors: InvalidArgument, INVALID_PAGE_TOKEN.
absl::StatusOr<std::int64_t> ParsePageToken(std::string_view token);

}  // namespace switchyard::exchanges::gateio
