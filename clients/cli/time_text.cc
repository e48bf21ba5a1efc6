#include "clients/cli/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace switchyard::clients::cli {
namespace {

// Digits alone; -1 otherwise.
int Number(std::string_view digits) {
  int number = -1;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc() && stop == end && digits[0] != '-' ? number : -1;
}

}  // namespace

std::string TimeOfDay(std::int64_t time_ns) {
  const std::string utc = FormatUtc(TimeNs(time_ns));
  const std::size_t start = utc.find('T') + 1;
  return utc.substr(start, std::string_view("00:00:00.000").size());
}

std::string DateAndTime(std::int64_t time_ns) {
  if (time_ns == 0) return "";
  std::string utc =
      FormatUtc(TimeNs(time_ns)).substr(0, std::string_view("2000-01-01T00:00:00").size());
  std::replace(utc.begin(), utc.end(), 'T', ' ');
  return utc;
}

absl::StatusOr<TimeNs> ParseUtc(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  bool formed = text.size() == kForm.size();
  for (std::size_t index = 0; formed && index < kForm.size(); ++index) {
    formed = kForm[index] == '0' || text[index] == kForm[index];
  }
  if (formed) {
    const std::chrono::year_month_day date{
        std::chrono::year{Number(text.substr(0, 4))},
        std::chrono::month{static_cast<unsigned>(Number(text.substr(5, 2)))},
        std::chrono::day{static_cast<unsigned>(Number(text.substr(8, 2)))}};
    const int hour = Number(text.substr(11, 2));
    const int minute = Number(text.substr(14, 2));
    const int second = Number(text.substr(17, 2));
    // Nanoseconds in 64 bits end in 2262.
    if (date.ok() && date.year() >= std::chrono::year{1970} &&
        date.year() < std::chrono::year{2262} && hour >= 0 && hour < 24 && minute >= 0 &&
        minute < 60 && second >= 0 && second < 60) {
      const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
      return TimeNs::FromSeconds(((days * 24 + hour) * 60 + minute) * 60 + second);
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is not a time like 2026-01-02T03:04:05Z", text));
}

}  // namespace switchyard::clients::cli
