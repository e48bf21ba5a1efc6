#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "services/simulator/engine/market.h"

namespace switchyard::simulator::lighter {

// Decimals of quote amounts (`supported_quote_decimals`). Price and size decimals of every market
// add up to it, so that ticks x lots are quote units.
inline constexpr int kQuoteDecimals = 6;
// Of parts of ten thousand, the unit of margin fractions.
inline constexpr std::int64_t kMarginUnit = 10'000;
// The market id that means all of them.
inline constexpr std::int64_t kAllMarkets = 255;
// The asset of collateral and of all quotes.
inline constexpr std::int64_t kUsdcAsset = 3;

// A market: what REST tells of it, besides its prices. Margin fractions are 1e-4: 500 = 5 %.
struct Instrument {
  std::int64_t market_id = 0;
  engine::MarketSpec market;
  bool is_spot = false;
  std::string base;
  std::int64_t base_asset_id = 0;   // spot
  std::int64_t quote_asset_id = 0;  // spot
  std::int64_t minimum_lots = 1;
  std::int64_t default_margin = 500;
  std::int64_t minimum_margin = 200;
  std::int64_t maintenance_margin = 120;
  std::int64_t closeout_margin = 80;
};

// An asset of the wallet.
struct AssetRow {
  std::int64_t id;
  const char* symbol;
  int decimals;
};

// The first `count` markets: well-known ones, perpetual and spot, then made-up perpetual ones
// ("SIM30").
std::vector<Instrument> MakeInstruments(std::size_t count);
// How many are well-known.
std::size_t KnownInstruments();

const std::vector<AssetRow>& Assets();
// Null: no such asset.
const AssetRow* FindAsset(std::int64_t id);

}  // namespace switchyard::simulator::lighter
