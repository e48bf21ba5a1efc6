#include "exchanges/gateio/futures/position/position_book.h"

#include <algorithm>
#include <utility>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

namespace v1 = position::v1;

constexpr std::string_view kSettleCurrency = "USDT";
constexpr int kBreakEvenDecimals = 8;

// Only where the arithmetic fits; what cannot be computed is not told.
std::optional<Decimal> Product(const Decimal& a, const Decimal& b) {
  const auto product = Decimal::Multiply(a, b);
  return product.ok() ? std::optional(product->Normalised()) : std::nullopt;
}

// Told with the size and the mark price, it is what goes with them.
bool IsCurrent(const std::optional<Figure>& stated, const Figure& size,
               const std::optional<Figure>& mark) {
  return stated && stated->stamp.at >= size.stamp.at &&
         (!mark || stated->stamp.at >= mark->stamp.at);
}

std::optional<Figure> NotionalOf(const RawPosition& raw, const std::optional<Figure>& mark) {
  if (IsCurrent(raw.value, raw.size, mark)) return raw.value;
  if (!mark) return std::nullopt;
  const auto value = Product(raw.size.value.Absolute(), mark->value);
  if (!value) return std::nullopt;
  return Derived(*value, {raw.size.stamp, mark->stamp});
}

// size x (mark - entry); a short one's size is negative.
std::optional<Figure> UnrealisedOf(const RawPosition& raw, const std::optional<Figure>& mark) {
  if (IsCurrent(raw.unrealised_profit, raw.size, mark)) return raw.unrealised_profit;
  if (!mark || !raw.entry_price) return std::nullopt;
  const auto distance = Decimal::Subtract(mark->value, raw.entry_price->value);
  if (!distance.ok()) return std::nullopt;
  const auto profit = Product(raw.size.value, *distance);
  if (!profit) return std::nullopt;
  return Derived(*profit, {raw.size.stamp, mark->stamp, raw.entry_price->stamp});
}

std::optional<Figure> MaintenanceOf(const RawPosition& raw, const std::optional<Figure>& notional) {
  if (raw.maintenance_margin && raw.maintenance_margin->stamp.at >= raw.size.stamp.at) {
    return raw.maintenance_margin;
  }
  if (!notional || !raw.maintenance_rate) return std::nullopt;
  const auto margin = Product(notional->value, raw.maintenance_rate->value);
  if (!margin) return std::nullopt;
  return Derived(*margin, {notional->stamp, raw.maintenance_rate->stamp});
}

// Where size x (price - entry), less the fee of closing at it, makes up for all that the position
// has realised so far: closed profit, fees, funding. Gate.io tells no such price. Half to even.
std::optional<Figure> BreakEvenOf(const RawPosition& raw) {
  if (!raw.entry_price || !raw.realised_profit || !raw.taker_rate) return std::nullopt;
  const Decimal& size = raw.size.value;
  const auto cost = Product(size, raw.entry_price->value);
  const auto fee = Product(size.Absolute(), *raw.taker_rate);
  if (!cost || !fee) return std::nullopt;
  const auto owed = Decimal::Subtract(*cost, raw.realised_profit->value);
  const auto gained = Decimal::Subtract(size, *fee);
  if (!owed.ok() || !gained.ok()) return std::nullopt;
  const auto price = Decimal::Divide(*owed, *gained, kBreakEvenDecimals, Rounding::kHalfEven);
  // A position that has gained more than it is worth cannot lose.
  if (!price.ok() || price->is_negative() || price->is_zero()) return std::nullopt;
  return Derived(*price, {raw.size.stamp, raw.entry_price->stamp, raw.realised_profit->stamp});
}

}  // namespace

