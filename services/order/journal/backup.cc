#include "services/order/journal/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/status/status.h"
#include "services/order/journal/backup_server.h"
#include "services/order/journal/database.h"
#include "services/order/journal/journal_mark.h"
#include "services/order/journal/meta.h"
#include "services/order/journal/schema.h"

namespace switchyard::order::journal {
namespace {

namespace fs = std::filesystem;

absl::Status FileError(const std::string& what, const std::error_code& error) {
  return absl::UnavailableError(fmt::format("journal: {}: {}", what, error.message()));
}

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// "20260102-030405", for names of files.
std::string Stamp(TimeNs now) {
  std::string digits;
  for (const char c : FormatUtc(now).substr(0, 19)) {
    if (c >= '0' && c <= '9') digits += c;
    if (c == 'T') digits += '-';
  }
  return digits;
}

absl::Status SyncFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const std::error_code error(errno, std::generic_category());
  if (file >= 0) ::close(file);
  if (!synced) return FileError("syncing " + path, error);
  return SyncFolder(path);
}

absl::StatusOr<std::string> ReadMeta(Database& database, std::string_view key) {
  return database.ReadBytes(fmt::format("SELECT value FROM meta WHERE key = '{}'", key));
}

absl::StatusOr<FileFacts> ReadFacts(Database& database) {
  FileFacts facts;
  SWITCHYARD_ASSIGN_OR_RETURN(facts.owner, ReadMeta(database, kOwner));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string epoch, ReadMeta(database, kEpoch));
  facts.epoch = std::strtoull(epoch.c_str(), nullptr, 10);
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string backup_time, ReadMeta(database, kBackupTime));
  facts.backup_time = std::strtoll(backup_time.c_str(), nullptr, 10);
  std::int64_t last_commit = 0;
  const std::pair<const char*, std::uint64_t*> counts[] = {
      {"SELECT min(sequence) FROM events", &facts.first_sequence},
      {"SELECT max(sequence) FROM events", &facts.last_sequence},
      {"SELECT count(*) FROM orders", &facts.orders},
      {"SELECT count(*) FROM orders WHERE state < 4", &facts.open_orders},
      {"SELECT count(*) FROM fills", &facts.fills},
  };
  for (const auto& [sql, target] : counts) {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t count, database.ReadInteger(sql));
    *target = static_cast<std::uint64_t>(count);
  }
  SWITCHYARD_ASSIGN_OR_RETURN(last_commit,
                              database.ReadInteger("SELECT max(commit_time_ns) FROM events"));
  facts.last_commit = last_commit;
  return facts;
}

absl::Status CheckWhole(const std::string& path, Database& database) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string sound,
                              database.ReadBytes("PRAGMA integrity_check(1)"));
  if (sound != "ok") {
    return absl::DataLossError(fmt::format("journal {} is damaged: {}", path, sound));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t version,
                              database.ReadInteger("PRAGMA user_version"));
  if (version > kSchemaVersion) {
    return absl::FailedPreconditionError(
        fmt::format("journal {}: schema version {} is newer than this program's {}", path, version,
                    kSchemaVersion));
  }
  if (version == 0) return absl::DataLossError(fmt::format("{} is no journal", path));
  return absl::OkStatus();
}

// Waits until the process that has the journal open has made the copy `name` beside it.
absl::Status AskForCopy(const std::string& path, const std::string& name,
                        const std::function<bool()>& wait) {
  const std::string request = BackupRequestPath(path);
  const int file = ::open(request.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (file < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(
        fmt::format("a backup is under way already ({} exists; remove it if none is)", request));
  }
  if (file < 0) {
    return FileError("asking by " + request, std::error_code(errno, std::generic_category()));
  }
  std::error_code error;
  fs::remove(BackupErrorPath(path), error);
  const bool written = ::write(file, name.data(), name.size()) == static_cast<ssize_t>(name.size());
  ::close(file);
  while (written && Exists(request)) {
    if (wait()) continue;
    fs::remove(request, error);
    return absl::DeadlineExceededError(
        fmt::format("the process that has {} open did not make the copy in time", path));
  }
  if (!written) {
    fs::remove(request, error);
    return absl::UnavailableError("journal: writing " + request + " failed");
  }
  if (!Exists(BackupErrorPath(path))) return absl::OkStatus();
  std::string why;
  std::getline(std::ifstream(BackupErrorPath(path)), why);
  fs::remove(BackupErrorPath(path), error);
  return absl::UnavailableError("the copy was not made: " + why);
}

// Nobody has it open: this process copies it.
absl::Status CopyUnused(Database& source, const std::string& target, TimeNs now) {
  {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::unique_ptr<Database> copy,
                                Database::CreateForCopy(target));
    SWITCHYARD_ASSIGN_OR_RETURN(DatabaseCopy copying, DatabaseCopy::Begin(source, *copy));
    SWITCHYARD_RETURN_IF_ERROR(copying.Step(-1).status());
  }
  return MarkAsBackup(target, now);
}

absl::Status CopyFile(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return FileError("copying to " + to, error);
  return SyncFile(to);
}

