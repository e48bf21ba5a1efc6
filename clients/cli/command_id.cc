#include "clients/cli/command_id.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace switchyard::clients::cli {
namespace {

constexpr std::size_t kLongestId = 36;

}  // namespace

std::string MakeCommandId(TimeNs now, std::uint64_t random) {
  return fmt::format("yard-{:011x}-{:016x}", now.Millis(), random);
}

bool IsCommandId(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId &&
         std::all_of(text.begin(), text.end(), [](char byte) {
           return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                  (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
         });
}

std::uint64_t MachineRandom() {
  std::uint64_t bits = 0;
  // Cannot fail for so few bytes; if it did, the milliseconds alone would tell two ids apart.
  return getentropy(&bits, sizeof bits) == 0 ? bits : 0;
}

}  // namespace switchyard::clients::cli
