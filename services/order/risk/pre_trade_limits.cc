#include "services/order/risk/pre_trade_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/status/status.h"
#include "services/order/risk/limit_report.h"
#include "services/order/risk/ticket.h"

namespace switchyard::order::risk {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view kRate = "orders";
constexpr std::string_view kMarketInput = "best_bid_offer";
constexpr std::string_view kPositionInput = "position";

bool IsBuy(const model::OrderTerms& terms) { return terms.side == common::v1::SIDE_BUY; }

// False: it fills at once or ends, so it never is an open order.
bool Rests(const model::OrderTerms& terms) {
  if (IsConditional(terms.type)) return true;
  return terms.type != v1::ORDER_TYPE_MARKET && terms.time_in_force != v1::TIME_IN_FORCE_IOC &&
         terms.time_in_force != v1::TIME_IN_FORCE_FOK;
}

// An order of a hedged position's other side reduces it, whether it says so or not.
bool OnlyReduces(const model::OrderTerms& terms) {
  return terms.reduce_only || terms.close_position ||
         (IsBuy(terms) ? terms.position_side == common::v1::POSITION_SIDE_SHORT
                       : terms.position_side == common::v1::POSITION_SIDE_LONG);
}

absl::Status Refusal(v1::RiskLimitKind kind, const std::string& message) {
  std::string name = v1::RiskLimitKind_Name(kind);
  name.erase(0, std::string_view("RISK_LIMIT_KIND_").size());
  return MakeError(absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_RISK_LIMIT,
                   message, {{"limit", name}});
}

absl::Status Stale(std::string_view input, std::string_view symbol, std::string_view why,
                   nanoseconds age) {
  return MakeError(absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_RISK_INPUT_STALE,
                   fmt::format("the {} of {} {}, age {} ms", input, symbol, why,
                               std::chrono::duration_cast<std::chrono::milliseconds>(age).count()),
                   {{"input", std::string(input)}, {"age_ns", std::to_string(age.count())}});
}

bool AtMost(const std::optional<Decimal>& value, const std::optional<Decimal>& bound) {
  return value.has_value() == bound.has_value() && (!value || *value <= *bound);
}

// Less of it, or further from the market; triggered at the same moment.
bool OnlyReducesRisk(const model::OrderTerms& current, const model::OrderTerms& amended) {
  const bool same_trigger = current.trigger.has_value() == amended.trigger.has_value() &&
                            (!current.trigger || current.trigger->price == amended.trigger->price);
  return same_trigger && AtMost(amended.quantity, current.quantity) &&
         (IsBuy(current) ? AtMost(amended.price, current.price)
                         : AtMost(current.price, amended.price));
}

absl::Status TooLarge() { return InvalidField("quantity", "the order is too large to be valued"); }

}  // namespace

OpenOrder OpenOrderOf(std::string_view symbol, const model::OrderTerms& terms,
                      const Decimal& remaining) {
  return {.symbol = std::string(symbol),
          .side = terms.side,
          .position_side = terms.position_side,
          .quantity = remaining,
          .only_reduces = OnlyReduces(terms),
          .rests = Rests(terms)};
}

PreTradeLimits::PreTradeLimits(LimitTable table, const Clock& clock)
    : table_(std::move(table)), clock_(clock), created_at_(clock.Steady()), exposure_(created_at_) {
  // An undefined limit does not limit; Define can fail only for a rate that is not wanted.
  if (table_.max_orders_per_second > 0) {
    rate_.Define(kRate, {table_.max_orders_per_second, std::chrono::seconds(1), 0}).IgnoreError();
  }
}

