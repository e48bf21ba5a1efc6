#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::order::risk {

// Limits of one market. Absent = no limit. Inclusive.
struct SymbolLimits {
  std::optional<Decimal> order_quantity;     // base units
  std::optional<Decimal> order_notional;     // quote units
  std::optional<Decimal> position_quantity;  // base units
  std::optional<Decimal> position_notional;  // quote units
};

// config.v1.RiskConfig, validated. A plain value.
struct LimitTable {
  std::map<std::string, SymbolLimits, std::less<>> symbols;
  SymbolLimits others;                      // of markets that `symbols` does not name
  std::uint32_t max_open_orders = 0;        // 0 = no limit
  std::uint32_t max_orders_per_second = 0;  // 0 = no limit
  Decimal price_collar;                     // fraction
  // False: the account has no risk configuration, and the collar is the worst price of market
  // orders alone.
  bool collar_on_limit_prices = false;
  std::chrono::nanoseconds max_input_age{0};
  bool block_on_position_mismatch = false;

  const SymbolLimits& Of(std::string_view symbol) const;
};

// Errors: InvalidArgument with the field's name below the account ("risk.symbols[1].max_order...").
absl::StatusOr<LimitTable> ParseLimits(const config::v1::AccountConfig& account);

}  // namespace switchyard::order::risk
