#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "common/decimal/decimal.h"
#include "common/model/market_data.h"

namespace switchyard::order::risk {

// Best bid and offer of one market as this process itself sees them, quote units.
struct MarketInput {
  std::optional<Decimal> best_bid, best_ask;  // absent: that side of the book is empty
  model::Source source = model::Source::kWebSocket;
  std::chrono::nanoseconds age{0};
};

// Absent: nothing was heard of this market yet.
using MarketLookup = std::function<std::optional<MarketInput>(std::string_view symbol)>;

}  // namespace switchyard::order::risk
