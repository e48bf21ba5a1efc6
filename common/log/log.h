#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/time.h"

// One event per line on stderr:
//   2026-01-02T03:04:05.123456Z level=info event=connected exchange=gateio connection="spot 1"
// Values with spaces, quotes, '=' or control characters are quoted and escaped, so that no value
// can forge a line. Any thread. A disabled level costs one load.
namespace switchyard::log {

enum class Level : int { kDebug = 0, kInfo, kWarning, kError, kOff };

// A key and its value; views what it is given, so make it in the call.
struct Field {
  using Value =
      std::variant<std::string_view, std::int64_t, std::uint64_t, bool, const absl::Status*>;

  Field(std::string_view key, std::string_view value) : key(key), value(value) {}
  Field(std::string_view key, const std::string& value) : Field(key, std::string_view(value)) {}
  Field(std::string_view key, const char* value) : Field(key, std::string_view(value)) {}
  Field(std::string_view key, bool value) : key(key), value(value) {}
  template <std::signed_integral T>
  Field(std::string_view key, T value) : key(key), value(static_cast<std::int64_t>(value)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Field(std::string_view key, T value)
      : key(key), value(static_cast<std::uint64_t>(value)) {}
  // As CODE: message, without its details.
  Field(std::string_view key, const absl::Status& value) : key(key), value(&value) {}

  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

namespace internal {
inline std::atomic<int> level{static_cast<int>(Level::kInfo)};
void WriteEnabled(Level level, std::string_view event, Fields fields, std::uint64_t suppressed);
}  // namespace internal

inline bool Enabled(Level level) {
  return static_cast<int>(level) >= internal::level.load(std::memory_order_relaxed);
}
void SetLevel(Level level);
// "debug", "info", "warning", "error", "off". Errors: InvalidArgument.
absl::StatusOr<Level> ParseLevel(std::string_view name);

inline void Log(Level level, std::string_view event, Fields fields = {}) {
  if (Enabled(level)) internal::WriteEnabled(level, event, fields, 0);
}
inline void Debug(std::string_view event, Fields fields = {}) { Log(Level::kDebug, event, fields); }
inline void Info(std::string_view event, Fields fields = {}) { Log(Level::kInfo, event, fields); }
inline void Warning(std::string_view event, Fields fields = {}) {
  Log(Level::kWarning, event, fields);
}
inline void Error(std::string_view event, Fields fields = {}) { Log(Level::kError, event, fields); }

// Writes at most `burst` lines per `period`; the next line that is written says how many were not
// (`suppressed=`). For what the outside can repeat at will: unknown messages, parse errors. One
// thread; one object per place and connection.
class SampledLog {
 public:
  SampledLog(const Clock& clock, std::chrono::nanoseconds period, int burst = 1);

  void Log(Level level, std::string_view event, Fields fields = {});
  std::uint64_t suppressed() const { return suppressed_; }

 private:
  const Clock& clock_;
  const std::chrono::nanoseconds period_;
  const int burst_;
  std::chrono::nanoseconds window_start_{0};
  int written_ = 0;
  bool started_ = false;
  std::uint64_t suppressed_ = 0;
};

// Diverts all lines (without their newline) while it lives; calls are serialised. For tests, one
// at a time.
class ScopedSink {
 public:
  explicit ScopedSink(std::function<void(std::string_view line)> sink);
  ScopedSink(const ScopedSink&) = delete;
  ScopedSink& operator=(const ScopedSink&) = delete;
  ~ScopedSink();
};

}  // namespace switchyard::log
