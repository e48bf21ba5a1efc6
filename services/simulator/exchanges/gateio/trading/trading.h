#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/simulator/exchanges/gateio/trading/futures_side.h"
#include "services/simulator/exchanges/gateio/trading/private_rest.h"
#include "services/simulator/exchanges/gateio/trading/spot_side.h"
#include "services/simulator/exchanges/gateio/trading/wallet.h"

namespace switchyard::simulator::gateio {

// The private half of Gate.io: both products and what spans them. I/O thread only.
class Trading {
 public:
  // All must outlive it.
  struct Parts {
    Listings& spot;
    Listings& futures;
    const ExchangeClock& clock;
    RateLimiter& limiter;
    faults::FaultTable& faults;
    HeldAnswers& held;
  };

  explicit Trading(const Parts& parts);

  // As PrivateRest::Handle.
  void Handle(const transport::HttpRequest& request, std::string_view path,
              const std::string& endpoint, const transport::Reply& reply) {
    rest_.Handle(request, path, endpoint, reply);
  }
  SpotSide& spot() { return spot_; }
  FuturesSide& futures() { return futures_; }
  // Every 10 ms.
  void OnTick();

 private:
  void AddAccountRoutes();
  // Of what an order call is about; empty = unknown or several.
  std::string SymbolOf(const PrivateCall& call) const;

  PrivateRest rest_;
  SpotSide spot_;
  FuturesSide futures_;
  Wallet wallet_;
};

}  // namespace switchyard::simulator::gateio
