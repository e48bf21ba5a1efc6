#include "clients/cli/order_ticket.h"

#include <fmt/format.h>

#include <charconv>

#include "clients/cli/enum_text.h"
#include "clients/cli/time_text.h"
#include "common/decimal/decimal.h"
#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

using order::v1::AmendOrderRequest;
using order::v1::OrderTicket;

// A decimal above 0, or nothing. The text itself is sent.
absl::Status CheckDecimal(std::string_view name, const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  const auto value = Decimal::Parse(text);
  if (value.ok() && !value->is_zero() && !value->is_negative()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{}: a decimal number above 0, like 0.25; not \"{}\"", name, text));
}

absl::Status CheckDecimals(const TicketFlags& flags) {
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimal("--quantity", flags.quantity));
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimal("--price", flags.price));
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimal("--quote_quantity", flags.quote_quantity));
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimal("--worst_price", flags.worst_price));
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimal("--trigger_price", flags.trigger_price));
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimal("--trailing_rate", flags.trailing_rate));
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimal("--trailing_amount", flags.trailing_amount));
  return CheckDecimal("--activation_price", flags.activation_price);
}

// The choice of a flag; the enum's zero where nothing was typed.
template <typename Enum>
absl::StatusOr<Enum> Choice(std::string_view flag, const std::string& text) {
  if (text.empty()) return Enum{};
  return ParseEnum<Enum>(flag, text);
}

absl::Status SetType(const TicketFlags& flags, OrderTicket& ticket) {
  if (flags.type.empty()) {
    if (flags.price.empty() || !flags.trigger_price.empty()) {
      return absl::InvalidArgumentError(
          "--type is needed, or --price alone for a limit order; for a market order --type=market");
    }
    ticket.set_type(order::v1::ORDER_TYPE_LIMIT);
    return absl::OkStatus();
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const auto type,
                              ParseEnum<order::v1::OrderType>("--type", flags.type));
  ticket.set_type(type);
  return absl::OkStatus();
}

absl::Status SetTimeInForce(const TicketFlags& flags, OrderTicket& ticket) {
  SWITCHYARD_ASSIGN_OR_RETURN(
      const auto time_in_force,
      Choice<order::v1::TimeInForce>("--time_in_force", flags.time_in_force));
  ticket.set_time_in_force(time_in_force);
  if ((time_in_force == order::v1::TIME_IN_FORCE_GTD) == flags.expire_time.empty()) {
    return absl::InvalidArgumentError("--time_in_force=gtd and --expire_time need each other");
  }
  if (flags.expire_time.empty()) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const TimeNs expiry, ParseUtc(flags.expire_time));
  ticket.set_expire_time_ns(expiry.value);
  return absl::OkStatus();
}

absl::Status SetTrigger(const TicketFlags& flags, OrderTicket& ticket) {
  SWITCHYARD_ASSIGN_OR_RETURN(
      const auto reference, Choice<order::v1::TriggerReference>("--trigger_by", flags.trigger_by));
  if (!flags.trigger_price.empty() || !flags.trigger_by.empty()) {
    ticket.mutable_trigger()->set_price(flags.trigger_price);
    ticket.mutable_trigger()->set_reference(reference);
  }
  if (!flags.trailing_rate.empty() && !flags.trailing_amount.empty()) {
    return absl::InvalidArgumentError("--trailing_rate or --trailing_amount, not both");
  }
  if (!flags.trailing_rate.empty()) ticket.mutable_trailing()->set_rate(flags.trailing_rate);
  if (!flags.trailing_amount.empty()) ticket.mutable_trailing()->set_amount(flags.trailing_amount);
  if (!flags.activation_price.empty()) {
    ticket.mutable_trailing()->set_activation_price(flags.activation_price);
  }
  return absl::OkStatus();
}

absl::Status SetChoices(const TicketFlags& flags, OrderTicket& ticket) {
  SWITCHYARD_ASSIGN_OR_RETURN(
      const auto position_side,
      Choice<common::v1::PositionSide>("--position_side", flags.position_side));
  ticket.set_position_side(position_side);
  SWITCHYARD_ASSIGN_OR_RETURN(const auto prevention,
                              Choice<order::v1::SelfTradePrevention>("--self_trade_prevention",
                                                                     flags.self_trade_prevention));
  ticket.set_self_trade_prevention(prevention);
  return absl::OkStatus();
}

