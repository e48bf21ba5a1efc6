#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/exchange/client_context.h"
#include "common/net/http_client.h"
#include "common/net/websocket_client.h"
#include "common/retry/backoff.h"

namespace switchyard::exchange {

// How one client reaches its exchange: what configuration and the exchange's own URLs make
// together.
struct Transport {
  net::HttpClientOptions http;
  std::chrono::nanoseconds rest_timeout{0};
  net::Endpoint socket_endpoint;
  std::string socket_target;
  std::shared_ptr<net::TlsContext> tls;
  std::optional<net::ProxyOptions> proxy;
};

// URLs are whole and already carry what the configuration overrides.
// Errors: InvalidArgument, naming the field.
absl::StatusOr<Transport> MakeTransport(const ExchangeConfig& config, const std::string& rest_url,
                                        const std::string& websocket_url);
void ApplyTransport(const Transport& transport, net::WebSocketOptions& socket);

// The exchange's own policy with what the configuration says instead.
retry::Reconnect WithOverrides(retry::Reconnect policy, const config::v1::ReconnectConfig& config);

}  // namespace switchyard::exchange
