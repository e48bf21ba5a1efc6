#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "common/exchange/socket_session.h"
#include "common/retry/pacer.h"

namespace switchyard::exchange {

// How one exchange's subscriptions are spread over sockets, as data.
struct LaneOptions {
  std::string name;  // lanes are `name`-0, `name`-1, ...
  ConnectionPolicy connection;
  retry::Pace pace;
  std::chrono::nanoseconds answer_timeout = std::chrono::seconds(5);
  std::size_t max_subscriptions = 100;  // on one socket
  // Age at which a socket is replaced by a new one, before the exchange cuts it; 0 = never.
  std::chrono::nanoseconds rollover{0};
  // Silence of a confirmed subscription after which the owner is asked to check on it.
  std::chrono::nanoseconds silence = std::chrono::seconds(8);
  // A refused subscription is asked for again after this long.
  std::chrono::nanoseconds refusal_pause = std::chrono::seconds(10);
  std::chrono::nanoseconds tick = std::chrono::milliseconds(250);
};

}  // namespace switchyard::exchange
