#include "exchanges/gateio/private/private_subscriptions.h"

#include <fmt/format.h>

#include "common/json/json.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::string_view kAllMarkets = "!all";

// Balances are of the account and name no market.
json::Json PayloadOf(Product product, Channel channel, std::string_view user_id) {
  json::Json payload = json::Json::array();
  if (NeedsUserId(product)) payload.push_back(std::string(user_id));
  if (channel != Channel::kBalances) payload.push_back(std::string(kAllMarkets));
  return payload;
}

}  // namespace

std::string PrivateSubscribeFrame(const Auth& auth, const PrivateSubscription& wanted, TimeNs now) {
  const std::string_view name = WireName(wanted.product, wanted.channel);
  const json::Json payload = PayloadOf(wanted.product, wanted.channel, wanted.user_id);
  return fmt::format(R"({{"time":{},"id":{},"channel":"{}","event":"{}",{}"auth":{}}})",
                     now.Seconds(), wanted.request_id, name, wanted.event,
                     payload.empty() ? "" : R"("payload":)" + json::Serialise(payload) + ",",
                     auth.ChannelAuth(name, wanted.event, now));
}

std::string PrivatePingFrame(Product product, TimeNs now) {
  return fmt::format(R"({{"time":{},"channel":"{}"}})", now.Seconds(),
                     WireName(product, Channel::kPing));
}

}  // namespace switchyard::exchanges::gateio
