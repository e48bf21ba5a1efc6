#include "services/simulator/exchanges/gateio/trading/trading.h"

#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {

Trading::Trading(const Parts& parts)
    : rest_(parts.clock, parts.limiter, parts.faults, parts.held),
      spot_({parts.spot, parts.clock, parts.limiter, parts.faults, parts.held, rest_}),
      futures_({parts.futures, parts.clock, parts.limiter, parts.faults, parts.held, rest_}),
      wallet_(spot_.ledger(), futures_.desk(), parts.clock) {
  wallet_.AddRoutes(rest_);
  AddAccountRoutes();
  rest_.set_symbol_finder([this](const PrivateCall& call) { return SymbolOf(call); });
}

void Trading::OnTick() {
  spot_.OnTick();
  futures_.OnTick();
}

std::string Trading::SymbolOf(const PrivateCall& call) const {
  Json named = call.Merged();
  if (call.body.is_array() && !call.body.empty() && call.body.front().is_object()) {
    named = call.body.front();
  }
  for (const char* name : {"currency_pair", "contract"}) {
    const std::string symbol = TextOf(named, name);
    if (!symbol.empty()) return symbol;
  }
  return call.ids.empty() ? std::string() : futures_.SymbolOf(call.caller, call.id());
}

void Trading::AddAccountRoutes() {
  rest_.Add("GET account/detail", {Pace::kQuery, [](const PrivateCall& call) {
                                     std::string body;
                                     JsonWriter json(body);
                                     json.BeginObject()
                                         .Number("user_id", call.caller.user)
                                         .Raw("ip_whitelist", "[]")
                                         .Raw("currency_pairs", "[]")
                                         .Number("tier", 0)
                                         .Number("copy_trading_role", 0);
                                     json.Key("key").BeginObject().Number("mode", 1).EndObject();
                                     json.EndObject();
                                     return Success(std::move(body));
                                   }});
}

}  // namespace switchyard::simulator::gateio