v1::Position ToPosition(const RawPosition& raw, const std::optional<Figure>& mark,
                        std::chrono::nanoseconds now) {
  v1::Position out;
  out.set_symbol(raw.symbol);
  out.set_position_side(raw.side);
  out.set_settle_currency(std::string(kSettleCurrency));
  out.set_exchange_time_ns(raw.exchange_time.value);
  out.set_exchange_position_id(raw.exchange_position_id);
  // What is not known stays away.
  const auto fill = [&](const std::optional<Figure>& figure,
                        common::v1::SourcedDecimal* (v1::Position::*field)()) {
    if (figure) Fill(*figure, now, *(out.*field)());
  };
  Figure size = raw.size;
  size.value = size.value.Absolute();
  fill(size, &v1::Position::mutable_size);
  out.set_margin_mode(raw.margin_mode);
  out.set_raw_margin_mode(raw.raw_margin_mode);
  fill(raw.leverage, &v1::Position::mutable_leverage);
  fill(raw.realised_profit, &v1::Position::mutable_realised_profit);
  if (raw.size.value.is_zero()) return out;
  out.set_side(raw.size.value.is_negative() ? common::v1::SIDE_SELL : common::v1::SIDE_BUY);
  const std::optional<Figure> notional = NotionalOf(raw, mark);
  fill(raw.entry_price, &v1::Position::mutable_entry_price);
  fill(BreakEvenOf(raw), &v1::Position::mutable_break_even_price);
  fill(mark, &v1::Position::mutable_mark_price);
  fill(raw.liquidation_price, &v1::Position::mutable_liquidation_price);
  fill(notional, &v1::Position::mutable_notional);
  fill(raw.margin, &v1::Position::mutable_margin);
  fill(MaintenanceOf(raw, notional), &v1::Position::mutable_maintenance_margin);
  fill(UnrealisedOf(raw, mark), &v1::Position::mutable_unrealised_profit);
  fill(raw.funding, &v1::Position::mutable_cumulative_funding);
  if (raw.open_time.given()) {
    out.mutable_open_time()->set_value_time_ns(raw.open_time.value);
    out.mutable_open_time()->set_source(exchange::ToProto(raw.stamp.source));
    out.mutable_open_time()->set_age_ns(std::max<std::int64_t>((now - raw.stamp.at).count(), 0));
  }
  if (raw.deleverage_rank_percent) {
    out.set_deleverage_rank_percent(*raw.deleverage_rank_percent);
  }
  return out;
}

PositionBook::PositionBook(std::string exchange, std::string account, const Clock& clock)
    : exchange_(std::move(exchange)), account_(std::move(account)), clock_(clock) {}

void PositionBook::Inherit(const Held& known, Held& next) {
  const RawPosition& old = known.raw;
  RawPosition& raw = next.raw;
  const bool reversed = old.size.value.is_negative() != raw.size.value.is_negative();
  const bool lives_on = !old.size.value.is_zero() && !raw.size.value.is_zero() && !reversed;
  if (raw.margin_mode == common::v1::MARGIN_MODE_UNSPECIFIED) {
    raw.margin_mode = old.margin_mode;
    raw.raw_margin_mode = old.raw_margin_mode;
  }
  for (const auto field :
       {&RawPosition::leverage, &RawPosition::maintenance_rate, &RawPosition::mark_price}) {
    if (!(raw.*field)) raw.*field = old.*field;
  }
  if (!raw.max_leverage) raw.max_leverage = old.max_leverage;
  if (!lives_on) {
    if (!raw.size.value.is_zero() && !raw.open_time.given()) {
      // Opened, or turned round, by this very change.
      raw.open_time = raw.exchange_time;
      next.open_time_derived = true;
      if (!raw.funding) raw.funding = Derived(Decimal(), {raw.stamp});
    }
    return;
  }
  for (const auto field : {&RawPosition::entry_price, &RawPosition::value, &RawPosition::margin,
                           &RawPosition::maintenance_margin, &RawPosition::unrealised_profit,
                           &RawPosition::realised_profit, &RawPosition::funding}) {
    if (!(raw.*field)) raw.*field = old.*field;
  }
  if (!raw.deleverage_rank_percent) raw.deleverage_rank_percent = old.deleverage_rank_percent;
  if (!raw.open_time.given()) {
    raw.open_time = old.open_time;
    next.open_time_derived = known.open_time_derived;
  }
}

void PositionBook::Replace(std::vector<RawPosition> positions, TimeNs received,
                           std::chrono::nanoseconds asked_at) {
  std::map<Key, Held> next;
  for (auto& [key, held] : positions_) {
    const Stamp& stamp = held.raw.stamp;
    if (stamp.source == model::Source::kWebSocket && stamp.at > asked_at) next.emplace(key, held);
  }
  for (RawPosition& raw : positions) {
    const Key key{raw.symbol, raw.side};
    Held held{std::move(raw), received};
    if (const auto known = positions_.find(key); known != positions_.end()) {
      Inherit(known->second, held);
    }
    next.emplace(key, std::move(held));
  }
  positions_ = std::move(next);
}

