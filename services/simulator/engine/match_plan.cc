#include "services/simulator/engine/match_plan.h"

#include <algorithm>

namespace switchyard::simulator::engine {

MatchPlan PlanMatch(const OrderBook& book, const MatchQuery& query) {
  MatchPlan plan;
  const bool by_budget = query.budget != 0;
  book.VisitCounterparts(
      query.side, query.limit, [&](std::int64_t price, OrderId id, std::int64_t available) {
        const Int128 affordable = by_budget ? (query.budget - plan.value) / price : 0;
        const std::int64_t wanted =
            by_budget ? static_cast<std::int64_t>(std::min<Int128>(affordable, available))
                      : std::min(query.quantity - plan.quantity, available);
        if (wanted == 0) return false;
        if (plan.first_price == 0) plan.first_price = price;
        if (query.self_trade != SelfTrade::kAllowed && IsClient(id) && query.is_own(id)) {
          if (query.self_trade != SelfTrade::kCancelNewest) plan.own.push_back(id);
          plan.stopped_by_own = query.self_trade != SelfTrade::kCancelOldest;
          return !plan.stopped_by_own;
        }
        plan.quantity += wanted;
        plan.value += static_cast<Int128>(price) * wanted;
        plan.last_price = price;
        return wanted == available;
      });
  return plan;
}

}  // namespace switchyard::simulator::engine
