#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace switchyard::simulator::engine {

using OrderId = std::uint64_t;

// Set in the ids of clients' orders, clear in those of the flow.
inline constexpr OrderId kClientBit = OrderId{1} << 63;

constexpr bool IsClient(OrderId id) { return (id & kClientBit) != 0; }

enum class Side : std::uint8_t { kBuy, kSell };

constexpr Side Opposite(Side side) { return side == Side::kBuy ? Side::kSell : Side::kBuy; }

// What happens to the part of an order that finds no counterpart.
enum class Remainder : std::uint8_t { kRests, kCancelled };

// A limit order. Prices are ticks, quantities lots; both above 0.
struct Order {
  OrderId id = 0;
  Side side = Side::kBuy;
  std::int64_t price = 0;
  std::int64_t quantity = 0;
  Remainder remainder = Remainder::kRests;
};

// The new total of one price; 0 = the price is gone.
struct LevelChange {
  Side side;
  std::int64_t price;
  std::int64_t quantity;
};

// One match, at the maker's price.
struct Fill {
  OrderId maker;
  OrderId taker;
  Side taker_side;
  std::int64_t price;
  std::int64_t quantity;
};

// What operations did, in order. Kept by the caller and cleared between operations.
struct Changes {
  std::vector<LevelChange> levels;
  std::vector<Fill> fills;

  void Clear() {
    levels.clear();
    fills.clear();
  }
};

// Total of one price and the queue of its orders (indices into the book's pool).
struct Level {
  std::int64_t price;
  std::int64_t quantity;
  std::uint32_t first;
  std::uint32_t last;
};

// Price-time matching of one instrument. Never crossed: an order that crosses trades first.
// Not thread-safe. A side is a sorted vector with the best price at the back, where most changes
// happen.
class OrderBook {
 public:
  // Matches the order, then rests or drops what is left. Returns the quantity left.
  // The id must be new among resting orders.
  std::int64_t Submit(const Order& order, Changes& changes);

  // Takes a resting order out. False: no such order.
  bool Cancel(OrderId id, Changes& changes);

  // Lessens a resting order, which keeps its place in the queue; `quantity` is the new one, above 0
  // and below the present one. False: no such order.
  bool Reduce(OrderId id, std::int64_t quantity, Changes& changes);

  // Walks the orders that a taker of `side` may meet down to `limit`, in the order in which they
  // would be matched: `visit(price, id, quantity)`; it returns false to end the walk.
  template <typename Visit>
  void VisitCounterparts(Side side, std::int64_t limit, Visit visit) const {
    const auto levels = Levels(Opposite(side));
    for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
      if (side == Side::kBuy ? level->price > limit : level->price < limit) return;
      for (std::uint32_t slot = level->first; slot != kNone; slot = pool_[slot].next) {
        if (!visit(level->price, pool_[slot].id, pool_[slot].quantity)) return;
      }
    }
  }

  // Levels, best last.
  std::span<const Level> Levels(Side side) const { return side == Side::kBuy ? bids_ : asks_; }
  // Best price; 0 = the side is empty.
  std::int64_t Best(Side side) const;
  // Total at a price; 0 = no order there.
  std::int64_t QuantityAt(Side side, std::int64_t price) const;
  // The order of the flow that is first in the queue of a level; 0 = clients alone are there.
  OrderId FirstFlowOrder(const Level& level) const {
    std::uint32_t slot = level.first;
    while (slot != kNone && IsClient(pool_[slot].id)) slot = pool_[slot].next;
    return slot == kNone ? 0 : pool_[slot].id;
  }
  // Quantity of a resting order; 0 = no such order.
  std::int64_t QuantityOf(OrderId id) const;
  std::size_t order_count() const { return index_.size(); }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  struct Resting {
    OrderId id;
    std::int64_t price;
    std::int64_t quantity;
    std::uint32_t previous;
    std::uint32_t next;
    Side side;
  };

  std::vector<Level>& MutableLevels(Side side) { return side == Side::kBuy ? bids_ : asks_; }
  std::int64_t Match(const Order& order, Changes& changes);
  void Rest(const Order& order, std::int64_t quantity, Changes& changes);
  std::uint32_t Allocate();
  void Unlink(Level& level, std::uint32_t slot);

  std::vector<Level> bids_;
  std::vector<Level> asks_;
  std::vector<Resting> pool_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<OrderId, std::uint32_t> index_;
};

}  // namespace switchyard::simulator::engine
