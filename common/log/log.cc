#include "common/log/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>

namespace switchyard::log {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames = {"debug", "info", "warning", "error",
                                                         "off"};

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7f || c == '"' || c == '=' || c == '\\') return true;
  }
  return false;
}

void AppendText(fmt::memory_buffer& line, std::string_view text) {
  if (!NeedsQuotes(text)) {
    line.append(text.data(), text.data() + text.size());
    return;
  }
  const auto out = std::back_inserter(line);
  line.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else if (c == '\n') {
      fmt::format_to(out, "\\n");
    } else if (c == '\r') {
      fmt::format_to(out, "\\r");
    } else if (c == '\t') {
      fmt::format_to(out, "\\t");
    } else if (byte < ' ' || byte == 0x7f) {
      fmt::format_to(out, "\\x{:02x}", byte);
    } else {
      line.push_back(c);
    }
  }
  line.push_back('"');
}

struct AppendValue {
  void operator()(std::string_view text) const { AppendText(line, text); }
  void operator()(bool value) const { AppendText(line, value ? "true" : "false"); }
  void operator()(std::int64_t value) const {
    fmt::format_to(std::back_inserter(line), "{}", value);
  }
  void operator()(std::uint64_t value) const {
    fmt::format_to(std::back_inserter(line), "{}", value);
  }
  void operator()(const absl::Status* status) const {
    if (status->ok()) return AppendText(line, "OK");
    AppendText(line, fmt::format("{}: {}", absl::StatusCodeToString(status->code()),
                                 std::string(status->message())));
  }
  fmt::memory_buffer& line;
};

// Where lines go: spdlog's stderr, or a test's function.
class Output {
 public:
  Output() : stderr_("switchyard", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    stderr_.set_pattern("%v");
    stderr_.set_level(spdlog::level::trace);
    // Whoever reads the log of a process that died needs its last line.
    stderr_.flush_on(spdlog::level::trace);
  }

  void Write(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (sink_) {
      sink_(line);
    } else {
      stderr_.log(spdlog::level::info, line);
    }
  }

  void SetSink(std::function<void(std::string_view)> sink) {
    const std::lock_guard lock(mutex_);
    sink_ = std::move(sink);
  }

 private:
  std::mutex mutex_;
  std::function<void(std::string_view)> sink_;
  spdlog::logger stderr_;
};

// Never destroyed: threads may log while the process ends.
Output& TheOutput() {
  static Output* const output = new Output;
  return *output;
}

}  // namespace

namespace internal {

void WriteEnabled(Level level, std::string_view event, Fields fields, std::uint64_t suppressed) {
  fmt::memory_buffer line;
  const auto out = std::back_inserter(line);
  fmt::format_to(out, "{} level={} event=", FormatUtc(SystemClock().Now()),
                 kLevelNames[static_cast<std::size_t>(level)]);
  AppendText(line, event);
  for (const Field& field : fields) {
    fmt::format_to(out, " {}=", field.key);
    std::visit(AppendValue{line}, field.value);
  }
  if (suppressed > 0) fmt::format_to(out, " suppressed={}", suppressed);
  TheOutput().Write({line.data(), line.size()});
}

}  // namespace internal

void SetLevel(Level level) {
  internal::level.store(static_cast<int>(level), std::memory_order_relaxed);
}

absl::StatusOr<Level> ParseLevel(std::string_view name) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == name) return static_cast<Level>(i);
  }
  return absl::InvalidArgumentError(
      fmt::format("log level \"{}\" is none of {}", name, fmt::join(kLevelNames, ", ")));
}

SampledLog::SampledLog(const Clock& clock, std::chrono::nanoseconds period, int burst)
    : clock_(clock), period_(period), burst_(burst) {}

void SampledLog::Log(Level level, std::string_view event, Fields fields) {
  if (!Enabled(level)) return;
  const std::chrono::nanoseconds now = clock_.Steady();
  if (!started_ || now - window_start_ >= period_) {
    started_ = true;
    window_start_ = now;
    written_ = 0;
  }
  if (written_ >= burst_) {
    ++suppressed_;
    return;
  }
  ++written_;
  internal::WriteEnabled(level, event, fields, std::exchange(suppressed_, 0));
}

ScopedSink::ScopedSink(std::function<void(std::string_view line)> sink) {
  TheOutput().SetSink(std::move(sink));
}

ScopedSink::~ScopedSink() { TheOutput().SetSink(nullptr); }

}  // namespace switchyard::log
