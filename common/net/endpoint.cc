#include "common/net/endpoint.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <system_error>

#include "absl/status/status.h"

namespace switchyard::net {
namespace {

struct Scheme {
  std::string_view name;
  bool tls;
};

constexpr std::array<Scheme, 4> kSchemes = {{
    {"http", false},
    {"https", true},
    {"ws", false},
    {"wss", true},
}};

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::uint16_t DefaultPort(bool tls) { return tls ? kHttpsPort : kHttpPort; }

// The text of a URL never reaches a message: it may carry a token.
absl::Status BadUrl(std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("parse url: {}", why));
}

std::optional<bool> TlsOfScheme(std::string_view scheme) {
  for (const Scheme& known : kSchemes) {
    if (known.name == scheme) return known.tls;
  }
  return std::nullopt;
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool IsIpv6Character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.';
}

// Splits "host[:port]" or "[address][:port]"; `port` stays as text.
absl::Status SplitAuthority(std::string_view authority, std::string_view& host,
                            std::string_view& port) {
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return BadUrl("an IPv6 address lacks its bracket");
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    for (const char c : host) {
      if (!IsIpv6Character(c)) return BadUrl("bad character in an IPv6 address");
    }
  } else {
    const std::size_t colon = authority.find(':');
    host = authority.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    for (const char c : host) {
      if (!IsHostCharacter(c)) return BadUrl("bad character in the host");
    }
  }
  if (host.empty()) return BadUrl("no host");
  return absl::OkStatus();
}

// `text` is empty or starts with the colon.
absl::StatusOr<std::uint16_t> ParsePort(std::string_view text, bool tls) {
  if (text.empty()) return DefaultPort(tls);
  if (text.front() != ':') return BadUrl("text between host and port");
  text.remove_prefix(1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return BadUrl("bad port");
  }
  return port;
}

}  // namespace

absl::StatusOr<Url> ParseUrl(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return BadUrl("no scheme");
  const std::optional<bool> tls = TlsOfScheme(url.substr(0, scheme_end));
  if (!tls) return BadUrl("scheme is none of http, https, ws, wss");
  std::string_view rest = url.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t authority_end = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, authority_end);
  std::string_view host;
  std::string_view port_text;
  if (absl::Status status = SplitAuthority(authority, host, port_text); !status.ok()) return status;
  const absl::StatusOr<std::uint16_t> port = ParsePort(port_text, *tls);
  if (!port.ok()) return port.status();

  std::string target;
  if (authority_end != std::string_view::npos) target = std::string(rest.substr(authority_end));
  for (const char c : target) {
    if (c <= ' ' || c == '\x7f') return BadUrl("a space or control character in path or query");
  }
  if (target.empty() || target.front() != '/') target.insert(target.begin(), '/');
  return Url{Endpoint{std::string(host), *port, *tls}, std::move(target)};
}

std::string HostAndPort(std::string_view host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string HostHeader(const Endpoint& endpoint) {
  if (endpoint.port != DefaultPort(endpoint.tls)) return HostAndPort(endpoint.host, endpoint.port);
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]", endpoint.host) : endpoint.host;
}

}  // namespace switchyard::net
