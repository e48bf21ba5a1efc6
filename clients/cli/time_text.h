#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/time/time.h"

namespace switchyard::clients::cli {

// Hours, minutes, seconds and milliseconds, UTC.
std::string TimeOfDay(std::int64_t time_ns);
// Date, hours, minutes and seconds, UTC. Empty for 0, which means not given.
std::string DateAndTime(std::int64_t time_ns);
// "2026-01-02T03:04:05Z", from 1970 on. Errors: InvalidArgument.
absl::StatusOr<TimeNs> ParseUtc(std::string_view text);

}  // namespace switchyard::clients::cli
