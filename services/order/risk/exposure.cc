#include "services/order/risk/exposure.h"

#include <algorithm>
#include <iterator>

namespace switchyard::order::risk {
namespace {

using common::v1::PositionSide;
using std::chrono::nanoseconds;

bool IsBuy(common::v1::Side side) { return side == common::v1::SIDE_BUY; }

PositionSide Effective(PositionSide side) {
  return side == common::v1::POSITION_SIDE_UNSPECIFIED ? common::v1::POSITION_SIDE_NET : side;
}

// Nothing once one of them was nothing.
std::optional<Decimal> Sum(const std::optional<Decimal>& left, const Decimal& right) {
  if (!left) return std::nullopt;
  const absl::StatusOr<Decimal> sum = Decimal::Add(*left, right);
  if (!sum.ok()) return std::nullopt;
  return sum->Normalised();
}

}  // namespace

Exposure::PositionKey Exposure::KeyOf(std::string_view symbol, PositionSide side) {
  return {std::string(symbol), Effective(side)};
}

// A change of the other sign takes away what it answers, oldest first.
void Exposure::Settle(Position& position, Decimal change, nanoseconds now) {
  std::deque<Change>& settling = position.settling;
  while (!settling.empty() && now - settling.front().since >= kSettling) settling.pop_front();
  while (!settling.empty() && !change.is_zero() &&
         settling.front().quantity.is_negative() != change.is_negative()) {
    const absl::StatusOr<Decimal> rest = Decimal::Add(settling.front().quantity, change);
    const bool answered = !rest.ok() || rest->is_zero();
    if (!answered && rest->is_negative() != change.is_negative()) {
      settling.front().quantity = *rest;
      return;
    }
    change = answered ? Decimal() : *rest;
    settling.pop_front();
  }
  if (!change.is_zero()) settling.push_back({change, now});
}

void Exposure::Count(const OpenOrder& order, bool adds) {
  Position& position = positions_[KeyOf(order.symbol, order.position_side)];
  position.orders += adds ? 1 : -1;
  if (order.rests) open_orders_ += adds ? 1 : -1;
  if (order.only_reduces) return;
  std::optional<Decimal>& sum = IsBuy(order.side) ? position.buys : position.sells;
  sum = Sum(sum, adds ? order.quantity : order.quantity.Negated());
}

// Sums anew what once exceeded 38 digits and may fit again.
void Exposure::MendSums(const PositionKey& key, Position& position) const {
  if (position.buys && position.sells) return;
  position.buys = position.sells = Decimal();
  for (const auto& [order_key, order] : orders_) {
    if (order.only_reduces || KeyOf(order.symbol, order.position_side) != key) continue;
    std::optional<Decimal>& sum = IsBuy(order.side) ? position.buys : position.sells;
    sum = Sum(sum, order.quantity);
  }
}

void Exposure::Put(std::string_view key, OpenOrder order) {
  Remove(key);
  Count(order, /*adds=*/true);
  orders_.insert_or_assign(std::string(key), std::move(order));
}

void Exposure::SetQuantity(std::string_view key, const Decimal& quantity) {
  const auto found = orders_.find(key);
  if (found == orders_.end()) return;
  OpenOrder& order = found->second;
  Count(order, /*adds=*/false);
  order.quantity = quantity.is_negative() ? Decimal() : quantity;
  Count(order, /*adds=*/true);
  const PositionKey position = KeyOf(order.symbol, order.position_side);
  MendSums(position, positions_[position]);
}

void Exposure::SetFilled(std::string_view key, const Decimal& filled, nanoseconds now) {
  const auto found = orders_.find(key);
  if (found == orders_.end() || filled <= found->second.filled) return;
  OpenOrder& order = found->second;
  const absl::StatusOr<Decimal> more = Decimal::Subtract(filled, order.filled);
  order.filled = filled;
  if (!more.ok()) return;
  Settle(positions_[KeyOf(order.symbol, order.position_side)],
         IsBuy(order.side) ? *more : more->Negated(), now);
  SetQuantity(key, Decimal::Subtract(order.quantity, *more).value_or(Decimal()));
}

void Exposure::Remove(std::string_view key) {
  const auto found = orders_.find(key);
  if (found == orders_.end()) return;
  const OpenOrder order = std::move(found->second);
  orders_.erase(found);
  Count(order, /*adds=*/false);
  const PositionKey position = KeyOf(order.symbol, order.position_side);
  MendSums(position, positions_[position]);
}

const OpenOrder* Exposure::Find(std::string_view key) const {
  const auto found = orders_.find(key);
  return found == orders_.end() ? nullptr : &found->second;
}

void Exposure::SetPositions(const std::vector<PositionSize>& positions, nanoseconds asked_at) {
  std::map<PositionKey, Decimal> sizes;
  for (const PositionSize& told : positions) sizes[KeyOf(told.symbol, told.side)] = told.size;
  for (const auto& [key, size] : sizes) positions_.try_emplace(key);
  for (auto at = positions_.begin(); at != positions_.end();) {
    auto& [key, position] = *at;
    const auto told = sizes.find(key);
    std::erase_if(position.settling,
                  [asked_at](const Change& change) { return change.since < asked_at; });
    // What the stream told after the question is newer than the answer.
    const bool is_older = !position.told_at || *position.told_at <= asked_at;
    if (is_older) {
      position.size = told == sizes.end() ? Decimal() : told->second;
      position.told_at = asked_at;
    }
    at = is_older && position.flat() ? positions_.erase(at) : std::next(at);
  }
  known_ = true;
  if (lost_at_ && *lost_at_ <= asked_at) lost_at_.reset();
}

void Exposure::SetPosition(const PositionSize& position, nanoseconds now) {
  Position& known = positions_[KeyOf(position.symbol, position.side)];
  const absl::StatusOr<Decimal> change = Decimal::Subtract(known.size, position.size);
  // Before the first answer it is no change, but what there was.
  if (known_ && change.ok()) Settle(known, *change, now);
  known.size = position.size;
  known.told_at = now;
}

void Exposure::PositionsLost(nanoseconds now) {
  if (!lost_at_) lost_at_ = now;
}

nanoseconds Exposure::PositionsAge(nanoseconds now) const {
  if (!known_) return now - created_at_;
  return lost_at_ ? now - *lost_at_ : nanoseconds(0);
}

absl::StatusOr<Reach> Exposure::ReachOf(std::string_view symbol, PositionSide side,
                                        nanoseconds now) const {
  const auto found = positions_.find(KeyOf(symbol, side));
  if (found == positions_.end()) return Reach{};
  const Position& position = found->second;
  std::optional<Decimal> up = Sum(position.buys, position.size);
  std::optional<Decimal> down = Sum(position.sells, position.size.Negated());
  for (const Change& change : position.settling) {
    if (now - change.since >= kSettling) continue;
    std::optional<Decimal>& reach = change.quantity.is_negative() ? down : up;
    reach = Sum(reach, change.quantity.Absolute());
  }
  if (!up || !down) return absl::OutOfRangeError("the open orders' sum exceeds 38 digits");
  return Reach{.long_quantity = *up, .short_quantity = *down};
}

Decimal Exposure::PositionOf(std::string_view symbol, PositionSide side) const {
  const auto found = positions_.find(KeyOf(symbol, side));
  return found == positions_.end() ? Decimal() : found->second.size;
}

std::vector<PositionSide> Exposure::SidesOf(std::string_view symbol) const {
  std::vector<PositionSide> sides;
  for (const PositionSide side : {common::v1::POSITION_SIDE_NET, common::v1::POSITION_SIDE_LONG,
                                  common::v1::POSITION_SIDE_SHORT}) {
    const auto found = positions_.find(KeyOf(symbol, side));
    if (found != positions_.end() && !found->second.flat()) sides.push_back(side);
  }
  if (sides.empty()) sides.push_back(common::v1::POSITION_SIDE_NET);
  return sides;
}

std::vector<std::string> Exposure::Symbols() const {
  std::vector<std::string> symbols;
  for (const auto& [key, position] : positions_) {
    if (position.flat()) continue;
    if (symbols.empty() || symbols.back() != key.first) symbols.push_back(key.first);
  }
  return symbols;
}

}  // namespace switchyard::order::risk
