#include "common/config/secret_field.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

namespace switchyard::config {
namespace {

constexpr std::string_view kFilePrefix = "file:";
constexpr std::size_t kMaxFileBytes = 64u << 10;

absl::StatusOr<std::string> FromEnvironment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    return absl::InvalidArgumentError(
        fmt::format("environment variable {} is not set or empty", name));
  }
  return std::string(value);
}

absl::StatusOr<std::string> FromFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content(kMaxFileBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad()) {
    return absl::InvalidArgumentError(fmt::format("cannot read secret file {}", path));
  }
  if (content.size() > kMaxFileBytes) {
    return absl::InvalidArgumentError(fmt::format("secret file {} is larger than 64 KiB", path));
  }
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  if (content.empty()) {
    return absl::InvalidArgumentError(fmt::format("secret file {} is empty", path));
  }
  return content;
}

}  // namespace

bool LooksLikeReference(std::string_view text) {
  return (text.starts_with("${") && text.ends_with('}')) || text.starts_with("file:/");
}

absl::StatusOr<std::string> ResolveSecret(std::string_view text) {
  if (text.starts_with("${") && text.ends_with('}')) {
    return FromEnvironment(std::string(text.substr(2, text.size() - 3)));
  }
  if (text.starts_with("file:/")) return FromFile(std::string(text.substr(kFilePrefix.size())));
  // Nobody's secret; taken for one, it would be refused by an exchange that cannot say why.
  if (text.starts_with(kFilePrefix)) {
    return absl::InvalidArgumentError("a secret file is given by its absolute path, file:/...");
  }
  return std::string(text);
}

}  // namespace switchyard::config
