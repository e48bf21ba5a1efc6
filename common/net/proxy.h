#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace switchyard::net {

// Credentials of a proxy, sent as `Proxy-Authorization: Basic`. Never logged.
struct ProxyCredentials {
  std::string user = {};
  std::string password = {};
};

// An HTTP proxy that is asked for a tunnel (CONNECT) to the endpoint, for plain
// and for TLS endpoints alike. The proxy itself is spoken to in clear text and
// resolves the endpoint's name.
struct ProxyOptions {
  std::string host = {};
  std::uint16_t port = 0;
  std::optional<ProxyCredentials> credentials = {};
};

}  // namespace switchyard::net
