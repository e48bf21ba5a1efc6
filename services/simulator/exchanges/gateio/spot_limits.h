#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "services/simulator/exchanges/gateio/listing.h"

namespace switchyard::simulator::gateio {

// What a pair's listing says of order sizes, and what orders are held to.
inline std::int64_t MinimumBaseLots(const Listing& listing) {
  return std::max<std::int64_t>(1, listing.instrument.market.quantity / 10'000);
}
inline std::string_view MinimumQuote(const Listing& listing) {
  const bool coin = listing.instrument.quote == "BTC" || listing.instrument.quote == "ETH";
  return coin ? "0.0001" : "3";
}
inline constexpr std::string_view kMaximumQuote = "5000000";

}  // namespace switchyard::simulator::gateio
