#pragma once

#include <algorithm>
#include <chrono>

#include "common/exchange/lane_pool.h"
#include "switchyard/config/v1/config.pb.h"

// Lighter's way to connect, ping and reconnect, as data. Source: lighter.md, sections 1.4 and 2.1.
namespace switchyard::exchanges::lighter {

// Lighter asks for one frame in two minutes. More often, so that a dead socket is found within 10
// s; fifteen of the 200 messages that an address may send in a minute.
inline constexpr std::chrono::seconds kPingInterval{4};
// Two pings without any sign of life.
inline constexpr std::chrono::seconds kReceiveTimeout{7};
// Limits of January 2026, which are the lower ones: 100 subscriptions on a connection, 200 messages
// a minute of one address, 50 unanswered. What is left of the messages is for pings and for the
// private half.
inline constexpr std::size_t kSubscriptionsPerConnection = 100;
inline constexpr int kSubscribeWindow = 20;
inline constexpr int kSubscribesPerMinute = 120;
// Connections are cut after 24 h.
inline constexpr std::chrono::hours kRollover{23};

// `options.socket` lacks endpoint, TLS and proxy, which come from the configuration.
inline exchange::LaneOptions MakeLaneOptions(const config::v1::ExchangeConfig& config) {
  exchange::LaneOptions options;
  options.name = "ws";
  options.connection.ping_interval = kPingInterval;
  options.connection.receive_timeout = kReceiveTimeout;
  options.connection.reconnect = {.first = std::chrono::milliseconds(250),
                                  .factor = 2.0,
                                  .cap = std::chrono::seconds(15),
                                  .attempts = 8,
                                  .stable_after = std::chrono::seconds(3)};
  const int share =
      config.has_limit_share_percent() ? static_cast<int>(config.limit_share_percent()) : 100;
  options.pace = {.max_in_flight = kSubscribeWindow,
                  .per_window = std::max(1, kSubscribesPerMinute * share / 100),
                  .window = std::chrono::minutes(1)};
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

}  // namespace switchyard::exchanges::lighter
