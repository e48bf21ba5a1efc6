#include "common/exchange/transport_options.h"

#include "common/net/endpoint.h"
#include "common/status/status.h"

namespace switchyard::exchange {

absl::StatusOr<Transport> MakeTransport(const ExchangeConfig& config, const std::string& rest_url,
                                        const std::string& websocket_url) {
  constexpr std::uint32_t kDefaultRestTimeoutMs = 5'000;
  constexpr std::uint32_t kLargestPort = 65'535;
  const auto rest = net::ParseUrl(rest_url);
  if (!rest.ok()) return InvalidField("rest_url", std::string(rest.status().message()));
  const auto socket = net::ParseUrl(websocket_url);
  if (!socket.ok()) return InvalidField("websocket_url", std::string(socket.status().message()));
  Transport transport;
  const auto tls = net::TlsContext::Create({config.ca_file()});
  if (!tls.ok()) return InvalidField("ca_file", std::string(tls.status().message()));
  transport.tls = *tls;
  if (config.has_proxy()) {
    const config::v1::ProxyConfig& proxy = config.proxy();
    if (proxy.host().empty()) return InvalidField("proxy.host", "is required");
    if (proxy.port() == 0 || proxy.port() > kLargestPort) {
      return InvalidField("proxy.port", "must be 1 to 65535");
    }
    transport.proxy.emplace();
    transport.proxy->host = proxy.host();
    transport.proxy->port = static_cast<std::uint16_t>(proxy.port());
    if (!proxy.user().empty()) {
      transport.proxy->credentials = net::ProxyCredentials{proxy.user(), proxy.password()};
    }
  }
  transport.http.endpoint = rest->endpoint;
  transport.http.tls = transport.tls;
  transport.http.proxy = transport.proxy;
  transport.socket_endpoint = socket->endpoint;
  transport.socket_target = socket->target;
  transport.rest_timeout = std::chrono::milliseconds(
      config.has_rest_timeout_ms() ? config.rest_timeout_ms() : kDefaultRestTimeoutMs);
  if (transport.rest_timeout.count() == 0) return InvalidField("rest_timeout_ms", "must not be 0");
  return transport;
}

void ApplyTransport(const Transport& transport, net::WebSocketOptions& socket) {
  socket.endpoint = transport.socket_endpoint;
  socket.target = transport.socket_target;
  socket.tls = transport.tls;
  socket.proxy = transport.proxy;
}

retry::Reconnect WithOverrides(retry::Reconnect policy, const config::v1::ReconnectConfig& config) {
  if (config.has_first_ms()) policy.first = std::chrono::milliseconds(config.first_ms());
  if (config.has_factor_percent()) policy.factor = config.factor_percent() / 100.0;
  if (config.has_cap_ms()) policy.cap = std::chrono::milliseconds(config.cap_ms());
  if (config.has_attempts()) policy.attempts = static_cast<int>(config.attempts());
  return policy;
}

}  // namespace switchyard::exchange
