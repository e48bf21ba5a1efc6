#include "services/order/risk/limit_report.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/exchange/market_data_proto.h"

namespace switchyard::order::risk {
namespace {

using std::chrono::nanoseconds;

void SetFreshness(model::Source source, nanoseconds age, v1::RiskLimit& limit) {
  limit.mutable_input()->set_source(exchange::ToProto(source));
  limit.mutable_input()->set_age_ns(std::max(age, nanoseconds(0)).count());
}

// Appends limits, one field of the contract at a time.
class Report {
 public:
  explicit Report(const LimitUse& use) : use_(use) {}

  v1::RiskLimit& Add(v1::RiskLimitKind kind, std::string_view symbol, std::string bound) {
    v1::RiskLimit& limit = limits_.emplace_back();
    limit.set_kind(kind);
    limit.set_symbol(std::string(symbol));
    limit.set_limit(std::move(bound));
    return limit;
  }

  // Of a limit that best bid and offer are needed for.
  void SetMarket(const std::optional<MarketInput>& market, v1::RiskLimit& limit) const {
    limit.set_max_input_age_ns(use_.table.max_input_age.count());
    if (market) SetFreshness(market->source, market->age, limit);
  }

  void AddAccount(const std::optional<MarketInput>& market) {
    const LimitTable& table = use_.table;
    if (table.max_open_orders > 0) {
      Add(v1::RISK_LIMIT_KIND_OPEN_ORDERS, "", std::to_string(table.max_open_orders))
          .set_used(std::to_string(use_.exposure.open_orders()));
    }
    SetMarket(market,
              Add(v1::RISK_LIMIT_KIND_PRICE_COLLAR, "", table.price_collar.ToShortString()));
    if (table.max_orders_per_second > 0) {
      Add(v1::RISK_LIMIT_KIND_ORDER_RATE, "", std::to_string(table.max_orders_per_second))
          .set_used(std::to_string(use_.placed_last_second));
    }
  }

  void AddSymbol(std::string_view symbol, const std::optional<MarketInput>& market) {
    const SymbolLimits& bounds = use_.table.Of(symbol);
    if (bounds.order_quantity) {
      Add(v1::RISK_LIMIT_KIND_ORDER_QUANTITY, symbol, bounds.order_quantity->ToShortString());
    }
    if (bounds.order_notional) {
      SetMarket(market, Add(v1::RISK_LIMIT_KIND_ORDER_NOTIONAL, symbol,
                            bounds.order_notional->ToShortString()));
    }
    const std::optional<Decimal> reach = LargestReach(symbol);
    if (bounds.position_quantity) {
      v1::RiskLimit& limit = Add(v1::RISK_LIMIT_KIND_POSITION_QUANTITY, symbol,
                                 bounds.position_quantity->ToShortString());
      SetPosition(limit);
      if (reach) limit.set_used(reach->ToShortString());
    }
    if (bounds.position_notional) {
      v1::RiskLimit& limit = Add(v1::RISK_LIMIT_KIND_POSITION_NOTIONAL, symbol,
                                 bounds.position_notional->ToShortString());
      SetPosition(limit);
      SetValue(reach, market, limit);
    }
  }

  std::vector<v1::RiskLimit> Take() { return std::move(limits_); }

 private:
  nanoseconds PositionsAge() const { return use_.exposure.PositionsAge(use_.now); }

  void SetPosition(v1::RiskLimit& limit) const {
    limit.set_max_input_age_ns(use_.table.max_input_age.count());
    if (use_.exposure.positions_known()) {
      SetFreshness(model::Source::kWebSocket, PositionsAge(), limit);
    }
  }

  // The value of a position, which is as old as the older of its inputs.
  void SetValue(const std::optional<Decimal>& reach, const std::optional<MarketInput>& market,
                v1::RiskLimit& limit) const {
    if (!market || !reach) {
      limit.clear_input();
      return;
    }
    if (market->age > PositionsAge()) SetFreshness(market->source, market->age, limit);
    const std::optional<Decimal>& price = market->best_ask ? market->best_ask : market->best_bid;
    if (!price) return;
    const absl::StatusOr<Decimal> value = Decimal::Multiply(*reach, *price);
    if (value.ok()) limit.set_used(value->ToShortString());
  }

  // The larger direction of the larger half. Absent: not known, or more than 38 digits.
  std::optional<Decimal> LargestReach(std::string_view symbol) const {
    if (!use_.exposure.positions_known()) return std::nullopt;
    Decimal largest;
    for (const common::v1::PositionSide side : use_.exposure.SidesOf(symbol)) {
      const absl::StatusOr<Reach> reach = use_.exposure.ReachOf(symbol, side, use_.now);
      if (!reach.ok()) return std::nullopt;
      largest = std::max({largest, reach->long_quantity, reach->short_quantity});
    }
    return largest;
  }

  const LimitUse& use_;
  std::vector<v1::RiskLimit> limits_;
};

}  // namespace

std::vector<v1::RiskLimit> ReportLimits(const LimitUse& use, std::string_view symbol,
                                        const MarketLookup& market) {
  Report report(use);
  if (!symbol.empty()) {
    const std::optional<MarketInput> input = market(symbol);
    report.AddAccount(input);
    report.AddSymbol(symbol, input);
    return report.Take();
  }
  report.AddAccount(std::nullopt);
  std::set<std::string> symbols;
  for (const auto& [name, limits] : use.table.symbols) symbols.insert(name);
  for (std::string& name : use.exposure.Symbols()) symbols.insert(std::move(name));
  for (const std::string& name : symbols) report.AddSymbol(name, market(name));
  return report.Take();
}

}  // namespace switchyard::order::risk
