#pragma once

#include <cstdint>
#include <string>

#include "services/simulator/engine/futures_desk.h"
#include "services/simulator/exchanges/gateio/trading/futures_api.h"
#include "services/simulator/exchanges/gateio/trading/ledger_pages.h"
#include "services/simulator/exchanges/gateio/trading/private_channels.h"
#include "services/simulator/exchanges/gateio/trading/private_rest.h"
#include "services/simulator/exchanges/gateio/trading/socket_side.h"
#include "services/simulator/exchanges/gateio/trading/spot_side.h"

namespace switchyard::simulator::gateio {

// Everything private of the futures product: accounts, positions, orders, funding, liquidation, and
// who is told of them. I/O thread only.
class FuturesSide final : public PrivateSide,
                          private engine::OrderListener,
                          private engine::FuturesListener,
                          private TriggerListener {
 public:
  // As SpotSide's.
  explicit FuturesSide(const SpotSide::Parts& parts);

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
  engine::FuturesDesk& desk() { return desk_; }
  // A market has changed; the last thing to do with that change.
  void OnChange(engine::Market& market);
  // Fires triggers, pays funding when its time has come, looks at margins.
  void OnTick();
  std::string SymbolOf(const Caller& caller, const std::string& id) const {
    return api_.SymbolOf(caller, id);
  }

 private:
  void Seed();
  void AddOrderRoutes(PrivateRest& rest);
  void AddPositionRoutes(PrivateRest& rest);
  void AddSocketCalls();
  // The positions of a user (0 = all) in a contract (empty = all).
  std::vector<engine::Position*> HeldPositions(engine::UserId user, const std::string& contract);

  void OnOrder(const engine::ClientOrder& order, engine::OrderEvent event) override;
  void OnFill(const engine::ClientOrder& order, const engine::ClientFill& fill) override;
  void OnTrigger(const engine::Trigger& trigger) override;
  void OnEntry(const engine::FuturesEntry& entry) override;
  void OnPosition(const engine::Position& position) override;
  void OnClose(engine::UserId user, const engine::PositionClose& close) override;
  void OnLiquidation(engine::UserId user, const engine::ForcedClose& liquidation) override;
  void OnDeleverage(engine::UserId user, const engine::ForcedClose& deleverage) override;

  Listings& listings_;
  const ExchangeClock& clock_;
  PrivateChannels channels_;
  engine::FuturesDesk desk_;
  FuturesApi api_;
  SocketSide sockets_;
  // Funding intervals that have been paid, since 1970.
  std::int64_t funded_intervals_;
};

}  // namespace switchyard::simulator::gateio
