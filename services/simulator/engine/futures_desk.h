#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>
#include <vector>

#include "services/simulator/engine/futures_account.h"
#include "services/simulator/engine/order_desk.h"

namespace switchyard::simulator::engine {

// What the desk asks of the exchange around it.
struct FuturesTerms {
  // Mark price, ticks.
  std::function<std::int64_t(const Market&)> mark;
  // A position that was never held: leverage, limits, rates.
  std::function<void(Position&)> defaults;
};

// Futures orders: margins, positions, funding, liquidation. One settlement currency. A margin is
// held for the part of an order that opens: value / leverage, and the taker's fee on it.
class FuturesDesk final : public OrderDesk {
 public:
  static constexpr std::size_t kMaximumOpenOrders = 100;  // of a user and market

  // Listeners must outlive it.
  FuturesDesk(std::int64_t first_order_id, FuturesTerms terms, OrderListener& orders,
              FuturesListener& listener)
      : OrderDesk(first_order_id, orders),
        futures_terms_(std::move(terms)),
        futures_listener_(listener) {}

  void Add(Market& market, const ContractTerms& terms) { terms_.emplace(&market, terms); }
  const ContractTerms& terms(const Market& market) const { return terms_.at(&market); }

  FuturesAccount& AccountOf(UserId user);
  // The position of a slot; one with size 0 if none is held.
  Position& PositionOf(UserId user, Market& market, PositionSide side);
  // All slots that were ever used.
  std::vector<Position*> PositionsOf(UserId user);
  AccountFigures FiguresOf(UserId user);
  // Value at the mark price.
  Amount MarkValue(const Position& position) const;
  std::int64_t MarkOf(const Market& market) const { return futures_terms_.mark(market); }
  // Margin that stands behind a position: its own, or what the account has left for it.
  Amount MarginBehind(const Position& position);

  // In or out of the account.
  Refusal Transfer(UserId user, Amount change, std::int64_t now_ns);
  // Leverage 0 = cross with a limit.
  Refusal SetLeverage(Position& position, std::int64_t leverage, std::int64_t cross_limit,
                      std::int64_t now_ns);
  Refusal ChangeMargin(Position& position, Amount change, std::int64_t now_ns);
  // Only without positions and open orders.
  Refusal SetDual(UserId user, bool dual);

  // Longs pay where the rate (parts per million) is above 0.
  void ApplyFunding(Market& market, std::int64_t rate, std::int64_t now_ns);
  // Liquidates what has too little margin.
  void CheckMargins(std::int64_t now_ns);
  void Liquidate(Position& position, std::int64_t now_ns);
  // Closes lots at the mark price, outside the book.
  void Deleverage(Position& position, std::int64_t lots, std::int64_t now_ns);

 private:
  using Slot = std::tuple<UserId, Market*, PositionSide>;

  Refusal Reserve(ClientOrder& order, const MatchPlan& plan) override;
  Refusal ReserveAnew(ClientOrder& order, std::int64_t price, std::int64_t left) override;
  void Release(ClientOrder& order) override { order.reserved = Amount(); }
  void Settle(ClientOrder& order, ClientFill& fill) override;
  void AfterFills(const std::vector<ClientFill>& fills) override;
  bool RefusesUnfillable() const override { return true; }

  Position& PositionFor(const ClientOrder& order);
  Refusal CheckReducing(const ClientOrder& order, const Position& position) const;
  // What opening `left` lots at `price` needs; none for what only closes.
  Amount OrderMargin(const ClientOrder& order, std::int64_t price, std::int64_t left);
  // Cancels the oldest reduce-only orders that the position no longer covers.
  void Squeeze(const Position& position, std::int64_t extra_lots, std::int64_t now_ns);
  void Book(UserId user, EntryKind kind, Amount change, const ClientFill* fill,
            const Market* market, std::int64_t now_ns);
  void Close(Position& position, bool was_long, const std::string& text, std::int64_t now_ns);
  // What an account lost beyond its margin is not asked of it.
  void Insure(Position& position, Amount margin_before, Amount realised_before,
              std::int64_t now_ns);

  FuturesTerms futures_terms_;
  FuturesListener& futures_listener_;
  std::map<const Market*, ContractTerms> terms_;
  std::map<UserId, FuturesAccount> accounts_;
  std::map<Slot, Position> positions_;
  std::int64_t last_entry_id_ = 0;
  std::int64_t forced_orders_ = 0;
};

}  // namespace switchyard::simulator::engine
