#pragma once

#include <vector>

#include "common/json/json.h"
#include "common/model/market_data.h"

// What was understood, as JSON to compare with golden values: numbers as exact texts, times in
// nanoseconds, what was not given left out.
namespace switchyard::exchanges::lighter {

json::Json Describe(const model::Instrument& instrument);
json::Json Describe(const model::Ticker& ticker);
json::Json Describe(const model::Candle& candle);
json::Json Describe(const model::FundingRate& rate);
// Mantissas at the scales.
json::Json Describe(const model::Trade& trade, int price_scale, int quantity_scale);
json::Json Describe(const model::Level& level, int price_scale, int quantity_scale);
json::Json Describe(const std::vector<model::Level>& levels, int price_scale, int quantity_scale);

}  // namespace switchyard::exchanges::lighter
