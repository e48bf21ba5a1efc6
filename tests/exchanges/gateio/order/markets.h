#pragma once

#include <memory>
#include <string>

#include "tests/exchanges/gateio/instruments.h"

// The markets that samples of orders are about.
namespace switchyard::exchanges::gateio {

inline model::Instrument SpotMarket(const std::string& exchange_symbol) {
  model::Instrument out = SpotInstrument(exchange_symbol);
  const std::size_t line = exchange_symbol.rfind('_');
  out.base = exchange_symbol.substr(0, line);
  out.quote = exchange_symbol.substr(line + 1);
  out.tick = *Decimal::Parse("0.001");
  out.step = *Decimal::Parse("0.00001");
  return out;
}

// Whole contracts of `multiplier` base units.
inline model::Instrument FuturesMarket(const std::string& exchange_symbol,
                                       const std::string& multiplier) {
  model::Instrument out = FuturesInstrument(exchange_symbol, multiplier);
  const std::size_t line = exchange_symbol.rfind('_');
  out.base = exchange_symbol.substr(0, line);
  out.quote = out.settle = exchange_symbol.substr(line + 1);
  out.tick = *Decimal::Parse("0.1");
  out.step = out.multiplier;
  out.quantity_scale = out.multiplier.scale();
  return out;
}

inline std::shared_ptr<const model::InstrumentTable> SpotMarkets() {
  return TableOf({SpotMarket("BTC_USDT"), SpotMarket("GT_USDT"), SpotMarket("ETH_BTC"),
                  SpotMarket("LTC_USDT"), SpotMarket("METAN_USDT"), SpotMarket("HNS_USDT"),
                  SpotMarket("REX_USDT"), SpotMarket("ETH_USDT"), SpotMarket("LIKE_ETH")});
}

inline std::shared_ptr<const model::InstrumentTable> FuturesMarkets() {
  return TableOf({FuturesMarket("BTC_USDT", "0.0001"), FuturesMarket("BTC_USD", "0.001"),
                  FuturesMarket("\u4eba\u751fK\u7ebf_USDT", "10"), FuturesMarket("ADA_USDT", "10"),
                  FuturesMarket("DOGE_USDT", "10"), FuturesMarket("LTC_USDT", "0.1"),
                  FuturesMarket("REX_USDT", "100")});
}

}  // namespace switchyard::exchanges::gateio
