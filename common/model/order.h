#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/decimal/decimal.h"
#include "common/model/market_data.h"
#include "common/time/time.h"
#include "switchyard/common/v1/values.pb.h"
#include "switchyard/order/v1/fill.pb.h"
#include "switchyard/order/v1/order.pb.h"

// Orders and fills as they pass between an exchange's client and the order service: prices in quote
// units, quantities in base units, exact. The contract's enums are the house's words for sides,
// types, states and reasons. Plain values.
namespace switchyard::model {

// When a conditional order becomes active.
struct OrderTrigger {
  Decimal price;
  order::v1::TriggerReference reference = order::v1::TRIGGER_REFERENCE_LAST;
};

// How a trailing stop follows the price; exactly one of the distances is given.
struct OrderTrailing {
  std::optional<Decimal> rate;    // a fraction: 0.01 = 1 %
  std::optional<Decimal> amount;  // quote units
  std::optional<Decimal> activation_price;
};

// A take-profit or stop-loss that lives with its parent.
struct AttachedTerms {
  OrderTrigger trigger;
  std::optional<Decimal> price;     // absent = becomes a market order
  std::optional<Decimal> quantity;  // absent = all that the parent filled
  std::string exchange_client_id;
};

// What an order asks of the exchange, after rounding. See order.v1.OrderTicket for each meaning.
struct OrderTerms {
  common::v1::Side side = common::v1::SIDE_UNSPECIFIED;
  order::v1::OrderType type = order::v1::ORDER_TYPE_UNSPECIFIED;
  order::v1::TimeInForce time_in_force = order::v1::TIME_IN_FORCE_UNSPECIFIED;
  std::optional<Decimal> quantity;
  std::optional<Decimal> quote_quantity;
  std::optional<Decimal> price;
  std::optional<Decimal> worst_price;
  TimeNs expire_time;  // GTD; else 0
  bool post_only = false;
  bool reduce_only = false;
  bool close_position = false;
  common::v1::PositionSide position_side = common::v1::POSITION_SIDE_UNSPECIFIED;
  std::optional<OrderTrigger> trigger;
  std::optional<OrderTrailing> trailing;
  std::optional<AttachedTerms> take_profit;
  std::optional<AttachedTerms> stop_loss;
  order::v1::SelfTradePrevention self_trade_prevention =
      order::v1::SELF_TRADE_PREVENTION_UNSPECIFIED;
};

// An amount of one currency; a negative fee is a rebate.
struct Fee {
  std::string currency;
  Decimal amount;
};

// One order as the exchange tells it, by whichever path. Absent = this message does not say.
struct OrderReport {
  std::string symbol;              // canonical
  std::string exchange_order_id;   // never empty
  std::string exchange_client_id;  // empty = none of the account's owner
  order::v1::OrderState state = order::v1::ORDER_STATE_UNSPECIFIED;  // never PENDING_NEW
  order::v1::FinishReason finish_reason = order::v1::FINISH_REASON_UNSPECIFIED;
  order::v1::TriggerState trigger_state = order::v1::TRIGGER_STATE_UNSPECIFIED;
  OrderTerms terms;  // as far as the exchange tells; enough to show an order that is not ours
  bool made_by_exchange = false;  // liquidation, auto-deleveraging, settlement
  std::optional<Decimal> filled_quantity;
  std::optional<Decimal> filled_quote_quantity;
  std::optional<Decimal> remaining_quantity;
  std::vector<Fee> fees;  // so far; empty = not told
  std::string raw_type, raw_time_in_force, raw_state, raw_finish_reason;
  std::string raw_self_trade_prevention, raw_trigger_reference;
  TimeNs exchange_create_time, exchange_update_time, receive_time;
  // Grows with each change of this order at the exchange; 0 = it gives no such number. Reports with
  // a smaller one are older, whenever they arrive.
  std::uint64_t exchange_version = 0;
  Source source = Source::kWebSocket;
};

// One execution as the exchange tells it. Its identity is (exchange, account, symbol, trade_id).
struct FillReport {
  std::string symbol;
  std::string trade_id;
  std::string exchange_order_id;
  std::string exchange_client_id;  // empty = not told, or none
  common::v1::Side side = common::v1::SIDE_UNSPECIFIED;
  common::v1::PositionSide position_side = common::v1::POSITION_SIDE_UNSPECIFIED;
  Decimal price;
  Decimal quantity;
  std::vector<Fee> fees;  // empty = not known yet
  order::v1::LiquidityRole role = order::v1::LIQUIDITY_ROLE_UNSPECIFIED;
  order::v1::FillKind kind = order::v1::FILL_KIND_TRADE;
  std::string raw_kind;
  std::optional<Decimal> realised_profit;
  TimeNs exchange_time, receive_time;
  Source source = Source::kWebSocket;
};

}  // namespace switchyard::model
