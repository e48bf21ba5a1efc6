#include "exchanges/gateio/private/private_lane.h"

#include <fmt/format.h>

#include <utility>

#include "common/log/log.h"
#include "exchanges/gateio/private/private_subscriptions.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::chrono::seconds kAnswerTimeout{5};
constexpr std::chrono::seconds kRefusalPause{10};
constexpr std::string_view kSubscribe = "subscribe";

Channel ChannelOf(const exchange::StreamKey& key) { return static_cast<Channel>(key.channel); }

}  // namespace

PrivateLane::PrivateLane(PrivateSocket& owner, std::uint64_t number)
    : owner_(owner),
      number_(number),
      subscriptions_(owner.options_.subscribe_pace, kAnswerTimeout) {
  for (const Channel channel : owner_.channels_) {
    subscriptions_.Want({static_cast<std::uint8_t>(channel), {}, 0});
  }
}

absl::StatusOr<std::unique_ptr<PrivateLane>> PrivateLane::Create(PrivateSocket& owner,
                                                                 std::uint64_t number) {
  auto lane = std::unique_ptr<PrivateLane>(new PrivateLane(owner, number));
  auto session =
      Session::Create(owner.parts_.thread, owner.parts_.clock.local(),
                      fmt::format("ws-private-{}", number), owner.options_.connection, *lane);
  if (!session.ok()) return session.status();
  lane->session_ = *std::move(session);
  lane->session_->Open();
  return lane;
}

exchange::ConnectionStatus PrivateLane::Status() const {
  exchange::ConnectionStatus status = session_->Status();
  status.subscriptions = static_cast<std::uint32_t>(subscriptions_.confirmed());
  return status;
}

void PrivateLane::Login() {
  const PrivateSocket::Parts& parts = owner_.parts_;
  login_sent_at_ = parts.clock.Steady();
  login_pending_ =
      session_
          ->Send(parts.auth.LoginFrame(owner_.options_.product, fmt::format("login-{}", number_),
                                       parts.clock.Now()))
          .ok();
}

void PrivateLane::Pump() {
  if (!session_->is_open()) return;
  const PrivateSocket::Parts& parts = owner_.parts_;
  const Product product = owner_.options_.product;
  if (NeedsUserId(product) && owner_.user_id_.empty()) return;
  while (const auto request = subscriptions_.Next(parts.clock.Steady())) {
    const Channel channel = ChannelOf(request->key);
    asked_[channel] = request->id;
    const PrivateSubscription wanted{.product = product,
                                     .channel = channel,
                                     .event = kSubscribe,
                                     .request_id = request->id,
                                     .user_id = owner_.user_id_};
    const absl::Status sent =
        session_->Send(PrivateSubscribeFrame(parts.auth, wanted, parts.clock.Now()));
    if (!sent.ok()) break;  // overdue later, and then asked again
  }
  const bool all = subscriptions_.confirmed() == subscriptions_.size();
  if (all == confirmed_) return;
  confirmed_ = all;
  session_->SetReady(all);
  if (all) owner_.OnLaneReady(*this);
}

void PrivateLane::Tick() {
  if (!session_->is_open()) return;
  const std::chrono::nanoseconds now = owner_.parts_.clock.Steady();
  const std::chrono::nanoseconds since_login = now - login_sent_at_;
  const bool login_is_due =
      login_pending_ ? since_login > kAnswerTimeout : !logged_in_ && since_login > kRefusalPause;
  if (login_is_due) Login();
  subscriptions_.TakeOverdue(now);
  subscriptions_.RetryRefused(now, kRefusalPause);
  Pump();
}

void PrivateLane::OnLoginAnswer(bool accepted) {
  login_pending_ = false;
  logged_in_ = accepted;
}

void PrivateLane::OnAnswer(std::int64_t id, Channel channel, const absl::Status& status) {
  if (id == 0) {
    if (const auto asked = asked_.find(channel); asked != asked_.end()) id = asked->second;
  }
  subscriptions_.OnAnswer(id, !status.ok(), owner_.parts_.clock.Steady());
  Pump();
}

std::string PrivateLane::PingFrame(TimeNs) {
  return PrivatePingFrame(owner_.options_.product, owner_.parts_.clock.Now());
}

void PrivateLane::OnSessionOpen(Session&) {
  Login();
  Pump();
}

void PrivateLane::OnSessionClosed(Session&, const absl::Status& why) {
  subscriptions_.OnDisconnected();
  asked_.clear();
  login_pending_ = logged_in_ = confirmed_ = false;
  owner_.OnLaneClosed(*this, why);
}

}  // namespace switchyard::exchanges::gateio
