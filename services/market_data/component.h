#pragma once

#include "services/process/component.h"

namespace switchyard::market_data {

// MarketDataService.
process::Component MarketDataComponent();

}  // namespace switchyard::market_data
