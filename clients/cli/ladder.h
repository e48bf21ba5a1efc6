#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clients/cli/screen.h"
#include "common/decimal/decimal.h"
#include "switchyard/marketdata/v1/events.pb.h"

namespace switchyard::clients::cli {

struct LadderLevel {
  Decimal price;
  Decimal quantity;
  std::string origin;  // whose level it is, in a merged book; else empty
};

// What a ladder shows. Levels best first.
struct Ladder {
  std::string title;  // "gateio BTC-USDT"
  std::string state;  // "LIVE", "STALE (SEQUENCE_GAP)"
  bool live = false;
  std::vector<std::string> details;  // age, events a second, ...
  std::vector<LadderLevel> bids;
  std::vector<LadderLevel> asks;
};

// Asks above, best nearest to the middle, then the spread, then bids, with sums from the middle
// outwards and bars for the sizes.
std::vector<ScreenLine> RenderLadder(const Ladder& ladder);

// One line: state, best bid and ask with sizes, spread, details.
std::string RenderTop(const Ladder& ladder);

// Levels of an event or answer. Errors: OutOfRange.
absl::StatusOr<Ladder> LadderFromLevels(const marketdata::v1::OrderBookLevels& levels);

}  // namespace switchyard::clients::cli
