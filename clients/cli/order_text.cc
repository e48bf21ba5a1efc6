#include "clients/cli/order_text.h"

#include <fmt/format.h>

#include <string_view>

#include "clients/cli/enum_text.h"
#include "clients/cli/error_text.h"
#include "clients/cli/time_text.h"

namespace switchyard::clients::cli {
namespace {

using order::v1::Fill;
using order::v1::Order;
using order::v1::OrderEvent;
using order::v1::OrderTicket;

// The client's id, or the exchange's in brackets.
std::string IdText(const std::string& client_order_id, const std::string& exchange_order_id) {
  return client_order_id.empty() ? fmt::format("[{}]", exchange_order_id) : client_order_id;
}

std::string QuantityText(const OrderTicket& ticket) {
  if (ticket.close_position()) return "the whole position";
  if (!ticket.quote_quantity().empty()) {
    return fmt::format("for {} (quote units)", ticket.quote_quantity());
  }
  return ticket.quantity();
}

// The exchange's own word where the contract has none.
template <typename Enum>
std::string EnumOrRaw(Enum value, Enum unrecognised, const std::string& raw) {
  return value == unrecognised ? fmt::format("\"{}\"", raw) : EnumText(value);
}

std::string FeesText(const Order& order) {
  std::string text;
  for (const auto& fee : order.fees()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", fee.amount(), fee.currency());
  }
  return text;
}

std::string FillText(const Fill& fill) {
  std::string text = fmt::format("{} {} {} at {} of {}, trade {}, {}", EnumText(fill.side()),
                                 fill.quantity(), fill.symbol(), fill.price(),
                                 IdText(fill.client_order_id(), fill.exchange_order_id()),
                                 fill.trade_id(), EnumText(fill.role()));
  if (!fill.fee().empty()) text += fmt::format(", fee {} {}", fill.fee(), fill.fee_currency());
  if (fill.kind() != order::v1::FILL_KIND_TRADE) {
    text += " " + EnumOrRaw(fill.kind(), order::v1::FILL_KIND_UNRECOGNISED, fill.raw_kind());
  }
  return text;
}

std::string LiquidationText(const position::v1::Liquidation& liquidation) {
  return fmt::format("{} of {} {}: {} at {}, left {}",
                     EnumOrRaw(liquidation.kind(), position::v1::LIQUIDATION_KIND_UNRECOGNISED,
                               liquidation.raw_kind()),
                     EnumText(liquidation.position_side()), liquidation.symbol(),
                     liquidation.quantity(), liquidation.price(), liquidation.remaining_quantity());
}

std::string OrderText(const Order& order) {
  std::string text = fmt::format(
      "{} {}: {}, filled {}", IdText(order.ticket().client_order_id(), order.exchange_order_id()),
      TicketText(order.ticket()), StateText(order),
      order.filled_quantity().empty() ? "0" : order.filled_quantity());
  if (!order.average_price().empty()) text += fmt::format(" at {}", order.average_price());
  if (order.has_rejection()) text += "; " + ErrorText(order.rejection());
  return text;
}

std::string PayloadText(const OrderEvent& event) {
  switch (event.payload_case()) {
    case OrderEvent::kOrder:
      return "ORDER  " + OrderText(event.order());
    case OrderEvent::kFill:
      return "FILL   " + FillText(event.fill());
    case OrderEvent::kLiquidation:
      return LiquidationText(event.liquidation());
    case OrderEvent::kKillSwitch:
      return "KILL SWITCH  " + KillSwitchText(event.kill_switch());
    case OrderEvent::kPositionMismatch:
      return fmt::format("POSITION MISMATCH  {} is {} at the exchange, {} by its fills",
                         event.position_mismatch().symbol(),
                         event.position_mismatch().exchange_size(),
                         event.position_mismatch().expected_size());
    case OrderEvent::kGap:
      return fmt::format("GAP ({}): events are missing", EnumText(event.gap().reason()));
    case OrderEvent::PAYLOAD_NOT_SET:
      break;
  }
  return "an event that this version does not know";
}

}  // namespace

std::string TicketText(const OrderTicket& ticket) {
  std::string text = fmt::format("{} {} {} {}", EnumText(ticket.side()), QuantityText(ticket),
                                 ticket.symbol(), EnumText(ticket.type()));
  const auto add = [&text](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format(" {} {}", name, value);
  };
  add("at", ticket.price());
  add("not worse than", ticket.worst_price());
  if (ticket.has_trigger()) {
    add("when", EnumText(ticket.trigger().reference()));
    add("reaches", ticket.trigger().price());
  }
  add("trailing by", ticket.trailing().rate());
  add("trailing by", ticket.trailing().amount());
  add("from", ticket.trailing().activation_price());
  if (ticket.time_in_force() != order::v1::TIME_IN_FORCE_UNSPECIFIED) {
    text += " " + EnumText(ticket.time_in_force());
  }
  add("until", DateAndTime(ticket.expire_time_ns()));
  if (ticket.post_only()) text += " POST_ONLY";
  if (ticket.reduce_only()) text += " REDUCE_ONLY";
  if (ticket.position_side() != common::v1::POSITION_SIDE_UNSPECIFIED) {
    text += " " + EnumText(ticket.position_side());
  }
  if (ticket.has_take_profit()) add("take profit", ticket.take_profit().trigger().price());
  if (ticket.has_stop_loss()) add("stop loss", ticket.stop_loss().trigger().price());
  return text;
}

std::string StateText(const Order& order) {
  std::string text = EnumText(order.state());
  if (order.finish_reason() != order::v1::FINISH_REASON_UNSPECIFIED) {
    const std::string reason = EnumOrRaw(
        order.finish_reason(), order::v1::FINISH_REASON_UNRECOGNISED, order.raw_finish_reason());
    // FILLED because it is FILLED, REJECTED because it is REJECTED.
    if (reason != text) text += fmt::format(" ({})", reason);
  }
  if (order.trigger_state() != order::v1::TRIGGER_STATE_UNSPECIFIED) {
    text += fmt::format(", trigger {}", EnumText(order.trigger_state()));
  }
  if (order.pending() > order::v1::PENDING_COMMAND_NONE) {
    text += fmt::format(", {} pending", EnumText(order.pending()));
  }
  if (order.outcome_unknown()) text += ", OUTCOME UNKNOWN";
  return text;
}

Table MakeOrderTable() {
  return Table({"created (UTC)", "id", "symbol", "side", "type", ">quantity", ">price", ">filled",
                ">average", "state"});
}

void AddOrder(const Order& order, Table& table) {
  const OrderTicket& ticket = order.ticket();
  table.AddRow({DateAndTime(order.create_time_ns()),
                IdText(ticket.client_order_id(), order.exchange_order_id()), ticket.symbol(),
                EnumText(ticket.side()),
                EnumOrRaw(ticket.type(), order::v1::ORDER_TYPE_UNRECOGNISED, order.raw_type()),
                QuantityText(ticket), ticket.price(), order.filled_quantity(),
                order.average_price(), StateText(order)});
}

Table OrderDetails(const Order& order) {
  Table table({"", ""});
  const auto add = [&table](std::string_view name, const std::string& value) {
    if (!value.empty()) table.AddRow({std::string(name), value});
  };
  add("order", TicketText(order.ticket()));
  add("state", StateText(order));
  add("client_order_id", order.ticket().client_order_id());
  add("exchange's id", order.exchange_order_id());
  add("exchange, account", fmt::format("{}, {}", order.exchange(), order.account()));
  add("origin", EnumText(order.origin()));
  add("sent quantity", order.sent().quantity());
  add("sent quote quantity", order.sent().quote_quantity());
  add("sent price", order.sent().price());
  add("sent worst price", order.sent().worst_price());
  add("sent trigger price", order.sent().trigger_price());
  add("filled", order.filled_quantity());
  add("average price", order.average_price());
  add("remaining", order.remaining_quantity());
  add("fees", FeesText(order));
  if (order.has_rejection()) add("refusal", ErrorText(order.rejection()));
  add("exchange says", order.raw_finish_reason());
  add("created (UTC)", DateAndTime(order.create_time_ns()));
  add("changed (UTC)", DateAndTime(order.update_time_ns()));
  add("finished (UTC)", DateAndTime(order.finish_time_ns()));
  if (order.change_origin() != order::v1::CHANGE_ORIGIN_UNSPECIFIED) {
    add("changed by", EnumText(order.change_origin()));
  }
  return table;
}

Table MakeFillTable() {
  return Table({"time (UTC)", "symbol", "side", ">quantity", ">price", ">fee", "", "role", "order",
                "trade"});
}

void AddFill(const Fill& fill, Table& table) {
  table.AddRow({DateAndTime(fill.exchange_time_ns()), fill.symbol(), EnumText(fill.side()),
                fill.quantity(), fill.price(), fill.fee(), fill.fee_currency(),
                EnumText(fill.role()), IdText(fill.client_order_id(), fill.exchange_order_id()),
                fill.trade_id()});
}

std::string EventText(const OrderEvent& event) {
  return fmt::format("{}  {} {}  #{}  {}", TimeOfDay(event.commit_time_ns()), event.exchange(),
                     event.account(), event.sequence(), PayloadText(event));
}

std::string SymbolOf(const OrderEvent& event) {
  switch (event.payload_case()) {
    case OrderEvent::kOrder:
      return event.order().ticket().symbol();
    case OrderEvent::kFill:
      return event.fill().symbol();
    case OrderEvent::kLiquidation:
      return event.liquidation().symbol();
    default:
      return "";
  }
}

std::string KillSwitchText(const order::v1::KillSwitch& kill_switch) {
  std::string text = kill_switch.engaged() ? "ENGAGED" : "released";
  if (kill_switch.set_by().empty()) return text;
  return text + fmt::format(" by {} at {}: {}", kill_switch.set_by(),
                            DateAndTime(kill_switch.change_time_ns()), kill_switch.reason());
}

}  // namespace switchyard::clients::cli
