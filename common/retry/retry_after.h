#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/time/time.h"

namespace switchyard::retry {

// Longer waits are taken for a mistake: one asks again after an hour.
inline constexpr std::chrono::seconds kLongestRetryAfter{3'600};

// How long a Retry-After header asks to wait: seconds, or an HTTP date in any of its three forms,
// of which `now` (wall clock) is taken. 0 for a date that is past; nullopt for any other text.
// Source: RFC 9110, sections 10.2.3 and 5.6.7.
std::optional<std::chrono::nanoseconds> ParseRetryAfter(std::string_view text, TimeNs now);

}  // namespace switchyard::retry
