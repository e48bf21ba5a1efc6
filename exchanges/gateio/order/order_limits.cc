#include "exchanges/gateio/order/order_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "common/status/status.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::chrono::seconds kWindow{1};
constexpr std::int64_t kSpotPlaces = 10;
constexpr std::int64_t kFuturesPlaces = 100;
constexpr std::int64_t kCancels = 200;
constexpr std::int64_t kFuturesSocket = 100;
// Of the socket's, kept for cancels.
constexpr std::int64_t kFuturesSocketReserve = 20;

constexpr std::string_view kCancelName = "orders:cancel";
constexpr std::string_view kPlaceName = "orders:place";
constexpr std::string_view kSocketName = "orders:websocket";

}  // namespace

OrderLimits::OrderLimits(Product product) : product_(product) {
  const auto define = [this](std::string_view name, std::int64_t permits, std::int64_t reserve) {
    limiter_.Define(name, {permits, kWindow, reserve}).IgnoreError();  // constants that fit
    defined_[std::string(name)] = permits;
  };
  define(kCancelName, kCancels, 0);
  if (product == Product::kFutures) {
    define(kPlaceName, kFuturesPlaces, 0);
    define(kSocketName, kFuturesSocket, kFuturesSocketReserve);
  }
}

std::string OrderLimits::NameOf(CommandKind kind, const std::string& symbol) {
  if (kind == CommandKind::kCancel) return std::string(kCancelName);
  if (product_ == Product::kFutures) return std::string(kPlaceName);
  std::string name = fmt::format("{}:{}", kPlaceName, symbol);
  if (defined_.emplace(name, kSpotPlaces).second) {
    limiter_.Define(name, {kSpotPlaces, kWindow}).IgnoreError();
  }
  return name;
}

absl::Status OrderLimits::Admit(CommandKind kind, bool over_websocket,
                                const std::vector<std::string>& symbols,
                                std::chrono::nanoseconds now) {
  std::map<std::string, std::int64_t> costs;
  for (const std::string& symbol : symbols) ++costs[NameOf(kind, symbol)];
  if (over_websocket && product_ == Product::kFutures) {
    costs[std::string(kSocketName)] = static_cast<std::int64_t>(symbols.size());
  }
  std::vector<retry::Charge> charges;
  charges.reserve(costs.size());
  for (const auto& [name, cost] : costs) charges.push_back({name, cost});
  const retry::Priority priority =
      kind == CommandKind::kCancel ? retry::Priority::kUrgent : retry::Priority::kNormal;
  const retry::Permission permission = limiter_.Acquire(charges, priority, now);
  if (permission.granted) return absl::OkStatus();
  absl::Status refused =
      MakeError(absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED,
                "not sent: the exchange's limit of orders is used up");
  if (permission.next_at == retry::Permission::kNever) return refused;
  return WithRetryAfter(std::move(refused), permission.next_at - now);
}

void OrderLimits::Settle(CommandKind kind, const std::vector<std::string>& symbols,
                         const retry::Reported& reported,
                         const std::optional<std::chrono::nanoseconds>& pause,
                         std::chrono::nanoseconds now) {
  std::set<std::string> names;
  for (const std::string& symbol : symbols) names.insert(NameOf(kind, symbol));
  // Which of several markets the answer's count is about is not said.
  if (names.size() == 1 && (reported.remaining || reported.limit)) {
    limiter_.Correct(*names.begin(), reported, now);
  }
  if (!pause) return;
  for (const std::string& name : names) limiter_.BlockUntil(name, now + *pause);
}

std::vector<exchange::LimitHeadroom> OrderLimits::Headrooms(std::chrono::nanoseconds now) {
  std::vector<exchange::LimitHeadroom> out;
  for (const auto& [name, permits] : defined_) {
    out.push_back({name, static_cast<std::uint32_t>(limiter_.Headroom(name, now)),
                   static_cast<std::uint32_t>(permits),
                   static_cast<std::uint32_t>(std::chrono::milliseconds(kWindow).count())});
  }
  return out;
}

}  // namespace switchyard::exchanges::gateio
