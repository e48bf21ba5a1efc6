#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/simulator/engine/client_order.h"
#include "services/simulator/engine/match_plan.h"
#include "services/simulator/engine/order_store.h"

namespace switchyard::simulator::engine {

// What has become of an order.
enum class OrderEvent : std::uint8_t { kPut, kUpdate, kFinish };

// Hears of orders and fills, in the order in which they happen.
class OrderListener {
 public:
  virtual ~OrderListener() = default;
  virtual void OnOrder(const ClientOrder& order, OrderEvent event) = 0;
  virtual void OnFill(const ClientOrder& order, const ClientFill& fill) = 0;
};

// Answer to a command. `order` is set unless refused.
struct Outcome {
  Refusal refusal = Refusal::kNone;
  ClientOrder* order = nullptr;
  // Post-only: the price asked for and the counterpart's, ticks.
  std::int64_t price = 0;
  std::int64_t counter_price = 0;
};

// Takes clients' orders to their markets and brings fills back: what spot and futures share. What
// an order may cost, and what a fill moves, is the derived class's. Not thread-safe.
class OrderDesk {
 public:
  // A market order takes nothing farther from the best price than this.
  static constexpr std::int64_t kSlipPerMillion = 50'000;

  // `listener` must outlive the desk.
  OrderDesk(std::int64_t first_order_id, OrderListener& listener)
      : store_(first_order_id), listener_(listener) {}
  virtual ~OrderDesk() = default;
  OrderDesk(const OrderDesk&) = delete;
  OrderDesk& operator=(const OrderDesk&) = delete;

  // The request has been checked for form: a known market, price and quantity above 0.
  Outcome Place(const OrderRequest& request, std::int64_t now_ns);
  // Changes price, quantity (the new total) or both. Only a lower quantity keeps the place in the
  // queue; one that is not above what has filled cancels.
  Outcome Amend(ClientOrder& order, std::optional<std::int64_t> price,
                std::optional<std::int64_t> quantity, std::int64_t now_ns);
  void Cancel(ClientOrder& order, FinishedAs reason, std::int64_t now_ns);

  // Settles clients' fills of a market's latest change. The last thing to do with that change: it
  // may change the market again.
  void OnChange(Market& market);

  OrderStore& store() { return store_; }
  const OrderStore& store() const { return store_; }

 protected:
  // Checks, and takes what the order may cost (order.reserved). `worst_price` is that of a market
  // order's plan.
  virtual Refusal Reserve(ClientOrder& order, const MatchPlan& plan) = 0;
  // Changes order.reserved to what `left` lots at `price` cost.
  virtual Refusal ReserveAnew(ClientOrder& order, std::int64_t price, std::int64_t left) = 0;
  // Gives order.reserved back.
  virtual void Release(ClientOrder& order) = 0;
  // Moves what the fill moves, before `order.left` lessens, and sets the fill's fee.
  virtual void Settle(ClientOrder& order, ClientFill& fill) = 0;
  // After all fills of a change are settled and told.
  virtual void AfterFills(const std::vector<ClientFill>& fills) = 0;
  virtual bool RefusesUnfillable() const = 0;

  OrderListener& listener() { return listener_; }
  // A fill that no market made, at a price of the exchange's own.
  void FillOutside(ClientOrder& order, std::int64_t price, std::int64_t quantity,
                   std::int64_t now_ns);
  void Finish(ClientOrder& order, FinishedAs reason, std::int64_t now_ns);

 private:
  MatchPlan Plan(const ClientOrder& order) const;
  void Execute(ClientOrder& order, const MatchPlan& plan, std::int64_t now_ns);
  void Apply(ClientOrder& order, ClientFill fill);

  OrderStore store_;
  OrderListener& listener_;
};

}  // namespace switchyard::simulator::engine
