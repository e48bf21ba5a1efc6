#pragma once

#include <cstdint>
#include <vector>

#include "common/model/market_data.h"

namespace switchyard::exchanges::gateio {

// A book from REST with the id that its updates continue. Mantissas at the instrument's scales,
// best first.
struct BookSnapshot {
  std::uint64_t id = 0;
  TimeNs time;
  std::vector<model::Level> bids, asks;
};

}  // namespace switchyard::exchanges::gateio
