#include "common/exchange/client_options.h"

#include <algorithm>
#include <string>

#include "common/status/status.h"

namespace switchyard::exchange {

absl::StatusOr<ClientOptions> ClientOptions::From(const ExchangeConfig& config) {
  if (config.exchange().empty()) return InvalidField("exchange", "is required");
  if (config.has_limit_share_percent() &&
      (config.limit_share_percent() < 1 || config.limit_share_percent() > 100)) {
    return InvalidField("limit_share_percent", "must be 1 to 100");
  }
  if (config.has_reconnect() && config.reconnect().has_factor_percent() &&
      config.reconnect().factor_percent() < 100) {
    return InvalidField("reconnect.factor_percent", "must be at least 100");
  }
  if (config.has_reconnect() && config.reconnect().has_cap_ms() &&
      config.reconnect().has_first_ms() &&
      config.reconnect().cap_ms() < config.reconnect().first_ms()) {
    return InvalidField("reconnect.cap_ms", "must be at least first_ms");
  }
  // More often, renewals are all that the exchange sees of us.
  constexpr std::uint32_t kMinRolloverSeconds = 60;
  if (config.rollover_seconds() != 0 && config.rollover_seconds() < kMinRolloverSeconds) {
    return InvalidField("rollover_seconds", "must be 0 or at least 60");
  }
  if (config.has_subscriptions_per_connection() && config.subscriptions_per_connection() == 0) {
    return InvalidField("subscriptions_per_connection", "must not be 0");
  }
  ClientOptions options;
  options.exchange = config.exchange();
  if (config.has_websocket()) options.websocket = config.websocket();
  if (config.has_linger_ms()) options.linger = std::chrono::milliseconds(config.linger_ms());
  if (config.has_instrument_refresh_seconds()) {
    if (config.instrument_refresh_seconds() == 0) {
      return InvalidField("instrument_refresh_seconds", "must not be 0");
    }
    options.instrument_refresh = std::chrono::seconds(config.instrument_refresh_seconds());
  }
  if (config.has_rest_snapshot_after_ms()) {
    options.rest_snapshot_after = std::chrono::milliseconds(config.rest_snapshot_after_ms());
  }
  const auto& symbols = config.book_symbols().empty() ? config.symbols() : config.book_symbols();
  const auto is_empty = [](const std::string& symbol) { return symbol.empty(); };
  if (std::any_of(symbols.begin(), symbols.end(), is_empty)) {
    return InvalidField(config.book_symbols().empty() ? "symbols" : "book_symbols",
                        "an entry is empty");
  }
  options.symbols.assign(symbols.begin(), symbols.end());
  return options;
}

}  // namespace switchyard::exchange