absl::StatusOr<PriceRange> PreTradeLimits::BestOf(const Candidate& candidate) const {
  const model::OrderTerms& terms = candidate.terms;
  if (terms.trigger && !terms.trailing) {
    return PriceRange{terms.trigger->price, terms.trigger->price};
  }
  const std::optional<MarketInput>& market = candidate.market;
  const std::string& symbol = candidate.instrument.symbol;
  if (!market) {
    return Stale(kMarketInput, symbol, "was never heard", clock_.Steady() - created_at_);
  }
  if (market->age > table_.max_input_age) {
    return Stale(kMarketInput, symbol, "is too old", market->age);
  }
  if (!market->best_bid && !market->best_ask) {
    return Stale(kMarketInput, symbol, "is empty", market->age);
  }
  return PriceRange{market->best_bid ? *market->best_bid : *market->best_ask,
                    market->best_ask ? *market->best_ask : *market->best_bid};
}

absl::StatusOr<Decimal> PreTradeLimits::PriceOf(const Candidate& candidate) const {
  const model::OrderTerms& terms = candidate.terms;
  const std::optional<Decimal>& own = terms.price ? terms.price : terms.worst_price;
  if (IsBuy(terms) && own) return *own;
  SWITCHYARD_ASSIGN_OR_RETURN(const PriceRange best, BestOf(candidate));
  if (IsBuy(terms)) return best.high;
  return own ? std::max(*own, best.low) : best.low;
}

absl::StatusOr<Decimal> PreTradeLimits::QuantityOf(const Candidate& candidate) const {
  const model::OrderTerms& terms = candidate.terms;
  if (terms.quantity) return *terms.quantity;
  // A whole position is closed: that adds nothing.
  if (!terms.quote_quantity) return Decimal();
  // The most that the quote units can turn over: at the lowest price of the trade.
  Decimal lowest;
  if (!IsBuy(terms) && terms.worst_price) {
    lowest = *terms.worst_price;
  } else {
    SWITCHYARD_ASSIGN_OR_RETURN(const PriceRange best, BestOf(candidate));
    lowest = IsBuy(terms) ? best.high : best.low;
  }
  const absl::StatusOr<Decimal> quantity = Decimal::Divide(
      *terms.quote_quantity, lowest, candidate.instrument.step.scale(), Rounding::kCeiling);
  if (!quantity.ok()) return TooLarge();
  return *quantity;
}

absl::StatusOr<Decimal> PreTradeLimits::NotionalOf(const Candidate& candidate) const {
  if (candidate.terms.quote_quantity) return *candidate.terms.quote_quantity;
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal quantity, QuantityOf(candidate));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal price, PriceOf(candidate));
  const absl::StatusOr<Decimal> value = Decimal::Multiply(quantity, price);
  if (!value.ok()) return TooLarge();
  return *value;
}

absl::StatusOr<std::optional<Decimal>> PreTradeLimits::CollarPrice(
    const model::Instrument& instrument, const model::OrderTerms& terms,
    const std::optional<MarketInput>& market) const {
  if (!EndsAsMarket(terms.type) || terms.worst_price || terms.trailing) {
    return std::optional<Decimal>();
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const PriceRange best, BestOf({instrument, terms, market}));
  if (terms.quote_quantity) return std::optional<Decimal>();
  SWITCHYARD_ASSIGN_OR_RETURN(const PriceRange band, CollarBand(best, table_.price_collar));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal price, WorstTick(band, instrument.tick, terms.side));
  return std::optional<Decimal>(price);
}

absl::Status PreTradeLimits::CheckCollar(const Candidate& candidate) const {
  const model::OrderTerms& terms = candidate.terms;
  const std::optional<Decimal>& price = terms.price ? terms.price : terms.worst_price;
  if (!table_.collar_on_limit_prices || !price || terms.trailing) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const PriceRange best, BestOf(candidate));
  SWITCHYARD_ASSIGN_OR_RETURN(const PriceRange band, CollarBand(best, table_.price_collar));
  if (*price >= band.low && *price <= band.high) return absl::OkStatus();
  return Refusal(
      v1::RISK_LIMIT_KIND_PRICE_COLLAR,
      fmt::format("price {} of {} is outside {} to {}, the collar of {} around {} and {}",
                  price->ToString(), candidate.instrument.symbol, band.low.ToShortString(),
                  band.high.ToShortString(), table_.price_collar.ToString(), best.low.ToString(),
                  best.high.ToString()));
}

