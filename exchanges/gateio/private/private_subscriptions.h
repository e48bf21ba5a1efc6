#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/time/time.h"
#include "exchanges/gateio/auth.h"
#include "exchanges/gateio/channels.h"

// Frames of private subscriptions, each signed for itself. Pure; any thread.
namespace switchyard::exchanges::gateio {

// Subscribes to a channel for all markets of the account. `now` is the exchange's clock; `user_id`
// is needed by futures channels alone.
// Source: Spot and Futures WebSocket v4, "Authentication" and the channels' own sections.
std::string PrivateSubscribeFrame(const Auth& auth, Product product, Channel channel,
                                  std::string_view event, std::int64_t request_id,
                                  std::string_view user_id, TimeNs now);

// Private channels of the futures name the user; those of spot do not.
constexpr bool NeedsUserId(Product product) { return product == Product::kFutures; }

std::string PrivatePingFrame(Product product, TimeNs now);

}  // namespace switchyard::exchanges::gateio
