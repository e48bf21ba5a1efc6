#include "services/simulator/engine/market.h"

#include <algorithm>
#include <utility>

namespace switchyard::simulator::engine {
namespace {

// The flow adds below the first and removes above the second; one step takes at most
// kLevelsTaken levels, so the promised minimum always holds.
constexpr std::size_t kFewLevels = 140;
constexpr std::size_t kManyLevels = 190;
constexpr std::int64_t kLevelsTaken = 4;
constexpr std::size_t kSeededLevels = 160;

// Shares of the flow, in percent: the rest takes liquidity.
constexpr std::int64_t kAdds = 38;
constexpr std::int64_t kCancels = 30;
constexpr std::int64_t kResizes = 24;

std::int64_t Away(Side side, std::int64_t price, std::int64_t ticks) {
  return side == Side::kBuy ? price - ticks : price + ticks;
}

}  // namespace

Market::Market(MarketSpec spec, std::uint64_t seed, std::int64_t now_ns)
    : spec_(std::move(spec)),
      random_(SeedFor(seed, spec_.symbol)),
      fair_(spec_.price * kFairUnit),
      centre_(fair_),
      // Ids of a busy exchange are large from the start; some exceed 2^32.
      sequence_(4'000'000'000 + static_cast<std::uint64_t>(random_.Below(4'000'000'000))),
      last_trade_id_(100'000'000 + random_.Below(100'000'000)),
      last_change_ns_(now_ns) {
  if (spec_.has_flow) Seed();
  changes_.Clear();
  day_ = {spec_.price, spec_.price, spec_.price, spec_.price, 0, 0};
  day_.base_volume = static_cast<Int128>(spec_.quantity) * (20'000 + random_.Below(80'000));
  day_.quote_volume = day_.base_volume * spec_.price;
  for (int i = 0; i < 50 && spec_.has_flow; ++i) {
    Step(now_ns - (50 - i) * 1'000'000'000LL);
  }
}

void Market::Seed() {
  const std::int64_t centre = fair_price();
  for (const Side side : {Side::kBuy, Side::kSell}) {
    std::int64_t price = side == Side::kBuy ? centre : centre + 1;
    for (std::size_t i = 0; i < kSeededLevels; ++i) {
      book_.Submit({NextOrderId(), side, price, Quantity(), Remainder::kRests}, changes_);
      price = Away(side, price, 1 + random_.Below(2 * spec_.spacing));
    }
  }
}

void Market::Step(std::int64_t now_ns) {
  if (!spec_.has_flow) return;
  changes_.Clear();
  Walk();
  const Side side = random_.Below(2) == 0 ? Side::kBuy : Side::kSell;
  const std::int64_t choice = random_.Below(100);
  if (book_.Levels(Side::kBuy).size() < kFewLevels) {
    AddFarLevel(Side::kBuy);
  } else if (book_.Levels(Side::kSell).size() < kFewLevels) {
    AddFarLevel(Side::kSell);
  } else if (book_.Levels(side).size() > kManyLevels) {
    CancelFirst(book_.Levels(side).front());
  } else if (choice < kAdds) {
    AddOrder(side);
  } else if (choice < kAdds + kCancels) {
    CancelOrder(side);
  } else if (choice < kAdds + kCancels + kResizes) {
    ResizeOrder(side);
  } else {
    Take();
  }
  Finish(now_ns);
}

void Market::Move(std::int32_t per_million, std::int64_t now_ns) {
  changes_.Clear();
  for (const Side side : {Side::kBuy, Side::kSell}) {
    std::size_t kept = 0;  // levels where clients alone are left
    while (kept < book_.Levels(side).size()) {
      const auto levels = book_.Levels(side);
      const OrderId first = book_.FirstFlowOrder(levels[levels.size() - 1 - kept]);
      if (first == 0) {
        ++kept;
      } else {
        book_.Cancel(first, changes_);
      }
    }
  }
  fair_ += static_cast<std::int64_t>(static_cast<Int128>(fair_) * per_million / 1'000'000);
  // A bid must exist on every level below, so the price cannot fall under the book's own width.
  const auto width = static_cast<std::int64_t>(kManyLevels) * 4 * spec_.spacing;
  fair_ = std::max(fair_, width * kFairUnit);
  centre_ = fair_;
  Seed();
  Replenish();
  Finish(now_ns);
}

std::int64_t Market::Submit(const Order& order, std::int64_t now_ns, bool liquidation) {
  changes_.Clear();
  liquidating_ = liquidation;
  const std::int64_t left = book_.Submit(order, changes_);
  if (!changes_.levels.empty()) {
    Replenish();
    Finish(now_ns);
  }
  liquidating_ = false;
  return left;
}

bool Market::Cancel(OrderId id, std::int64_t now_ns) {
  changes_.Clear();
  if (!book_.Cancel(id, changes_)) return false;
  Replenish();
  Finish(now_ns);
  return true;
}

bool Market::Reduce(OrderId id, std::int64_t quantity, std::int64_t now_ns) {
  changes_.Clear();
  if (!book_.Reduce(id, quantity, changes_)) return false;
  Finish(now_ns);
  return true;
}

void Market::Walk() {
  fair_ += random_.Below(2 * kFairUnit * spec_.spacing / 8 + 1) - kFairUnit * spec_.spacing / 8;
  // Reflected: a long run stays near where it began.
  fair_ = std::clamp(fair_, centre_ - centre_ / 4, centre_ + centre_ / 2);
}

