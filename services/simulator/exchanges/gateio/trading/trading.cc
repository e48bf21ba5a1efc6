#include "services/simulator/exchanges/gateio/trading/trading.h"

#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {

Trading::Trading(const Parts& parts)
    : rest_(parts.clock, parts.limiter, parts.faults, parts.held),
      spot_({parts.spot, parts.clock, parts.limiter, parts.faults, parts.held, rest_}) {
  AddAccountRoutes();
}

void Trading::OnTick() { spot_.OnTick(); }

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
