#include "services/simulator/exchanges/lighter/instruments.h"

#include <algorithm>
#include <array>

#include "fmt/format.h"

namespace switchyard::simulator::lighter {
namespace {

struct Row {
  std::int64_t market_id;
  const char* base;
  std::int64_t base_asset_id;  // 0 = perpetual
  int price_scale;
  std::int64_t price;  // ticks
  std::int64_t spacing;
  std::int64_t quantity;  // lots
  std::int64_t minimum_lots;
  std::int64_t minimum_margin;
};

// Ids on both sides of the widening of September 2026, where perpetual and spot ids interleave, and
// symbols in lots of a thousand. Prices are of a plausible size.
constexpr std::array kRows = std::to_array<Row>({
    {1, "BTC", 0, 1, 971'234, 5, 9'000, 20, 200},
    {0, "ETH", 0, 2, 352'146, 12, 15'000, 50, 200},
    {4, "1000PEPE", 0, 6, 12'345, 2, 40'000, 500, 1'000},
    {2048, "ETH", 1, 2, 352'120, 20, 8'000, 50, 0},
    {32001, "LIT", 2, 4, 27'310, 4, 30'000, 100, 0},
    {2, "SOL", 0, 3, 184'370, 15, 20'000, 50, 400},
    {4095, "SUI", 0, 5, 412'340, 40, 2'500, 30, 1'000},
    {3, "DOGE", 0, 6, 382'140, 40, 12'000, 10, 1'000},
    {7, "XRP", 0, 6, 2'487'100, 200, 1'500, 20, 500},
    {35, "LTC", 0, 3, 102'130, 15, 9'000, 100, 1'000},
    {18, "1000BONK", 0, 6, 34'560, 4, 20'000, 500, 1'000},
});

Instrument Make(const Row& row) {
  Instrument instrument;
  instrument.market_id = row.market_id;
  instrument.is_spot = row.base_asset_id != 0;
  instrument.base = row.base;
  instrument.base_asset_id = row.base_asset_id;
  instrument.quote_asset_id = instrument.is_spot ? kUsdcAsset : 0;
  instrument.market = {instrument.is_spot ? fmt::format("{}/USDC", row.base) : row.base,
                       row.price_scale,
                       kQuoteDecimals - row.price_scale,
                       row.price,
                       row.spacing,
                       row.quantity};
  instrument.minimum_lots = row.minimum_lots;
  if (instrument.is_spot) {
    instrument.default_margin = instrument.minimum_margin = 0;
    instrument.maintenance_margin = instrument.closeout_margin = 0;
    return instrument;
  }
  instrument.minimum_margin = row.minimum_margin;
  instrument.default_margin = std::max<std::int64_t>(500, row.minimum_margin);
  instrument.maintenance_margin = row.minimum_margin * 3 / 5;
  instrument.closeout_margin = row.minimum_margin * 2 / 5;
  return instrument;
}

// Beyond every well-known id, so that none is 255.
constexpr std::int64_t kFirstMadeUpId = 6'000;

}  // namespace

std::size_t KnownInstruments() { return kRows.size(); }

std::vector<Instrument> MakeInstruments(std::size_t count) {
  std::vector<Instrument> instruments;
  for (std::size_t i = 0; i < count; ++i) {
    if (i < kRows.size()) {
      instruments.push_back(Make(kRows[i]));
      continue;
    }
    const std::string base = fmt::format("SIM{}", i + 1);
    const auto number = static_cast<std::int64_t>(i);
    instruments.push_back(Make(
        {kFirstMadeUpId + number, base.c_str(), 0, 3, 20'000 + 137 * number, 4, 4'000, 100, 500}));
  }
  return instruments;
}

const std::vector<AssetRow>& Assets() {
  static const std::vector<AssetRow> kAssets = {
      {1, "ETH", 8}, {2, "LIT", 8}, {kUsdcAsset, "USDC", kQuoteDecimals}};
  return kAssets;
}

const AssetRow* FindAsset(std::int64_t id) {
  for (const AssetRow& asset : Assets()) {
    if (asset.id == id) return &asset;
  }
  return nullptr;
}

}  // namespace switchyard::simulator::lighter
