#pragma once

#include <optional>
#include <vector>

#include "common/json/json.h"
#include "common/model/market_data.h"

// What was understood, as JSON to compare with golden values: numbers as exact texts, times in
// nanoseconds, what was not given left out.
namespace switchyard::exchanges::lighter {

json::Json Describe(const model::Instrument& instrument);

}  // namespace switchyard::exchanges::lighter
