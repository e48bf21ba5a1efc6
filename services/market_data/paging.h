#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::market_data {

// Pointers to the items, ordered by symbol.
template <typename Item>
std::vector<const Item*> OrderedBySymbol(const std::vector<Item>& items) {
  std::vector<const Item*> ordered;
  ordered.reserve(items.size());
  for (const Item& item : items) ordered.push_back(&item);
  std::sort(ordered.begin(), ordered.end(),
            [](const Item* left, const Item* right) { return left->symbol < right->symbol; });
  return ordered;
}

// Visits at most `page_size` items whose symbol comes after `position`. Returns the position of the
// next page; empty = no more.
template <typename Item, typename Visit>
std::string VisitPage(const std::vector<const Item*>& ordered, std::string_view position,
                      std::uint32_t page_size, Visit visit) {
  auto item = std::partition_point(ordered.begin(), ordered.end(), [&](const Item* candidate) {
    return !position.empty() && candidate->symbol <= position;
  });
  for (std::uint32_t visited = 0; item != ordered.end() && visited < page_size; ++visited, ++item) {
    visit(**item);
  }
  return item == ordered.end() ? std::string() : (*std::prev(item))->symbol;
}

}  // namespace switchyard::market_data
