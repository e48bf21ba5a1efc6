#include "services/access/utc_time.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

namespace switchyard::access {

absl::StatusOr<TimeNs> ParseUtc(const std::string& text) {
  const absl::Status bad = absl::InvalidArgumentError(
      fmt::format("'{}' is not a time such as 2027-01-31T00:00:00Z", text));
  std::tm parts = {};
  int length = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &length) != 6 ||
      length != 19) {
    return bad;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  std::tm normal = parts;
  const std::int64_t seconds = timegm(&normal);
  // 31 June would be taken for 1 July.
  if (normal.tm_mon != parts.tm_mon || normal.tm_mday != parts.tm_mday ||
      normal.tm_hour != parts.tm_hour || normal.tm_min != parts.tm_min ||
      normal.tm_sec != parts.tm_sec) {
    return bad;
  }
  const std::string zone = text.substr(19);
  if (zone == "Z") return TimeNs::FromSeconds(seconds);
  char sign = 0;
  int hours = 0;
  int minutes = 0;
  if (zone.size() != 6 || std::sscanf(zone.c_str(), "%c%2d:%2d", &sign, &hours, &minutes) != 3 ||
      (sign != '+' && sign != '-') || hours > 23 || minutes > 59 || hours < 0 || minutes < 0) {
    return bad;
  }
  const std::int64_t offset = hours * 3'600 + minutes * 60;
  return TimeNs::FromSeconds(sign == '+' ? seconds - offset : seconds + offset);
}

}  // namespace switchyard::access
