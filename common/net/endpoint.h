#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace switchyard::net {

// Where to connect and whether to speak TLS there. `host` is a name or an
// address; an IPv6 address stands without brackets.
struct Endpoint {
  std::string host = {};
  std::uint16_t port = 0;
  bool tls = true;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// A parsed URL: the endpoint, and path with query as they go on the request
// line ("/" where the URL has none).
struct Url {
  Endpoint endpoint;
  std::string target;

  friend bool operator==(const Url&, const Url&) = default;
};

// Parses `http`, `https`, `ws` or `wss` URLs, with or without port (80 and 443
// by default), path and query; IPv6 literals in brackets. A fragment is dropped.
// Errors: InvalidArgument for another scheme, user information, a bad host or
// port, or characters that may not stand on a request line.
// Source: RFC 3986, RFC 6455 section 3.
absl::StatusOr<Url> ParseUrl(std::string_view url);

// The value of a Host header, after RFC 9110 section 7.2: the port only where
// it is not the scheme's own, IPv6 addresses in brackets.
std::string HostHeader(const Endpoint& endpoint);

// `host:port` for messages and CONNECT, IPv6 addresses in brackets.
std::string HostAndPort(std::string_view host, std::uint16_t port);

}  // namespace switchyard::net
