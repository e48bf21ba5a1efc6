#include "services/order/state/order_state.h"

#include <algorithm>
#include <utility>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"
#include "services/order/state/converters.h"
#include "services/order/state/fill_sums.h"

namespace switchyard::order {
namespace {

using exchange::CommandFate;
using model::OrderReport;

constexpr int kAveragePriceDecimals = 8;  // beyond the tick's

// Closes a change: whoever makes one begins with the order as it was.
class Change {
 public:
  Change(const Cause& cause, OrderRecord& record)
      : cause_(cause), record_(record), before_(record.order) {}

  bool Close() {
    v1::Order& order = record_.order;
    if (order.SerializeAsString() == before_.SerializeAsString()) return false;
    order.set_version(order.version() + 1);
    order.set_update_time_ns(cause_.now.value);
    order.set_change_origin(cause_.origin);
    order.mutable_freshness()->set_source(exchange::ToProto(cause_.source));
    return true;
  }

 private:
  const Cause& cause_;
  OrderRecord& record_;
  const v1::Order before_;
};

Decimal FilledOf(const v1::Order& order) {
  return DecimalOf(order.filled_quantity()).value_or(Decimal());
}

// What is to be filled, base units: as sent, else as asked. Absent: by value, or a whole position.
std::optional<Decimal> QuantityOf(const v1::Order& order) {
  return DecimalOf(order.sent().quantity().empty() ? order.ticket().quantity()
                                                   : order.sent().quantity());
}

bool FillsAreComplete(const OrderRecord& record) {
  const std::optional<Decimal> quantity = QuantityOf(record.order);
  return quantity.has_value() && !quantity->is_zero() && record.fills.quantity >= *quantity;
}

void SettleCommand(OrderRecord& record) {
  record.order.set_pending(v1::PENDING_COMMAND_NONE);
  record.order.set_outcome_unknown(false);
  record.command_time = {};
}

void Finish(v1::OrderState state, v1::FinishReason reason, const Cause& cause,
            OrderRecord& record) {
  v1::Order& order = record.order;
  order.set_state(state);
  order.set_finish_reason(reason);
  if (order.finish_time_ns() == 0) order.set_finish_time_ns(cause.now.value);
  SettleCommand(record);
}

// Any sign of the order at the exchange answers whether it arrived.
void Acknowledge(const Cause& cause, OrderRecord& record) {
  v1::Order& order = record.order;
  if (order.acknowledge_time_ns() == 0) order.set_acknowledge_time_ns(cause.now.value);
  if (order.pending() == v1::PENDING_COMMAND_SUBMIT) SettleCommand(record);
}

// The state of an order that is open, by what is filled.
void Open(const Cause& cause, OrderRecord& record) {
  Acknowledge(cause, record);
  record.order.set_state(FilledOf(record.order).is_zero() ? v1::ORDER_STATE_OPEN
                                                          : v1::ORDER_STATE_PARTIALLY_FILLED);
}

void SetFees(const std::map<std::string, Decimal>& fees, v1::Order& order) {
  order.clear_fees();
  for (const auto& [currency, amount] : fees) {
    v1::FeeAmount& fee = *order.add_fees();
    fee.set_currency(currency);
    fee.set_amount(amount.ToString());
  }
}

// Fees: of the fills where they explain everything, else as the exchange sums them up.
void UpdateFees(const OrderReport* report, const Decimal& filled, OrderRecord& record) {
  const FillSums& fills = record.fills;
  if ((fills.quantity >= filled && fills.fees_known) || report == nullptr || report->fees.empty()) {
    if (!fills.fees.empty()) SetFees(fills.fees, record.order);
    return;
  }
  std::map<std::string, Decimal> sums;
  for (const model::Fee& fee : report->fees) {
    const absl::StatusOr<Decimal> sum = Decimal::Add(sums[fee.currency], fee.amount);
    if (sum.ok()) sums[fee.currency] = *sum;
  }
  SetFees(sums, record.order);
}

// What is filled, from the fills and from what the exchange sums up; the larger counts.
void UpdateFilled(const OrderReport* report, const Cause& cause, OrderRecord& record) {
  v1::Order& order = record.order;
  const FillSums& fills = record.fills;
  const Decimal before = FilledOf(order);
  Decimal filled = std::max(before, fills.quantity);
  if (report != nullptr && report->filled_quantity.has_value()) {
    filled = std::max(filled, *report->filled_quantity);
  }
  UpdateFees(report, filled, record);
  const bool grew = filled > before || order.filled_quantity().empty();
  if (grew) order.set_filled_quantity(filled.ToString());
  if (filled.is_zero()) return;

  std::optional<Decimal> quote;
  if (fills.quantity >= filled) {
    quote = fills.quote;
  } else if (report != nullptr && report->filled_quantity == filled) {
    quote = report->filled_quote_quantity;
  }
  if (!quote.has_value()) {
    if (!grew) return;  // what is there belongs to the same quantity
    order.clear_filled_quote_quantity();
    order.clear_average_price();
    return;
  }
  order.set_filled_quote_quantity(quote->ToString());
  const absl::StatusOr<Decimal> average = Decimal::Divide(
      *quote, filled, cause.tick_scale + kAveragePriceDecimals, Rounding::kHalfEven);
  average.ok() ? order.set_average_price(average->ToString()) : order.clear_average_price();
}

void UpdateRemaining(const OrderReport* report, OrderRecord& record) {
  v1::Order& order = record.order;
  if (IsTerminal(record)) {
    order.set_remaining_quantity("0");
    return;
  }
  if (const std::optional<Decimal> quantity = QuantityOf(order); quantity.has_value()) {
    const Decimal filled = FilledOf(order);
    const absl::StatusOr<Decimal> rest = Decimal::Subtract(*quantity, filled);
    if (rest.ok()) order.set_remaining_quantity(rest->is_negative() ? "0" : rest->ToString());
  } else if (report != nullptr && report->remaining_quantity.has_value() &&
             order.ticket().quote_quantity().empty()) {
    order.set_remaining_quantity(report->remaining_quantity->ToString());
  }
}

// Reports without a number of their own are compared by the exchange's time, which is too coarse to
// rule out more than the values of an amendment.
bool MayHoldOlderValues(const OrderReport& report, const OrderRecord& record) {
  return report.exchange_version == 0 && report.exchange_update_time.given() &&
         report.exchange_update_time.value < record.order.exchange_update_time_ns();
}

void Amend(const AmendedValues& values, OrderRecord& record) {
  v1::OrderTicket& ticket = *record.order.mutable_ticket();
  v1::SentValues* const sent = record.order.has_sent() ? record.order.mutable_sent() : nullptr;
  // Only what the order has, and what differs as a number: another spelling is no amendment.
  if (values.quantity.has_value() && QuantityOf(record.order).has_value() &&
      *QuantityOf(record.order) != *values.quantity) {
    ticket.set_quantity(values.quantity->ToString());
    if (sent != nullptr) sent->set_quantity(values.quantity->ToString());
  }
  const auto price = DecimalOf(sent != nullptr ? sent->price() : ticket.price());
  if (values.price.has_value() && price.has_value() && *price != *values.price) {
    ticket.set_price(values.price->ToString());
    if (sent != nullptr) sent->set_price(values.price->ToString());
  }
  const auto trigger =
      DecimalOf(sent != nullptr ? sent->trigger_price() : ticket.trigger().price());
  if (values.trigger_price.has_value() && trigger.has_value() &&
      *trigger != *values.trigger_price) {
    ticket.mutable_trigger()->set_price(values.trigger_price->ToString());
    if (sent != nullptr) sent->set_trigger_price(values.trigger_price->ToString());
  }
}

AmendedValues ValuesOf(const OrderReport& report) {
  AmendedValues values{.quantity = report.terms.quantity, .price = report.terms.price};
  if (report.terms.trigger.has_value()) values.trigger_price = report.terms.trigger->price;
  for (std::optional<Decimal>* value : {&values.quantity, &values.price, &values.trigger_price}) {
    if (value->has_value() && (*value)->is_zero()) value->reset();  // "none", spelt as a number
  }
  return values;
}

void CopyRaw(const std::string& text, std::string* raw) {
  if (!text.empty()) *raw = text;
}

// What does not depend on the order's life.
void CopyFacts(const OrderReport& report, OrderRecord& record) {
  v1::Order& order = record.order;
  CopyRaw(report.exchange_order_id, order.mutable_exchange_order_id());
  CopyRaw(report.raw_type, order.mutable_raw_type());
  CopyRaw(report.raw_time_in_force, order.mutable_raw_time_in_force());
  CopyRaw(report.raw_state, order.mutable_raw_state());
  CopyRaw(report.raw_finish_reason, order.mutable_raw_finish_reason());
  CopyRaw(report.raw_self_trade_prevention, order.mutable_raw_self_trade_prevention());
  CopyRaw(report.raw_trigger_reference, order.mutable_raw_trigger_reference());
  if (report.exchange_create_time.given()) {
    order.set_exchange_create_time_ns(report.exchange_create_time.value);
  }
  order.set_exchange_update_time_ns(
      std::max(order.exchange_update_time_ns(), report.exchange_update_time.value));
  record.exchange_version = std::max(record.exchange_version, report.exchange_version);
  const bool went_off = order.trigger_state() == v1::TRIGGER_STATE_TRIGGERED ||
                        order.trigger_state() == v1::TRIGGER_STATE_FAILED;
  if (report.trigger_state != v1::TRIGGER_STATE_UNSPECIFIED &&
      !(went_off && report.trigger_state == v1::TRIGGER_STATE_WAITING)) {
    order.set_trigger_state(report.trigger_state);
  }
}

// Why the exchange ended it, as far as it or our own cancellation says.
v1::FinishReason ReasonOfEnd(const OrderReport& report, const OrderRecord& record) {
  const v1::FinishReason told = report.finish_reason;
  if (report.state == v1::ORDER_STATE_FILLED) return v1::FINISH_REASON_FILLED;
  const bool by_owner =
      told == v1::FINISH_REASON_UNSPECIFIED || told == v1::FINISH_REASON_CLIENT_CANCEL;
  if (report.state == v1::ORDER_STATE_CANCELED && by_owner) {
    return record.cancel_cause != v1::FINISH_REASON_UNSPECIFIED ? record.cancel_cause
                                                                : v1::FINISH_REASON_EXTERNAL_CANCEL;
  }
  if (told != v1::FINISH_REASON_UNSPECIFIED) return told;
  return report.state == v1::ORDER_STATE_REJECTED ? v1::FINISH_REASON_REJECTED
                                                  : v1::FINISH_REASON_UNRECOGNISED;
}

void ApplyEnd(const OrderReport& report, const Cause& cause, OrderRecord& record) {
  if (report.state == v1::ORDER_STATE_FILLED && !report.filled_quantity.has_value()) {
    if (const auto quantity = QuantityOf(record.order); quantity.has_value()) {
      OrderReport whole = report;
      whole.filled_quantity = quantity;
      UpdateFilled(&whole, cause, record);
    }
  }
  if (report.state != v1::ORDER_STATE_REJECTED) Acknowledge(cause, record);
  Finish(report.state, ReasonOfEnd(report, record), cause, record);
}

void ApplyLife(const OrderReport& report, const Cause& cause, OrderRecord& record) {
  UpdateFilled(&report, cause, record);
  if (IsTerminal(record)) {
    if (record.order.state() != v1::ORDER_STATE_FILLED && FillsAreComplete(record)) {
      Finish(v1::ORDER_STATE_FILLED, v1::FINISH_REASON_FILLED, cause, record);
    }
  } else if (IsTerminal(report.state)) {
    ApplyEnd(report, cause, record);
  } else if (report.state != v1::ORDER_STATE_UNSPECIFIED) {
    if (!MayHoldOlderValues(report, record)) Amend(ValuesOf(report), record);
    Open(cause, record);
  }
  UpdateRemaining(&report, record);
}

// The refusal of AMEND or CANCEL, or why it was not sent: the order is as before.
void Refuse(v1::PendingCommand command, const absl::Status& status, OrderRecord& record) {
  if (record.order.pending() == command) SettleCommand(record);
  if (command == v1::PENDING_COMMAND_CANCEL) {
    record.cancel_cause = v1::FINISH_REASON_UNSPECIFIED;
  }
  *record.order.mutable_rejection() = ToProto(status);
}

// Refused, or never sent.
void Reject(v1::FinishReason reason, const absl::Status& status, const Cause& cause,
            OrderRecord& record) {
  *record.order.mutable_rejection() = ToProto(status);
  Finish(v1::ORDER_STATE_REJECTED, reason, cause, record);
  UpdateRemaining(nullptr, record);
}

absl::Status NotReceived(const OrderRecord& record) {
  return MakeError(absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_NOT_RECEIVED,
                   "the exchange provably never received the command",
                   {{"exchange", record.order.exchange()},
                    {"client_order_id", record.order.ticket().client_order_id()}});
}

}  // namespace

bool ApplyReport(const OrderReport& report, const Cause& cause, OrderRecord& record) {
  if (report.exchange_version != 0 && report.exchange_version < record.exchange_version) {
    return false;
  }
  Change change(cause, record);
  // Before the facts, whose times tell whether the report is an older one.
  ApplyLife(report, cause, record);
  CopyFacts(report, record);
  return change.Close();
}

bool ApplyFill(const v1::Fill& fill, const Cause& cause, OrderRecord& record) {
  Change change(cause, record);
  if (!AddFill(fill, record.fills).ok()) return change.Close();
  v1::Order& order = record.order;
  if (order.exchange_order_id().empty()) order.set_exchange_order_id(fill.exchange_order_id());
  UpdateFilled(nullptr, cause, record);
  Acknowledge(cause, record);
  // While an amendment is on its way the exchange alone knows the whole quantity.
  const bool quantity_known = order.pending() != v1::PENDING_COMMAND_AMEND;
  if (FillsAreComplete(record) && quantity_known) {
    if (order.state() != v1::ORDER_STATE_FILLED) {
      Finish(v1::ORDER_STATE_FILLED, v1::FINISH_REASON_FILLED, cause, record);
    }
  } else if (!IsTerminal(record)) {
    Open(cause, record);
  }
  UpdateRemaining(nullptr, record);
  return change.Close();
}

bool BeginCommand(v1::PendingCommand command, v1::FinishReason cancel_cause, const Cause& cause,
                  OrderRecord& record) {
  Change change(cause, record);
  record.order.set_pending(command);
  record.command_time = cause.now;
  if (command == v1::PENDING_COMMAND_CANCEL) record.cancel_cause = cancel_cause;
  return change.Close();
}

bool ApplyPlaceResult(const exchange::CommandResult& result, const Cause& cause,
                      OrderRecord& record) {
  Change change(cause, record);
  v1::Order& order = record.order;
  if (result.submit_time.given()) order.set_submit_time_ns(result.submit_time.value);
  // The private stream may have been faster: then the exchange has it, whatever this answer says.
  const bool undecided = order.state() == v1::ORDER_STATE_PENDING_NEW;
  switch (result.fate) {
    case CommandFate::kConfirmed:
      if (undecided) Open(cause, record);
      if (result.report.has_value()) ApplyReport(*result.report, cause, record);
      UpdateRemaining(nullptr, record);
      break;
    case CommandFate::kRefused:
      if (undecided) {
        Reject(v1::FINISH_REASON_REJECTED, result.status, cause, record);
      } else if (!IsTerminal(record)) {
        order.set_outcome_unknown(true);  // the exchange contradicts itself: ask it
      }
      break;
    case CommandFate::kNotSent:
      if (undecided) Reject(v1::FINISH_REASON_NOT_SENT, result.status, cause, record);
      break;
    case CommandFate::kUnknown:
      if (undecided) order.set_outcome_unknown(true);
      break;
  }
  return change.Close();
}

bool ApplyAmendResult(const exchange::CommandResult& result, const AmendedValues& values,
                      const Cause& cause, OrderRecord& record) {
  if (IsTerminal(record)) return false;
  Change change(cause, record);
  v1::Order& order = record.order;
  const bool pending = order.pending() == v1::PENDING_COMMAND_AMEND;
  switch (result.fate) {
    case CommandFate::kConfirmed:
      if (pending) SettleCommand(record);
      Amend(values, record);
      if (result.report.has_value()) ApplyReport(*result.report, cause, record);
      if (!IsTerminal(record) && FillsAreComplete(record)) {
        Finish(v1::ORDER_STATE_FILLED, v1::FINISH_REASON_FILLED, cause, record);
      }
      UpdateRemaining(nullptr, record);
      break;
    case CommandFate::kRefused:
    case CommandFate::kNotSent:
      Refuse(v1::PENDING_COMMAND_AMEND, result.status, record);
      break;
    case CommandFate::kUnknown:
      order.set_outcome_unknown(true);
      break;
  }
  return change.Close();
}

bool ApplyCancelResult(const exchange::CommandResult& result, const Cause& cause,
                       OrderRecord& record) {
  if (IsTerminal(record)) return false;
  Change change(cause, record);
  switch (result.fate) {
    case CommandFate::kConfirmed:
      // A mere acknowledgement leaves it pending until the exchange tells the end.
      if (result.report.has_value()) ApplyReport(*result.report, cause, record);
      break;
    case CommandFate::kRefused:
    case CommandFate::kNotSent:
      Refuse(v1::PENDING_COMMAND_CANCEL, result.status, record);
      break;
    case CommandFate::kUnknown:
      record.order.set_outcome_unknown(true);
      break;
  }
  return change.Close();
}

bool ConcludeNotReceived(const Cause& cause, OrderRecord& record) {
  if (IsTerminal(record)) return false;
  Change change(cause, record);
  const v1::PendingCommand command = record.order.pending();
  if (command == v1::PENDING_COMMAND_SUBMIT) {
    Reject(v1::FINISH_REASON_NOT_RECEIVED, NotReceived(record), cause, record);
  } else {
    Refuse(command, NotReceived(record), record);
    SettleCommand(record);
  }
  return change.Close();
}

bool ConcludeWithdrawn(v1::FinishReason cancel_cause, const Cause& cause, OrderRecord& record) {
  if (IsTerminal(record)) return false;
  Change change(cause, record);
  record.cancel_cause = cancel_cause;
  Finish(v1::ORDER_STATE_CANCELED, cancel_cause, cause, record);
  UpdateRemaining(nullptr, record);
  return change.Close();
}

bool ConcludeSettled(const Cause& cause, OrderRecord& record) {
  if (IsTerminal(record)) return false;
  Change change(cause, record);
  SettleCommand(record);
  return change.Close();
}

bool ConcludeGone(const Cause& cause, OrderRecord& record) {
  if (IsTerminal(record)) return false;
  Change change(cause, record);
  if (FillsAreComplete(record)) {
    Finish(v1::ORDER_STATE_FILLED, v1::FINISH_REASON_FILLED, cause, record);
  } else {
    // A cancellation that was answered with a no is not what ended it.
    const bool ours =
        record.cancel_cause != v1::FINISH_REASON_UNSPECIFIED && record.order.outcome_unknown();
    record.order.set_raw_finish_reason("no longer known to the exchange");
    Finish(v1::ORDER_STATE_CANCELED, ours ? record.cancel_cause : v1::FINISH_REASON_UNRECOGNISED,
           cause, record);
  }
  UpdateRemaining(nullptr, record);
  return change.Close();
}

void AdoptReport(const OrderReport& report, const Cause& cause, OrderRecord& record) {
  v1::Order& order = record.order;
  *order.mutable_ticket() = TicketOf(report);
  order.set_exchange_client_id(report.exchange_client_id);
  order.set_origin(report.made_by_exchange ? v1::ORDER_ORIGIN_EXCHANGE : v1::ORDER_ORIGIN_EXTERNAL);
  order.set_state(v1::ORDER_STATE_OPEN);
  order.set_pending(v1::PENDING_COMMAND_NONE);
  order.set_create_time_ns(cause.now.value);
  ApplyReport(report, cause, record);
}

bool LacksFills(const OrderRecord& record) {
  return FilledOf(record.order) > record.fills.quantity;
}

}  // namespace switchyard::order
