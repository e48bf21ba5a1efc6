#include "exchanges/lighter/signing/transactions/order_rules.h"

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "common/status/status.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

using Orders = std::span<const OrderInfo>;

constexpr std::int64_t kFirstSpotMarket = 2048;
constexpr std::int64_t kLastSpotMarket = 4094;
constexpr std::size_t kMaxGroup = 3;

constexpr std::string_view kBadTime = "OrderTimeInForce is not valid";
constexpr std::string_view kBadExpiry = "OrderExpiry is invalid";
constexpr std::string_view kBadTrigger = "TriggerPrice is invalid";
constexpr std::string_view kBadType = "OrderType is not valid";
constexpr std::string_view kBadReduceOnly = "ReduceOnly is invalid";
constexpr std::string_view kBadIsAsk = "IsAsk should be 0 or 1";
constexpr std::string_view kBadGroupSize = "OrderGroupSize is not valid";

// Refuses with `text` unless `good`.
absl::Status Require(bool good, std::string_view text) {
  return good ? absl::OkStatus() : absl::InvalidArgumentError(std::string(text));
}

bool IsImmediate(const OrderInfo& order) {
  return order.time_in_force == TimeInForce::kImmediateOrCancel;
}

bool IsStopLoss(const OrderInfo& order) {
  return order.type == OrderType::kStopLoss || order.type == OrderType::kStopLossLimit;
}

bool IsTakeProfit(const OrderInfo& order) {
  return order.type == OrderType::kTakeProfit || order.type == OrderType::kTakeProfitLimit;
}

absl::Status CheckMarketOrder(const OrderInfo& order) {
  SWITCHYARD_RETURN_IF_ERROR(Require(IsImmediate(order), kBadTime));
  SWITCHYARD_RETURN_IF_ERROR(Require(order.order_expiry == 0, kBadExpiry));
  return Require(order.trigger_price == 0, kBadTrigger);
}

absl::Status CheckLimitOrder(const OrderInfo& order) {
  SWITCHYARD_RETURN_IF_ERROR(Require(order.trigger_price == 0, kBadTrigger));
  return Require(IsImmediate(order) == (order.order_expiry == 0), kBadExpiry);
}

absl::Status CheckTwapOrder(const OrderInfo& order) {
  SWITCHYARD_RETURN_IF_ERROR(Require(order.time_in_force == TimeInForce::kGoodTillTime, kBadTime));
  SWITCHYARD_RETURN_IF_ERROR(Require(order.trigger_price == 0, kBadTrigger));
  return Require(order.order_expiry != 0, kBadExpiry);
}

// Stop-losses and take-profits, at the market or with a limit.
absl::Status CheckTriggerOrder(const OrderInfo& order) {
  const bool at_market = order.type == OrderType::kStopLoss || order.type == OrderType::kTakeProfit;
  SWITCHYARD_RETURN_IF_ERROR(Require(!at_market || IsImmediate(order), kBadTime));
  SWITCHYARD_RETURN_IF_ERROR(Require(order.trigger_price != 0, kBadTrigger));
  return Require(order.order_expiry != 0, kBadExpiry);
}

absl::Status CheckParent(const OrderInfo& order) {
  if (order.type == OrderType::kMarket) return CheckMarketOrder(order);
  SWITCHYARD_RETURN_IF_ERROR(Require(order.type == OrderType::kLimit, kBadType));
  return CheckLimitOrder(order);
}

absl::Status CheckChild(const OrderInfo& order) {
  SWITCHYARD_RETURN_IF_ERROR(Require(IsStopLoss(order) || IsTakeProfit(order), kBadType));
  return CheckTriggerOrder(order);
}

// One stop-loss and one take-profit.
absl::Status CheckSiblings(Orders orders) {
  for (const OrderInfo& order : orders) SWITCHYARD_RETURN_IF_ERROR(CheckChild(order));
  return Require(IsStopLoss(orders[0]) != IsStopLoss(orders[1]), kBadType);
}

