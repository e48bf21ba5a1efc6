#include "services/order/risk/ticket.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "common/decimal/decimal.h"
#include "common/status/status.h"
#include "services/order/risk/fields.h"

namespace switchyard::order::risk {
namespace {

using v1::OrderTicket;

absl::Status CheckPositive(std::string_view field, const std::string& text) {
  return ParsePositive(field, text).status();
}

bool NeedsPrice(v1::OrderType type) {
  return type == v1::ORDER_TYPE_LIMIT || type == v1::ORDER_TYPE_STOP_LIMIT ||
         type == v1::ORDER_TYPE_TAKE_PROFIT_LIMIT;
}

absl::Status CheckReference(const std::string& field, v1::TriggerReference reference) {
  if (!v1::TriggerReference_IsValid(reference) || reference == v1::TRIGGER_REFERENCE_UNRECOGNISED) {
    return InvalidField(field + ".reference", "must be LAST, MARK or INDEX");
  }
  return absl::OkStatus();
}

// Enumerations that every ticket has, each on its own.
absl::Status CheckChoices(const OrderTicket& ticket) {
  if (ticket.side() != common::v1::SIDE_BUY && ticket.side() != common::v1::SIDE_SELL) {
    return InvalidField("side", "must be BUY or SELL");
  }
  if (!v1::OrderType_IsValid(ticket.type()) || ticket.type() == v1::ORDER_TYPE_UNSPECIFIED ||
      ticket.type() == v1::ORDER_TYPE_UNRECOGNISED) {
    return InvalidField("type", "must be one of the contract's order types");
  }
  if (!v1::TimeInForce_IsValid(ticket.time_in_force()) ||
      ticket.time_in_force() == v1::TIME_IN_FORCE_UNRECOGNISED) {
    return InvalidField("time_in_force", "must be GTC, IOC, FOK or GTD");
  }
  if (!common::v1::PositionSide_IsValid(ticket.position_side())) {
    return InvalidField("position_side", "must be NET, LONG or SHORT");
  }
  if (!v1::SelfTradePrevention_IsValid(ticket.self_trade_prevention()) ||
      ticket.self_trade_prevention() == v1::SELF_TRADE_PREVENTION_UNRECOGNISED) {
    return InvalidField("self_trade_prevention", "must be one of the contract's rules");
  }
  if (!v1::Rounding_IsValid(ticket.quantity_rounding()) ||
      ticket.quantity_rounding() == v1::ROUNDING_AWAY_FROM_MARKET) {
    return InvalidField("quantity_rounding", "must be EXACT or DOWN");
  }
  if (!v1::Rounding_IsValid(ticket.price_rounding())) {
    return InvalidField("price_rounding", "must be EXACT, DOWN or AWAY_FROM_MARKET");
  }
  return absl::OkStatus();
}

// How much: exactly one way of saying it.
absl::Status CheckAmount(const OrderTicket& ticket) {
  if (ticket.close_position()) {
    if (!IsConditional(ticket.type())) {
      return InvalidField("close_position", "is for conditional orders alone");
    }
    if (!ticket.quantity().empty()) {
      return InvalidField("quantity", "must be empty with close_position");
    }
    if (!ticket.quote_quantity().empty()) {
      return InvalidField("quote_quantity", "must be empty with close_position");
    }
    return absl::OkStatus();
  }
  if (ticket.quote_quantity().empty()) return CheckPositive("quantity", ticket.quantity());
  if (ticket.type() != v1::ORDER_TYPE_MARKET) {
    return InvalidField("quote_quantity", "is for MARKET orders alone");
  }
  if (!ticket.quantity().empty()) {
    return InvalidField("quote_quantity", "must be empty with a quantity");
  }
  return CheckPositive("quote_quantity", ticket.quote_quantity());
}

absl::Status CheckPrices(const OrderTicket& ticket) {
  if (NeedsPrice(ticket.type())) {
    if (!ticket.worst_price().empty()) {
      return InvalidField("worst_price", "is for orders that end as MARKET");
    }
    return CheckPositive("price", ticket.price());
  }
  if (!ticket.price().empty()) {
    return InvalidField("price", "must be empty on orders that end as MARKET");
  }
  return ticket.worst_price().empty() ? absl::OkStatus()
                                      : CheckPositive("worst_price", ticket.worst_price());
}

absl::Status CheckLife(const OrderTicket& ticket) {
  const v1::TimeInForce life = EffectiveTimeInForce(ticket);
  if (ticket.type() == v1::ORDER_TYPE_MARKET && life != v1::TIME_IN_FORCE_IOC &&
      life != v1::TIME_IN_FORCE_FOK) {
    return InvalidField("time_in_force", "must be IOC or FOK on MARKET orders");
  }
  if (life == v1::TIME_IN_FORCE_GTD && ticket.expire_time_ns() <= 0) {
    return InvalidField("expire_time_ns", "is required with GTD");
  }
  if (life != v1::TIME_IN_FORCE_GTD && ticket.expire_time_ns() != 0) {
    return InvalidField("expire_time_ns", "must be 0 without GTD");
  }
  if (ticket.post_only() && EndsAsMarket(ticket.type())) {
    return InvalidField("post_only", "cannot be kept by an order that ends as MARKET");
  }
  if (ticket.post_only() && (life == v1::TIME_IN_FORCE_IOC || life == v1::TIME_IN_FORCE_FOK)) {
    return InvalidField("post_only", "contradicts IOC and FOK");
  }
  return absl::OkStatus();
}

absl::Status CheckTrailing(const v1::Trailing& trailing) {
  switch (trailing.distance_case()) {
    case v1::Trailing::kRate: {
      SWITCHYARD_ASSIGN_OR_RETURN(const Decimal rate,
                                  ParsePositive("trailing.rate", trailing.rate()));
      if (rate >= Decimal::FromInt(1)) return InvalidField("trailing.rate", "must be below 1");
      break;
    }
    case v1::Trailing::kAmount:
      SWITCHYARD_RETURN_IF_ERROR(CheckPositive("trailing.amount", trailing.amount()));
      break;
    case v1::Trailing::DISTANCE_NOT_SET:
      return InvalidField("trailing", "needs a rate or an amount");
  }
  return trailing.activation_price().empty()
             ? absl::OkStatus()
             : CheckPositive("trailing.activation_price", trailing.activation_price());
}

absl::Status CheckTriggers(const OrderTicket& ticket) {
  if (ticket.type() == v1::ORDER_TYPE_TRAILING_STOP) {
    if (!ticket.has_trailing()) return InvalidField("trailing", "is required on TRAILING_STOP");
    if (!ticket.trigger().price().empty()) {
      return InvalidField("trigger.price", "must be empty on TRAILING_STOP");
    }
    SWITCHYARD_RETURN_IF_ERROR(CheckReference("trigger", ticket.trigger().reference()));
    return CheckTrailing(ticket.trailing());
  }
  if (ticket.has_trailing()) return InvalidField("trailing", "is for TRAILING_STOP alone");
  if (!IsConditional(ticket.type())) {
    return ticket.has_trigger() ? InvalidField("trigger", "is for conditional orders alone")
                                : absl::OkStatus();
  }
  if (!ticket.has_trigger()) return InvalidField("trigger", "is required on conditional orders");
  SWITCHYARD_RETURN_IF_ERROR(CheckPositive("trigger.price", ticket.trigger().price()));
  return CheckReference("trigger", ticket.trigger().reference());
}

absl::Status CheckReducing(const OrderTicket& ticket) {
  if (!ticket.reduce_only() && !ticket.close_position()) return absl::OkStatus();
  const bool buy = ticket.side() == common::v1::SIDE_BUY;
  if ((buy && ticket.position_side() == common::v1::POSITION_SIDE_LONG) ||
      (!buy && ticket.position_side() == common::v1::POSITION_SIDE_SHORT)) {
    return InvalidField("position_side", "this side of an order cannot reduce that position");
  }
  if (ticket.has_take_profit() || ticket.has_stop_loss()) {
    return InvalidField(ticket.has_take_profit() ? "take_profit" : "stop_loss",
                        "has nothing to protect on an order that only reduces");
  }
  return absl::OkStatus();
}

absl::Status CheckAttached(const std::string& field, const v1::AttachedOrder& attached,
                           const OrderTicket& parent) {
  SWITCHYARD_RETURN_IF_ERROR(CheckId(field + ".client_order_id", attached.client_order_id()));
  if (attached.client_order_id() == parent.client_order_id()) {
    return InvalidField(field + ".client_order_id", "is the parent's");
  }
  if (!attached.has_trigger()) return InvalidField(field + ".trigger", "is required");
  SWITCHYARD_RETURN_IF_ERROR(CheckPositive(field + ".trigger.price", attached.trigger().price()));
  SWITCHYARD_RETURN_IF_ERROR(CheckReference(field + ".trigger", attached.trigger().reference()));
  if (!attached.price().empty()) {
    SWITCHYARD_RETURN_IF_ERROR(CheckPositive(field + ".price", attached.price()));
  }
  if (attached.quantity().empty()) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal quantity,
                              ParsePositive(field + ".quantity", attached.quantity()));
  const absl::StatusOr<Decimal> whole = Decimal::Parse(parent.quantity());
  if (whole.ok() && quantity > *whole) {
    return InvalidField(field + ".quantity", "is more than its parent's");
  }
  return absl::OkStatus();
}

// Orders and clients that the ticket is tied to.
absl::Status CheckTies(const OrderTicket& ticket) {
  if (ticket.has_take_profit()) {
    SWITCHYARD_RETURN_IF_ERROR(CheckAttached("take_profit", ticket.take_profit(), ticket));
  }
  if (ticket.has_stop_loss()) {
    SWITCHYARD_RETURN_IF_ERROR(CheckAttached("stop_loss", ticket.stop_loss(), ticket));
  }
  if (ticket.has_take_profit() && ticket.has_stop_loss() &&
      ticket.take_profit().client_order_id() == ticket.stop_loss().client_order_id()) {
    return InvalidField("stop_loss.client_order_id", "is that of take_profit");
  }
  if (ticket.has_one_cancels_other()) {
    SWITCHYARD_RETURN_IF_ERROR(
        CheckId("one_cancels_other.group_id", ticket.one_cancels_other().group_id()));
  }
  if (ticket.has_cancel_on_disconnect()) {
    SWITCHYARD_RETURN_IF_ERROR(CheckId("cancel_on_disconnect.session_id",
                                       ticket.cancel_on_disconnect().session_id(),
                                       kMaxSessionIdLength));
  }
  return absl::OkStatus();
}

}  // namespace

