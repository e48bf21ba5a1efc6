#pragma once

#include <algorithm>
#include <cstdint>

namespace switchyard::simulator::gateio {

// Risk limits of a contract, as `risk_limit_tiers` lists them: each tier doubles the limit and
// halves the leverage. Rates are parts per million.
struct RiskTier {
  static constexpr int kTiers = 5;

  int tier;
  std::int64_t risk_limit;  // settlement currency
  std::int64_t leverage_max;
  std::int64_t initial_rate;
  std::int64_t maintenance_rate;
};

inline RiskTier TierOf(int leverage_max, int tier) {
  const std::int64_t leverage = std::max(1, leverage_max >> (tier - 1));
  return {tier, 500'000LL << (tier - 1), leverage, 1'000'000 / leverage, 500'000 / leverage};
}

}  // namespace switchyard::simulator::gateio
