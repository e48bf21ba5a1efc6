#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/time.h"

// Copies of a journal's file, for its operator: another process than the one that writes it. One
// thread; every function blocks.
namespace switchyard::order::journal {

// What a journal's file holds.
struct FileFacts {
  std::string owner;  // `exchange/account`
  std::uint64_t epoch = 0;
  TimeNs backup_time;  // 0 = it is no backup
  TimeNs last_commit;  // of its last event; 0 = it has none
  std::uint64_t first_sequence = 0, last_sequence = 0;
  std::uint64_t orders = 0, open_orders = 0, fills = 0;
};

// Reads the whole file and checks it: SQLite's own structure, the schema, the identity, that no
// event is missing between the first and the last. Changes nothing.
// Errors: NotFound; FailedPrecondition, a process has it open, or it is of a newer program;
// DataLoss, it is damaged, or no journal.
absl::StatusOr<FileFacts> VerifyFile(const std::string& path);

// Makes `target` a copy of the journal at `path`, consistent as of one moment, marked as a backup
// and on the disk when this returns. By the process that has the journal open, which is asked by a
// file in its folder, or, where there is none, by this one. `wait`: asked while the other works;
// false = give up.
// Errors: AlreadyExists, `target` exists, or a backup is under way; DeadlineExceeded, given up; as
// VerifyFile of the copy.
absl::StatusOr<FileFacts> BackUp(const std::string& path, const std::string& target, TimeNs now,
                                 const std::function<bool()>& wait);

// What a restoration did.
struct Restored {
  FileFacts facts;
  std::string kept_as;  // the file that was there; empty = none
};

// Puts a copy of `backup` into the place of the journal at `path`, whose own file stays beside it
// under another name. The service that opens it then makes it a journal of its own (identity.h).
// Errors: as VerifyFile of the backup; FailedPrecondition, a process has the journal open, or the
// backup is another owner's; Unavailable, the file system refuses.
absl::StatusOr<Restored> Restore(const std::string& backup, const std::string& path, TimeNs now);

// Marks a copy that no process has open as what it is; afterwards it is one file, without a log.
absl::Status MarkAsBackup(const std::string& path, TimeNs time);

}  // namespace switchyard::order::journal
