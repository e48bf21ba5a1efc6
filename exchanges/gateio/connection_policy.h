#pragma once

#include <chrono>
#include <string>

#include "common/exchange/lane_pool.h"
#include "common/net/endpoint.h"
#include "exchanges/gateio/endpoints.h"

// Gate.io's way to connect, ping and reconnect, as data.
namespace switchyard::exchanges::gateio {

// A little more often than the official SDK's 5 to 10 s, so that a dead socket is found within 10
// s. Source: gateio/gatews; Spot WebSocket v4, "spot.ping".
inline constexpr std::chrono::seconds kPingInterval{4};
// Two pings without any sign of life.
inline constexpr std::chrono::seconds kReceiveTimeout{7};
// No limit of subscriptions is documented; clients keep to about this many.
inline constexpr std::size_t kSubscriptionsPerConnection = 100;
// Unanswered at once, and per second. Not documented: far below what clients report as refused.
inline constexpr int kSubscribeWindow = 20;
inline constexpr int kSubscribesPerSecond = 50;
// Before the daily cut that users report (it is not documented).
inline constexpr std::chrono::hours kRollover{23};

// `options.socket` lacks endpoint, TLS and proxy, which come from the configuration.
inline exchange::LaneOptions MakeLaneOptions(Product product,
                                             const config::v1::ExchangeConfig& config) {
  exchange::LaneOptions options;
  options.name = "ws-" + std::string(ProductName(product));
  options.connection.ping_interval = kPingInterval;
  options.connection.receive_timeout = kReceiveTimeout;
  options.connection.socket.headers = {
      {std::string(kSizeDecimalHeader), std::string(kSizeDecimalValue)}};
  options.connection.reconnect = {.first = std::chrono::milliseconds(250),
                                  .factor = 2.0,
                                  .cap = std::chrono::seconds(15),
                                  .attempts = 8,
                                  .stable_after = std::chrono::seconds(3)};
  options.pace = {.max_in_flight = kSubscribeWindow,
                  .per_window = kSubscribesPerSecond,
                  .window = std::chrono::seconds(1)};
  options.max_subscriptions = config.has_subscriptions_per_connection()
                                  ? config.subscriptions_per_connection()
                                  : kSubscriptionsPerConnection;
  options.rollover = config.has_rollover_seconds()
                         ? std::chrono::nanoseconds(std::chrono::seconds(config.rollover_seconds()))
                         : std::chrono::nanoseconds(kRollover);
  if (config.has_stall_check_ms()) {
    options.silence = std::chrono::milliseconds(config.stall_check_ms());
  }
  return options;
}

}  // namespace switchyard::exchanges::gateio
