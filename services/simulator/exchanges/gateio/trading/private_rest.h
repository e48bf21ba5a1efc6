#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulator/exchanges/gateio/rate_limiter.h"
#include "services/simulator/exchanges/gateio/trading/api.h"
#include "services/simulator/exchanges/gateio/trading/authenticator.h"
#include "services/simulator/faults/fault_table.h"
#include "services/simulator/held_answers.h"
#include "services/simulator/transport/http_message.h"

namespace switchyard::simulator::gateio {

// One private call, authenticated and read.
struct PrivateCall {
  Caller caller;
  // What stood in the places of "{}" in the path.
  std::vector<std::string> ids;
  Json parameters = Json::object();  // the query
  Json body;                         // null where there is none

  const std::string& id() const { return ids.front(); }
  // Query and body as one; the body wins.
  Json Merged() const;
};

// How often a call may be made.
enum class Pace {
  kQuery,
  kSpotPlace,
  kSpotCancel,
  kFuturesPlace,
  kFuturesCancel,
  kTransfer,
  kWithdraw
};

// A private path: what it is called and what answers.
struct Route {
  Pace pace = Pace::kQuery;
  std::function<ApiResult(const PrivateCall&)> answer;
};

// Private REST: authenticates, limits, dispatches, and loses answers on demand. I/O thread only.
class PrivateRest {
 public:
  // All must outlive it.
  PrivateRest(const ExchangeClock& clock, RateLimiter& limiter, faults::FaultTable& faults,
              HeldAnswers& held);

  // `endpoint` is "POST spot/orders/{}".
  void Add(std::string endpoint, Route route) { routes_[std::move(endpoint)] = std::move(route); }
  // Tells the symbol of an order that a call names only by its id; empty = unknown.
  using SymbolFinder = std::function<std::string(const PrivateCall&)>;
  void set_symbol_finder(SymbolFinder finder) { symbol_of_order_ = std::move(finder); }

  // A connection that a fault leaves waiting is cut after this.
  static constexpr std::int64_t kUnansweredMs = 300'000;

  // Answers by `reply`, now, later or never. `path` is what follows "/api/v4/"; `endpoint` is the
  // path with its ids as "{}".
  void Handle(const transport::HttpRequest& request, std::string_view path,
              const std::string& endpoint, const transport::Reply& reply);

 private:
  ApiResult Read(const transport::HttpRequest& request, std::string_view path,
                 const std::string& endpoint, PrivateCall& call) const;
  RateLimiter::Decision Count(const Route& route, const PrivateCall& call,
                              const std::string& endpoint);

  const ExchangeClock& clock_;
  RateLimiter& limiter_;
  faults::FaultTable& faults_;
  HeldAnswers& held_;
  Authenticator authenticator_;
  std::map<std::string, Route, std::less<>> routes_;
  SymbolFinder symbol_of_order_;
};

// A path with its ids as "{}": "spot/orders/12" -> "spot/orders/{}".
std::string EndpointOf(std::string_view path);

// Adds the headers that tell what is left of a limit.
void AddRateHeaders(const RateLimiter::Decision& rate, transport::HttpResponse& response);

}  // namespace switchyard::simulator::gateio
