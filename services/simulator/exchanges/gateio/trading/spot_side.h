#pragma once

#include <string>

#include "services/simulator/engine/ledger.h"
#include "services/simulator/engine/spot_desk.h"
#include "services/simulator/exchanges/gateio/listing.h"
#include "services/simulator/exchanges/gateio/trading/ledger_pages.h"
#include "services/simulator/exchanges/gateio/trading/private_channels.h"
#include "services/simulator/exchanges/gateio/trading/private_rest.h"
#include "services/simulator/exchanges/gateio/trading/socket_side.h"
#include "services/simulator/exchanges/gateio/trading/spot_api.h"

namespace switchyard::simulator::gateio {

// Everything private of the spot product: wallet, orders, triggers, and who is told of them. I/O
// thread only.
class SpotSide final : public PrivateSide,
                       private engine::OrderListener,
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

  std::unique_ptr<PrivateSession> Open(transport::Socket& socket, SubscriptionKeeper& keeper,
                                       const std::string& connection_id,
                                       bool decimal_sizes) override {
    return sockets_.Open(socket, keeper, connection_id, decimal_sizes);
  }
  bool HasChannel(std::string_view channel) const override { return sockets_.HasChannel(channel); }
  absl::StatusOr<v1::ListClientOrdersResponse> ClientOrders(
      const v1::ListClientOrdersRequest& request) override {
    return ListOrders(desk_.store(), request);
  }
  absl::StatusOr<v1::ListClientFillsResponse> ClientFills(
      const v1::ListClientFillsRequest& request) override {
    return ListFills(desk_.store(), request);
  }
  absl::Status PayFunding(const std::string& symbol) override;
  absl::StatusOr<std::uint64_t> StrikeAccounts(const v1::Fault& fault) override;
  engine::Ledger& ledger() { return ledger_; }
  // A market has changed; the last thing to do with that change.
  void OnChange(engine::Market& market);
  void OnTick() { api_.OnTick(); }

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
