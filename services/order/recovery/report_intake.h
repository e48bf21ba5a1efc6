#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/model/order.h"
#include "services/order/desk/desk_context.h"
#include "services/order/recovery/lost_orders.h"

namespace switchyard::order {

// Everything that the exchange tells of orders and fills, by stream or by query, comes in here: it
// finds whose order it is, merges it and journals the change. What cannot be told apart yet (a fill
// before the answer that names the order) waits a little; then the exchange is asked. The owner's
// thread alone.
class ReportIntake {
 public:
  // `wants_fills`: an order's known fills are not the truth, because it ended with more filled, or
  // because what was told of one contradicts the order.
  ReportIntake(DeskContext& desk, std::function<void(std::uint64_t number)> wants_fills)
      : desk_(desk), wants_fills_(std::move(wants_fills)), lost_(desk) {}

  LostOrders& lost() { return lost_; }

  // The order's number; 0 = it waits. `origin` is EXCHANGE or RECONCILIATION.
  std::uint64_t TakeReport(const model::OrderReport& report, v1::ChangeOrigin origin);
  // False: it was known, or contradicts the order that it names: then the exchange is asked for the
  // order's fills, and what it says again is told as a fill of no known order.
  bool TakeFill(const model::FillReport& fill, v1::ChangeOrigin origin);

  // Markets with an order whose outcome is not known, or with fills that wait for their order.
  risk::PositionAudit::Symbols Unsettled() const;

  // Messages that have waited long enough.
  void Tick();
  // An order has got its id at the exchange: what waited for it is taken.
  void Identified(const OrderRecord& record);

 private:
  using Key = std::pair<std::string, std::string>;  // symbol, exchange's order id
  struct Orphans {
    std::chrono::nanoseconds until{0};
    bool asked = false;
    std::vector<model::OrderReport> reports;
    std::vector<model::FillReport> fills;
  };

  // Whether an order of this market is on its way of which the exchange's id is not known.
  bool MayBeOurs(std::string_view symbol) const;
  Orphans& Wait(std::string_view symbol, std::string_view exchange_order_id);
  void Ask(const Key& key);
  void TakeWaiting(const Key& key);
  void TakeNamed(const model::OrderReport& report, v1::ChangeOrigin origin);
  bool Book(OrderRecord* record, const model::FillReport& report, v1::ChangeOrigin origin);
  void Audit(const model::FillReport& fill);
  std::uint64_t Adopt(const model::OrderReport& report, v1::ChangeOrigin origin);

  DeskContext& desk_;
  const std::function<void(std::uint64_t)> wants_fills_;
  std::map<Key, Orphans> orphans_;
  LostOrders lost_;
};

}  // namespace switchyard::order
