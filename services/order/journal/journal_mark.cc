#include "services/order/journal/journal_mark.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/status/status.h"

namespace switchyard::order::journal {
namespace {

constexpr char kEpochWord[] = "epoch";
constexpr char kOpeningsWord[] = "openings";

absl::Status SystemError(const std::string& path, const char* what) {
  return absl::UnavailableError(fmt::format("journal: {} {}: {}", what, path, strerror(errno)));
}

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  const int number_;
};

}  // namespace

std::string MarkPath(const std::string& path) { return path + ".mark"; }

absl::StatusOr<std::optional<Mark>> ReadMark(const std::string& path) {
  const std::string file = MarkPath(path);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return std::nullopt;
  std::ifstream in(file);
  if (!in) return SystemError(file, "reading");
  Mark mark;
  std::string epoch_word, openings_word;
  in >> epoch_word >> mark.epoch >> openings_word >> mark.openings;
  if (!in || epoch_word != kEpochWord || openings_word != kOpeningsWord || mark.epoch == 0) {
    return absl::DataLossError(fmt::format("journal: {} does not parse", file));
  }
  return mark;
}

absl::Status WriteMark(const std::string& path, const Mark& mark) {
  const std::string file = MarkPath(path);
  const std::string next = file + ".new";
  {
    const Descriptor out(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
    const std::string text =
        fmt::format("{} {}\n{} {}\n", kEpochWord, mark.epoch, kOpeningsWord, mark.openings);
    if (out.number() < 0 ||
        ::write(out.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(out.number()) != 0) {
      return SystemError(next, "writing");
    }
  }
  if (std::rename(next.c_str(), file.c_str()) != 0) return SystemError(file, "replacing");
  return SyncFolder(path);
}

std::optional<FileWatch::Id> FileWatch::Look(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return Id{.device = found.st_dev, .inode = found.st_ino};
}

absl::StatusOr<FileWatch> FileWatch::Of(const std::string& path) {
  FileWatch watch;
  watch.path_ = path;
  const std::optional<Id> file = Look(path);
  if (!file.has_value()) return SystemError(path, "looking at");
  watch.file_ = *file;
  return watch;
}

absl::Status FileWatch::Check() {
  const std::string log = path_ + "-wal";
  const std::optional<Id> log_now = Look(log);
  if (!log_.has_value()) log_ = log_now;
  const bool file_is_there = Look(path_) == file_;
  if (file_is_there && log_now == log_) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("journal {}: the file was removed or replaced while it was "
                  "in use; nothing more can be kept in it",
                  file_is_there ? log : path_));
}

absl::Status SyncFolder(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() < 0 || ::fsync(opened.number()) != 0) return SystemError(folder, "syncing");
  return absl::OkStatus();
}

}  // namespace switchyard::order::journal
