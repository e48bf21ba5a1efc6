#include "exchanges/lighter/order/order_transactions.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "common/status/status.h"
#include "exchanges/lighter/order/client_id.h"
#include "exchanges/lighter/order/order_words.h"
#include "exchanges/lighter/utils/converters.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = order::v1;
using signing::AttributeType;
using signing::OrderInfo;

absl::Status NotOffered(const model::Instrument& instrument, std::string_view what) {
  return NotInCapabilities(instrument.exchange, what);
}

absl::Status CheckType(const model::Instrument& instrument, const model::OrderTerms& terms) {
  const bool offered = terms.type == v1::ORDER_TYPE_LIMIT || terms.type == v1::ORDER_TYPE_MARKET ||
                       IsConditional(terms.type);
  if (!offered) return NotOffered(instrument, v1::OrderType_Name(terms.type));
  if (IsConditional(terms.type) && instrument.kind == model::InstrumentKind::kSpot) {
    return NotOffered(instrument, "conditional orders on spot markets");
  }
  return absl::OkStatus();
}

absl::Status CheckTrigger(const model::Instrument& instrument, const model::OrderTrigger& trigger) {
  // Lighter's triggers watch the mark price. Source: protocol reference 6.5, trigger_status.
  if (trigger.reference != v1::TRIGGER_REFERENCE_MARK) {
    return NotOffered(instrument, "triggers by another than the mark price");
  }
  return ToUnits("trigger.price", trigger.price, instrument.tick, signing::bounds::kMaxPrice)
      .status();
}

absl::Status CheckLife(const model::Instrument& instrument, const model::OrderTerms& terms,
                       TimeNs now) {
  switch (terms.time_in_force) {
    case v1::TIME_IN_FORCE_UNSPECIFIED:
    case v1::TIME_IN_FORCE_IOC:
      break;
    case v1::TIME_IN_FORCE_GTC:
      if (terms.type == v1::ORDER_TYPE_MARKET) {
        return InvalidField("time_in_force", "a market order is IOC");
      }
      break;
    case v1::TIME_IN_FORCE_GTD: {
      if (terms.type == v1::ORDER_TYPE_MARKET) {
        return InvalidField("time_in_force", "a market order is IOC");
      }
      const std::chrono::nanoseconds rest = terms.expire_time - now;
      if (rest < kShortestRest || rest > kLongestRest) {
        return InvalidField("expire_time", "must be 5 minutes to 30 days ahead");
      }
      break;
    }
    default:
      return NotOffered(instrument, v1::TimeInForce_Name(terms.time_in_force));
  }
  if (!terms.post_only) return absl::OkStatus();
  if (IsMarket(terms.type)) return InvalidField("post_only", "contradicts a market order");
  if (terms.time_in_force == v1::TIME_IN_FORCE_IOC) {
    return InvalidField("post_only", "contradicts IOC");
  }
  return absl::OkStatus();
}

absl::Status CheckAmount(const model::Instrument& instrument, const model::OrderTerms& terms) {
  if (terms.quote_quantity) return NotOffered(instrument, "quote_quantity");
  if (terms.close_position) {
    if (terms.quantity) return InvalidField("quantity", "must not be given with close_position");
    return IsConditional(terms.type) && IsMarket(terms.type)
               ? absl::OkStatus()
               : InvalidField("close_position", "is for conditional orders at the market");
  }
  if (!terms.quantity) return InvalidField("quantity", "is required");
  return ToUnits("quantity", *terms.quantity, instrument.step, signing::bounds::kMax48).status();
}

// The limit, or the worst price of an order that ends as MARKET.
absl::StatusOr<std::int64_t> PriceUnits(const model::Instrument& instrument,
                                        const model::OrderTerms& terms) {
  const bool market = IsMarket(terms.type);
  const std::string_view field = market ? "worst_price" : "price";
  const std::optional<Decimal>& price = market ? terms.worst_price : terms.price;
  if (!price) {
    return InvalidField(field,
                        market ? "is required: no order goes out without one" : "is required");
  }
  return ToUnits(field, *price, instrument.tick, signing::bounds::kMaxPrice);
}

std::optional<std::int64_t> BehaviourOf(v1::SelfTradePrevention rule) {
  switch (rule) {
    case v1::SELF_TRADE_PREVENTION_CANCEL_MAKER:
      return 0;
    case v1::SELF_TRADE_PREVENTION_CANCEL_TAKER:
      return 1;
    case v1::SELF_TRADE_PREVENTION_CANCEL_BOTH:
      return 2;
    case v1::SELF_TRADE_PREVENTION_REDUCE:
      return 3;
    default:
      return std::nullopt;
  }
}