bool EndsAsMarket(v1::OrderType type) {
  return type == v1::ORDER_TYPE_MARKET || (IsConditional(type) && !NeedsPrice(type));
}

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

v1::TimeInForce EffectiveTimeInForce(const v1::OrderTicket& ticket) {
  if (ticket.time_in_force() != v1::TIME_IN_FORCE_UNSPECIFIED) return ticket.time_in_force();
  return EndsAsMarket(ticket.type()) ? v1::TIME_IN_FORCE_IOC : v1::TIME_IN_FORCE_GTC;
}

absl::Status CheckTicket(const v1::OrderTicket& ticket) {
  SWITCHYARD_RETURN_IF_ERROR(CheckId("client_order_id", ticket.client_order_id()));
  if (ticket.symbol().empty()) return InvalidField("symbol", "is required");
  for (const auto check : {CheckChoices, CheckAmount, CheckPrices, CheckLife, CheckTriggers,
                           CheckReducing, CheckTies}) {
    SWITCHYARD_RETURN_IF_ERROR(check(ticket));
  }
  return absl::OkStatus();
}

absl::Status CheckSingleTicket(const v1::OrderTicket& ticket) {
  SWITCHYARD_RETURN_IF_ERROR(CheckTicket(ticket));
  return ticket.has_one_cancels_other()
             ? InvalidField("one_cancels_other", "a group is placed whole, by PlaceOrders")
             : absl::OkStatus();
}

absl::Status CheckTicketList(const google::protobuf::RepeatedPtrField<v1::OrderTicket>& tickets) {
  if (tickets.empty()) return InvalidField("tickets", "is required");
  if (tickets.size() > kMaxTickets) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
                     fmt::format("tickets: {} are more than {}", tickets.size(), kMaxTickets),
                     {{"field", "tickets"}});
  }
  std::set<std::string_view> ids;
  std::map<std::string_view, int> group_sizes;
  for (const v1::OrderTicket& ticket : tickets) {
    for (const std::string* id :
         {&ticket.client_order_id(), &ticket.take_profit().client_order_id(),
          &ticket.stop_loss().client_order_id()}) {
      // A missing id is that ticket's own error.
      if (!id->empty() && !ids.insert(*id).second) {
        return InvalidField("tickets", fmt::format("client_order_id {} occurs twice", *id));
      }
    }
    if (ticket.has_one_cancels_other()) ++group_sizes[ticket.one_cancels_other().group_id()];
  }
  for (const auto& [group, size] : group_sizes) {
    if (size < 2) {
      return InvalidField("tickets", fmt::format("group {} has one order alone", group));
    }
  }
  return absl::OkStatus();
}

}  // namespace switchyard::order::risk
