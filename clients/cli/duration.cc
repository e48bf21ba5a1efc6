#include "clients/cli/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t millis;
};

constexpr std::array kUnits = {
    Unit{"", 1'000},      Unit{"ms", 1},         Unit{"s", 1'000},       Unit{"m", 60'000},
    Unit{"h", 3'600'000}, Unit{"d", 86'400'000}, Unit{"w", 604'800'000},
};
// Longer than any use; keeps the multiplication below from overflowing.
constexpr std::int64_t kMostUnits = 1'000'000'000;

// Integer arithmetic: tenths or hundredths of `unit` with `decimals` places, rounded down.
std::string Scaled(std::int64_t nanoseconds, std::int64_t unit, std::string_view name) {
  const std::int64_t whole = nanoseconds / unit;
  const std::int64_t hundredths = nanoseconds % unit * 100 / unit;
  if (whole >= 100) return fmt::format("{} {}", whole, name);
  if (whole >= 10) return fmt::format("{}.{} {}", whole, hundredths / 10, name);
  return fmt::format("{}.{:02} {}", whole, hundredths, name);
}

}  // namespace

absl::StatusOr<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const std::string_view suffix(stop, static_cast<std::size_t>(end - stop));
  for (const Unit& unit : kUnits) {
    if (error == std::errc() && unit.suffix == suffix && number >= 0 && number <= kMostUnits) {
      return std::chrono::milliseconds(number * unit.millis);
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is not a duration like 250ms, 5s, 1m, 4h, 1d", text));
}

std::string FormatDuration(std::int64_t nanoseconds) {
  if (nanoseconds < 0) return "-" + FormatDuration(-nanoseconds);
  if (nanoseconds < 1'000) return fmt::format("{} ns", nanoseconds);
  if (nanoseconds < 1'000'000) return Scaled(nanoseconds, 1'000, "us");
  if (nanoseconds < 1'000'000'000) return Scaled(nanoseconds, 1'000'000, "ms");
  const std::int64_t seconds = nanoseconds / 1'000'000'000;
  if (seconds < 60) return Scaled(nanoseconds, 1'000'000'000, "s");
  if (seconds < 3'600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  if (seconds < 86'400) return fmt::format("{} h {:02} min", seconds / 3'600, seconds / 60 % 60);
  return fmt::format("{} d {:02} h", seconds / 86'400, seconds / 3'600 % 24);
}

}  // namespace switchyard::clients::cli
