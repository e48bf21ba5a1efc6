#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"
#include "common/time/time.h"

namespace switchyard::access {

// An order command that has been answered. Without secrets: no request has any, and no header is
// here.
struct AuditRecord {
  TimeNs time;            // when it came
  std::string principal;  // empty where none was known
  std::string peer;       // as gRPC spells it
  std::string method;     // "OrderService/PlaceOrder"
  std::string exchange;
  std::string account;
  std::string request;  // JSON with the contract's field names; empty: it could not be read
  absl::Status outcome;
  std::chrono::nanoseconds latency{0};
};

// The record as one line of JSON, without its end.
std::string ToJsonLine(const AuditRecord& record);

// Appends records to a file, on a thread of its own. What cannot be written now is kept and tried
// again; as much as can be kept can be reserved, so that no record is lost while the process lives.
// A file that was moved away or removed is made anew; a new file has mode 0600.
//   switchyard_audit_records_total, switchyard_audit_write_errors_total, switchyard_audit_waiting
// Any thread.
class AuditLog {
 public:
  // Commands under way and records not yet written, together.
  static constexpr std::size_t kMaxWaiting = 10'000;

  // Errors: InvalidArgument (INVALID_FIELD `process.audit_log`), the file cannot be opened.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(const std::string& path,
                                                        metrics::Metrics& metrics);
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;
  // Tries once more to write what waits.
  ~AuditLog();

  // Room for one record. False: there is none.
  bool Reserve();
  // Of whom room was reserved.
  void Append(const AuditRecord& record);

 private:
  AuditLog(std::string path, metrics::Metrics& metrics);
  absl::Status OpenFile();
  // Whether `path_` is still the open file.
  bool IsCurrent() const;
  // Writes `lines_` as far as it can. The writer's thread.
  absl::Status Write();
  void Run();

  const std::string path_;
  metrics::Counter& records_;
  metrics::Counter& errors_;
  metrics::Metrics::Callback waiting_gauge_;
  int descriptor_ = -1;       // Open, then the writer's thread
  std::string lines_;         // taken from the queue and not yet written; the writer's thread
  std::size_t in_lines_ = 0;  // how many; the writer's thread
  std::string told_;          // the error that was logged last; the writer's thread

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> queue_;
  std::size_t waiting_ = 0;  // reserved, and not yet written
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace switchyard::access