absl::Status PreTradeLimits::CheckOrderSize(const Candidate& candidate) const {
  const model::Instrument& instrument = candidate.instrument;
  const SymbolLimits& limits = table_.Of(instrument.symbol);
  // Closing a whole position has no size of its own.
  if (candidate.terms.close_position) return absl::OkStatus();
  if (limits.order_quantity) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal quantity, QuantityOf(candidate));
    if (quantity > *limits.order_quantity) {
      return Refusal(
          v1::RISK_LIMIT_KIND_ORDER_QUANTITY,
          fmt::format("order quantity {} of {} exceeds the limit {}", quantity.ToShortString(),
                      instrument.symbol, limits.order_quantity->ToString()));
    }
  }
  if (!limits.order_notional) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal value, NotionalOf(candidate));
  if (value <= *limits.order_notional) return absl::OkStatus();
  return Refusal(
      v1::RISK_LIMIT_KIND_ORDER_NOTIONAL,
      fmt::format("order value {} {} of {} exceeds the limit {}", value.ToShortString(),
                  instrument.quote, instrument.symbol, limits.order_notional->ToString()));
}

absl::Status PreTradeLimits::CheckPositionInput(const model::Instrument& instrument) const {
  const nanoseconds age = exposure_.PositionsAge(clock_.Steady());
  // No exchange tells positions on spot: a limit on them must not look as if it were kept.
  if (instrument.kind == model::InstrumentKind::kSpot) {
    return Stale(kPositionInput, instrument.symbol, "is not told on spot", age);
  }
  if (!exposure_.positions_known()) {
    return Stale(kPositionInput, instrument.symbol, "was never told", age);
  }
  return age > table_.max_input_age ? Stale(kPositionInput, instrument.symbol, "is too old", age)
                                    : absl::OkStatus();
}

absl::Status PreTradeLimits::CheckPosition(const Candidate& candidate) const {
  const model::Instrument& instrument = candidate.instrument;
  const model::OrderTerms& terms = candidate.terms;
  const SymbolLimits& limits = table_.Of(instrument.symbol);
  if (OnlyReduces(terms)) return absl::OkStatus();
  if (!limits.position_quantity && !limits.position_notional) return absl::OkStatus();
  SWITCHYARD_RETURN_IF_ERROR(CheckPositionInput(instrument));
  const absl::StatusOr<Reach> reach =
      exposure_.ReachOf(instrument.symbol, terms.position_side, clock_.Steady());
  if (!reach.ok()) return TooLarge();
  Decimal added;
  if (candidate.added) {
    added = *candidate.added;
  } else {
    SWITCHYARD_ASSIGN_OR_RETURN(added, QuantityOf(candidate));
  }
  const absl::StatusOr<Decimal> size =
      Decimal::Add(IsBuy(terms) ? reach->long_quantity : reach->short_quantity, added);
  if (!size.ok()) return TooLarge();
  if (limits.position_quantity && *size > *limits.position_quantity) {
    return Refusal(v1::RISK_LIMIT_KIND_POSITION_QUANTITY,
                   fmt::format("the position of {} could become {}, which exceeds the limit {}",
                               instrument.symbol, size->ToShortString(),
                               limits.position_quantity->ToString()));
  }
  if (!limits.position_notional) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const PriceRange best, BestOf(candidate));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal price, PriceOf(candidate));
  const absl::StatusOr<Decimal> value = Decimal::Multiply(*size, std::max(price, best.high));
  if (!value.ok()) return TooLarge();
  if (*value <= *limits.position_notional) return absl::OkStatus();
  return Refusal(v1::RISK_LIMIT_KIND_POSITION_NOTIONAL,
                 fmt::format("the position of {} could become worth {} {}, which exceeds the "
                             "limit {}",
                             instrument.symbol, value->ToShortString(), instrument.quote,
                             limits.position_notional->ToString()));
}