// When an order ends by itself, milliseconds; 0 = it does not rest.
std::int64_t ExpiryOf(const model::OrderTerms& terms, TimeNs now) {
  const bool rests = IsConditional(terms.type) || (terms.type == v1::ORDER_TYPE_LIMIT &&
                                                   terms.time_in_force != v1::TIME_IN_FORCE_IOC);
  if (!rests) return 0;
  if (terms.time_in_force == v1::TIME_IN_FORCE_GTD) return terms.expire_time.Millis();
  return (now + kDefaultRest).Millis();
}

absl::StatusOr<std::int64_t> ClientIndex(const std::string& text) {
  const auto index = ClientIndexOf(text);
  if (index) return *index;
  return InvalidField("exchange_client_id", "is no client order index");
}

absl::StatusOr<OrderInfo> InfoOf(const model::Instrument& instrument,
                                 const exchange::PlaceCommand& command, TimeNs now) {
  const model::OrderTerms& terms = command.terms;
  SWITCHYARD_RETURN_IF_ERROR(CheckTerms(instrument, terms, now));
  OrderInfo out;
  out.market_index = MarketIdOf(instrument);
  SWITCHYARD_ASSIGN_OR_RETURN(out.client_order_index, ClientIndex(command.exchange_client_id));
  if (terms.quantity) {
    SWITCHYARD_ASSIGN_OR_RETURN(out.base_amount, ToUnits("quantity", *terms.quantity,
                                                         instrument.step, signing::bounds::kMax48));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(out.price, PriceUnits(instrument, terms));
  out.is_ask = terms.side == common::v1::SIDE_SELL ? 1 : 0;
  out.type = ToWire(terms.type);
  if (IsMarket(terms.type) || terms.time_in_force == v1::TIME_IN_FORCE_IOC) {
    out.time_in_force = signing::TimeInForce::kImmediateOrCancel;
  } else {
    out.time_in_force =
        terms.post_only ? signing::TimeInForce::kPostOnly : signing::TimeInForce::kGoodTillTime;
  }
  out.reduce_only = terms.reduce_only || terms.close_position ? 1 : 0;
  if (terms.trigger) {
    SWITCHYARD_ASSIGN_OR_RETURN(out.trigger_price,
                                ToUnits("trigger.price", terms.trigger->price, instrument.tick,
                                        signing::bounds::kMaxPrice));
  }
  out.order_expiry = ExpiryOf(terms, now);
  return out;
}

// What a parent triggers: as much as it fills, on the other side, never more than closes it.
absl::StatusOr<OrderInfo> ChildOf(const OrderInfo& parent, const model::Instrument& instrument,
                                  const model::AttachedTerms& terms, signing::OrderType type,
                                  TimeNs now) {
  if (terms.quantity) return NotOffered(instrument, "a quantity of attached orders");
  // A market order would need a worst price, and there is none.
  if (!terms.price) return NotOffered(instrument, "attached market orders");
  SWITCHYARD_RETURN_IF_ERROR(CheckTrigger(instrument, terms.trigger));
  OrderInfo out;
  out.market_index = parent.market_index;
  SWITCHYARD_ASSIGN_OR_RETURN(out.client_order_index, ClientIndex(terms.exchange_client_id));
  SWITCHYARD_ASSIGN_OR_RETURN(out.price, ToUnits("attached.price", *terms.price, instrument.tick,
                                                 signing::bounds::kMaxPrice));
  out.is_ask = 1 - parent.is_ask;
  out.type = type;
  out.time_in_force = signing::TimeInForce::kGoodTillTime;
  out.reduce_only = 1;
  SWITCHYARD_ASSIGN_OR_RETURN(
      out.trigger_price, ToUnits("attached.trigger.price", terms.trigger.price, instrument.tick,
                                 signing::bounds::kMaxPrice));
  out.order_expiry = parent.order_expiry != 0 ? parent.order_expiry : (now + kDefaultRest).Millis();
  return out;
}

signing::Attributes AttributesOf(const model::OrderTerms& terms) {
  signing::Attributes out;
  if (const auto rule = BehaviourOf(terms.self_trade_prevention); rule && *rule != 0) {
    out[AttributeType::kSelfTradeBehavior] = *rule;
  }
  return out;
}

signing::CreateOrder SingleOrder(const KeyOwner& owner, const OrderInfo& info) {
  signing::CreateOrder out;
  static_cast<OrderInfo&>(out) = info;
  out.account_index = owner.account_index;
  out.api_key_index = owner.api_key_index;
  return out;
}

signing::CreateGroupedOrders Group(const KeyOwner& owner, signing::GroupingType type,
                                   std::vector<OrderInfo> orders) {
  signing::CreateGroupedOrders out;
  out.account_index = owner.account_index;
  out.api_key_index = owner.api_key_index;
  out.grouping_type = type;
  out.orders = std::move(orders);
  return out;
}

signing::CancelAllOrders CancelAll(const KeyOwner& owner, signing::CancelAllTime when) {
  signing::CancelAllOrders out;
  out.account_index = owner.account_index;
  out.api_key_index = owner.api_key_index;
  out.time_in_force = when;
  return out;
}

// What `Index` names an order by: values below 2^48 are client indexes.
absl::StatusOr<std::int64_t> IndexOf(const exchange::OrderReference& order) {
  const auto index = order.exchange_order_id.empty() ? ClientIndexOf(order.exchange_client_id)
                                                     : OrderIndexOf(order.exchange_order_id);
  if (index) return *index;
  return InvalidField("order", "has no id of this exchange's form");
}

}  // namespace

