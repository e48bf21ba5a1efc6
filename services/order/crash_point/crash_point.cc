#include "services/order/crash_point/crash_point.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace switchyard::order {
namespace {

constexpr char kVariable[] = "SWITCHYARD_CRASH_AT";
constexpr std::array<std::string_view, 8> kNames = {
    "before_commit", "after_commit", "before_send",    "after_send",
    "before_answer", "after_answer", "before_publish", "after_publish"};

struct Armed {
  std::size_t point = kNames.size();  // none
  std::atomic<std::int64_t> passes_left{0};

  Armed() {
    const char* const value = std::getenv(kVariable);
    if (value == nullptr) return;
    const std::string_view text(value);
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    passes_left = colon == text.npos ? 1 : std::strtoll(value + colon + 1, nullptr, 10);
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      if (kNames[i] == name) point = i;
    }
  }
};

}  // namespace

void PassCrashPoint(CrashPoint point) {
  static Armed armed;
  if (static_cast<std::size_t>(point) != armed.point) return;
  if (armed.passes_left.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

}  // namespace switchyard::order
