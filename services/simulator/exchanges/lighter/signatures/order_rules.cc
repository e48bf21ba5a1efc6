#include "services/simulator/exchanges/lighter/signatures/order_rules.h"

#include <algorithm>
#include <set>
#include <span>

namespace switchyard::simulator::lighter::signatures {
namespace {

bool IsStopLoss(const CreateOrder& order) {
  return order.type == OrderType::kStopLoss || order.type == OrderType::kStopLossLimit;
}

bool IsTakeProfit(const CreateOrder& order) {
  return order.type == OrderType::kTakeProfit || order.type == OrderType::kTakeProfitLimit;
}

bool IsTriggered(const CreateOrder& order) { return IsStopLoss(order) || IsTakeProfit(order); }

absl::Status CheckTimeInForce(const CreateOrder& order) {
  const auto want = [&](TimeInForce wanted) {
    return order.time_in_force == wanted
               ? absl::OkStatus()
               : Refuse(Refusal::kInvalidOrderTimeInForce, "not possible for this type of order");
  };
  switch (order.type) {
    case OrderType::kMarket:
    case OrderType::kStopLoss:
    case OrderType::kTakeProfit:
      return want(TimeInForce::kImmediateOrCancel);
    case OrderType::kTwap:
      return want(TimeInForce::kGoodTillTime);
    case OrderType::kLimit:
    case OrderType::kStopLossLimit:
    case OrderType::kTakeProfitLimit:
      return absl::OkStatus();
  }
  return Refuse(Refusal::kInvalidOrderType, "unknown");
}

absl::Status CheckExpiry(const CreateOrder& order) {
  const bool ends_at_once =
      order.type == OrderType::kMarket ||
      (order.type == OrderType::kLimit && order.time_in_force == TimeInForce::kImmediateOrCancel);
  if (ends_at_once == (order.order_expiry_ms == 0)) return absl::OkStatus();
  return Refuse(Refusal::kInvalidOrderExpiry,
                ends_at_once ? "an order that never rests has none" : "missing");
}

// Everything but the amount, which depends on whether the order is a child.
absl::Status CheckShape(const CreateOrder& order, bool is_spot) {
  if (is_spot && IsTriggered(order)) {
    return Refuse(Refusal::kInvalidOrderTypeForMarket, "trigger orders are for perps");
  }
  if (is_spot && order.reduce_only) {
    return Refuse(Refusal::kInvalidReduceOnlyMode, "there is no position on spot");
  }
  if (const absl::Status status = CheckTimeInForce(order); !status.ok()) return status;
  if (IsTriggered(order) != (order.trigger_price != 0)) {
    return Refuse(Refusal::kInvalidOrderTriggerPrice,
                  IsTriggered(order) ? "missing" : "not possible for this type of order");
  }
  return CheckExpiry(order);
}

// A stop-loss and a take-profit, in either order.
bool IsExitPair(const CreateOrder& one, const CreateOrder& other) {
  return (IsStopLoss(one) && IsTakeProfit(other)) || (IsTakeProfit(one) && IsStopLoss(other));
}

absl::Status CheckOneCancelsOther(const CreateOrder& one, const CreateOrder& other) {
  if (!IsExitPair(one, other)) {
    return Refuse(Refusal::kInvalidOrderType, "needs a stop-loss and a take-profit");
  }
  if (!one.reduce_only || !other.reduce_only) {
    return Refuse(Refusal::kInvalidReduceOnlyMode, "both orders have to be reduce-only");
  }
  if (one.base_amount != other.base_amount) {
    return Refuse(Refusal::kInvalidBaseAmount, "both orders have to be of one size");
  }
  if (one.is_ask != other.is_ask) {
    return Refuse(Refusal::kInvalidIsAsk, "both orders have to be on one side");
  }
  if (one.order_expiry_ms != other.order_expiry_ms) {
    return Refuse(Refusal::kInvalidOrderExpiry, "both orders have to end at one time");
  }
  return absl::OkStatus();
}

absl::Status CheckFamily(const CreateOrder& parent, std::span<const CreateOrder> children) {
  if (parent.type != OrderType::kLimit && parent.type != OrderType::kMarket) {
    return Refuse(Refusal::kInvalidOrderType, "the parent has to be a limit or market order");
  }
  for (const CreateOrder& child : children) {
    if (!IsTriggered(child)) {
      return Refuse(Refusal::kInvalidOrderType, "a child has to be a trigger order");
    }
    if (child.base_amount != 0) {
      return Refuse(Refusal::kInvalidBaseAmount, "a child has the parent's: 0");
    }
    if (child.is_ask == parent.is_ask) {
      return Refuse(Refusal::kInvalidIsAsk, "a child has to be on the side opposite to its parent");
    }
    const std::int64_t expiry =
        parent.order_expiry_ms != 0 ? parent.order_expiry_ms : children.front().order_expiry_ms;
    if (child.order_expiry_ms != expiry) {
      return Refuse(Refusal::kInvalidOrderExpiry, "the orders have to end at one time");
    }
  }
  if (children.size() == 2 && !IsExitPair(children[0], children[1])) {
    return Refuse(Refusal::kInvalidOrderType, "needs a stop-loss and a take-profit");
  }
  return absl::OkStatus();
}

absl::Status CheckClientIndexes(const CreateGroupedOrders& group) {
  std::set<std::int64_t> taken;
  for (const CreateOrder& order : group.orders) {
    if (order.client_order_index != 0 && !taken.insert(order.client_order_index).second) {
      return Refuse(Refusal::kInvalidClientOrderIndex, "twice in one group");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOrder(const CreateOrder& order, bool is_spot) {
  if (order.base_amount == 0 && !order.reduce_only) {
    return Refuse(Refusal::kInvalidBaseAmount, "0 without reduce-only");
  }
  return CheckShape(order, is_spot);
}

absl::Status CheckGroup(const CreateGroupedOrders& group, bool is_spot) {
  const bool has_parent = group.grouping != GroupingType::kOneCancelsOther;
  const std::size_t size = group.grouping == GroupingType::kOneTriggersOco ? 3 : 2;
  if (group.orders.size() != size) {
    return Refuse(Refusal::kInvalidOrderGroupSize, "not what this grouping needs");
  }
  if (is_spot) return Refuse(Refusal::kInvalidMarketIndex, "groups are for perps");
  for (const CreateOrder& order : group.orders) {
    if (order.market_index != group.orders.front().market_index) {
      return Refuse(Refusal::kInvalidMarketIndex, "the orders of a group share one market");
    }
    const bool is_child = has_parent && &order != &group.orders.front();
    const absl::Status status = is_child ? CheckShape(order, is_spot) : CheckOrder(order, is_spot);
    if (!status.ok()) return status;
  }
  if (const absl::Status status = CheckClientIndexes(group); !status.ok()) return status;
  const std::span<const CreateOrder> orders(group.orders);
  return has_parent ? CheckFamily(orders.front(), orders.subspan(1))
                    : CheckOneCancelsOther(orders[0], orders[1]);
}

}  // namespace switchyard::simulator::lighter::signatures