absl::StatusOr<std::int64_t> ToUnits(std::string_view field, const Decimal& value,
                                     const Decimal& unit, std::int64_t most) {
  if (value <= Decimal()) return InvalidField(field, "must be above 0");
  const auto below = value.RoundedToStep(unit, Rounding::kDown);
  if (!below.ok()) return InvalidField(field, std::string(below.status().message()));
  const auto largest = Decimal::Multiply(unit, Decimal::FromInt(most));
  const bool too_large = largest.ok() && value > *largest;
  if (*below == value && !too_large) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal units,
                                Decimal::Divide(value, unit, 0, Rounding::kExact));
    return units.MantissaAt(0);
  }
  std::string nearest;
  if (too_large) {
    nearest = largest->ToShortString();
  } else {
    const auto above = Decimal::Add(*below, unit);
    if (!below->is_zero()) nearest = below->ToShortString();
    if (above.ok() && (!largest.ok() || *above <= *largest)) {
      if (!nearest.empty()) nearest += ',';
      nearest += above->ToShortString();
    }
  }
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_NOT_REPRESENTABLE,
                   fmt::format("{} {} is not a multiple of {} that the exchange can express", field,
                               value.ToShortString(), unit.ToShortString()),
                   {{"field", std::string(field)}, {"nearest", nearest}});
}

absl::Status CheckTerms(const model::Instrument& instrument, const model::OrderTerms& terms,
                        TimeNs now) {
  SWITCHYARD_RETURN_IF_ERROR(CheckType(instrument, terms));
  if (terms.side != common::v1::SIDE_BUY && terms.side != common::v1::SIDE_SELL) {
    return InvalidField("side", "is required");
  }
  if (terms.position_side == common::v1::POSITION_SIDE_LONG ||
      terms.position_side == common::v1::POSITION_SIDE_SHORT) {
    return NotOffered(instrument, "positions of both directions in one market");
  }
  if (terms.reduce_only && instrument.kind == model::InstrumentKind::kSpot) {
    return NotOffered(instrument, "reduce_only on spot markets");
  }
  if (terms.self_trade_prevention != v1::SELF_TRADE_PREVENTION_UNSPECIFIED &&
      !BehaviourOf(terms.self_trade_prevention)) {
    return NotOffered(instrument, v1::SelfTradePrevention_Name(terms.self_trade_prevention));
  }
  SWITCHYARD_RETURN_IF_ERROR(CheckLife(instrument, terms, now));
  if (IsConditional(terms.type) != terms.trigger.has_value()) {
    return InvalidField("trigger", terms.trigger ? "is for conditional orders" : "is required");
  }
  if (terms.trigger) SWITCHYARD_RETURN_IF_ERROR(CheckTrigger(instrument, *terms.trigger));
  SWITCHYARD_RETURN_IF_ERROR(CheckAmount(instrument, terms));
  return PriceUnits(instrument, terms).status();
}

absl::StatusOr<Draft> PlaceDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                 const exchange::PlaceCommand& command, TimeNs now) {
  SWITCHYARD_ASSIGN_OR_RETURN(OrderInfo parent, InfoOf(instrument, command, now));
  const model::OrderTerms& terms = command.terms;
  if (!terms.take_profit && !terms.stop_loss) {
    return Draft{SingleOrder(owner, parent), AttributesOf(terms)};
  }
  if (instrument.kind == model::InstrumentKind::kSpot) {
    return NotOffered(instrument, "attached orders on spot markets");
  }
  if (IsConditional(terms.type)) {
    return NotOffered(instrument, "orders attached to a conditional one");
  }
  std::vector<OrderInfo> orders = {parent};
  if (terms.stop_loss) {
    SWITCHYARD_ASSIGN_OR_RETURN(OrderInfo child, ChildOf(parent, instrument, *terms.stop_loss,
                                                         signing::OrderType::kStopLossLimit, now));
    orders.push_back(child);
  }
  if (terms.take_profit) {
    SWITCHYARD_ASSIGN_OR_RETURN(
        OrderInfo child,
        ChildOf(parent, instrument, *terms.take_profit, signing::OrderType::kTakeProfitLimit, now));
    orders.push_back(child);
  }
  const auto type = orders.size() == 2 ? signing::GroupingType::kOneTriggersOther
                                       : signing::GroupingType::kOneTriggersOneCancelsOther;
  return Draft{Group(owner, type, std::move(orders)), AttributesOf(terms)};
}

