#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace switchyard::clients::cli {

// "250ms", "5s", "1m", "4h", "1d", "1w"; a bare number is seconds. Errors: InvalidArgument.
absl::StatusOr<std::chrono::milliseconds> ParseDuration(std::string_view text);

// For people, with about three digits: "850 us", "1.25 ms", "12.3 s", "4 h 05 min".
std::string FormatDuration(std::int64_t nanoseconds);

}  // namespace switchyard::clients::cli
