#include "clients/cli/local_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>

#include "common/config/yaml.h"
#include "common/status/status.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::clients::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kJournalEnd = ".journal";
constexpr std::string_view kMarkEnd = ".journal.mark";
// Where SQLite puts its locks. Source: SQLite's file format, "Locking", sqlite3.h PENDING_BYTE.
constexpr off_t kLockBegin = 0x40000000;
constexpr off_t kLockSize = 512;

bool HasSection(const std::string& path, std::string_view name) {
  std::ifstream in(path);
  const std::string key = fmt::format("{}:", name);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(key)) return true;
  }
  return false;
}

// `where`: how the configuration calls the list.
template <typename List, typename NameOf>
absl::Status CheckNames(const List& list, std::string_view where, NameOf name_of) {
  std::set<std::string> names;
  for (const auto& item : list) {
    const std::string& name = name_of(item);
    if (name.empty()) return InvalidField(where, "has an entry without a name");
    if (!names.insert(name).second) return InvalidField(where, fmt::format("has '{}' twice", name));
  }
  return absl::OkStatus();
}

absl::Status CheckExchange(const config::v1::ExchangeConfig& exchange) {
  return CheckNames(exchange.accounts(), "accounts",
                    [](const auto& account) -> const std::string& { return account.name(); });
}

absl::StatusOr<ConfigurationFile> ReadRouter(const std::string& path) {
  config::v1::RouterConfig config;
  SWITCHYARD_RETURN_IF_ERROR(config::LoadYamlFile(path, &config));
  for (const auto& backend : config.backends()) {
    if (backend.exchange().empty()) return InvalidField("backends.exchange", "is required");
    if (backend.addresses().empty()) return InvalidField("backends.addresses", "is required");
  }
  return ConfigurationFile{.what = fmt::format("router: {} backends", config.backends_size()),
                           .journal_directory = {}};
}

absl::StatusOr<ConfigurationFile> ReadStandalone(const std::string& path) {
  config::v1::StandaloneConfig config;
  SWITCHYARD_RETURN_IF_ERROR(config::LoadYamlFile(path, &config));
  SWITCHYARD_RETURN_IF_ERROR(
      CheckNames(config.exchanges(), "exchanges",
                 [](const auto& exchange) -> const std::string& { return exchange.exchange(); }));
  for (const auto& exchange : config.exchanges()) {
    SWITCHYARD_RETURN_IF_ERROR(CheckExchange(exchange));
  }
  return ConfigurationFile{.what = fmt::format("switchyard: {} exchanges", config.exchanges_size()),
                           .journal_directory = config.orders().journal_directory()};
}

absl::StatusOr<ConfigurationFile> ReadService(const std::string& path) {
  config::v1::PrivateServiceConfig config;
  SWITCHYARD_RETURN_IF_ERROR(config::LoadYamlFile(path, &config));
  SWITCHYARD_RETURN_IF_ERROR(CheckExchange(config.exchange()));
  return ConfigurationFile{
      .what = fmt::format(
          "a service of {}: {} accounts",
          config.exchange().exchange().empty() ? "its exchange" : config.exchange().exchange(),
          config.exchange().accounts_size()),
      .journal_directory = config.orders().journal_directory()};
}

// The process that holds SQLite's lock of the file; 0 = none.
std::int64_t UserOf(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kLockBegin;
  lock.l_len = kLockSize;
  const bool known = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return known ? lock.l_pid : 0;
}

}  // namespace

absl::StatusOr<ConfigurationFile> ReadConfiguration(const std::string& path) {
  if (HasSection(path, "backends")) return ReadRouter(path);
  if (HasSection(path, "exchanges")) return ReadStandalone(path);
  return ReadService(path);
}

JournalFolder LookAtJournals(const std::string& path) {
  JournalFolder folder{.path = path, .files = {}};
  std::error_code error;
  folder.exists = fs::is_directory(path, error);
  folder.writable = ::access(path.c_str(), W_OK | X_OK) == 0;
  struct statvfs space {};
  if (::statvfs(path.c_str(), &space) == 0) {
    folder.free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
  }
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(kJournalEnd)) names.insert(name);
    if (name.ends_with(kMarkEnd)) names.insert(name.substr(0, name.rfind('.')));
  }
  for (const std::string& name : names) {
    const fs::path file = fs::path(path) / name;
    folder.files.push_back(
        {.name = name, .exists = fs::exists(file, error), .used_by = UserOf(file)});
  }
  return folder;
}

}  // namespace switchyard::clients::cli
