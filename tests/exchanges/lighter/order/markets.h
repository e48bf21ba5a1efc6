#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/model/market_data.h"

// Markets of Lighter that tests of orders are about, as the catalogue makes them.
namespace switchyard::exchanges::lighter {

inline model::Instrument Market(std::string id, std::string exchange_symbol, int size_decimals,
                                int price_decimals) {
  model::Instrument out;
  out.exchange = "lighter";
  out.exchange_id = std::move(id);
  out.exchange_symbol = exchange_symbol;
  const std::size_t slash = exchange_symbol.find('/');
  out.base = exchange_symbol.substr(0, slash);
  out.quote = "USDC";
  if (slash == std::string::npos) {
    out.kind = model::InstrumentKind::kPerpetual;
    out.direction = model::ContractDirection::kLinear;
    out.settle = "USDC";
    out.symbol = out.base + "-USDC-PERP";
  } else {
    out.symbol = out.base + "-USDC";
  }
  out.step = *Decimal::FromMantissa(1, size_decimals);
  out.tick = *Decimal::FromMantissa(1, price_decimals);
  return out;
}

inline std::shared_ptr<const model::InstrumentTable> Markets() {
  // Lots of 1000 tokens, price of a lot with six decimals.
  model::Instrument pepe = Market("7", "1000PEPE", 0, 6);
  pepe.base = "PEPE";
  pepe.symbol = "PEPE-USDC-PERP";
  pepe.multiplier = Decimal::FromInt(1000);
  pepe.step = Decimal::FromInt(1000);
  pepe.tick = *Decimal::Parse("0.000000001");
  std::vector<model::Instrument> all = {
      Market("0", "ETH", 4, 2),       Market("1", "BTC", 5, 1), Market("35", "LTC", 3, 3),
      Market("101", "BTC-USD", 5, 2), std::move(pepe),          Market("2048", "ETH/USDC", 4, 2),
      Market("4097", "WIDE", 2, 2)};
  for (std::size_t i = 0; i < all.size(); ++i) all[i].id.value = static_cast<std::uint32_t>(i);
  return *model::InstrumentTable::Create(std::move(all), TimeNs());
}

inline const model::Instrument& MarketOf(const model::InstrumentTable& table,
                                         const std::string& exchange_symbol) {
  return *table.FindExchangeSymbol(exchange_symbol);
}

}  // namespace switchyard::exchanges::lighter
