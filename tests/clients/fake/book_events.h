#pragma once

#include <cstdint>

#include "switchyard/marketdata/v1/events.pb.h"

namespace switchyard::clients::fake {

// One order book event of gateio BTC-USDT, depth 10, without levels: prices in tenths, quantities
// in hundredths, received now. STALE has the reason SEQUENCE_GAP.
marketdata::v1::MarketDataEvent BookEvent(marketdata::v1::EventKind kind, std::uint64_t epoch,
                                          std::uint64_t sequence);
void AddBid(marketdata::v1::MarketDataEvent& event, std::int64_t price, std::int64_t quantity);
void AddAsk(marketdata::v1::MarketDataEvent& event, std::int64_t price, std::int64_t quantity);

}  // namespace switchyard::clients::fake
