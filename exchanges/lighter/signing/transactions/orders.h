#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "exchanges/lighter/signing/transactions/fields.h"

// Transactions about orders, spelt as the exchange spells them: integers in units of the market's
// steps and ticks, times in milliseconds since 1970. No logic. Source: reference 3.10.
namespace switchyard::exchanges::lighter::signing {

enum class OrderType : std::uint8_t {
  kLimit = 0,
  kMarket = 1,
  kStopLoss = 2,
  kStopLossLimit = 3,
  kTakeProfit = 4,
  kTakeProfitLimit = 5,
  kTwap = 6,
};

enum class TimeInForce : std::uint8_t {
  kImmediateOrCancel = 0,
  kGoodTillTime = 1,
  kPostOnly = 2,
};

enum class GroupingType : std::uint8_t {
  kOneTriggersOther = 1,
  kOneCancelsOther = 2,
  kOneTriggersOneCancelsOther = 3,
};

enum class CancelAllTime : std::uint8_t {
  kImmediate = 0,
  kScheduled = 1,
  kAbortScheduled = 2,
};

// What one order is: alone in CreateOrder, two or three in CreateGroupedOrders.
struct OrderInfo {
  std::int64_t market_index = 0;
  std::int64_t client_order_index = 0;  // 0: none
  std::int64_t base_amount = 0;         // 0: all of the position, or as much as the parent fills
  std::int64_t price = 0;               // the worst acceptable one for market orders
  std::uint8_t is_ask = 0;
  OrderType type = OrderType::kLimit;
  TimeInForce time_in_force = TimeInForce::kGoodTillTime;
  std::uint8_t reduce_only = 0;
  std::int64_t trigger_price = 0;  // 0: none
  std::int64_t order_expiry = 0;   // 0: none

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("MarketIndex", &OrderInfo::market_index, &bounds::kMarket),
        Number("ClientOrderIndex", &OrderInfo::client_order_index, &bounds::kClientOrder),
        Number("BaseAmount", &OrderInfo::base_amount, &bounds::kBaseAmount),
        Number("Price", &OrderInfo::price, &bounds::kPrice),
        Number("IsAsk", &OrderInfo::is_ask, &bounds::kIsAsk), Number("Type", &OrderInfo::type),
        Number("TimeInForce", &OrderInfo::time_in_force, &bounds::kTimeInForce),
        Number("ReduceOnly", &OrderInfo::reduce_only, &bounds::kReduceOnly),
        Number("TriggerPrice", &OrderInfo::trigger_price, &bounds::kTriggerPrice),
        Number("OrderExpiry", &OrderInfo::order_expiry, &bounds::kOrderExpiry));
  }
};

struct CreateOrder : OrderInfo {
  static constexpr std::uint8_t kType = 14;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;

  static constexpr auto Fields() {
    return std::tuple_cat(
        std::make_tuple(Number("AccountIndex", &CreateOrder::account_index, &bounds::kAccount),
                        Number("ApiKeyIndex", &CreateOrder::api_key_index, &bounds::kApiKey)),
        OrderInfo::Fields());
  }
};

// A parent with what it triggers, or two orders of which one cancels the other.
struct CreateGroupedOrders {
  static constexpr std::uint8_t kType = 28;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  GroupingType grouping_type = GroupingType::kOneTriggersOther;
  std::vector<OrderInfo> orders;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &CreateGroupedOrders::account_index, &bounds::kAccount),
        Number("ApiKeyIndex", &CreateGroupedOrders::api_key_index, &bounds::kApiKey),
        Number("GroupingType", &CreateGroupedOrders::grouping_type),
        OrdersField<CreateGroupedOrders, OrderInfo>{"Orders", &CreateGroupedOrders::orders});
  }
};

struct CancelOrder {
  static constexpr std::uint8_t kType = 15;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t market_index = 0;
  std::int64_t index = 0;  // below 2^48: a client order index

  static constexpr auto Fields() {
    return std::make_tuple(Number("AccountIndex", &CancelOrder::account_index, &bounds::kAccount),
                           Number("ApiKeyIndex", &CancelOrder::api_key_index, &bounds::kApiKey),
                           Number("MarketIndex", &CancelOrder::market_index, &bounds::kMarket),
                           Number("Index", &CancelOrder::index, &bounds::kCancelledOrder));
  }
};

// Of all markets, or of the one in the attribute kCancelAllMarket.
struct CancelAllOrders {
  static constexpr std::uint8_t kType = 16;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;  // 255: orders of all keys
  CancelAllTime time_in_force = CancelAllTime::kImmediate;
  std::int64_t time = 0;  // of a scheduled one; otherwise 0

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &CancelAllOrders::account_index, &bounds::kAccount),
        Number("ApiKeyIndex", &CancelAllOrders::api_key_index, &bounds::kApiKeyOrAll),
        Number("TimeInForce", &CancelAllOrders::time_in_force),
        Number("Time", &CancelAllOrders::time));
  }
};

struct ModifyOrder {
  static constexpr std::uint8_t kType = 17;
  std::int64_t account_index = 0;
  std::int64_t api_key_index = 0;
  std::int64_t market_index = 0;
  std::int64_t index = 0;  // below 2^48: a client order index
  std::int64_t base_amount = 0;
  std::int64_t price = 0;
  std::int64_t trigger_price = 0;

  static constexpr auto Fields() {
    return std::make_tuple(
        Number("AccountIndex", &ModifyOrder::account_index, &bounds::kAccount),
        Number("ApiKeyIndex", &ModifyOrder::api_key_index, &bounds::kApiKey),
        Number("MarketIndex", &ModifyOrder::market_index, &bounds::kMarket),
        Number("Index", &ModifyOrder::index, &bounds::kModifiedOrder),
        Number("BaseAmount", &ModifyOrder::base_amount, &bounds::kBaseAmount),
        Number("Price", &ModifyOrder::price, &bounds::kPrice),
        Number("TriggerPrice", &ModifyOrder::trigger_price, &bounds::kTriggerPrice));
  }
};

}  // namespace switchyard::exchanges::lighter::signing
