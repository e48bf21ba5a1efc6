#include "exchanges/gateio/order/term_checks.h"

#include <fmt/format.h>

#include "common/status/status.h"
#include "exchanges/gateio/order/order_words.h"

namespace switchyard::exchanges::gateio {
namespace {

namespace v1 = order::v1;

absl::Status CheckType(std::string_view exchange, v1::OrderType type) {
  switch (type) {
    case v1::ORDER_TYPE_LIMIT:
    case v1::ORDER_TYPE_MARKET:
    case v1::ORDER_TYPE_STOP_MARKET:
    case v1::ORDER_TYPE_STOP_LIMIT:
    case v1::ORDER_TYPE_TAKE_PROFIT_MARKET:
    case v1::ORDER_TYPE_TAKE_PROFIT_LIMIT:
      return absl::OkStatus();
    case v1::ORDER_TYPE_TRAILING_STOP:
      return NotInCapabilities(exchange, "TRAILING_STOP");
    default:
      return InvalidField("type", "is required");
  }
}

// A rule that the exchange lacks; UNRECOGNISED is no request at all.
absl::Status CheckSelfTradePrevention(std::string_view exchange, v1::SelfTradePrevention rule) {
  if (rule == v1::SELF_TRADE_PREVENTION_UNSPECIFIED || !SelfTradePreventionText(rule).empty()) {
    return absl::OkStatus();
  }
  if (rule == v1::SELF_TRADE_PREVENTION_REDUCE) {
    return NotInCapabilities(exchange, "SELF_TRADE_PREVENTION_REDUCE");
  }
  return InvalidField("self_trade_prevention", "is not a rule");
}

absl::Status CheckTimeInForce(std::string_view exchange, const model::OrderTerms& terms) {
  if (terms.time_in_force == v1::TIME_IN_FORCE_GTD) {
    return NotInCapabilities(exchange, "TIME_IN_FORCE_GTD");
  }
  if (terms.time_in_force == v1::TIME_IN_FORCE_UNRECOGNISED) {
    return InvalidField("time_in_force", "is not one");
  }
  if (TimeInForceText(terms.time_in_force, terms.post_only).empty()) {
    return InvalidField("post_only", "an order that takes at once cannot be post-only");
  }
  if (!IsMarket(terms.type)) return absl::OkStatus();
  if (terms.post_only) return InvalidField("post_only", "a market order cannot be post-only");
  if (terms.time_in_force == v1::TIME_IN_FORCE_GTC) {
    return InvalidField("time_in_force", "a market order does not rest");
  }
  return absl::OkStatus();
}

absl::Status CheckTrigger(std::string_view exchange, const model::OrderTerms& terms) {
  if (!IsConditional(terms.type)) {
    return terms.trigger ? InvalidField("trigger", "of an order that is not conditional")
                         : absl::OkStatus();
  }
  if (!terms.trigger || terms.trigger->price <= Decimal()) {
    return InvalidField("trigger.price", "must be above 0");
  }
  if (!PriceTypeOf(terms.trigger->reference)) {
    return InvalidField("trigger.reference", "is not one");
  }
  // What a triggered order becomes is limited to these by Gate.io.
  if (terms.time_in_force == v1::TIME_IN_FORCE_FOK || terms.post_only) {
    return NotInCapabilities(exchange, "FOK and post_only of conditional orders");
  }
  if (terms.self_trade_prevention != v1::SELF_TRADE_PREVENTION_UNSPECIFIED) {
    return NotInCapabilities(exchange, "self_trade_prevention of conditional orders");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsConditional(v1::OrderType type) {
  switch (type) {
    case v1::ORDER_TYPE_STOP_MARKET:
    case v1::ORDER_TYPE_STOP_LIMIT:
    case v1::ORDER_TYPE_TAKE_PROFIT_MARKET:
    case v1::ORDER_TYPE_TAKE_PROFIT_LIMIT:
    case v1::ORDER_TYPE_TRAILING_STOP:
      return true;
    default:
      return false;
  }
}

bool IsMarket(v1::OrderType type) {
  return type == v1::ORDER_TYPE_MARKET || type == v1::ORDER_TYPE_STOP_MARKET ||
         type == v1::ORDER_TYPE_TAKE_PROFIT_MARKET || type == v1::ORDER_TYPE_TRAILING_STOP;
}

absl::Status CheckCommonTerms(std::string_view exchange, const model::OrderTerms& terms) {
  SWITCHYARD_RETURN_IF_ERROR(CheckType(exchange, terms.type));
  if (SideText(terms.side).empty()) return InvalidField("side", "is required");
  if (terms.take_profit || terms.stop_loss) return NotInCapabilities(exchange, "attached orders");
  SWITCHYARD_RETURN_IF_ERROR(CheckSelfTradePrevention(exchange, terms.self_trade_prevention));
  SWITCHYARD_RETURN_IF_ERROR(CheckTimeInForce(exchange, terms));
  SWITCHYARD_RETURN_IF_ERROR(CheckTrigger(exchange, terms));
  if (IsMarket(terms.type)) {
    if (terms.price) return InvalidField("price", "a market order has none");
    if (terms.worst_price && *terms.worst_price <= Decimal()) {
      return InvalidField("worst_price", "must be above 0");
    }
  } else {
    if (!terms.price || *terms.price <= Decimal()) return InvalidField("price", "must be above 0");
    if (terms.worst_price) return InvalidField("worst_price", "a limit order has none");
  }
  for (const auto* const quantity : {&terms.quantity, &terms.quote_quantity}) {
    if (*quantity && **quantity <= Decimal()) return InvalidField("quantity", "must be above 0");
  }
  const int given =
      (terms.quantity ? 1 : 0) + (terms.quote_quantity ? 1 : 0) + (terms.close_position ? 1 : 0);
  if (given != 1) {
    return InvalidField("quantity", "exactly one of quantity, quote_quantity, close_position");
  }
  return absl::OkStatus();
}

absl::Status CheckStep(const model::Instrument& instrument, const Decimal& quantity) {
  if (instrument.step.is_zero()) return absl::OkStatus();
  const auto below = quantity.RoundedToStep(instrument.step, Rounding::kDown);
  if (!below.ok()) return InvalidField("quantity", std::string(below.status().message()));
  if (*below == quantity) return absl::OkStatus();
  const auto above = Decimal::Add(*below, instrument.step);
  std::string nearest = below->ToShortString();
  if (above.ok()) nearest += "," + above->ToShortString();
  return MakeError(
      absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_NOT_REPRESENTABLE,
      fmt::format("quantity {} of {} is not a multiple of {}", quantity.ToShortString(),
                  instrument.symbol, instrument.step.ToShortString()),
      {{"field", "quantity"}, {"nearest", nearest}});
}

}  // namespace switchyard::exchanges::gateio
