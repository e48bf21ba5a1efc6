#include "services/simulator/engine/order_book.h"

#include <algorithm>
#include <cassert>

namespace switchyard::simulator::engine {
namespace {

// Position of `price` in a side whose best price is last, or where it would be inserted.
template <typename Levels>
auto Find(Levels& levels, Side side, std::int64_t price) {
  return std::lower_bound(levels.begin(), levels.end(), price,
                          [side](const Level& level, std::int64_t wanted) {
                            return side == Side::kBuy ? level.price < wanted : level.price > wanted;
                          });
}

bool Crosses(const Order& order, std::int64_t opposite_price) {
  return order.side == Side::kBuy ? order.price >= opposite_price : order.price <= opposite_price;
}

}  // namespace

std::int64_t OrderBook::Submit(const Order& order, Changes& changes) {
  assert(order.price > 0 && order.quantity > 0);
  const std::int64_t left = Match(order, changes);
  if (left > 0 && order.remainder == Remainder::kRests) Rest(order, left, changes);
  return left;
}

std::int64_t OrderBook::Match(const Order& order, Changes& changes) {
  std::vector<Level>& levels = MutableLevels(Opposite(order.side));
  std::int64_t left = order.quantity;
  while (left > 0 && !levels.empty() && Crosses(order, levels.back().price)) {
    Level& level = levels.back();
    while (left > 0 && level.first != kNone) {
      Resting& maker = pool_[level.first];
      const std::int64_t quantity = std::min(left, maker.quantity);
      changes.fills.push_back({maker.id, order.id, order.side, level.price, quantity});
      left -= quantity;
      maker.quantity -= quantity;
      level.quantity -= quantity;
      if (maker.quantity == 0) {
        const std::uint32_t slot = level.first;
        index_.erase(maker.id);
        Unlink(level, slot);
        free_.push_back(slot);
      }
    }
    changes.levels.push_back({Opposite(order.side), level.price, level.quantity});
    if (level.quantity == 0) levels.pop_back();
  }
  return left;
}

void OrderBook::Rest(const Order& order, std::int64_t quantity, Changes& changes) {
  std::vector<Level>& levels = MutableLevels(order.side);
  auto level = Find(levels, order.side, order.price);
  if (level == levels.end() || level->price != order.price) {
    level = levels.insert(level, Level{order.price, 0, kNone, kNone});
  }
  const std::uint32_t slot = Allocate();
  pool_[slot] = {order.id, order.price, quantity, level->last, kNone, order.side};
  if (level->last == kNone) {
    level->first = slot;
  } else {
    pool_[level->last].next = slot;
  }
  level->last = slot;
  level->quantity += quantity;
  index_.emplace(order.id, slot);
  changes.levels.push_back({order.side, order.price, level->quantity});
}

bool OrderBook::Cancel(OrderId id, Changes& changes) {
  const auto found = index_.find(id);
  if (found == index_.end()) return false;
  const std::uint32_t slot = found->second;
  const Resting order = pool_[slot];
  std::vector<Level>& levels = MutableLevels(order.side);
  const auto level = Find(levels, order.side, order.price);
  level->quantity -= order.quantity;
  Unlink(*level, slot);
  free_.push_back(slot);
  index_.erase(found);
  changes.levels.push_back({order.side, order.price, level->quantity});
  if (level->quantity == 0) levels.erase(level);
  return true;
}

bool OrderBook::Reduce(OrderId id, std::int64_t quantity, Changes& changes) {
  const auto found = index_.find(id);
  if (found == index_.end()) return false;
  Resting& order = pool_[found->second];
  assert(quantity > 0 && quantity < order.quantity);
  const auto level = Find(MutableLevels(order.side), order.side, order.price);
  level->quantity -= order.quantity - quantity;
  order.quantity = quantity;
  changes.levels.push_back({order.side, order.price, level->quantity});
  return true;
}

std::int64_t OrderBook::QuantityOf(OrderId id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? 0 : pool_[found->second].quantity;
}

std::int64_t OrderBook::Best(Side side) const {
  const auto levels = Levels(side);
  return levels.empty() ? 0 : levels.back().price;
}

std::int64_t OrderBook::QuantityAt(Side side, std::int64_t price) const {
  const auto levels = Levels(side);
  const auto level = Find(levels, side, price);
  return level == levels.end() || level->price != price ? 0 : level->quantity;
}

std::uint32_t OrderBook::Allocate() {
  if (free_.empty()) {
    pool_.push_back({});
    return static_cast<std::uint32_t>(pool_.size() - 1);
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

void OrderBook::Unlink(Level& level, std::uint32_t slot) {
  const Resting& order = pool_[slot];
  (order.previous == kNone ? level.first : pool_[order.previous].next) = order.next;
  (order.next == kNone ? level.last : pool_[order.next].previous) = order.previous;
}

}  // namespace switchyard::simulator::engine
