#pragma once

#include <cstdint>
#include <string>

#include "services/simulator/engine/client_order.h"

namespace switchyard::simulator::engine {

// What a linear contract is worth and costs. Rates are parts per million.
struct ContractTerms {
  std::int64_t multiplier = 1;  // coins per contract: multiplier x 10^-multiplier_scale
  int multiplier_scale = 0;
  std::int64_t maker_fee = 200;
  std::int64_t taker_fee = 500;

  // Exact coins of so many lots, and their value at a price in ticks.
  Amount Coins(const Market& market, std::int64_t lots) const;
  Amount Value(const Market& market, std::int64_t lots, std::int64_t price) const;
};

// One user's position in one contract, or one side of it in dual mode. Quantities are lots.
struct Position {
  UserId user = 0;
  Market* market = nullptr;
  PositionSide side = PositionSide::kSingle;
  std::int64_t size = 0;       // below 0 = short
  Amount cost;                 // what it was worth when it was opened
  Amount margin;               // isolated only
  std::int64_t leverage = 10;  // 0 = cross
  std::int64_t cross_leverage_limit = 10;
  std::int64_t leverage_max = 100;
  std::int64_t maintenance_rate = 5'000;  // parts per million
  Amount risk_limit;
  // Of the open position; profit and what was received are above 0.
  Amount pnl_pnl;
  Amount pnl_fund;
  Amount pnl_fee;
  Amount history_pnl;  // of those closed before
  Amount last_close_pnl;
  std::int64_t open_ns = 0;
  std::int64_t updated_ns = 0;
  std::int64_t update_id = 0;
  // Since it was opened: the largest size, lots opened and closed, and their values.
  std::int64_t max_size = 0;
  std::int64_t opened = 0;
  std::int64_t closed = 0;
  Amount opened_value;
  Amount closed_value;

  bool is_cross() const { return leverage == 0; }
  std::int64_t lots() const { return size < 0 ? -size : size; }
  Amount realised() const { return pnl_pnl + pnl_fund + pnl_fee; }
  // By what a value is divided for the initial margin.
  std::int64_t margin_divisor() const { return is_cross() ? cross_leverage_limit : leverage; }
};

// Opens `lots` more in the direction of `side`, worth `value`; isolated margin grows with it.
void Increase(Position& position, Side side, std::int64_t lots, Amount value, std::int64_t now_ns);
// Closes `lots`, at most what there is, for `value`. Returns the profit; cost and margin leave in
// proportion, and wholly with the last lot.
Amount Reduce(Position& position, std::int64_t lots, Amount value, std::int64_t now_ns);

// Profit if it were closed for `value`.
Amount UnrealisedPnl(const Position& position, Amount value);
// Margin that it must keep at a value.
Amount MaintenanceMargin(const Position& position, Amount value);
// Where `margin` and the loss meet the maintenance margin; "0" where no price above 0 does.
//   long: (cost - margin) / (coins x (1 - rate)); short: (cost + margin) / (coins x (1 + rate))
std::string LiquidationPrice(const Position& position, const ContractTerms& terms, Amount margin);
// Value at which `margin` is lost wholly, never below 0.
Amount BankruptcyValue(const Position& position, Amount margin);
// Average price of the entry.
std::string EntryPrice(const Position& position, const ContractTerms& terms);

}  // namespace switchyard::simulator::engine