// Of a ticket or an amendment.
template <typename Message>
absl::Status SetRoundings(const TicketFlags& flags, Message& message) {
  SWITCHYARD_ASSIGN_OR_RETURN(
      const auto quantity,
      Choice<order::v1::Rounding>("--quantity_rounding", flags.quantity_rounding));
  message.set_quantity_rounding(quantity);
  SWITCHYARD_ASSIGN_OR_RETURN(
      const auto price, Choice<order::v1::Rounding>("--price_rounding", flags.price_rounding));
  message.set_price_rounding(price);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OrderTicket> TicketOf(const CommandLine& line) {
  const TicketFlags& flags = line.ticket;
  OrderTicket ticket;
  ticket.set_symbol(line.arguments[1]);
  SWITCHYARD_ASSIGN_OR_RETURN(const auto side,
                              ParseEnum<common::v1::Side>("side", line.arguments[2]));
  ticket.set_side(side);
  if (line.arguments.size() > 3) ticket.set_quantity(line.arguments[3]);
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimal("QUANTITY", ticket.quantity()));
  if (ticket.quantity().empty() == (flags.quote_quantity.empty() && !flags.close_position)) {
    return absl::InvalidArgumentError("one of QUANTITY, --quote_quantity and --close_position");
  }
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimals(flags));
  SWITCHYARD_RETURN_IF_ERROR(SetType(flags, ticket));
  ticket.set_quote_quantity(flags.quote_quantity);
  ticket.set_price(flags.price);
  ticket.set_worst_price(flags.worst_price);
  ticket.set_post_only(flags.post_only);
  ticket.set_reduce_only(flags.reduce_only);
  ticket.set_close_position(flags.close_position);
  SWITCHYARD_RETURN_IF_ERROR(SetTimeInForce(flags, ticket));
  SWITCHYARD_RETURN_IF_ERROR(SetTrigger(flags, ticket));
  SWITCHYARD_RETURN_IF_ERROR(SetChoices(flags, ticket));
  SWITCHYARD_RETURN_IF_ERROR(SetRoundings(flags, ticket));
  return ticket;
}

absl::StatusOr<AmendOrderRequest> AmendmentOf(const CommandLine& line) {
  const TicketFlags& flags = line.ticket;
  SWITCHYARD_RETURN_IF_ERROR(CheckDecimals(flags));
  if (flags.quantity.empty() && flags.price.empty() && flags.trigger_price.empty()) {
    return absl::InvalidArgumentError("nothing to change: --quantity, --price or --trigger_price");
  }
  AmendOrderRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  *request.mutable_order() = OrderKeyOf(line);
  if (!flags.quantity.empty()) request.set_quantity(flags.quantity);
  if (!flags.price.empty()) request.set_price(flags.price);
  if (!flags.trigger_price.empty()) request.set_trigger_price(flags.trigger_price);
  SWITCHYARD_RETURN_IF_ERROR(SetRoundings(flags, request));
  return request;
}

order::v1::OrderKey OrderKeyOf(const CommandLine& line) {
  order::v1::OrderKey key;
  if (line.by_exchange_id) {
    key.set_exchange_order_id(line.arguments[1]);
  } else {
    key.set_client_order_id(line.arguments[1]);
  }
  key.set_symbol(line.symbol);
  return key;
}

absl::StatusOr<common::v1::JournalPosition> ParsePosition(std::string_view text) {
  std::uint64_t epoch = 0, sequence = 0;
  const char* const end = text.data() + text.size();
  const auto [colon, error] = std::from_chars(text.data(), end, epoch);
  if (error == std::errc() && colon != end && *colon == ':') {
    const auto [stop, second_error] = std::from_chars(colon + 1, end, sequence);
    if (second_error == std::errc() && stop == end) {
      common::v1::JournalPosition position;
      position.set_epoch(epoch);
      position.set_sequence(sequence);
      return position;
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("--resume_from: EPOCH:SEQUENCE, two numbers; not \"{}\"", text));
}

std::string PositionText(const common::v1::JournalPosition& position) {
  return fmt::format("{}:{}", position.epoch(), position.sequence());
}

}  // namespace switchyard::clients::cli