void Market::AddFarLevel(Side side) {
  const auto levels = book_.Levels(side);
  std::int64_t from = levels.empty() ? fair_price() : levels.front().price;
  // An emptied side begins beyond whatever stands opposite.
  const std::int64_t opposite = book_.Best(Opposite(side));
  if (levels.empty() && opposite != 0) {
    from = side == Side::kBuy ? std::min(from, opposite) : std::max(from, opposite);
  }
  const std::int64_t price = Away(side, from, 1 + random_.Below(2 * spec_.spacing));
  book_.Submit({NextOrderId(), side, std::max<std::int64_t>(price, 1), Quantity()}, changes_);
}

void Market::Replenish() {
  if (!spec_.has_flow) return;
  for (const Side side : {Side::kBuy, Side::kSell}) {
    // Bounded: at the smallest price there is but this one level.
    for (std::size_t i = 0; i < 2 * kMinimumLevels; ++i) {
      if (book_.Levels(side).size() >= kMinimumLevels) break;
      AddFarLevel(side);
    }
  }
}

void Market::AddOrder(Side side) {
  const std::int64_t reach = 60 * spec_.spacing;
  const std::int64_t depth = std::min(random_.Below(reach), random_.Below(reach));
  const std::int64_t opposite = book_.Best(Opposite(side));
  std::int64_t price = Away(side, fair_price(), depth);
  // Post-only: what would cross joins the best price it may have.
  if (side == Side::kBuy) {
    price = std::min(price, opposite - 1);
  } else {
    price = std::max(price, opposite + 1);
  }
  book_.Submit({NextOrderId(), side, price, Quantity()}, changes_);
}

void Market::CancelOrder(Side side) { CancelFirst(book_.Levels(side)[PickLevel(side)]); }

// A client's order is not the flow's to cancel: where no other stands, one is added.
void Market::CancelFirst(const Level& level) {
  const OrderId first = book_.FirstFlowOrder(level);
  if (first != 0) {
    book_.Cancel(first, changes_);
  } else {
    AddOrder(random_.Below(2) == 0 ? Side::kBuy : Side::kSell);
  }
}

void Market::ResizeOrder(Side side) {
  const Level level = book_.Levels(side)[PickLevel(side)];
  const OrderId first = book_.FirstFlowOrder(level);
  book_.Submit({NextOrderId(), side, level.price, Quantity()}, changes_);
  if (first == 0) return;
  book_.Cancel(first, changes_);
  // One change of one level is what others see.
  changes_.levels.erase(changes_.levels.begin());
}

void Market::Take() {
  const std::int64_t middle = (book_.Best(Side::kBuy) + book_.Best(Side::kSell)) / 2;
  // Takers pull the book after the walk.
  const bool follows = random_.Chance(750'000);
  const Side side = (middle < fair_price()) == follows ? Side::kBuy : Side::kSell;
  const auto levels = book_.Levels(Opposite(side));
  const std::int64_t best = levels.back().quantity;
  const bool sweeps = random_.Chance(200'000);
  const std::int64_t limit = levels[levels.size() - (sweeps ? kLevelsTaken : 1)].price;
  const std::int64_t quantity = sweeps ? 2 * best : 1 + random_.Below(best);
  liquidating_ = random_.Chance(20'000);
  book_.Submit({NextOrderId(), side, limit, quantity, Remainder::kCancelled}, changes_);
}

void Market::Finish(std::int64_t now_ns) {
  sequence_ += changes_.levels.size();
  last_change_ns_ = now_ns;
  RecordTrades(now_ns);
  if (listener_ != nullptr) listener_->OnChange(*this);
}

void Market::RecordTrades(std::int64_t now_ns) {
  has_client_fills_ = false;
  for (const Fill& fill : changes_.fills) {
    has_client_fills_ |= IsClient(fill.maker) || IsClient(fill.taker);
    trades_.push_back({++last_trade_id_, now_ns, sequence_, fill.taker_side, fill.price,
                       fill.quantity, liquidating_});
    if (trades_.size() > kTradesKept) trades_.pop_front();
    day_.last = fill.price;
    day_.high = std::max(day_.high, fill.price);
    day_.low = std::min(day_.low, fill.price);
    day_.base_volume += fill.quantity;
    day_.quote_volume += static_cast<Int128>(fill.quantity) * fill.price;
    for (auto& [interval, series] : candles_) {
      series.Add(now_ns / 1'000'000'000, fill.price, fill.quantity);
    }
  }
  liquidating_ = false;
}

CandleSeries& Market::Candles(std::int64_t interval_s, std::int64_t now_ns) {
  const auto found = candles_.find(interval_s);
  if (found != candles_.end()) {
    found->second.RollTo(now_ns / 1'000'000'000);
    return found->second;
  }
  const CandleSeries::Past past = {day_.last, spec_.spacing * 20, spec_.quantity * 40};
  return candles_
      .emplace(interval_s, CandleSeries(interval_s, SeedFor(interval_s, spec_.symbol),
                                        now_ns / 1'000'000'000, past))
      .first->second;
}

std::int64_t Market::Quantity() {
  // Many small orders and few large ones.
  const std::int64_t size = 1 + random_.Below(2 * spec_.quantity);
  return random_.Below(10) == 0 ? size * 8 : size;
}

std::size_t Market::PickLevel(Side side) {
  const auto count = static_cast<std::int64_t>(book_.Levels(side).size());
  const std::int64_t depth =
      std::min({random_.Below(count), random_.Below(count), random_.Below(count)});
  return static_cast<std::size_t>(count - 1 - depth);
}

}  // namespace switchyard::simulator::engine
