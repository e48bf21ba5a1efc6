#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "services/simulator/engine/client_order.h"
#include "services/simulator/exchanges/lighter/listing.h"
#include "services/simulator/exchanges/lighter/signatures/transaction.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::lighter {

// In the exchange's own order: the numbers are those of its events.
enum class OrderStatus : std::uint8_t {
  kInProgress = 0,
  kPending = 1,
  kOpen = 2,
  kFilled = 3,
  kCanceled = 4,
  kCanceledPostOnly = 5,
  kCanceledReduceOnly = 6,
  kCanceledPositionNotAllowed = 7,
  kCanceledMarginNotAllowed = 8,
  kCanceledTooMuchSlippage = 9,
  kCanceledNotEnoughLiquidity = 10,
  kCanceledSelfTrade = 11,
  kCanceledExpired = 12,
  kCanceledOco = 13,
  kCanceledChild = 14,
  kCanceledLiquidation = 15,
  kCanceledInvalidBalance = 16,
};

std::string_view StatusText(OrderStatus status);

// One order of an account, from its transaction on, for the life of the simulator.
struct Order {
  std::int64_t number = 0;  // counts all orders from 1
  std::int64_t account = 0;
  Listing* listing = nullptr;
  signatures::CreateOrder asked;
  engine::SelfTrade self_trade = engine::SelfTrade::kCancelOldest;
  std::int64_t lots = 0;
  std::int64_t price = 0;  // ticks
  std::int64_t trigger_price = 0;
  std::int64_t filled = 0;        // lots
  std::int64_t filled_quote = 0;  // quote units
  std::uint32_t fills = 0;
  OrderStatus status = OrderStatus::kInProgress;
  bool is_liquidation = false;
  std::int64_t nonce = 0;
  std::int64_t parts = 1;               // pieces in which it takes from the book
  engine::ClientOrder* live = nullptr;  // null: not in the engine yet
  // Groups. A child waits for its parent; siblings cancel one another.
  Order* parent = nullptr;
  std::vector<Order*> children;
  Order* sibling = nullptr;
  std::int64_t created_ns = 0;
  std::int64_t updated_ns = 0;
  std::int64_t triggered_ns = 0;

  std::int64_t index() const { return OrderIndex(side(), number); }
  engine::Side side() const { return asked.is_ask ? engine::Side::kSell : engine::Side::kBuy; }
  bool is_active() const { return status <= OrderStatus::kOpen; }
  bool has_trigger() const { return asked.trigger_price != 0; }
  std::int64_t left() const { return is_active() ? lots - filled : 0; }
  // The worst price it may meet is a bound, not a wish.
  bool is_market() const {
    return asked.type == signatures::OrderType::kMarket ||
           asked.type == signatures::OrderType::kStopLoss ||
           asked.type == signatures::OrderType::kTakeProfit;
  }
};

// All orders of all accounts. References stay valid. I/O thread only.
class OrderTable {
 public:
  // Numbers the order.
  Order& Add(Order order);
  // `index` is the exchange's or, below 2^48, the account's own. Null: no such order. Of several
  // with one client index the newest.
  Order* Find(std::int64_t account, std::int64_t index) const;
  Order* FindNumber(std::int64_t number) const;
  // Null: no active order of the account has this client index.
  Order* FindActive(std::int64_t account, std::int64_t client_index) const;
  // Oldest first.
  std::vector<Order*> ActiveOf(std::int64_t account, const Listing* listing) const;
  const std::vector<Order*>& AllOf(std::int64_t account) const;
  // The order is no longer active.
  void Finish(Order& order) { active_[order.account].erase(order.number); }

 private:
  // Beyond every id of the order flow, so that no index is given twice.
  static constexpr std::int64_t kFirstNumber = 1'000'000'000'000;

  std::vector<std::unique_ptr<Order>> orders_;
  std::map<std::int64_t, std::vector<Order*>> by_account_;
  std::map<std::int64_t, std::map<std::int64_t, Order*>> active_;
  std::map<std::pair<std::int64_t, std::int64_t>, Order*> by_client_index_;
};

// One row of an order list.
void WriteOrder(JsonWriter& json, const Order& order);

}  // namespace switchyard::simulator::lighter
