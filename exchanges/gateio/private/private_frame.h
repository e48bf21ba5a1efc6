#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/json/json.h"
#include "common/time/time.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/wire.h"

namespace switchyard::exchanges::gateio::wire {

// The answer to a request of the WebSocket API (login, orders).
// Source: Spot WebSocket v4, "WebSocket API".
struct ApiAnswer {
  std::string request_id;  // `req_id` of the request
  bool is_echo = false;    // `ack`: the request was taken over and is answered by a later frame
  int status = 0;          // `header.status`, as an HTTP status
  // `data.errs`; an empty label = no refusal.
  std::string label, message;
  // `header.x_gate_ratelimit_*`.
  std::optional<std::int64_t> limit_remaining, limit;
  std::optional<TimeNs> limit_reset;
};

// One private frame. Private frames are few, and an order is the same object in a push and in a
// REST answer: so their data stay JSON, with numbers as raw text, and both are read by the same
// decoders.
struct PrivateFrame {
  Channel channel = Channel::kUnknown;
  Event event = Event::kUnknown;
  std::string channel_name;  // as it came
  TimeNs time;               // `time_ms`, else `time`

  // Answers to subscriptions.
  std::int64_t request_id = 0;  // `id`; 0 = none
  bool refused = false;
  Error error;  // where `refused`

  std::optional<ApiAnswer> api;  // answers of the WebSocket API

  // `result` of a push, a list or an object; `data.result` of an answer of the WebSocket API.
  json::Json result;
};

}  // namespace switchyard::exchanges::gateio::wire
