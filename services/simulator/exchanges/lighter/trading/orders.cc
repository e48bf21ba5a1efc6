#include "services/simulator/exchanges/lighter/trading/orders.h"

#include <array>
#include <string>
#include <utility>

#include "services/simulator/exchanges/lighter/frames.h"
#include "services/simulator/exchanges/lighter/text.h"

namespace switchyard::simulator::lighter {
namespace {

constexpr std::int64_t kFirstOrderIndex = std::int64_t{1} << 48;
constexpr std::int64_t kNsPerMs = 1'000'000;

constexpr std::array<std::string_view, 17> kStatuses = {"in-progress",
                                                        "pending",
                                                        "open",
                                                        "filled",
                                                        "canceled",
                                                        "canceled-post-only",
                                                        "canceled-reduce-only",
                                                        "canceled-position-not-allowed",
                                                        "canceled-margin-not-allowed",
                                                        "canceled-too-much-slippage",
                                                        "canceled-not-enough-liquidity",
                                                        "canceled-self-trade",
                                                        "canceled-expired",
                                                        "canceled-oco",
                                                        "canceled-child",
                                                        "canceled-liquidation",
                                                        "canceled-invalid-balance"};
constexpr std::array<std::string_view, 7> kTypes = {
    "limit", "market", "stop-loss", "stop-loss-limit", "take-profit", "take-profit-limit", "twap"};
constexpr std::array<std::string_view, 3> kTimesInForce = {"immediate-or-cancel", "good-till-time",
                                                           "post-only"};

std::string_view TriggerStatus(const Order& order) {
  if (order.status != OrderStatus::kPending) return order.has_trigger() ? "ready" : "na";
  return order.parent != nullptr && order.parent->is_active() ? "parent-order" : "mark-price";
}

std::string IdOf(const Order* order) {
  return std::to_string(order == nullptr ? 0 : order->index());
}

}  // namespace

std::string_view StatusText(OrderStatus status) {
  return kStatuses[static_cast<std::size_t>(status)];
}

Order& OrderTable::Add(Order order) {
  Order& added = *orders_.emplace_back(std::make_unique<Order>(std::move(order)));
  added.number = kFirstNumber + static_cast<std::int64_t>(orders_.size());
  by_account_[added.account].push_back(&added);
  active_[added.account].emplace(added.number, &added);
  if (added.asked.client_order_index != 0) {
    by_client_index_[{added.account, added.asked.client_order_index}] = &added;
  }
  return added;
}

Order* OrderTable::FindNumber(std::int64_t number) const {
  const std::int64_t place = number - kFirstNumber - 1;
  if (place < 0 || place >= static_cast<std::int64_t>(orders_.size())) return nullptr;
  return orders_[static_cast<std::size_t>(place)].get();
}

Order* OrderTable::Find(std::int64_t account, std::int64_t index) const {
  if (index < kFirstOrderIndex) {
    const auto found = by_client_index_.find({account, index});
    return found == by_client_index_.end() ? nullptr : found->second;
  }
  for (const engine::Side side : {engine::Side::kSell, engine::Side::kBuy}) {
    const std::int64_t number =
        side == engine::Side::kSell ? index - OrderIndex(side, 0) : OrderIndex(side, 0) - index;
    Order* const order = FindNumber(number);
    if (order != nullptr && order->account == account && order->side() == side) return order;
  }
  return nullptr;
}

Order* OrderTable::FindActive(std::int64_t account, std::int64_t client_index) const {
  const auto found = active_.find(account);
  if (found == active_.end()) return nullptr;
  for (const auto& [number, order] : found->second) {
    if (order->asked.client_order_index == client_index) return order;
  }
  return nullptr;
}

std::vector<Order*> OrderTable::ActiveOf(std::int64_t account, const Listing* listing) const {
  std::vector<Order*> orders;
  const auto found = active_.find(account);
  if (found == active_.end()) return orders;
  for (const auto& [number, order] : found->second) {
    if (listing == nullptr || order->listing == listing) orders.push_back(order);
  }
  return orders;
}

const std::vector<Order*>& OrderTable::AllOf(std::int64_t account) const {
  static const std::vector<Order*> kNone;
  const auto found = by_account_.find(account);
  return found == by_account_.end() ? kNone : found->second;
}

void WriteOrder(JsonWriter& json, const Order& order) {
  const Listing& listing = *order.listing;
  const auto amount = [&](std::int64_t lots) { return Fixed(lots, listing.size_scale()); };
  const auto price = [&](std::int64_t ticks) { return Fixed(ticks, listing.price_scale()); };
  const std::string id = std::to_string(order.index());
  const Order* const first_child = order.children.empty() ? nullptr : order.children.front();
  const Order* const second_child = order.children.size() < 2 ? nullptr : order.children[1];
  json.BeginObject()
      .Number("order_index", order.index())
      .Number("client_order_index", order.asked.client_order_index)
      .Text("order_id", id)
      .Text("client_order_id", std::to_string(order.asked.client_order_index))
      .Number("market_index", listing.id())
      .Number("owner_account_index", order.account)
      .Text("initial_base_amount", amount(order.lots))
      .Text("price", price(order.price))
      .Number("nonce", order.nonce)
      .Text("remaining_base_amount", amount(order.left()))
      .Bool("is_ask", order.asked.is_ask)
      .Number("base_size", order.left())
      .Number("base_price", order.price)
      .Text("filled_base_amount", amount(order.filled))
      .Text("filled_quote_amount", Fixed(order.filled_quote, kQuoteDecimals))
      .Text("side", order.asked.is_ask ? "sell" : "buy")
      .Text("type", order.is_liquidation ? "liquidation"
                                         : kTypes[static_cast<std::size_t>(order.asked.type)])
      .Text("time_in_force", kTimesInForce[static_cast<std::size_t>(order.asked.time_in_force)])
      .Bool("reduce_only", order.asked.reduce_only)
      .Text("trigger_price", price(order.trigger_price))
      .Number("order_expiry", order.asked.order_expiry_ms)
      .Text("status", StatusText(order.status))
      .Text("trigger_status", TriggerStatus(order))
      .Number("trigger_time", order.triggered_ns / kNsPerMs)
      .Number("parent_order_index", order.parent == nullptr ? 0 : order.parent->index())
      .Text("parent_order_id", IdOf(order.parent))
      .Text("to_trigger_order_id_0", IdOf(first_child))
      .Text("to_trigger_order_id_1", IdOf(second_child))
      .Text("to_cancel_order_id_0", IdOf(order.sibling))
      .Text("integrator_fee_collector_index", "0")
      .Text("integrator_taker_fee", "0")
      .Text("integrator_maker_fee", "0")
      .Number("block_height", HeightAt(order.created_ns))
      .Number("timestamp", order.created_ns / kNsPerMs)
      .Number("created_at", order.created_ns / kNsPerMs)
      .Number("updated_at", order.updated_ns / kNsPerMs)
      .Number("transaction_time", order.created_ns / 1'000)
      .EndObject();
}

}  // namespace switchyard::simulator::lighter
