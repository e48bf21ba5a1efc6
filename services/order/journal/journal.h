#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"
#include "common/time/time.h"
#include "services/order/journal/backup_server.h"
#include "services/order/journal/journal_mark.h"
#include "services/order/journal/records.h"
#include "services/order/journal/store.h"

// The orders of one (exchange, account) on disk: SQLite in WAL mode, locked for this process, read
// by nobody else. What is committed survives the process in any case, and with FULL the machine.
namespace switchyard::order::journal {

// When a commit counts as done. kFull: it is on the disk. kNormal: it survives the process; a power
// cut may lose the last ones. kOff: as kNormal, and a power cut may damage the file.
enum class Synchronous { kFull, kNormal, kOff };

// `FULL`, `NORMAL` or `OFF`; empty = FULL. Errors: InvalidArgument.
absl::StatusOr<Synchronous> ParseSynchronous(std::string_view text);

// What is kept. An event goes when it is old and not among the newest; a terminal order with its
// fills, and a command, when it has not changed for long: from then on its id is new again.
struct Retention {
  std::uint64_t events = 1'000'000;
  std::chrono::hours event_age{7 * 24};
  std::chrono::hours order_age{90 * 24};
};

struct Options {
  std::string path;
  std::string exchange, account;  // the file remembers whose it is
  Synchronous synchronous = Synchronous::kFull;
  Retention retention;
  std::uint64_t first_number = 1;  // of the orders of a new journal
  // Batches that wait for the writer; when there are more, Append waits for it.
  std::size_t max_waiting = 4'096;
};

class Journal {
 public:
  // Runs once, on the writer's thread, in the order of Append: the batch is committed at
  // `commit_time`, or the journal has failed. Must not block.
  using Committed = std::function<void(const absl::Status& status, TimeNs commit_time)>;

  // Told on the writer's thread, in one order with what Append tells; must not block.
  struct Listener {
    // Nothing is committed any more.
    std::function<void(const absl::Status& why)> failed;
    // What could not be committed meanwhile is, and Append works again. The events among it.
    std::function<void(std::vector<EventRow> rows)> recovered;
  };

  // Opens or creates the file, migrates it, checks it whole, and finds which life of it begins
  // (identity.h).
  // Errors: FailedPrecondition (another process has it; it is another account's, or of a newer
  // program), DataLoss (damaged, or gone), Unavailable (cannot be written).
  static absl::StatusOr<std::unique_ptr<Journal>> Open(Options options, const Clock& clock,
                                                       metrics::Metrics& metrics);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  // As Close.
  ~Journal();
  // Commits what waits, tells it, and ends the writer's thread: nobody is told anything later.
  // Nothing is appended any more. Idempotent; not from the writer's thread.
  void Close();

  // The journal's identity: random, made with the file, and anew when a backup is restored. Never
  // 0.
  std::uint64_t epoch() const { return epoch_; }

  // Once, before the first Append. Tells at once that it has failed, if it has.
  void SetListener(Listener listener);

  // Any thread. Blocks while max_waiting batches wait.
  void Append(Batch batch, Committed committed);
  // The first error of a commit: after it nothing is committed any more, so that no event is
  // missing between two that were told. Where the disk was full, what could not be committed is
  // kept and tried again every second, and all is well once it is on the disk; after any other
  // error the process must start anew. The message says which.
  absl::Status status() const;

  // Reads: any thread; each waits for a commit under way. Errors as Store.
  template <typename Read>
  auto WithStore(Read read) {
    const std::lock_guard lock(store_mutex_);
    return read(*store_);
  }

 private:
  struct Waiting {
    Batch batch;
    Committed committed;
    std::chrono::nanoseconds appended_at;
  };

  Journal(Options options, const Clock& clock, metrics::Metrics& metrics);
  absl::Status OpenStore();
  void Run();
  void CommitGroup(std::vector<Waiting> group);
  absl::Status Commit(const std::vector<Batch>& group, TimeNs commit_time);
  // What the writer does beside commits, at most once a second, or as long as a copy is made.
  void WorkBesides();
  void Fail(const absl::Status& error);
  // Keeps what was not committed for Recover, as far as there is room.
  void KeepUnwritten(std::vector<Waiting> group);
  void Recover();
  void ServeBackup();
  void Truncate();

  const Options options_;
  const Clock& clock_;
  metrics::Histogram& latency_;
  metrics::Histogram& batch_size_;
  metrics::Counter& failures_;
  std::uint64_t epoch_ = 0;

  std::mutex store_mutex_;
  std::unique_ptr<Store> store_;  // guarded by store_mutex_

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_, room_;
  std::vector<Waiting> waiting_;
  absl::Status status_;
  Listener listener_;
  bool stopping_ = false;

  // Writer's thread alone.
  std::uint64_t last_sequence_ = 0;
  FileWatch watch_;
  BackupServer backups_;
  bool recoverable_ = false;      // since it failed
  std::vector<Batch> unwritten_;  // since then
  std::chrono::nanoseconds next_work_{0};
  std::chrono::nanoseconds next_truncation_{0};
  std::thread writer_;
};

}  // namespace switchyard::order::journal
