#include "common/retry/retry_after.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <string>
#include <system_error>

namespace switchyard::retry {
namespace {

// As sent today, and the two forms that old servers still send.
constexpr const char* kDateForms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                      "%a %b %e %H:%M:%S %Y"};

std::optional<TimeNs> ParseHttpDate(const std::string& text) {
  for (const char* const form : kDateForms) {
    std::tm fields{};
    const char* const end = strptime(text.c_str(), form, &fields);
    // The process never leaves the "C" locale, so names are those of the RFC.
    if (end == text.c_str() + text.size()) return TimeNs::FromSeconds(timegm(&fields));
  }
  return std::nullopt;
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::optional<std::chrono::nanoseconds> ParseRetryAfter(std::string_view text, TimeNs now) {
  constexpr std::chrono::nanoseconds kLongest = kLongestRetryAfter;
  text = Trimmed(text);
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc::result_out_of_range) return kLongest;
    return std::chrono::seconds(std::min<std::int64_t>(seconds, kLongestRetryAfter.count()));
  }
  const std::optional<TimeNs> date = ParseHttpDate(std::string(text));
  if (!date) return std::nullopt;
  return std::clamp(*date - now, std::chrono::nanoseconds(0), kLongest);
}

}  // namespace switchyard::retry
