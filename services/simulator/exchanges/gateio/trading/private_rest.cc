#include "services/simulator/exchanges/gateio/trading/private_rest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "services/simulator/exchanges/gateio/trading/private_channels.h"

namespace switchyard::simulator::gateio {
namespace {

// Words of a path after which an id stands.
constexpr std::array<std::string_view, 9> kBeforeIds = {
    "orders",    "price_orders", "positions",      "amend",      "get_leverage",
    "contracts", "currencies",   "currency_pairs", "withdrawals"};

bool IsId(std::string_view before, std::string_view word) {
  if (word == "cross_mode" || word == "push" || word == "amend") return false;
  return std::find(kBeforeIds.begin(), kBeforeIds.end(), before) != kBeforeIds.end();
}

// Calls `visit(word, is_id)` for each word of a path.
template <typename Visit>
void VisitWords(std::string_view path, Visit visit) {
  std::string_view before;
  while (true) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view word = path.substr(0, end);
    visit(word, IsId(before, word));
    if (end == path.size()) return;
    before = word;
    path.remove_prefix(end + 1);
  }
}

Group GroupOf(std::string_view path) {
  if (path.starts_with("spot/")) return Group::kSpot;
  if (path.starts_with("futures/")) return Group::kFutures;
  if (path.starts_with("wallet/")) return Group::kWallet;
  if (path.starts_with("withdrawals")) return Group::kWithdrawal;
  return Group::kAccount;
}

RateLimit LimitOf(Pace pace) {
  switch (pace) {
    case Pace::kQuery:
      break;
    case Pace::kSpotPlace:
      return {10, kNsPerS};
    case Pace::kSpotCancel:
    case Pace::kFuturesCancel:
      return {200, kNsPerS};
    case Pace::kFuturesPlace:
      return {100, kNsPerS};
    case Pace::kTransfer:
      return {80, 10 * kNsPerS};
    case Pace::kWithdraw:
      return {1, 3 * kNsPerS};
  }
  return {};
}

bool IsOrderPace(Pace pace) {
  return pace == Pace::kSpotPlace || pace == Pace::kSpotCancel || pace == Pace::kFuturesPlace ||
         pace == Pace::kFuturesCancel;
}

bool Places(Pace pace) { return pace == Pace::kSpotPlace || pace == Pace::kFuturesPlace; }

// Orders by pair, for limits that are counted by market.
std::map<std::string, std::int64_t> OrdersByPair(const PrivateCall& call) {
  std::map<std::string, std::int64_t> orders;
  if (call.body.is_array()) {
    for (const Json& item : call.body) {
      ++orders[item.is_object() ? TextOf(item, "currency_pair") : std::string()];
    }
  } else {
    ++orders[TextOf(call.Merged(), "currency_pair")];
  }
  return orders;
}

transport::HttpResponse ToResponse(const ApiResult& result) {
  transport::HttpResponse response;
  response.status = result.status;
  response.body = result.ok() ? result.body : ErrorBody(result);
  return response;
}

}  // namespace

std::string EndpointOf(std::string_view path) {
  std::string endpoint;
  VisitWords(path, [&](std::string_view word, bool is_id) {
    if (!endpoint.empty()) endpoint.push_back('/');
    endpoint += is_id ? std::string_view("{}") : word;
  });
  return endpoint;
}

void AddRateHeaders(const RateLimiter::Decision& rate, transport::HttpResponse& response) {
  response.headers.emplace_back("X-Gate-RateLimit-Requests-Remain", std::to_string(rate.remaining));
  response.headers.emplace_back("X-Gate-RateLimit-Limit", std::to_string(rate.limit));
  response.headers.emplace_back("X-Gate-RateLimit-Reset-Timestamp", std::to_string(rate.reset_s));
}

Json PrivateCall::Merged() const {
  Json merged = parameters;
  if (body.is_object()) merged.update(body);
  return merged;
}

PrivateRest::PrivateRest(const ExchangeClock& clock, RateLimiter& limiter,
                         faults::FaultTable& faults, HeldAnswers& held)
    : clock_(clock), limiter_(limiter), faults_(faults), held_(held), authenticator_(clock) {}

