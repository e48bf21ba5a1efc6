#include "exchanges/lighter/private/private_subscriptions.h"

#include <algorithm>

namespace switchyard::exchanges::lighter {

std::optional<Channel> PrivateSubscriptions::Next(std::chrono::nanoseconds now) {
  if (waiting_.empty() || now < next_at_) return std::nullopt;
  asked_ = true;
  next_at_ = now + kAnswerTimeout;
  return waiting_.front();
}

bool PrivateSubscriptions::OnSnapshot(Channel channel) {
  const auto found = std::ranges::find(waiting_, channel);
  if (found == waiting_.end()) return false;
  if (found == waiting_.begin()) {
    asked_ = false;
    next_at_ = {};
  }
  waiting_.erase(found);
  return true;
}

std::optional<Channel> PrivateSubscriptions::OnRefused(std::chrono::nanoseconds now) {
  if (!asked_) return std::nullopt;
  asked_ = false;
  next_at_ = now + kRefusalPause;
  return waiting_.front();
}

void PrivateSubscriptions::OnAlreadySubscribed() {
  if (asked_) OnSnapshot(waiting_.front());
}

}  // namespace switchyard::exchanges::lighter
