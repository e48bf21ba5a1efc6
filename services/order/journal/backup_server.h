#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/time.h"
#include "services/order/journal/database.h"

namespace switchyard::order::journal {

// Where a copy of the journal at `path` is asked for: a file that holds the copy's name, which is
// one in the same folder. It goes when the copy is there, or BackupErrorPath says why it is not.
std::string BackupRequestPath(const std::string& path);
std::string BackupErrorPath(const std::string& path);

// Makes the copies that are asked for while the journal is in use, in steps between its commits.
// The writer's thread alone.
class BackupServer {
 public:
  // The journal at `path`.
  explicit BackupServer(std::string path) : path_(std::move(path)) {}

  bool is_asked() const;
  bool is_active() const { return copy_.has_value(); }

  // With the journal's database locked. What fails is told in the error file.
  void Begin(Database& source);
  // True: all is copied, as it is now.
  bool Step();
  // Without a lock: the copy gets its name. `now`: when the last step was.
  void Finish(TimeNs now);

 private:
  absl::Status TryBegin(Database& source);
  absl::Status TryFinish(TimeNs now);
  void Fail(const absl::Status& why);

  const std::string path_;
  std::string target_path_;  // of the copy under way; it is made beside, under another name
  std::unique_ptr<Database> target_;
  std::optional<DatabaseCopy> copy_;
};

}  // namespace switchyard::order::journal