ApiResult PrivateRest::Read(const transport::HttpRequest& request, std::string_view path,
                            const std::string& endpoint, PrivateCall& call) const {
  for (const auto& [name, value] : request.query) call.parameters[name] = value;
  VisitWords(path, [&](std::string_view word, bool is_id) {
    if (is_id) call.ids.emplace_back(word);
  });
  call.caller.decimal_sizes = request.HeaderValue("X-Gate-Size-Decimal") == "1";
  if (!request.body.empty()) {
    auto body = json::Parse(request.body);
    if (!body.ok()) return Failure(400, "INVALID_REQUEST_BODY", "invalid request body");
    call.body = *std::move(body);
  }
  if (routes_.contains(request.method + " " + endpoint)) return {};
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    if (routes_.contains(std::string(method) + " " + endpoint)) {
      return Failure(405, "METHOD_NOT_ALLOWED", "Request method not allowed");
    }
  }
  return Failure(404, "NOT_FOUND", "Request path not found");
}

RateLimiter::Decision PrivateRest::Count(const Route& route, const PrivateCall& call,
                                         const std::string& endpoint) {
  const std::string user = std::to_string(call.caller.user);
  const RateLimit limit = LimitOf(route.pace);
  const std::int64_t now_ns = clock_.NowNs();
  if (route.pace == Pace::kSpotPlace) {
    RateLimiter::Decision worst{true, 0, 0, 0};
    bool first = true;
    for (const auto& [pair, orders] : OrdersByPair(call)) {
      const auto decision = limiter_.Count("place " + pair, user, now_ns, limit, orders);
      const bool allowed = worst.allowed && decision.allowed;
      if (first || decision.remaining < worst.remaining) worst = decision;
      worst.allowed = allowed;
      first = false;
    }
    return worst;
  }
  // Each order of a batch counts once.
  const std::int64_t cost =
      Places(route.pace) && call.body.is_array()
          ? std::max<std::int64_t>(1, static_cast<std::int64_t>(call.body.size()))
          : 1;
  const bool common = IsOrderPace(route.pace);
  const std::string what = common ? (Places(route.pace) ? "futures place" : "cancel") : endpoint;
  const std::string product = route.pace == Pace::kFuturesCancel ? "futures " : "";
  return limiter_.Count(product + what, user, now_ns, limit, cost);
}

void PrivateRest::Handle(const transport::HttpRequest& request, std::string_view path,
                         const std::string& endpoint, const transport::Reply& reply) {
  PrivateCall call;
  ApiResult result;
  const ApiKey* const key = authenticator_.Rest(request, result);
  if (key == nullptr) {
    transport::HttpResponse response = ToResponse(result);
    AddRateHeaders(limiter_.Count(endpoint, request.remote_address, clock_.NowNs()), response);
    return reply(std::move(response));
  }
  call.caller.user = key->user;
  result = Read(request, path, endpoint, call);
  const bool writes = request.method != "GET";
  if (result.ok()) result = Authenticator::CheckAccess(*key, GroupOf(path), writes);
  static const Route kUnknown;
  const auto found = routes_.find(request.method + " " + endpoint);
  const Route& route = found == routes_.end() ? kUnknown : found->second;
  const RateLimiter::Decision rate = Count(route, call, endpoint);
  if (!rate.allowed) {
    result = Failure(429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded (211)");
  }
  faults::OrderFate fate;
  if (result.ok() && IsOrderPace(route.pace)) {
    const std::string symbol = symbol_of_order_ ? symbol_of_order_(call) : std::string();
    const Product product = path.starts_with("futures/") ? Product::kFutures : Product::kSpot;
    fate = faults_.JudgeOrder({ExchangeId(product), request.path, {}, symbol, Places(route.pace)});
    call.caller.fill_parts = fate.parts;
  }
  if (result.ok() && !fate.swallow) result = route.answer(call);
  transport::HttpResponse response = ToResponse(result);
  if (fate.swallow || fate.lose_answer) {
    response.cut = true;
    // A connection that is left waiting ends with its client, or with the simulator.
    if (!fate.cut) return held_.After(kUnansweredMs, [reply, response] { reply(response); });
    return reply(std::move(response));
  }
  if (fate.error_status != 0 && result.ok()) {
    response = ToResponse(Failure(fate.error_status, "SERVER_ERROR", "lost by a fault"));
  }
  AddRateHeaders(rate, response);
  if (fate.answer_delay_ms == 0) return reply(std::move(response));
  held_.After(fate.answer_delay_ms, [reply, response] { reply(response); });
}

}  // namespace switchyard::simulator::gateio