absl::Status CheckOneCancelsOther(Orders orders) {
  SWITCHYARD_RETURN_IF_ERROR(Require(orders.size() == 2, kBadGroupSize));
  const OrderInfo &a = orders[0], &b = orders[1];
  SWITCHYARD_RETURN_IF_ERROR(
      Require(a.base_amount == b.base_amount, "BaseAmounts should be equal"));
  SWITCHYARD_RETURN_IF_ERROR(Require(a.is_ask == b.is_ask, kBadIsAsk));
  SWITCHYARD_RETURN_IF_ERROR(Require(a.reduce_only == 1 && b.reduce_only == 1, kBadReduceOnly));
  SWITCHYARD_RETURN_IF_ERROR(Require(a.order_expiry == b.order_expiry, kBadExpiry));
  return CheckSiblings(orders);
}

// A parent and the children that it triggers.
absl::Status CheckTriggered(Orders orders, std::size_t children) {
  SWITCHYARD_RETURN_IF_ERROR(Require(orders.size() == 1 + children, kBadGroupSize));
  const OrderInfo& parent = orders[0];
  for (const OrderInfo& child : orders.subspan(1)) {
    SWITCHYARD_RETURN_IF_ERROR(Require(child.base_amount == 0, "BaseAmount should be nil"));
  }
  for (const OrderInfo& child : orders.subspan(1)) {
    SWITCHYARD_RETURN_IF_ERROR(Require(child.is_ask != parent.is_ask, kBadIsAsk));
  }
  const std::int64_t expiry = orders[1].order_expiry;
  SWITCHYARD_RETURN_IF_ERROR(Require(orders.back().order_expiry == expiry, kBadExpiry));
  SWITCHYARD_RETURN_IF_ERROR(
      Require(parent.order_expiry == 0 || parent.order_expiry == expiry, kBadExpiry));
  SWITCHYARD_RETURN_IF_ERROR(CheckParent(parent));
  return children == 1 ? CheckChild(orders[1]) : CheckSiblings(orders.subspan(1));
}

absl::Status CheckBaseAmount(const OrderInfo& order) {
  return Require(order.base_amount != 0 || order.reduce_only == 1, bounds::kBaseAmount.too_low);
}

}  // namespace

bool IsKnownSpot(std::int64_t market_index) {
  return market_index >= kFirstSpotMarket && market_index <= kLastSpotMarket;
}

absl::Status CheckOrder(const OrderInfo& order) {
  const bool spot = IsKnownSpot(order.market_index);
  SWITCHYARD_RETURN_IF_ERROR(CheckBaseAmount(order));
  SWITCHYARD_RETURN_IF_ERROR(Require(!spot || order.reduce_only == 0, kBadReduceOnly));
  switch (order.type) {
    case OrderType::kMarket:
      return CheckMarketOrder(order);
    case OrderType::kLimit:
      return CheckLimitOrder(order);
    case OrderType::kTwap:
      return CheckTwapOrder(order);
    case OrderType::kStopLoss:
    case OrderType::kStopLossLimit:
    case OrderType::kTakeProfit:
    case OrderType::kTakeProfitLimit:
      SWITCHYARD_RETURN_IF_ERROR(Require(!spot, kBadType));
      return CheckTriggerOrder(order);
  }
  return Require(false, kBadType);
}

absl::Status CheckGroupSize(const CreateGroupedOrders& group) {
  return Require(!group.orders.empty() && group.orders.size() <= kMaxGroup, kBadGroupSize);
}

absl::Status CheckGroup(const CreateGroupedOrders& group) {
  const std::int64_t market = group.orders[0].market_index;
  SWITCHYARD_RETURN_IF_ERROR(Require(!IsKnownSpot(market), bounds::kMarket.too_high));
  std::set<std::int64_t> client_indexes;
  for (const OrderInfo& order : group.orders) {
    SWITCHYARD_RETURN_IF_ERROR(Require(order.market_index == market,
                                       "MarketIndex should match the market index of the order"));
    SWITCHYARD_RETURN_IF_ERROR(Require(
        order.client_order_index == 0 || client_indexes.insert(order.client_order_index).second,
        "ClientOrderIndex should be unique within the group"));
    SWITCHYARD_RETURN_IF_ERROR(CheckBaseAmount(order));
  }
  switch (group.grouping_type) {
    case GroupingType::kOneCancelsOther:
      return CheckOneCancelsOther(group.orders);
    case GroupingType::kOneTriggersOther:
      return CheckTriggered(group.orders, 1);
    case GroupingType::kOneTriggersOneCancelsOther:
      return CheckTriggered(group.orders, 2);
  }
  return Require(false, "GroupingType is not valid");
}

}  // namespace switchyard::exchanges::lighter::signing
