#pragma once

#include <string>

#include "services/simulator/engine/ledger.h"
#include "services/simulator/engine/spot_desk.h"
#include "services/simulator/exchanges/gateio/listing.h"
#include "services/simulator/exchanges/gateio/trading/private_channels.h"
#include "services/simulator/exchanges/gateio/trading/private_rest.h"
#include "services/simulator/exchanges/gateio/trading/socket_side.h"
#include "services/simulator/exchanges/gateio/trading/spot_api.h"

namespace switchyard::simulator::gateio {

// Everything private of the spot product: wallet, orders, triggers, and who is told of them. I/O
// thread only.
class SpotSide final : private engine::OrderListener,
                       private engine::BalanceListener,
                       private TriggerListener {
 public:
  // What it works with; all outlive it.
  struct Parts {
    Listings& listings;
    const ExchangeClock& clock;
    RateLimiter& limiter;
    faults::FaultTable& faults;
    HeldAnswers& held;
    PrivateRest& rest;
  };

  explicit SpotSide(const Parts& parts);

  PrivateSide& sockets() { return sockets_; }
  engine::Ledger& ledger() { return ledger_; }
  const engine::OrderStore& orders() const { return desk_.store(); }
  // A market has changed; the last thing to do with that change.
  void OnChange(engine::Market& market);
  void OnTick() { api_.OnTick(); }
  void ExpireLogins() { sockets_.ExpireLogins(); }

 private:
  void Seed();
  void AddRestRoutes(PrivateRest& rest);
  void AddSocketCalls();
  std::string SymbolOf(const Caller& caller, const std::string& id, const Json& parameters) const;

  void OnOrder(const engine::ClientOrder& order, engine::OrderEvent event) override;
  void OnFill(const engine::ClientOrder& order, const engine::ClientFill& fill) override;
  void OnBalance(const engine::BalanceChange& change) override;
  void OnTrigger(const engine::Trigger& trigger) override;

  Listings& listings_;
  const ExchangeClock& clock_;
  PrivateChannels channels_;
  engine::Ledger ledger_;
  engine::SpotDesk desk_;
  SpotApi api_;
  SocketSide sockets_;
};

}  // namespace switchyard::simulator::gateio
