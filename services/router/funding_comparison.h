#pragma once

#include <set>
#include <string>
#include <vector>

#include "switchyard/marketdata/v1/events.pb.h"
#include "switchyard/router/v1/router_service.pb.h"

namespace switchyard::router {

// Base currency of a canonical symbol: "BTC-USDT-PERP" -> "BTC".
std::string BaseOfSymbol(const std::string& symbol);

// Rates grouped by base currency; widest spread first, then by base. Of an instrument's rates the
// PREDICTED one counts where there is one. `bases` empty = all. Rates without a readable rate_8h
// cannot be compared and are left out. Pure.
std::vector<v1::FundingComparison> CompareFunding(
    const std::vector<marketdata::v1::FundingRate>& rates, const std::set<std::string>& bases);

}  // namespace switchyard::router
