#include "services/simulator/exchanges/gateio/book_view.h"

#include <algorithm>

namespace switchyard::simulator::gateio {
namespace {

void CopySide(std::span<const engine::Level> levels, std::size_t depth,
              std::vector<ShownLevel>& out) {
  const std::size_t count = depth == 0 ? levels.size() : std::min(depth, levels.size());
  out.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const engine::Level& level = levels[levels.size() - 1 - i];
    out.push_back({level.price, level.quantity});
  }
}

// `sign` is +1 where a better price is larger.
void SideDifference(const std::vector<ShownLevel>& from, const std::vector<ShownLevel>& to,
                    std::int64_t sign, std::vector<ShownLevel>& out) {
  out.clear();
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < from.size() || j < to.size()) {
    if (j == to.size() || (i < from.size() && sign * from[i].price > sign * to[j].price)) {
      out.push_back({from[i++].price, 0});
    } else if (i == from.size() || sign * from[i].price < sign * to[j].price) {
      out.push_back(to[j++]);
    } else {
      if (from[i].quantity != to[j].quantity) out.push_back(to[j]);
      ++i;
      ++j;
    }
  }
}

}  // namespace

void CopyTop(const engine::OrderBook& book, std::size_t depth, ShownBook& out) {
  CopySide(book.Levels(engine::Side::kBuy), depth, out.bids);
  CopySide(book.Levels(engine::Side::kSell), depth, out.asks);
}

void Difference(const ShownBook& from, const ShownBook& to, ShownBook& out) {
  SideDifference(from.bids, to.bids, 1, out.bids);
  SideDifference(from.asks, to.asks, -1, out.asks);
}

}  // namespace switchyard::simulator::gateio
