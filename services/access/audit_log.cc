#include "services/access/audit_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "common/status/text.h"

namespace switchyard::access {
namespace {

constexpr std::chrono::seconds kRetry{1};
constexpr mode_t kOwnerOnly = 0600;
constexpr std::size_t kMaxTextBytes = 1'024;

// A JSON string, with its quotes.
std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char character : SafeText(text, kMaxTextBytes)) {
    if (character == '"' || character == '\\') {
      quoted += '\\';
      quoted += character;
    } else if (static_cast<unsigned char>(character) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(character));
    } else {
      quoted += character;
    }
  }
  return quoted + '"';
}

std::string CodeName(const absl::Status& status) { return absl::StatusCodeToString(status.code()); }

}  // namespace

std::string ToJsonLine(const AuditRecord& record) {
  std::string line = fmt::format(
      R"({{"time_ns":{},"principal":{},"peer":{},"method":{},"exchange":{},"account":{},"request":{},"code":{})",
      record.time.value, Quote(record.principal), Quote(record.peer), Quote(record.method),
      Quote(record.exchange), Quote(record.account),
      record.request.empty() ? "null" : record.request, Quote(CodeName(record.outcome)));
  if (!record.outcome.ok()) {
    line += fmt::format(R"(,"reason":{},"message":{})", Quote(ReasonName(ReasonOf(record.outcome))),
                        Quote(std::string(record.outcome.message())));
  }
  return line + fmt::format(R"(,"latency_ns":{}}})", record.latency.count());
}

AuditLog::AuditLog(std::string path, metrics::Metrics& metrics)
    : path_(std::move(path)),
      records_(metrics.AddCounter("switchyard_audit_records_total",
                                  "Order commands written to the audit log.")),
      errors_(metrics.AddCounter("switchyard_audit_write_errors_total",
                                 "Attempts to write the audit log that failed.")),
      waiting_gauge_(metrics.AddCallbackGauge(
          "switchyard_audit_waiting", "Order commands not yet in the audit log.", {}, [this] {
            const std::lock_guard lock(mutex_);
            return static_cast<double>(waiting_);
          })) {}

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& path,
                                                         metrics::Metrics& metrics) {
  std::unique_ptr<AuditLog> log(new AuditLog(path, metrics));
  if (const absl::Status status = log->OpenFile(); !status.ok()) {
    return InvalidField("process.audit_log", std::string(status.message()));
  }
  log->thread_ = std::thread([self = log.get()] { self->Run(); });
  return log;
}

AuditLog::~AuditLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status AuditLog::OpenFile() {
  const int fresh = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (fresh < 0) {
    return absl::UnavailableError(fmt::format("{}: {}", path_, std::strerror(errno)));
  }
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = fresh;
  return absl::OkStatus();
}

bool AuditLog::IsCurrent() const {
  struct stat named = {};
  struct stat open_one = {};
  return stat(path_.c_str(), &named) == 0 && fstat(descriptor_, &open_one) == 0 &&
         named.st_ino == open_one.st_ino && named.st_dev == open_one.st_dev;
}

bool AuditLog::Reserve() {
  const std::lock_guard lock(mutex_);
  if (waiting_ >= kMaxWaiting) return false;
  ++waiting_;
  return true;
}

void AuditLog::Append(const AuditRecord& record) {
  std::string line = ToJsonLine(record) + '\n';
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(line));
  }
  wake_.notify_all();
}

absl::Status AuditLog::Write() {
  if (!IsCurrent()) SWITCHYARD_RETURN_IF_ERROR(OpenFile());
  std::size_t written = 0;
  while (written < lines_.size()) {
    const ssize_t count = write(descriptor_, lines_.data() + written, lines_.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const std::string why = std::strerror(errno);
      lines_.erase(0, written);
      return absl::UnavailableError(fmt::format("{}: {}", path_, why));
    }
    written += static_cast<std::size_t>(count);
  }
  lines_.clear();
  return absl::OkStatus();
}

void AuditLog::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty() || in_lines_ > 0; });
    const bool last = stopping_;
    in_lines_ += queue_.size();
    for (const std::string& line : queue_) lines_ += line;
    queue_.clear();
    if (in_lines_ > 0) {
      lock.unlock();
      const absl::Status status = Write();
      if (status.ok()) {
        records_.Increment(in_lines_);
        told_.clear();
      } else {
        errors_.Increment();
        if (std::string error(status.message()); error != told_) {
          log::Error("audit_log_unwritable", {{"error", error}});
          told_ = std::move(error);
        }
      }
      lock.lock();
      if (status.ok()) waiting_ -= std::exchange(in_lines_, 0);
    }
    if (last) return;
    // The disk may have room again.
    if (in_lines_ > 0) wake_.wait_for(lock, kRetry, [this] { return stopping_; });
  }
}

}  // namespace switchyard::access
