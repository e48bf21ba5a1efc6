#include "exchanges/lighter/private/private_frame.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/lighter/private/transaction_messages.h"
#include "exchanges/lighter/rest/answer.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

constexpr std::string_view kSubscribed = "subscribed/";
constexpr std::string_view kUpdate = "update/";

absl::Status Malformed(std::string_view why) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   fmt::format("cannot read a private frame: {}", why));
}

// Ids follow the name, one or two of them. The type's own name is not used: a documented update of
// account_all is of type "update/account".
Channel ChannelOf(const Json& frame) {
  const std::string name = TextOf(frame, "channel");
  return FromWireName(std::string_view(name).substr(0, name.find_first_of(":/")));
}

FrameKind KindOf(std::string_view type) {
  if (type == "connected") return FrameKind::kConnected;
  if (type == "ping") return FrameKind::kPing;
  if (type == "pong") return FrameKind::kPong;
  if (type == "unsubscribed") return FrameKind::kUnsubscribed;
  if (type.starts_with(kSubscribed)) return FrameKind::kSnapshot;
  if (type.starts_with(kUpdate)) return FrameKind::kUpdate;
  return FrameKind::kUnknown;
}

}  // namespace

absl::StatusOr<PrivateFrame> ParsePrivateFrame(std::string_view text) {
  absl::StatusOr<Json> parsed = json::Parse(text);
  if (!parsed.ok()) return Malformed(std::string(parsed.status().message()));
  if (!parsed->is_object()) return Malformed("no object");
  PrivateFrame out;
  out.body = *std::move(parsed);
  if (ReadTransactionReply(out.body)) {
    out.kind = FrameKind::kTransaction;
    return out;
  }
  const std::string type = TextOf(out.body, "type");
  const Json* refusal = json::Find(out.body, "error");
  if (refusal == nullptr && type == "error") refusal = &out.body;
  if (refusal != nullptr) {
    out.kind = FrameKind::kRefusal;
    const auto code = json::OptionalInt64(*refusal, "code");
    if (code.ok()) out.code = code->value_or(0);
    out.message = TextOf(*refusal, "message");
    return out;
  }
  out.kind = KindOf(type);
  if (out.kind != FrameKind::kSnapshot && out.kind != FrameKind::kUpdate &&
      out.kind != FrameKind::kUnsubscribed) {
    return out;
  }
  out.channel = ChannelOf(out.body);
  if (out.channel == Channel::kUnknown) out.kind = FrameKind::kUnknown;
  return out;
}

std::string PrivateSubscribeFrame(Channel channel, std::int64_t account_index,
                                  std::string_view token) {
  return fmt::format(R"({{"type":"subscribe","channel":"{}/{}","auth":"{}"}})", WireName(channel),
                     account_index, token);
}

std::string PrivateUnsubscribeFrame(Channel channel, std::int64_t account_index) {
  return fmt::format(R"({{"type":"unsubscribe","channel":"{}/{}"}})", WireName(channel),
                     account_index);
}

}  // namespace switchyard::exchanges::lighter
