#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// What tells a journal that is gone from one that never was, and an older copy from the latest.
namespace switchyard::order::journal {

// Beside the journal, in `{path}.mark`: which journal was opened here last. Whoever wants to begin
// anew without the journal's orders removes it.
struct Mark {
  std::uint64_t epoch = 0;
  std::uint64_t openings = 0;  // how often it had been opened, that one included
};

std::string MarkPath(const std::string& path);
// Nullopt = there is none. Errors: DataLoss, it does not parse; Unavailable, it cannot be read.
absl::StatusOr<std::optional<Mark>> ReadMark(const std::string& path);
// On the disk when it returns. Errors: Unavailable.
absl::Status WriteMark(const std::string& path, const Mark& mark);

// Whether the files that a process has open are still those that their names lead to: what is
// written to a removed file is gone with the process. One thread at a time.
class FileWatch {
 public:
  FileWatch() = default;
  // The journal at `path`, which has been opened. Errors: Unavailable.
  static absl::StatusOr<FileWatch> Of(const std::string& path);

  // Errors: DataLoss, the journal or its write-ahead log was removed or replaced.
  absl::Status Check();

 private:
  struct Id {
    std::uint64_t device = 0, inode = 0;
    bool operator==(const Id&) const = default;
  };
  static std::optional<Id> Look(const std::string& path);

  std::string path_;
  Id file_;
  std::optional<Id> log_;  // from when it is first seen
};

// Has the folder of `path` remember a file that was made, renamed or removed in it. Errors:
// Unavailable.
absl::Status SyncFolder(const std::string& path);

}  // namespace switchyard::order::journal
