#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "exchanges/lighter/channels.h"

// Frames of private channels; knows no socket. Pure; any thread.
// Source: protocol reference 2.1 and 2.2.
namespace switchyard::exchanges::lighter {

enum class FrameKind : std::uint8_t {
  kConnected,  // the server's greeting
  kPing,       // asks for a pong
  kPong,
  kSnapshot,  // the first of a channel: it is subscribed now
  kUpdate,
  kUnsubscribed,
  kTransaction,  // an answer to a transaction, or a refusal that may be one
  kRefusal,      // of a subscription, without saying of which
  kUnknown,
};

// One frame. Private frames are few, and an order is the same object here and in a REST answer: so
// their data stay JSON, with numbers as raw text, and both are read by the same decoders.
struct PrivateFrame {
  FrameKind kind = FrameKind::kUnknown;
  Channel channel = Channel::kUnknown;  // of kSnapshot, kUpdate, kUnsubscribed
  std::int64_t code = 0;                // of kRefusal; 0 = none given
  std::string message;                  // of kRefusal
  json::Json body;                      // the whole frame
};

// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE; the text of the frame is never in the message. A
// frame of a channel that is not known is kUnknown.
absl::StatusOr<PrivateFrame> ParsePrivateFrame(std::string_view text);

// Subscribes one account to a channel. `token` proves the right to it.
std::string PrivateSubscribeFrame(Channel channel, std::int64_t account_index,
                                  std::string_view token);
std::string PrivateUnsubscribeFrame(Channel channel, std::int64_t account_index);

}  // namespace switchyard::exchanges::lighter