absl::Status PreTradeLimits::CheckOpenOrders(const model::OrderTerms& terms) const {
  if (table_.max_open_orders == 0 || !Rests(terms) ||
      exposure_.open_orders() < table_.max_open_orders) {
    return absl::OkStatus();
  }
  return Refusal(v1::RISK_LIMIT_KIND_OPEN_ORDERS,
                 fmt::format("{} orders are open, the limit is {}", exposure_.open_orders(),
                             table_.max_open_orders));
}

absl::Status PreTradeLimits::CheckRate() {
  const nanoseconds now = clock_.Steady();
  const retry::Permission permission = rate_.Acquire(kRate, retry::Priority::kNormal, now);
  if (permission.granted) return absl::OkStatus();
  return WithRetryAfter(Refusal(v1::RISK_LIMIT_KIND_ORDER_RATE,
                                fmt::format("{} orders were placed within a second, the limit",
                                            table_.max_orders_per_second)),
                        permission.next_at - now);
}

absl::Status PreTradeLimits::CheckOrder(const Candidate& candidate) const {
  SWITCHYARD_RETURN_IF_ERROR(CheckCollar(candidate));
  SWITCHYARD_RETURN_IF_ERROR(CheckOrderSize(candidate));
  return CheckPosition(candidate);
}

absl::Status PreTradeLimits::Admit(std::string_view key, const model::Instrument& instrument,
                                   const model::OrderTerms& terms,
                                   const std::optional<MarketInput>& market) {
  const Candidate candidate{instrument, terms, market};
  SWITCHYARD_RETURN_IF_ERROR(CheckOrder(candidate));
  SWITCHYARD_RETURN_IF_ERROR(CheckOpenOrders(terms));
  SWITCHYARD_RETURN_IF_ERROR(CheckRate());
  // Where no limit asked for the quantity, none needs it.
  exposure_.Put(key,
                OpenOrderOf(instrument.symbol, terms, QuantityOf(candidate).value_or(Decimal())));
  return absl::OkStatus();
}

absl::Status PreTradeLimits::AdmitAmendment(std::string_view key,
                                            const model::Instrument& instrument,
                                            const model::OrderTerms& current,
                                            const model::OrderTerms& amended,
                                            const std::optional<MarketInput>& market) {
  if (OnlyReducesRisk(current, amended)) return absl::OkStatus();
  Candidate candidate{instrument, amended, market};
  const OpenOrder* const counted = exposure_.Find(key);
  if (counted != nullptr) {
    candidate.added = Decimal();
    if (current.quantity && amended.quantity && *amended.quantity > *current.quantity) {
      const absl::StatusOr<Decimal> more = Decimal::Subtract(*amended.quantity, *current.quantity);
      if (!more.ok()) return TooLarge();
      candidate.added = *more;
    }
  }
  SWITCHYARD_RETURN_IF_ERROR(CheckOrder(candidate));
  if (counted == nullptr) return absl::OkStatus();
  const absl::StatusOr<Decimal> quantity = Decimal::Add(counted->quantity, *candidate.added);
  if (!quantity.ok()) return TooLarge();
  exposure_.SetQuantity(key, *quantity);
  return absl::OkStatus();
}

std::vector<v1::RiskLimit> PreTradeLimits::Report(std::string_view symbol,
                                                  const MarketLookup& market) {
  const nanoseconds now = clock_.Steady();
  const std::int64_t limit = table_.max_orders_per_second;
  return ReportLimits({.table = table_,
                       .exposure = exposure_,
                       .placed_last_second = limit - rate_.Headroom(kRate, now),
                       .now = now},
                      symbol, market);
}

}  // namespace switchyard::order::risk
