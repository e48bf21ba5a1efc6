#include "exchanges/gateio/private/private_message_handler.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/errors.h"

namespace switchyard::exchanges::gateio {
namespace {

using json::Json;
using wire::PrivateFrame;

absl::Status Malformed(std::string_view why) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   fmt::format("cannot read a private frame: {}", why));
}

// Null and a missing field are both nullopt; a text that is no integer too.
std::optional<std::int64_t> Integer(const Json& object, std::string_view field) {
  const auto value = json::OptionalInt64(object, field);
  return value.ok() ? *value : std::nullopt;
}

std::string Text(const Json& object, std::string_view field) {
  auto value = json::OptionalText(object, field);
  return value.ok() && *value ? **std::move(value) : std::string();
}

bool IsGiven(const Json* field) { return field != nullptr && !field->is_null(); }

wire::Event EventOf(const Json& frame, Channel channel) {
  const std::string event = Text(frame, "event");
  if (event == "update" || event == "all") return wire::Event::kUpdate;
  if (event == "subscribe") return wire::Event::kSubscribed;
  if (event == "unsubscribe") return wire::Event::kUnsubscribed;
  if (event == "upgrade") return wire::Event::kUpgrade;
  return channel == Channel::kPong ? wire::Event::kPong : wire::Event::kUnknown;
}

// `error` may be absent, null, or an object; `result` may say "fail" without one.
void ReadRefusal(const Json& frame, PrivateFrame& out) {
  const Json* const error = json::Find(frame, "error");
  if (IsGiven(error)) {
    out.refused = true;
    out.error.code = Integer(*error, "code").value_or(0);
    out.error.message = Text(*error, "message");
  } else if (Text(frame, "result.status") == "fail") {
    out.refused = true;
  }
}

absl::Status ReadApiAnswer(const Json& frame, const Json& header, PrivateFrame& out) {
  wire::ApiAnswer answer;
  answer.request_id = Text(frame, "request_id");
  const Json* const ack = json::Find(frame, "ack");
  answer.is_echo = ack != nullptr && ack->is_boolean() && ack->get<bool>();
  const auto status = Integer(header, "status");
  if (!status || *status < 100 || *status > 599) return Malformed("no status in its header");
  answer.status = static_cast<int>(*status);
  if (const Json* const refusal = json::Find(frame, "data.errs"); IsGiven(refusal)) {
    answer.label = Text(*refusal, "label");
    answer.message = Text(*refusal, "message");
    if (answer.label.empty()) return Malformed("a refusal without a label");
  }
  answer.limit_remaining = Integer(header, "x_gate_ratelimit_requests_remain");
  answer.limit = Integer(header, "x_gate_ratelimit_limit");
  // Both spellings are Gate.io's own.
  for (const char* const name :
       {"x_gat_ratelimit_reset_timestamp", "x_gate_ratelimit_reset_timestamp"}) {
    if (const auto stamp = Integer(header, name)) answer.limit_reset = ResetTime(*stamp);
  }
  if (const Json* const result = json::Find(frame, "data.result"); IsGiven(result)) {
    out.result = *result;
  }
  out.api = std::move(answer);
  return absl::OkStatus();
}

bool HoldsData(Channel channel) { return channel >= Channel::kOrders; }

}  // namespace

absl::StatusOr<PrivateFrame> ParsePrivateFrame(Product product, std::string_view text) {
  absl::StatusOr<Json> frame = json::Parse(text);
  if (!frame.ok()) return Malformed(std::string(frame.status().message()));
  if (!frame->is_object()) return Malformed("no object");
  PrivateFrame out;
  const Json* const header = json::Find(*frame, "header");
  if (header != nullptr && header->is_object()) {
    out.channel_name = Text(*header, "channel");
    SWITCHYARD_RETURN_IF_ERROR(ReadApiAnswer(*frame, *header, out));
    return out;
  }
  out.channel_name = Text(*frame, "channel");
  if (out.channel_name.empty()) return Malformed("no channel");
  out.channel = FromWireName(product, out.channel_name);
  out.event = EventOf(*frame, out.channel);
  out.request_id = Integer(*frame, "id").value_or(0);
  if (const auto millis = Integer(*frame, "time_ms"); millis && *millis != 0) {
    out.time = TimeNs::FromMillis(*millis);
  } else if (const auto seconds = Integer(*frame, "time")) {
    out.time = TimeNs::FromSeconds(*seconds);
  }
  ReadRefusal(*frame, out);
  if (out.event != wire::Event::kUpdate || !HoldsData(out.channel)) return out;
  if (out.refused) return Malformed(out.channel_name + " with an error");
  const auto result = frame->find("result");
  if (result == frame->end() || !result->is_structured()) {
    return Malformed(out.channel_name + " without a result");
  }
  out.result = std::move(*result);
  return out;
}

exchange::PrivateMessage KindOf(const PrivateFrame& frame) {
  using exchange::PrivateMessage;
  if (frame.api) return PrivateMessage::kLogin;
  switch (frame.event) {
    case wire::Event::kSubscribed:
    case wire::Event::kUnsubscribed:
    case wire::Event::kUpgrade:
      return PrivateMessage::kSubscribe;
    case wire::Event::kPong:
      return PrivateMessage::kPing;
    case wire::Event::kUnknown:
      return PrivateMessage::kUnknown;
    case wire::Event::kUpdate:
      break;
  }
  switch (frame.channel) {
    case Channel::kOrders:
    case Channel::kTriggerOrders:
      return PrivateMessage::kOrderUpdate;
    case Channel::kFills:
      return PrivateMessage::kExecutionReport;
    case Channel::kBalances:
      return PrivateMessage::kBalanceUpdate;
    case Channel::kPositions:
    case Channel::kPositionCloses:
    case Channel::kOwnLiquidations:
    case Channel::kAutoDeleverages:
    case Channel::kRiskLimits:
      return PrivateMessage::kPositionUpdate;
    default:
      return PrivateMessage::kUnknown;
  }
}

}  // namespace switchyard::exchanges::gateio
