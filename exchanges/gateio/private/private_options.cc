#include "exchanges/gateio/private/private_options.h"

#include <charconv>
#include <utility>

#include "common/exchange/transport_options.h"
#include "common/status/status.h"
#include "exchanges/gateio/connection_policy.h"
#include "exchanges/gateio/endpoints.h"

namespace switchyard::exchanges::gateio {
namespace {

// Nullopt unless `text` is nothing but digits that fit.
std::optional<std::uint64_t> Digits(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

absl::Status ReadOption(const std::string& key, const std::string& value, PrivateOptions& out) {
  const std::string field = "accounts.options." + key;
  if (key == "user_id") {
    if (!Digits(value)) return InvalidField(field, "must be a number");
    out.user_id = value;
    return absl::OkStatus();
  }
  if (key == "order_entry") {
    if (value != "websocket" && value != "rest") {
      return InvalidField(field, "must be websocket or rest");
    }
    out.orders_over_websocket = value == "websocket";
    return absl::OkStatus();
  }
  if (key == "not_received_after_ms") {
    const auto millis = Digits(value);
    if (!millis || *millis == 0 || *millis > 3'600'000) {
      return InvalidField(field, "must be 1 to 3600000");
    }
    out.not_received_after = std::chrono::milliseconds(*millis);
    return absl::OkStatus();
  }
  return InvalidField(field, "not an option of this exchange");
}

}  // namespace

absl::StatusOr<PrivateOptions> MakePrivateOptions(Product product, const AccountOptions& options) {
  PrivateOptions out;
  out.product = product;
  out.exchange = options.config.exchange();
  out.account = options.account.name();
  if (options.account.api_key().empty()) return InvalidField("accounts.api_key", "is required");
  if (options.account.secret().empty()) return InvalidField("accounts.secret", "is required");
  out.api_key = options.account.api_key();
  out.secret = config::Secret(options.account.secret());
  for (const auto& [key, value] : options.account.options()) {
    SWITCHYARD_RETURN_IF_ERROR(ReadOption(key, value, out));
  }
  const Endpoints endpoints = MakeEndpoints(product, options.config);
  SWITCHYARD_ASSIGN_OR_RETURN(
      const exchange::Transport transport,
      exchange::MakeTransport(options.config, endpoints.rest_url, endpoints.websocket_url));
  out.http = transport.http;
  out.rest_timeout = transport.rest_timeout;
  out.command_timeout = options.command_timeout;
  if (out.command_timeout.count() <= 0) {
    return InvalidField("command_timeout_ms", "must not be 0");
  }
  if (options.config.has_limit_share_percent()) {
    out.limit_share_percent = static_cast<int>(options.config.limit_share_percent());
  }
  exchange::LaneOptions lanes = MakeLaneOptions(product, options.config);
  out.connection = std::move(lanes.connection);
  out.connection.reconnect =
      exchange::WithOverrides(out.connection.reconnect, options.config.reconnect());
  exchange::ApplyTransport(transport, out.connection.socket);
  out.subscribe_pace = lanes.pace;
  out.rollover = lanes.rollover;
  out.websocket = !options.config.has_websocket() || options.config.websocket();
  return out;
}

}  // namespace switchyard::exchanges::gateio
