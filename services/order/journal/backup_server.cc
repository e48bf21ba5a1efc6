#include "services/order/journal/backup_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/order/journal/backup.h"

namespace switchyard::order::journal {
namespace {

constexpr int kPagesAtOnce = 256;  // 1 MiB: a commit waits for so much

std::string PartPath(const std::string& target) { return target + ".part"; }

// A plain name: nothing outside the journal's folder is written.
bool IsName(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '.' || c == '-';
  };
  return !name.empty() && name.front() != '.' && name.size() <= 200 &&
         std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

std::string BackupRequestPath(const std::string& path) { return path + ".backup_request"; }
std::string BackupErrorPath(const std::string& path) { return path + ".backup_error"; }

bool BackupServer::is_asked() const {
  std::error_code error;
  return std::filesystem::exists(BackupRequestPath(path_), error);
}

void BackupServer::Begin(Database& source) {
  if (const absl::Status status = TryBegin(source); !status.ok()) Fail(status);
}

absl::Status BackupServer::TryBegin(Database& source) {
  std::string name;
  std::getline(std::ifstream(BackupRequestPath(path_)), name);
  if (!IsName(name)) return absl::InvalidArgumentError("the request holds no plain file name");
  target_path_ = std::filesystem::path(path_).replace_filename(name);
  std::error_code error;
  if (std::filesystem::exists(target_path_, error)) {
    return absl::AlreadyExistsError(target_path_ + " exists");
  }
  std::filesystem::remove(PartPath(target_path_), error);
  SWITCHYARD_ASSIGN_OR_RETURN(target_, Database::CreateForCopy(PartPath(target_path_)));
  SWITCHYARD_ASSIGN_OR_RETURN(DatabaseCopy copy, DatabaseCopy::Begin(source, *target_));
  copy_.emplace(std::move(copy));
  return absl::OkStatus();
}

bool BackupServer::Step() {
  const absl::StatusOr<bool> done = copy_->Step(kPagesAtOnce);
  if (!done.ok()) Fail(done.status());
  return done.ok() && *done;
}

void BackupServer::Finish(TimeNs now) {
  if (const absl::Status status = TryFinish(now); !status.ok()) return Fail(status);
  log::Info("journal_backed_up", {{"journal", path_}, {"backup", target_path_}});
}

absl::Status BackupServer::TryFinish(TimeNs now) {
  copy_.reset();
  target_.reset();
  SWITCHYARD_RETURN_IF_ERROR(MarkAsBackup(PartPath(target_path_), now));
  std::error_code error;
  std::filesystem::rename(PartPath(target_path_), target_path_, error);
  if (!error) std::filesystem::remove(BackupRequestPath(path_), error);
  if (error) return absl::UnavailableError(target_path_ + ": " + error.message());
  return absl::OkStatus();
}

void BackupServer::Fail(const absl::Status& why) {
  copy_.reset();
  target_.reset();
  log::Warning("journal_backup_failed", {{"journal", path_}, {"error", why}});
  std::error_code error;
  if (!target_path_.empty()) std::filesystem::remove(PartPath(target_path_), error);
  std::ofstream(BackupErrorPath(path_)) << std::string(why.message()) << '\n';
  std::filesystem::remove(BackupRequestPath(path_), error);
}

}  // namespace switchyard::order::journal
