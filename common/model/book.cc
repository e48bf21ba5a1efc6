#include "common/model/book.h"

#include <algorithm>

namespace switchyard::model {
namespace {

// Levels searched one by one from the best before the search becomes binary (measured: most changes
// fall here).
constexpr std::size_t kLinearSearch = 16;

}  // namespace

bool BookSide::Load(std::span<const Level> best_first, bool cut) {
  levels_.assign(best_first.rbegin(), best_first.rend());
  bounded_ = cut && !levels_.empty();
  boundary_ = bounded_ ? levels_.front().price : 0;
  for (std::size_t i = 1; i < levels_.size(); ++i) {
    if (!Better(levels_[i].price, levels_[i - 1].price)) {
      Clear();
      return false;
    }
  }
  // Some exchanges list what has just gone.
  std::erase_if(levels_, [](const Level& level) { return level.quantity == 0; });
  Truncate(Book::kMaxLevels, /*bounded=*/true);
  return true;
}

void BookSide::Apply(const Level& change) {
  if (bounded_ && Better(boundary_, change.price)) return;
  std::size_t at = levels_.size();  // first index, from the worst, that ranks before the change
  std::size_t searched = 0;
  while (at > 0 && searched < kLinearSearch && Better(levels_[at - 1].price, change.price)) {
    --at;
    ++searched;
  }
  if (searched == kLinearSearch) {
    const auto end = levels_.begin() + static_cast<std::ptrdiff_t>(at);
    at = static_cast<std::size_t>(std::partition_point(levels_.begin(), end,
                                                       [&](const Level& level) {
                                                         return !Better(level.price, change.price);
                                                       }) -
                                  levels_.begin());
  }
  const auto position = levels_.begin() + static_cast<std::ptrdiff_t>(at);
  const bool exists = at > 0 && levels_[at - 1].price == change.price;
  if (exists && change.quantity == 0) {
    levels_.erase(position - 1);
  } else if (exists) {
    levels_[at - 1].quantity = change.quantity;
  } else if (change.quantity != 0) {
    levels_.insert(position, change);
    if (levels_.size() > Book::kMaxLevels) Truncate(Book::kMaxLevels, /*bounded=*/true);
  }
}

void BookSide::Truncate(std::size_t depth, bool bounded) {
  if (levels_.size() <= depth) return;
  levels_.erase(levels_.begin(),
                levels_.begin() + static_cast<std::ptrdiff_t>(levels_.size() - depth));
  if (bounded && !levels_.empty()) {
    bounded_ = true;
    boundary_ = levels_.front().price;
  }
}

void BookSide::Clear() {
  levels_.clear();
  bounded_ = false;
  boundary_ = 0;
}

}  // namespace switchyard::model
