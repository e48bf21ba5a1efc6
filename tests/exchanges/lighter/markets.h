#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/model/market_data.h"
#include "exchanges/lighter/market_data/market_index.h"
#include "exchanges/lighter/utils/converters.h"

namespace switchyard::exchanges::lighter {

inline wire::Market MarketRow(wire::MarketId id, std::string symbol, std::string type,
                              int price_decimals, int size_decimals) {
  wire::Market market;
  market.id = id;
  market.symbol = std::move(symbol);
  market.type = std::move(type);
  market.status = "active";
  market.price_decimals = price_decimals;
  market.size_decimals = size_decimals;
  market.min_base_amount = "0.0050";
  market.min_quote_amount = "10.000000";
  market.min_initial_margin_fraction = 200;
  return market;
}

// The markets that samples are about, and one whose lots are 1000 tokens. Ids are their places.
inline std::shared_ptr<const model::InstrumentTable> SampleMarkets() {
  std::vector<model::Instrument> instruments;
  for (const wire::Market& market :
       {MarketRow(0, "ETH", "perp", 2, 4), MarketRow(1, "BTC", "perp", 1, 5),
        MarketRow(2048, "ETH/USDC", "spot", 2, 4), MarketRow(96, "EURUSD", "perp", 5, 1),
        MarketRow(5, "1000PEPE", "perp", 6, 1)}) {
    auto instrument = ToInstrument(market, "lighter", "USDC");
    if (!instrument.ok()) return nullptr;
    instrument->id.value = static_cast<std::uint32_t>(instruments.size());
    instruments.push_back(*std::move(instrument));
  }
  auto table =
      model::InstrumentTable::Create(std::move(instruments), TimeNs::FromSeconds(1'770'000'000));
  return table.ok() ? *std::move(table) : nullptr;
}

}  // namespace switchyard::exchanges::lighter
