#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/model/market_data.h"

namespace switchyard::model {

// One side of a book: a sorted vector whose best level is at the back, so that changes, which fall
// near the best, move few levels.
//
// Keeps only levels that are certain. After a snapshot that the exchange cut at its limit, nothing
// is known beyond the snapshot's worst price: changes there are ignored, for between them and the
// known levels there may be others that nobody told.
class BookSide {
 public:
  enum class Order : std::uint8_t { kBids, kAsks };

  explicit BookSide(Order order) : order_(order) {}

  // Replaces everything. `best_first` is sorted; `cut` tells that the exchange may hold more levels
  // beyond the last; what has quantity 0 is no level. Errors: false where it is not sorted, and the
  // side is then empty.
  bool Load(std::span<const Level> best_first, bool cut);
  // Sets, or with quantity 0 removes, one level.
  void Apply(const Level& change);
  // Forgets the worst levels beyond `depth`. With `bounded`, changes beyond the last kept price are
  // ignored from now on.
  void Truncate(std::size_t depth, bool bounded);
  void Clear();
  // What lies beyond the worst kept level is told by the exchange after all.
  void ClearBoundary() { bounded_ = false; }

  bool empty() const { return levels_.empty(); }
  std::size_t size() const { return levels_.size(); }
  const Level& best() const { return levels_.back(); }
  // i = 0 is the best.
  const Level& at(std::size_t i) const { return levels_[levels_.size() - 1 - i]; }
  // True where levels beyond the worst kept one may exist.
  bool bounded() const { return bounded_; }

 private:
  // Whether `a` ranks before `b`: higher bids, lower asks.
  bool Better(std::int64_t a, std::int64_t b) const {
    return order_ == Order::kBids ? a > b : a < b;
  }

  Order order_;
  bool bounded_ = false;
  std::int64_t boundary_ = 0;
  std::vector<Level> levels_;
};

// A book of one instrument. Connection thread.
class Book {
 public:
  // Levels that are kept at most, a side, whatever the exchange sends.
  static constexpr std::size_t kMaxLevels = 1'000;

  BookSide bids{BookSide::Order::kBids};
  BookSide asks{BookSide::Order::kAsks};

  void Clear() {
    bids.Clear();
    asks.Clear();
  }
  // A bid at or above an ask: no book of an exchange, so one of its messages was wrong.
  bool crossed() const {
    return !bids.empty() && !asks.empty() && bids.best().price >= asks.best().price;
  }
};

}  // namespace switchyard::model
