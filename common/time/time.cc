#include "common/time/time.h"

#include <fmt/format.h>

#include <ctime>

namespace switchyard {
namespace {

class MachineClock final : public Clock {
 public:
  TimeNs Now() const override {
    return {std::chrono::duration_cast<std::chrono::nanoseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
  }
  std::chrono::nanoseconds Steady() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace

const Clock& SystemClock() {
  static const MachineClock kClock;
  return kClock;
}

std::string FormatUtc(TimeNs time) {
  const std::time_t seconds = time.Seconds();
  // From the remainder: `seconds` in nanoseconds exceeds 64 bits near the earliest time.
  const std::int64_t rest = time.value % 1'000'000'000;
  const std::int64_t micros = (rest < 0 ? rest + 1'000'000'000 : rest) / 1'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, micros);
}

}  // namespace switchyard