std::vector<v1::Position> PositionBook::Apply(std::vector<RawPosition> positions, TimeNs received) {
  std::vector<v1::Position> changed;
  for (RawPosition& raw : positions) {
    const Key key{raw.symbol, raw.side};
    Held held{std::move(raw), received};
    const auto known = positions_.find(key);
    if (known != positions_.end()) {
      if (held.raw.exchange_time.given() &&
          held.raw.exchange_time < known->second.raw.exchange_time) {
        continue;
      }
      Inherit(known->second, held);
    } else {
      // The snapshot had none of this contract: it was flat.
      Held flat;
      flat.raw.size = {Decimal(), held.raw.stamp};
      Inherit(flat, held);
    }
    changed.push_back(Describe(held));
    positions_.insert_or_assign(key, std::move(held));
  }
  return changed;
}

void PositionBook::ForgetSummedFunding() {
  for (auto& [key, held] : positions_) {
    if (held.raw.funding && held.raw.funding->derived) held.raw.funding.reset();
  }
}

void PositionBook::SetFunding(std::string_view symbol, common::v1::PositionSide side,
                              const Decimal& sum, const Stamp& stamp) {
  const auto held = positions_.find(Key{symbol, side});
  if (held != positions_.end()) held->second.raw.funding = Derived(sum, {stamp});
}

bool PositionBook::SetTakerRate(std::string_view symbol, const Decimal& rate) {
  const auto [known, is_first] = taker_rates_.try_emplace(std::string(symbol), rate);
  return is_first || std::exchange(known->second, rate) != rate;
}

std::vector<v1::Position> PositionBook::Mark(std::string_view symbol, const Decimal& price,
                                             const Stamp& stamp) {
  std::vector<v1::Position> touched;
  const auto known = marks_.find(symbol);
  if (known != marks_.end() && known->second.stamp.at > stamp.at) return touched;
  marks_.insert_or_assign(std::string(symbol), Figure{price.Normalised(), stamp});
  for (const auto& [key, held] : positions_) {
    if (key.first == symbol && !held.raw.size.value.is_zero()) touched.push_back(Describe(held));
  }
  return touched;
}

std::optional<Figure> PositionBook::MarkOf(const RawPosition& raw) const {
  const auto live = marks_.find(raw.symbol);
  if (live == marks_.end()) return raw.mark_price;
  if (raw.mark_price && raw.mark_price->stamp.at > live->second.stamp.at) return raw.mark_price;
  return live->second;
}

v1::Position PositionBook::Describe(const Held& held) const {
  RawPosition raw = held.raw;
  const auto rate = taker_rates_.find(raw.symbol);
  if (rate != taker_rates_.end()) raw.taker_rate = rate->second;
  v1::Position out = ToPosition(raw, MarkOf(raw), clock_.Steady());
  out.set_exchange(exchange_);
  out.set_account(account_);
  out.set_receive_time_ns(held.received.value);
  if (out.has_open_time()) out.mutable_open_time()->set_derived(held.open_time_derived);
  return out;
}

std::vector<v1::Position> PositionBook::List(const std::vector<std::string>& symbols) const {
  std::vector<v1::Position> listed;
  for (const auto& [key, held] : positions_) {
    if (held.raw.size.value.is_zero()) continue;
    const bool wanted =
        symbols.empty() || std::find(symbols.begin(), symbols.end(), key.first) != symbols.end();
    if (wanted) listed.push_back(Describe(held));
  }
  return listed;
}

std::vector<std::string> PositionBook::held() const {
  std::vector<std::string> symbols;
  for (const auto& [key, held] : positions_) {
    if (held.raw.size.value.is_zero()) continue;
    if (symbols.empty() || symbols.back() != key.first) symbols.push_back(key.first);
  }
  return symbols;
}

std::vector<PositionBook::FundingGap> PositionBook::funding_gaps() const {
  std::vector<FundingGap> gaps;
  for (const auto& [key, held] : positions_) {
    if (held.raw.size.value.is_zero() || held.raw.funding || !held.raw.open_time.given()) continue;
    gaps.push_back({key.first, key.second, held.raw.open_time});
  }
  return gaps;
}

}  // namespace switchyard::exchanges::gateio::futures
