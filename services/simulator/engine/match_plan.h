#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "services/simulator/engine/client_order.h"
#include "services/simulator/engine/order_book.h"

namespace switchyard::simulator::engine {

// What an order would take from a book now.
struct MatchPlan {
  std::int64_t quantity = 0;     // lots that find a counterpart
  Int128 value = 0;              // their ticks x lots
  std::int64_t last_price = 0;   // the worst of them; 0 = none
  std::int64_t first_price = 0;  // the best counterpart; 0 = none
  std::vector<OrderId> own;      // orders of the same user that go first
  bool stopped_by_own = false;   // what is left is cancelled
};

// What is asked of a plan.
struct MatchQuery {
  Side side = Side::kBuy;
  std::int64_t limit = 0;     // worst price
  std::int64_t quantity = 0;  // lots; ignored with a budget
  Int128 budget = 0;          // ticks x lots to spend; 0 = none
  SelfTrade self_trade = SelfTrade::kAllowed;
  // True for resting orders of the same user; asked only for clients' ones.
  std::function<bool(OrderId)> is_own;
};

// Walks the book in the order of matching. Submitting the planned quantity at the limit, after the
// own orders are gone, fills exactly this.
MatchPlan PlanMatch(const OrderBook& book, const MatchQuery& query);

}  // namespace switchyard::simulator::engine
