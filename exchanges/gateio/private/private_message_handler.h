#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/private_message_handler_base.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/private/private_frame.h"

// Private frames of Gate.io; knows no socket. Pure; any thread.
namespace switchyard::exchanges::gateio {

// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE; the text of the frame is never in the message.
absl::StatusOr<wire::PrivateFrame> ParsePrivateFrame(Product product, std::string_view frame);

// What a frame is, as far as routing goes.
exchange::PrivateMessage KindOf(const wire::PrivateFrame& frame);

}  // namespace switchyard::exchanges::gateio
