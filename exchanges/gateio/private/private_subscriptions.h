#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/time/time.h"
#include "exchanges/gateio/auth.h"
#include "exchanges/gateio/channels.h"

// Frames of private subscriptions, each signed for itself. Pure; any thread.
namespace switchyard::exchanges::gateio {

// One private channel, for all markets of the account.
struct PrivateSubscription {
  Product product;
  Channel channel;
  std::string_view event;  // "subscribe" or "unsubscribe"
  std::int64_t request_id = 0;
  std::string_view user_id;  // needed by futures channels alone
};

// `now` is the exchange's clock.
// Source: Spot and Futures WebSocket v4, "Authentication" and the channels' own sections.
std::string PrivateSubscribeFrame(const Auth& auth, const PrivateSubscription& wanted, TimeNs now);

// Private channels of the futures name the user; those of spot do not.
constexpr bool NeedsUserId(Product product) { return product == Product::kFutures; }

std::string PrivatePingFrame(Product product, TimeNs now);

}  // namespace switchyard::exchanges::gateio
