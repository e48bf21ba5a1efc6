#include "services/order/state/converters.h"

#include "common/exchange/market_data_proto.h"

namespace switchyard::order {
namespace {

void SetDecimal(const std::optional<Decimal>& value, std::string* text) {
  if (value.has_value()) *text = value->ToString();
}

void SetTrigger(const std::optional<model::OrderTrigger>& trigger, v1::Trigger* message) {
  if (!trigger->price.is_zero()) message->set_price(trigger->price.ToString());
  message->set_reference(trigger->reference);
}

// The value that was sent, else the one that was asked for.
std::optional<Decimal> SentOr(const std::string& sent, const std::string& asked) {
  return DecimalOf(sent.empty() ? asked : sent);
}

std::optional<model::AttachedTerms> AttachedOf(const v1::AttachedOrder& attached,
                                               const std::string& sent_trigger,
                                               const std::string& sent_price) {
  model::AttachedTerms terms;
  terms.trigger.price = SentOr(sent_trigger, attached.trigger().price()).value_or(Decimal());
  terms.trigger.reference = attached.trigger().reference();
  terms.price = SentOr(sent_price, attached.price());
  terms.quantity = DecimalOf(attached.quantity());
  return terms;
}

}  // namespace

std::optional<Decimal> DecimalOf(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const absl::StatusOr<Decimal> value = Decimal::Parse(text);
  return value.ok() ? std::optional(*value) : std::nullopt;
}

v1::OrderTicket TicketOf(const model::OrderReport& report) {
  const model::OrderTerms& terms = report.terms;
  v1::OrderTicket ticket;
  ticket.set_symbol(report.symbol);
  ticket.set_side(terms.side);
  ticket.set_type(terms.type);
  SetDecimal(terms.quantity, ticket.mutable_quantity());
  SetDecimal(terms.quote_quantity, ticket.mutable_quote_quantity());
  SetDecimal(terms.price, ticket.mutable_price());
  SetDecimal(terms.worst_price, ticket.mutable_worst_price());
  ticket.set_time_in_force(terms.time_in_force);
  ticket.set_expire_time_ns(terms.expire_time.value);
  ticket.set_post_only(terms.post_only);
  ticket.set_reduce_only(terms.reduce_only);
  ticket.set_close_position(terms.close_position);
  ticket.set_position_side(terms.position_side);
  if (terms.trigger.has_value()) SetTrigger(terms.trigger, ticket.mutable_trigger());
  if (terms.trailing.has_value()) {
    v1::Trailing& trailing = *ticket.mutable_trailing();
    if (terms.trailing->rate.has_value()) trailing.set_rate(terms.trailing->rate->ToString());
    if (terms.trailing->amount.has_value()) trailing.set_amount(terms.trailing->amount->ToString());
    SetDecimal(terms.trailing->activation_price, trailing.mutable_activation_price());
  }
  ticket.set_self_trade_prevention(terms.self_trade_prevention);
  return ticket;
}

model::OrderTerms TermsOf(const v1::Order& order) {
  const v1::OrderTicket& ticket = order.ticket();
  const v1::SentValues& sent = order.sent();
  model::OrderTerms terms;
  terms.side = ticket.side();
  terms.type = ticket.type();
  terms.time_in_force = ticket.time_in_force();
  terms.quantity = SentOr(sent.quantity(), ticket.quantity());
  terms.quote_quantity = SentOr(sent.quote_quantity(), ticket.quote_quantity());
  terms.price = SentOr(sent.price(), ticket.price());
  terms.worst_price = SentOr(sent.worst_price(), ticket.worst_price());
  terms.expire_time = ticket.expire_time_ns();
  terms.post_only = ticket.post_only();
  terms.reduce_only = ticket.reduce_only();
  terms.close_position = ticket.close_position();
  terms.position_side = ticket.position_side();
  if (ticket.has_trigger() || !sent.trigger_price().empty()) {
    terms.trigger = model::OrderTrigger{
        .price = SentOr(sent.trigger_price(), ticket.trigger().price()).value_or(Decimal()),
        .reference = ticket.trigger().reference()};
  }
  if (ticket.has_trailing()) {
    terms.trailing = model::OrderTrailing{
        .rate = DecimalOf(ticket.trailing().rate()),
        .amount = DecimalOf(ticket.trailing().amount()),
        .activation_price = SentOr(sent.activation_price(), ticket.trailing().activation_price())};
  }
  if (ticket.has_take_profit()) {
    terms.take_profit = AttachedOf(ticket.take_profit(), sent.take_profit_trigger_price(),
                                   sent.take_profit_price());
  }
  if (ticket.has_stop_loss()) {
    terms.stop_loss =
        AttachedOf(ticket.stop_loss(), sent.stop_loss_trigger_price(), sent.stop_loss_price());
  }
  terms.self_trade_prevention = ticket.self_trade_prevention();
  return terms;
}

v1::Fill FillOf(std::string_view exchange, std::string_view account,
                const model::FillReport& report) {
  v1::Fill fill;
  fill.set_exchange(std::string(exchange));
  fill.set_account(std::string(account));
  fill.set_symbol(report.symbol);
  fill.set_trade_id(report.trade_id);
  fill.set_exchange_order_id(report.exchange_order_id);
  fill.set_side(report.side);
  fill.set_position_side(report.position_side);
  fill.set_price(report.price.ToString());
  fill.set_quantity(report.quantity.ToString());
  const absl::StatusOr<Decimal> quote = Decimal::Multiply(report.price, report.quantity);
  if (quote.ok()) fill.set_quote_quantity(quote->ToString());
  for (const model::Fee& fee : report.fees) {
    if (fill.fee().empty()) {
      fill.set_fee(fee.amount.ToString());
      fill.set_fee_currency(fee.currency);
    } else {
      v1::FeeAmount& further = *fill.add_additional_fees();
      further.set_currency(fee.currency);
      further.set_amount(fee.amount.ToString());
    }
  }
  fill.set_role(report.role);
  fill.set_kind(report.kind);
  fill.set_raw_kind(report.raw_kind);
  if (report.realised_profit.has_value()) {
    fill.set_realised_profit(report.realised_profit->ToString());
  }
  fill.set_exchange_time_ns(report.exchange_time.value);
  fill.set_receive_time_ns(report.receive_time.value);
  fill.set_source(exchange::ToProto(report.source));
  return fill;
}

}  // namespace switchyard::order
