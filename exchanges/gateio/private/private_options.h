#pragma once

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "common/config/secret.h"
#include "common/exchange/socket_session.h"
#include "common/net/http_client.h"
#include "common/retry/pacer.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::gateio {

// How one account of one product is reached, validated.
struct PrivateOptions {
  Product product = Product::kSpot;
  std::string exchange, account;
  net::HttpClientOptions http;
  std::chrono::nanoseconds rest_timeout{0};
  std::chrono::nanoseconds command_timeout{0};
  int limit_share_percent = 100;
  exchange::ConnectionPolicy connection;
  bool websocket = true;  // false: no socket, everything over REST
  retry::Pace subscribe_pace;
  std::chrono::nanoseconds rollover{0};  // 0 = never
  std::string api_key;
  config::Secret secret;
  // Numeric user id, which futures channels ask for. Empty = asked from the exchange.
  std::string user_id;
  // Orders go over the WebSocket API while that is logged in; else over REST alone.
  bool orders_over_websocket = true;
  // How long a command of unknown outcome may still be taken by the exchange; 0 = what follows from
  // Gate.io's rules.
  std::chrono::nanoseconds not_received_after{0};
};

// Options of the account (AccountConfig.options): `user_id`, `order_entry` (`websocket`, `rest`),
// `not_received_after_ms`. Errors: InvalidArgument, naming the field.
absl::StatusOr<PrivateOptions> MakePrivateOptions(Product product, const AccountOptions& options);

}  // namespace switchyard::exchanges::gateio
