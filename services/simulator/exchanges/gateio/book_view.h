#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "services/simulator/engine/order_book.h"

namespace switchyard::simulator::gateio {

// A level as it is shown: ticks and lots; quantity 0 = gone.
struct ShownLevel {
  std::int64_t price;
  std::int64_t quantity;
  friend bool operator==(const ShownLevel&, const ShownLevel&) = default;
};

// Both sides, best first.
struct ShownBook {
  std::vector<ShownLevel> bids;
  std::vector<ShownLevel> asks;

  void Clear() {
    bids.clear();
    asks.clear();
  }
};

// The best `depth` levels of a book; 0 = all.
void CopyTop(const engine::OrderBook& book, std::size_t depth, ShownBook& out);

// What turns `from` into `to`: levels that left have quantity 0, new and changed ones their
// quantity, best first.
void Difference(const ShownBook& from, const ShownBook& to, ShownBook& out);

}  // namespace switchyard::simulator::gateio
