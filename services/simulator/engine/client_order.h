#pragma once

#include <cstdint>
#include <string>

#include "services/simulator/engine/amount.h"
#include "services/simulator/engine/market.h"

namespace switchyard::simulator::engine {

using UserId = std::int64_t;

enum class TimeInForce : std::uint8_t { kGtc, kIoc, kPostOnly, kFok };

// Whose order goes when two of one user would trade with one another.
enum class SelfTrade : std::uint8_t { kAllowed, kCancelNewest, kCancelOldest, kCancelBoth };

// Why an order is no longer open.
enum class FinishedAs : std::uint8_t {
  kOpen,
  kFilled,
  kCancelled,
  kIoc,
  kFok,
  kSelfTrade,
  kLiquidated,
  kAutoDeleveraged,
  kReduceOnly,
  kReduceOut,
  kPositionClosed,
};

// Why the engine refuses; the exchange's own word for it is its module's.
enum class Refusal : std::uint8_t {
  kNone,
  kBalance,
  kPostOnlyTakes,
  kFokUnfillable,
  kTooManyOrders,
  kFinished,
  kIncreasesPosition,
  kNoPosition,
  kExceedsPosition,
  kRiskLimit,
  kLeverageTooHigh,
  kLeverageTooLow,
  kHoldsPosition,
  kHasOrders,
  kRemovesTooMuch,
  kLiquidatesAtOnce,
  kCrossMargin,
};

// Which position a futures order acts upon: the only one, or a side of dual mode.
enum class PositionSide : std::uint8_t { kSingle, kLong, kShort };

// What a client asks for. Prices are ticks, quantities lots.
struct OrderRequest {
  UserId user = 0;
  Market* market = nullptr;
  Side side = Side::kBuy;
  bool is_market = false;
  std::int64_t price = 0;     // limit orders
  std::int64_t quantity = 0;  // all but market orders with a budget
  Amount budget;              // spot market buy: what to spend, in quote
  TimeInForce time_in_force = TimeInForce::kGtc;
  SelfTrade self_trade = SelfTrade::kAllowed;
  bool reduce_only = false;
  bool is_close = false;
  PositionSide position_side = PositionSide::kSingle;
  bool is_liquidation = false;
  FinishedAs filled_as = FinishedAs::kFilled;  // how it ends when it is filled
  std::int64_t iceberg = 0;                    // told back, and otherwise without effect
  std::string text;
  std::string account;     // told back
  std::int64_t parts = 1;  // taken from the book in so many pieces
};

// One of a client's orders, for the life of the simulator.
struct ClientOrder : OrderRequest {
  std::int64_t id = 0;
  std::int64_t left = 0;  // lots
  FinishedAs finished = FinishedAs::kOpen;
  std::int64_t created_ns = 0;
  std::int64_t updated_ns = 0;
  std::int64_t finished_ns = 0;
  std::int64_t update_id = 0;
  Amount budget_left;       // market orders with a budget
  Amount reserved;          // held for what is left
  Int128 filled_value = 0;  // sum of ticks x lots
  Amount fee;               // in fee_currency; below 0 = received
  Amount pnl;               // futures: realised by its fills
  std::string amend_text;
  bool last_was_taker = false;
  std::uint32_t fill_count = 0;

  OrderId book_id() const { return kClientBit | static_cast<OrderId>(id); }
  std::int64_t filled() const { return quantity - left; }
  bool is_open() const { return finished == FinishedAs::kOpen; }
};

// One fill of a client's order.
struct ClientFill {
  std::int64_t trade_id = 0;  // the public trade's
  std::int64_t order_id = 0;
  UserId user = 0;
  Market* market = nullptr;
  Side side = Side::kBuy;
  bool taker = false;
  std::int64_t price = 0;
  std::int64_t quantity = 0;
  std::int64_t time_ns = 0;
  std::uint64_t sequence = 0;  // the book's, after the trade
  Amount fee;
  std::string fee_currency;
  std::int64_t closed = 0;  // futures: lots that lessened a position
  std::string text;
};

}  // namespace switchyard::simulator::engine
