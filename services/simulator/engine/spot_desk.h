#pragma once

#include <map>
#include <string>
#include <vector>

#include "services/simulator/engine/ledger.h"
#include "services/simulator/engine/order_desk.h"

namespace switchyard::simulator::engine {

// Currencies and fees of a spot market; fees in parts per million of what is received.
struct SpotTerms {
  std::string base;
  std::string quote;
  std::int64_t maker_fee = 1'000;
  std::int64_t taker_fee = 2'000;
};

// Spot orders: balances are locked while orders rest and change hands with fills. A buyer pays the
// fee in base, a seller in quote.
class SpotDesk final : public OrderDesk {
 public:
  static constexpr std::size_t kMaximumOpenOrders = 500;  // of a user and market

  // All must outlive it.
  SpotDesk(std::int64_t first_order_id, Ledger& ledger, OrderListener& listener)
      : OrderDesk(first_order_id, listener), ledger_(ledger) {}

  void Add(Market& market, SpotTerms terms) { terms_.emplace(&market, std::move(terms)); }
  const SpotTerms& terms(const Market& market) const { return terms_.at(&market); }

 private:
  Refusal Reserve(ClientOrder& order, const MatchPlan& plan) override;
  Refusal ReserveAnew(ClientOrder& order, std::int64_t price, std::int64_t left) override;
  void Release(ClientOrder& order) override;
  void Settle(ClientOrder& order, ClientFill& fill) override;
  void AfterFills(const std::vector<ClientFill>&) override {}
  bool RefusesUnfillable() const override { return false; }

  // What `left` lots at `price` lock, and in which currency.
  Amount Cost(const ClientOrder& order, std::int64_t price, std::int64_t left) const;
  const std::string& LockedCurrency(const ClientOrder& order) const;

  Ledger& ledger_;
  std::map<const Market*, SpotTerms> terms_;
};

// Exact value of lots at a price, in quote.
Amount ValueOf(const Market& market, Int128 ticks_times_lots);
// Exact quantity in base.
Amount QuantityOf(const Market& market, std::int64_t lots);

}  // namespace switchyard::simulator::engine
