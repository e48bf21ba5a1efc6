#include "common/net/internal/http_wire.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

namespace switchyard::net::internal {
namespace {

// RFC 9110 section 5.6.2.
bool IsTokenCharacter(char c) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kPunctuation.find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenCharacter);
}

bool IsHeaderValue(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// A body is announced even when empty where the method usually has one.
bool NeedsContentLength(const HttpRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

void AppendHeader(std::string& wire, std::string_view name, std::string_view value) {
  wire.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

absl::Status ValidateHeaders(const HttpHeaders& headers) {
  for (const auto& [name, value] : headers) {
    if (!IsToken(name)) return absl::InvalidArgumentError("headers: a name is not a token");
    if (!IsHeaderValue(value)) {
      return absl::InvalidArgumentError(
          fmt::format("headers: the value of {} has a line break or zero byte", name));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateTarget(std::string_view target) {
  const bool is_sendable = std::none_of(
      target.begin(), target.end(), [](char c) { return (c >= '\0' && c <= ' ') || c == '\x7f'; });
  if (target.empty() || target.front() != '/' || !is_sendable) {
    return absl::InvalidArgumentError(
        "target: must start with / and have no space or control character");
  }
  return absl::OkStatus();
}

bool HasHeader(const HttpHeaders& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [name](const auto& header) {
    return header.first.size() == name.size() &&
           strncasecmp(header.first.data(), name.data(), name.size()) == 0;
  });
}

absl::StatusOr<std::string> SerializeRequest(const HttpRequest& request, const Endpoint& endpoint,
                                             std::string_view user_agent) {
  if (!IsToken(request.method)) return absl::InvalidArgumentError("method: not a token");
  if (absl::Status status = ValidateTarget(request.target); !status.ok()) return status;
  if (absl::Status status = ValidateHeaders(request.headers); !status.ok()) return status;
  if (HasHeader(request.headers, "Transfer-Encoding")) {
    return absl::InvalidArgumentError("headers: Transfer-Encoding is not supported");
  }
  std::string wire;
  wire.reserve(512 + request.target.size() + request.body.size());
  wire.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  if (!HasHeader(request.headers, "Host")) AppendHeader(wire, "Host", HostHeader(endpoint));
  if (!user_agent.empty() && !HasHeader(request.headers, "User-Agent")) {
    AppendHeader(wire, "User-Agent", user_agent);
  }
  for (const auto& [name, value] : request.headers) {
    // The length of what is really sent decides where the next request begins.
    if (strcasecmp(name.c_str(), "Content-Length") != 0) AppendHeader(wire, name, value);
  }
  if (NeedsContentLength(request)) {
    AppendHeader(wire, "Content-Length", std::to_string(request.body.size()));
  }
  wire.append("\r\n").append(request.body);
  return wire;
}

}  // namespace switchyard::net::internal
