#include "services/order/risk/session_registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/status.h"

namespace switchyard::order::risk {
namespace {

constexpr std::uint32_t kStandardGraceMs = 10'000;
constexpr std::uint32_t kShortestGraceMs = 1'000;
constexpr std::uint32_t kLongestGraceMs = 600'000;

}  // namespace

std::chrono::nanoseconds GraceOf(std::uint32_t grace_ms) {
  if (grace_ms == 0) grace_ms = kStandardGraceMs;
  return std::chrono::milliseconds(std::clamp(grace_ms, kShortestGraceMs, kLongestGraceMs));
}

void SessionRegistry::StreamOpened(std::string_view session_id) {
  if (session_id.empty()) return;
  ++sessions_[std::string(session_id)].streams;
}

void SessionRegistry::StreamClosed(std::string_view session_id) {
  const auto found = sessions_.find(session_id);
  if (found == sessions_.end() || found->second.streams == 0) return;
  if (--found->second.streams > 0) return;
  found->second.absent_since = clock_.Steady();
  if (found->second.orders.empty()) sessions_.erase(found);
}

bool SessionRegistry::IsPresent(std::string_view session_id) const {
  const auto found = sessions_.find(session_id);
  return found != sessions_.end() && found->second.streams > 0;
}

absl::Status SessionRegistry::Bind(std::string_view order_key, std::string_view session_id,
                                   std::chrono::nanoseconds grace) {
  if (!IsPresent(session_id)) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     common::v1::ERROR_REASON_SESSION_NOT_CONNECTED,
                     fmt::format("order {} is bound to session {}, which has no open stream",
                                 order_key, session_id));
  }
  BindTo(order_key, session_id, grace);
  return absl::OkStatus();
}

void SessionRegistry::Restore(std::string_view order_key, std::string_view session_id,
                              std::chrono::nanoseconds grace) {
  BindTo(order_key, session_id, grace);
  Session& session = sessions_[std::string(session_id)];
  if (session.streams == 0) session.absent_since = clock_.Steady();
}

void SessionRegistry::BindTo(std::string_view order_key, std::string_view session_id,
                             std::chrono::nanoseconds grace) {
  // First, so that a session that loses its only order here is not forgotten meanwhile.
  sessions_[std::string(session_id)].orders.insert({grace, std::string(order_key)});
  const auto found = bindings_.find(order_key);
  if (found != bindings_.end() &&
      (found->second.session_id != session_id || found->second.grace != grace)) {
    Unbind(order_key);
  }
  bindings_[std::string(order_key)] = {std::string(session_id), grace};
}

void SessionRegistry::Unbind(std::string_view order_key) {
  const auto found = bindings_.find(order_key);
  if (found == bindings_.end()) return;
  const auto session = sessions_.find(found->second.session_id);
  session->second.orders.erase({found->second.grace, found->first});
  if (session->second.orders.empty() && session->second.streams == 0) sessions_.erase(session);
  bindings_.erase(found);
}

std::vector<ExpiredSession> SessionRegistry::TakeExpired() {
  const std::chrono::nanoseconds now = clock_.Steady();
  std::vector<ExpiredSession> expired;
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    auto& [session_id, session] = *at;
    const std::chrono::nanoseconds absent_for = now - session.absent_since;
    auto& orders = session.orders;
    if (session.streams > 0 || orders.empty() || orders.begin()->first > absent_for) {
      ++at;
      continue;
    }
    ExpiredSession& out = expired.emplace_back(ExpiredSession{session_id, absent_for, {}});
    while (!orders.empty() && orders.begin()->first <= absent_for) {
      out.order_keys.push_back(orders.begin()->second);
      bindings_.erase(orders.begin()->second);
      orders.erase(orders.begin());
    }
    at = orders.empty() ? sessions_.erase(at) : std::next(at);
  }
  return expired;
}

std::optional<std::chrono::nanoseconds> SessionRegistry::NextExpiry() const {
  std::optional<std::chrono::nanoseconds> next;
  for (const auto& [session_id, session] : sessions_) {
    if (session.streams > 0 || session.orders.empty()) continue;
    const std::chrono::nanoseconds expiry = session.absent_since + session.orders.begin()->first;
    next = next ? std::min(*next, expiry) : expiry;
  }
  return next;
}

}  // namespace switchyard::order::risk
