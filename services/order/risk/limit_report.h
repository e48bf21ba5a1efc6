#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "services/order/risk/exposure.h"
#include "services/order/risk/limit_table.h"
#include "services/order/risk/market_input.h"
#include "switchyard/order/v1/risk.pb.h"

namespace switchyard::order::risk {

// What the limits of an account are and how far they are used, at one moment.
struct LimitUse {
  const LimitTable& table;
  const Exposure& exposure;
  std::int64_t placed_last_second = 0;
  std::chrono::nanoseconds now{0};  // steady
};

// Limits that apply to `symbol` (empty = all), those of the account first, then by symbol. A limit
// of "all other markets" is told for each that has a position or an order. `used` is empty where
// an input is not known.
std::vector<v1::RiskLimit> ReportLimits(const LimitUse& use, std::string_view symbol,
                                        const MarketLookup& market);

}  // namespace switchyard::order::risk
