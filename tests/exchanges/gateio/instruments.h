#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/model/market_data.h"

// Instruments for tests, without asking an exchange.
namespace switchyard::exchanges::gateio {

// Prices of 3 decimals, quantities of 10.
inline model::Instrument SpotInstrument(const std::string& exchange_symbol) {
  model::Instrument out;
  const std::size_t line = exchange_symbol.rfind('_');
  out.symbol = exchange_symbol.substr(0, line) + "-" + exchange_symbol.substr(line + 1);
  out.exchange_symbol = exchange_symbol;
  out.kind = model::InstrumentKind::kSpot;
  out.price_scale = 3;
  out.quantity_scale = 10;
  return out;
}

// Prices of 3 decimals; contracts may be split into hundredths.
inline model::Instrument FuturesInstrument(const std::string& exchange_symbol,
                                           const std::string& multiplier) {
  model::Instrument out = SpotInstrument(exchange_symbol);
  out.symbol += "-PERP";
  out.kind = model::InstrumentKind::kPerpetual;
  out.multiplier = Decimal::Parse(multiplier)->Normalised();
  out.quantity_scale = out.multiplier.scale() + 2;
  out.funding_interval_seconds = 28'800;
  return out;
}

inline std::shared_ptr<const model::InstrumentTable> TableOf(
    std::vector<model::Instrument> instruments) {
  for (std::uint32_t i = 0; i < instruments.size(); ++i) instruments[i].id.value = i;
  return *model::InstrumentTable::Create(std::move(instruments), TimeNs());
}

}  // namespace switchyard::exchanges::gateio
