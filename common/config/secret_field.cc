#include "common/config/secret_field.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

namespace switchyard::config {
namespace {

constexpr std::string_view kFilePrefix = "file:";
constexpr std::size_t kMaxFileBytes = 64u << 10;

void DropLastNewline(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

absl::StatusOr<std::string> FromEnvironment(const std::string& name) {
  const char* const set = std::getenv(name.c_str());
  std::string value(set == nullptr ? "" : set);
  DropLastNewline(value);
  if (value.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("environment variable {} is not set or empty", name));
  }
  return value;
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
  DropLastNewline(content);
  if (content.empty()) {
    return absl::InvalidArgumentError(fmt::format("secret file {} is empty", path));
  }
  return content;
}

}  // namespace

bool LooksLikeReference(std::string_view text) {
  return (text.starts_with("${") && text.ends_with('}')) || text.starts_with(kFilePrefix);
}

absl::StatusOr<std::string> ResolveReference(std::string_view text) {
  if (text.starts_with("${") && text.ends_with('}')) {
    return FromEnvironment(std::string(text.substr(2, text.size() - 3)));
  }
  if (text.starts_with("file:/")) return FromFile(std::string(text.substr(kFilePrefix.size())));
  if (text.starts_with(kFilePrefix)) {
    return absl::InvalidArgumentError("a secret file is given by its absolute path, file:/...");
  }
  return absl::InvalidArgumentError("a secret is given by reference, ${NAME} or file:/path");
}

}  // namespace switchyard::config
