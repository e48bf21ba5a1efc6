#include "services/simulator/engine/position.h"

#include <algorithm>

namespace switchyard::simulator::engine {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr int kPriceDecimals = 12;

// amount x lots / of, rounded towards zero.
Amount Share(Amount amount, std::int64_t lots, std::int64_t of) {
  return lots == of ? amount : (amount * lots).DividedBy(of);
}

}  // namespace

Amount ContractTerms::Coins(const Market& market, std::int64_t lots) const {
  return Amount::Of(static_cast<Int128>(lots) * multiplier,
                    market.spec().quantity_scale + multiplier_scale);
}

Amount ContractTerms::Value(const Market& market, std::int64_t lots, std::int64_t price) const {
  return Amount::Of(static_cast<Int128>(lots) * multiplier * price,
                    market.spec().quantity_scale + multiplier_scale + market.spec().price_scale);
}

void Increase(Position& position, Side side, std::int64_t lots, Amount value, std::int64_t now_ns) {
  if (position.size == 0) {
    position.open_ns = now_ns;
    position.max_size = position.opened = position.closed = 0;
    position.opened_value = position.closed_value = Amount();
  }
  position.size += side == Side::kBuy ? lots : -lots;
  position.cost += value;
  if (!position.is_cross()) position.margin += value.DividedUp(position.leverage);
  position.opened += lots;
  position.opened_value += value;
  position.max_size = std::max(position.max_size, position.lots());
  position.updated_ns = now_ns;
  ++position.update_id;
}

Amount Reduce(Position& position, std::int64_t lots, Amount value, std::int64_t now_ns) {
  const Amount cost = Share(position.cost, lots, position.lots());
  const Amount profit = position.size > 0 ? value - cost : cost - value;
  position.margin -= Share(position.margin, lots, position.lots());
  position.cost -= cost;
  position.size += position.size > 0 ? -lots : lots;
  position.pnl_pnl += profit;
  position.closed += lots;
  position.closed_value += value;
  position.updated_ns = now_ns;
  ++position.update_id;
  return profit;
}

Amount UnrealisedPnl(const Position& position, Amount value) {
  return position.size >= 0 ? value - position.cost : position.cost - value;
}

Amount MaintenanceMargin(const Position& position, Amount value) {
  return value.PerMillion(position.maintenance_rate);
}

std::string LiquidationPrice(const Position& position, const ContractTerms& terms, Amount margin) {
  if (position.size == 0) return "0";
  const bool is_long = position.size > 0;
  const Amount value = is_long ? position.cost - margin : position.cost + margin;
  if (value <= Amount()) return "0";
  const std::int64_t rate =
      is_long ? kMillion - position.maintenance_rate : kMillion + position.maintenance_rate;
  return QuotientText(value, terms.Coins(*position.market, position.lots()).PerMillion(rate),
                      position.market->spec().price_scale + 2);
}

Amount BankruptcyValue(const Position& position, Amount margin) {
  return std::max(Amount(), position.size > 0 ? position.cost - margin : position.cost + margin);
}

std::string EntryPrice(const Position& position, const ContractTerms& terms) {
  return QuotientText(position.cost, terms.Coins(*position.market, position.lots()),
                      kPriceDecimals);
}

}  // namespace switchyard::simulator::engine
