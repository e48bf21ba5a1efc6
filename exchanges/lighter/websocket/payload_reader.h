#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "exchanges/lighter/wire.h"

// The payloads of public frames, field by field. False where something has another form; fields may
// come in any order, unknown ones are skipped. Pure; any thread.
namespace switchyard::exchanges::lighter {

// The text of a scalar: without the quotes of a string, a number's raw characters, empty for null.
bool ReadText(simdjson::ondemand::value value, std::string_view* text);
bool ReadInteger(simdjson::ondemand::value value, std::int64_t* number);

bool ReadOrderBook(simdjson::ondemand::value value, wire::OrderBook* book);
bool ReadTicker(simdjson::ondemand::value value, wire::Ticker* ticker);
// Appends; null is none.
bool ReadTrades(simdjson::ondemand::value value, std::vector<wire::Trade>* trades);
bool ReadCandles(simdjson::ondemand::value value, std::vector<wire::Candle>* candles);
// One market's, or an object of them by market id.
bool ReadStats(simdjson::ondemand::value value, std::vector<wire::Stats>* stats);

}  // namespace switchyard::exchanges::lighter