absl::StatusOr<Draft> OneCancelsOtherDraft(const KeyOwner& owner,
                                           const model::Instrument& instrument,
                                           const exchange::PlaceCommand& first,
                                           const exchange::PlaceCommand& second, TimeNs now) {
  SWITCHYARD_ASSIGN_OR_RETURN(const OrderInfo a, InfoOf(instrument, first, now));
  SWITCHYARD_ASSIGN_OR_RETURN(const OrderInfo b, InfoOf(instrument, second, now));
  Draft out{Group(owner, signing::GroupingType::kOneCancelsOther, {a, b}),
            AttributesOf(first.terms)};
  // The rules of such groups are the signing library's.
  SWITCHYARD_RETURN_IF_ERROR(signing::Validate(out.transaction, {}));
  return out;
}

absl::StatusOr<Draft> AmendDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                 const exchange::AmendCommand& command,
                                 const StandingOrder& standing) {
  if (!standing.filled_quantity.is_zero()) {
    return NotOffered(instrument, "amending an order that is filled in part");
  }
  model::OrderTerms terms = standing.terms;
  if (command.quantity) terms.quantity = command.quantity;
  if (command.price) (IsMarket(terms.type) ? terms.worst_price : terms.price) = command.price;
  signing::ModifyOrder out;
  out.account_index = owner.account_index;
  out.api_key_index = owner.api_key_index;
  out.market_index = MarketIdOf(instrument);
  SWITCHYARD_ASSIGN_OR_RETURN(out.index, IndexOf(command.order));
  SWITCHYARD_RETURN_IF_ERROR(CheckAmount(instrument, terms));
  if (terms.quantity) {
    SWITCHYARD_ASSIGN_OR_RETURN(out.base_amount, ToUnits("quantity", *terms.quantity,
                                                         instrument.step, signing::bounds::kMax48));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(out.price, PriceUnits(instrument, terms));
  if (command.trigger_price && !terms.trigger) {
    return InvalidField("trigger_price", "the order has none");
  }
  if (terms.trigger) {
    const Decimal& price = command.trigger_price ? *command.trigger_price : terms.trigger->price;
    SWITCHYARD_ASSIGN_OR_RETURN(out.trigger_price, ToUnits("trigger_price", price, instrument.tick,
                                                           signing::bounds::kMaxPrice));
  }
  return Draft{out, {}};
}

absl::StatusOr<Draft> CancelDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                  const exchange::OrderReference& order) {
  signing::CancelOrder out;
  out.account_index = owner.account_index;
  out.api_key_index = owner.api_key_index;
  out.market_index = MarketIdOf(instrument);
  SWITCHYARD_ASSIGN_OR_RETURN(out.index, IndexOf(order));
  return Draft{out, {}};
}

absl::StatusOr<Draft> CancelAllDraft(const KeyOwner& owner, const model::Instrument* instrument) {
  Draft out{CancelAll(owner, signing::CancelAllTime::kImmediate), {}};
  if (instrument == nullptr) return out;
  const std::int64_t market = MarketIdOf(*instrument);
  if (market >= signing::bounds::kNoMarket) {
    return NotOffered(*instrument, "canceling all orders of this market at once");
  }
  out.attributes[AttributeType::kCancelAllMarket] = market;
  return out;
}

absl::StatusOr<Draft> ScheduledCancelAllDraft(const KeyOwner& owner, TimeNs at, TimeNs now) {
  const std::chrono::nanoseconds ahead = at - now;
  if (ahead < kShortestSchedule || ahead > kLongestSchedule) {
    return InvalidField("timeout", "must be 5 minutes to 15 days");
  }
  signing::CancelAllOrders out = CancelAll(owner, signing::CancelAllTime::kScheduled);
  out.time = at.Millis();
  return Draft{out, {}};
}

Draft AbortScheduledCancelAllDraft(const KeyOwner& owner) {
  return Draft{CancelAll(owner, signing::CancelAllTime::kAbortScheduled), {}};
}

}  // namespace switchyard::exchanges::lighter