// Takes the journal that is there out of the way, its log written into it first. Returns its new
// name.
absl::StatusOr<std::string> SetAside(const std::string& path, TimeNs now) {
  const std::string kept = fmt::format("{}.replaced-{}", path, Stamp(now));
  if (Exists(kept)) return absl::AlreadyExistsError(kept + " exists");
  if (Exists(path)) {
    const absl::StatusOr<std::unique_ptr<Database>> database = Database::OpenExisting(path);
    // A damaged one is set aside as it is; one that is in use, or cannot be read, is not.
    if (!database.ok() && !absl::IsDataLoss(database.status())) return database.status();
  }
  for (const std::string& suffix : {std::string(), std::string("-wal"), std::string("-shm")}) {
    if (!Exists(path + suffix)) continue;
    std::error_code error;
    fs::rename(path + suffix, kept + suffix, error);
    if (error) return FileError("renaming " + path + suffix, error);
  }
  return kept;
}

// A service finds its journal by this name.
bool NameFits(const std::string& path, std::string owner) {
  owner.replace(owner.find('/'), 1, ".");
  return fs::path(path).filename() == owner + ".journal";
}

}  // namespace

absl::Status MarkAsBackup(const std::string& path, TimeNs time) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                              Database::OpenExisting(path));
  SWITCHYARD_RETURN_IF_ERROR(database->Execute("PRAGMA synchronous = OFF"));
  SWITCHYARD_RETURN_IF_ERROR(database->Execute(fmt::format(
      "INSERT OR REPLACE INTO meta(key, value) VALUES('{}', '{}')", kBackupTime, time.value)));
  return database->Execute("PRAGMA journal_mode = DELETE");
}

absl::StatusOr<FileFacts> VerifyFile(const std::string& path) {
  if (!Exists(path)) return absl::NotFoundError(fmt::format("there is no {}", path));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database, Database::OpenToRead(path));
  SWITCHYARD_RETURN_IF_ERROR(CheckWhole(path, *database));
  SWITCHYARD_ASSIGN_OR_RETURN(const FileFacts facts, ReadFacts(*database));
  if (facts.owner.find('/') == std::string::npos || facts.epoch == 0) {
    return absl::DataLossError(fmt::format("journal {} has no identity", path));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t events,
                              database->ReadInteger("SELECT count(*) FROM events"));
  if (events != 0 &&
      static_cast<std::uint64_t>(events) != facts.last_sequence - facts.first_sequence + 1) {
    return absl::DataLossError(fmt::format("journal {}: {} events between {} and {}", path, events,
                                           facts.first_sequence, facts.last_sequence));
  }
  return facts;
}

absl::StatusOr<FileFacts> BackUp(const std::string& path, const std::string& target, TimeNs now,
                                 const std::function<bool()>& wait) {
  if (Exists(target)) return absl::AlreadyExistsError(target + " exists");
  // Under another name until it is whole.
  const std::string part = target + ".part";
  absl::StatusOr<std::unique_ptr<Database>> unused = Database::OpenExisting(path);
  if (unused.ok()) {
    std::error_code error;
    fs::remove(part, error);
    SWITCHYARD_RETURN_IF_ERROR(CopyUnused(**unused, part, now));
    unused->reset();
  } else if (absl::IsFailedPrecondition(unused.status())) {
    const std::string name =
        fmt::format("{}.backup-{}", fs::path(path).filename().string(), Stamp(now));
    const std::string made = fs::path(path).replace_filename(name);
    SWITCHYARD_RETURN_IF_ERROR(AskForCopy(path, name, wait));
    SWITCHYARD_RETURN_IF_ERROR(CopyFile(made, part));
    std::error_code error;
    fs::remove(made, error);
  } else {
    return unused.status();
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const FileFacts facts, VerifyFile(part));
  std::error_code error;
  fs::rename(part, target, error);
  if (error) return FileError("renaming to " + target, error);
  SWITCHYARD_RETURN_IF_ERROR(SyncFile(target));
  return facts;
}

absl::StatusOr<Restored> Restore(const std::string& backup, const std::string& path, TimeNs now) {
  Restored restored;
  SWITCHYARD_ASSIGN_OR_RETURN(restored.facts, VerifyFile(backup));
  if (!NameFits(path, restored.facts.owner)) {
    return absl::FailedPreconditionError(
        fmt::format("{} is a backup of {}; its journal is not named {}", backup,
                    restored.facts.owner, fs::path(path).filename().string()));
  }
  const std::string next = path + ".restoring";
  SWITCHYARD_RETURN_IF_ERROR(CopyFile(backup, next));
  // A plain copy knows nothing of what happened after its last event.
  const TimeNs known_until = restored.facts.backup_time.given()   ? restored.facts.backup_time
                             : restored.facts.last_commit.given() ? restored.facts.last_commit
                                                                  : now;
  SWITCHYARD_RETURN_IF_ERROR(MarkAsBackup(next, known_until));
  SWITCHYARD_RETURN_IF_ERROR(SyncFile(next));
  // A log that is left behind would be taken for the backup's.
  if (Exists(path) || Exists(path + "-wal")) {
    SWITCHYARD_ASSIGN_OR_RETURN(restored.kept_as, SetAside(path, now));
  }
  std::error_code error;
  fs::rename(next, path, error);
  if (error) return FileError("renaming to " + path, error);
  SWITCHYARD_RETURN_IF_ERROR(SyncFolder(path));
  return restored;
}

}  // namespace switchyard::order::journal
