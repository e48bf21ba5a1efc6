#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/simulator/clock.h"
#include "services/simulator/engine/futures_desk.h"
#include "services/simulator/engine/ledger.h"
#include "services/simulator/engine/spot_desk.h"
#include "services/simulator/exchanges/lighter/errors.h"
#include "services/simulator/exchanges/lighter/listing.h"
#include "services/simulator/exchanges/lighter/trading/orders.h"

namespace switchyard::simulator::lighter {

// Margin of an account's position in a market. The fraction is 1e-4.
struct MarginSetting {
  std::int64_t fraction = 0;
  bool isolated = false;
};

// A trade as an account's list has it.
struct AccountTrade {
  Listing* listing;
  PublicTrade trade;
};

// A payment of funding that an account made or got.
struct FundingPayment {
  std::int64_t id = 0;
  std::int64_t time_ns = 0;
  const Listing* listing = nullptr;
  engine::Amount change;      // of the collateral
  std::int64_t rate = 0;      // parts per million
  std::int64_t position = 0;  // signed lots
};

// Hears of what happens to accounts, in the order in which it happens.
class DeskListener {
 public:
  virtual ~DeskListener() = default;
  virtual void OnOrder(const Order& order) = 0;
  virtual void OnTrade(std::int64_t account, const AccountTrade& trade) = 0;
  virtual void OnPosition(std::int64_t account, const Listing& listing) = 0;
  virtual void OnAssets(std::int64_t account) = 0;
  // `deleverage`: else a liquidation.
  virtual void OnForcedClose(std::int64_t account, const Listing& listing,
                             const engine::ForcedClose& close, bool deleverage) = 0;
};

// Orders, positions and balances of the accounts, on the engine's desks. I/O thread only.
class Desk final : private engine::OrderListener,
                   private engine::FuturesListener,
                   private engine::BalanceListener {
 public:
  // Fees in parts per million of the value, as charged in the reference's samples.
  static constexpr std::int64_t kMakerFee = 28;
  static constexpr std::int64_t kTakerFee = 196;

  // All must outlive it. The accounts begin with collateral and assets.
  Desk(Listings& listings, const ExchangeClock& clock, DeskListener& listener,
       const std::vector<std::int64_t>& accounts);

  // What the API server checks before it accepts an order that may rest; kNone: it is accepted.
  Code Check(const Order& draft);
  // Takes an accepted order to its market, or lets it wait for its trigger or parent.
  void Place(Order draft);
  // Parent first; children wait for it. Without a parent (one cancels other) both wait at once.
  void PlaceGroup(std::vector<Order> drafts, bool has_parent);
  void Cancel(Order& order, OrderStatus as);
  // Of one market, or of all where it is null.
  void CancelAll(std::int64_t account, const Listing* listing, OrderStatus as);
  Code Modify(Order& order, const signatures::ModifyOrder& change);
  // What SetMargin refuses whatever the balance.
  Code CheckMargin(std::int64_t account, const Listing& listing, const MarginSetting& setting);
  Code SetMargin(std::int64_t account, Listing& listing, const MarginSetting& setting);
  Code ChangeMargin(std::int64_t account, Listing& listing, engine::Amount change);
  // Moves money out of an account's collateral or assets (`change` below 0), or in.
  Code Move(std::int64_t account, const AssetRow& asset, bool spot, engine::Amount change);

  // The parties of a fill, before it is settled; a change begins with BeginChange.
  TradeParty PartyOf(const engine::Fill& fill, engine::Side side);
  void BeginChange() { running_.clear(); }
  // The order that rests in a book under this id; null: one of the flow.
  Order* FindBooked(engine::OrderId id);
  // A market has changed and its trades are kept; the last thing to do with that change.
  void OnChange(Listing& listing);
  // Looks at triggers, expiries, funding and margins; every 10 ms.
  void OnTick();
  void PayFunding(Listing& listing);
  // Liquidates, or reduces by so many lots (0 = all), what the account holds. False: nothing.
  bool Strike(std::int64_t account, Listing& listing, bool deleverage, std::int64_t lots);

  OrderTable& orders() { return orders_; }
  engine::FuturesDesk& futures() { return futures_; }
  const engine::Ledger& ledger() const { return ledger_; }
  const std::deque<AccountTrade>& TradesOf(std::int64_t account) { return trades_[account]; }
  const std::vector<FundingPayment>& FundingsOf(std::int64_t account) { return fundings_[account]; }
  MarginSetting MarginOf(std::int64_t account, const Listing& listing) const;
  engine::Position& PositionOf(std::int64_t account, const Listing& listing);
  bool HasAccount(std::int64_t account) const;
  const std::vector<std::int64_t>& accounts() const { return accounts_; }
  const Listings& listings() const { return listings_; }
  std::int64_t now_ns() const { return clock_.NowNs(); }

 private:
  // Size and value of a position in the middle of a change.
  struct Running {
    std::int64_t size;
    std::int64_t quote;
  };

  void Seed();
  engine::OrderDesk& DeskOf(const Listing& listing);
  Order* OrderOf(const engine::ClientOrder& order);
  Order& AdoptForced(const engine::ClientOrder& order);
  void SendToMarket(Order& order);
  void End(Order& order, OrderStatus status);
  // What the end or the fills of an order mean for the others of its group.
  void AfterEnd(Order& order);
  bool IsTriggered(const Order& order) const;
  void Tell(Order& order);

  void OnOrder(const engine::ClientOrder& order, engine::OrderEvent event) override;
  void OnFill(const engine::ClientOrder& order, const engine::ClientFill& fill) override;
  void OnEntry(const engine::FuturesEntry& entry) override;
  void OnPosition(const engine::Position& position) override;
  void OnClose(engine::UserId, const engine::PositionClose&) override {}
  void OnLiquidation(engine::UserId user, const engine::ForcedClose& close) override;
  void OnDeleverage(engine::UserId user, const engine::ForcedClose& close) override;
  void OnBalance(const engine::BalanceChange& change) override;

  Listings& listings_;
  const ExchangeClock& clock_;
  DeskListener& listener_;
  const std::vector<std::int64_t> accounts_;
  OrderTable orders_;
  engine::Ledger ledger_;
  engine::FuturesDesk futures_;
  engine::SpotDesk spot_;
  std::map<std::pair<std::int64_t, const Listing*>, MarginSetting> margins_;
  std::map<std::int64_t, std::deque<AccountTrade>> trades_;
  std::map<std::int64_t, std::vector<FundingPayment>> fundings_;
  std::map<std::pair<std::int64_t, const Listing*>, Running> running_;
  // Orders that the engine made by itself.
  std::map<const engine::ClientOrder*, Order*> forced_;
  // The order that is on its way to its market, and the reason of a cancel on its way.
  Order* placing_ = nullptr;
  OrderStatus cancel_as_ = OrderStatus::kCanceled;
  std::int64_t funded_hours_;
};

}  // namespace switchyard::simulator::lighter
