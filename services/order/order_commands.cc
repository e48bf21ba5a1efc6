#include "services/order/order_commands.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "services/order/body_hash.h"
#include "services/order/converters.h"
#include "services/order/crash_point.h"
#include "services/order/outcome_list.h"
#include "services/order/risk/terms.h"

namespace switchyard::order {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;

// A client that breaks its own promise counts as one that knows nothing.
std::vector<CommandResult> ResultsOf(absl::StatusOr<std::vector<CommandResult>> reply,
                                     std::size_t count) {
  std::vector<CommandResult> results;
  if (reply.ok()) results = *std::move(reply);
  results.resize(count);
  return results;
}

absl::Status OfOrder(absl::Status status, const v1::OrderTicket& ticket) {
  return WithMetadata(std::move(status), "client_order_id", ticket.client_order_id());
}

}  // namespace

absl::Status OutcomeUnknown(const std::string& exchange, const v1::Order& order) {
  return MakeError(absl::StatusCode::kUnknown, common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
                   "the command was sent and no answer came: ask by client_order_id",
                   {{"exchange", exchange}, {"client_order_id", order.ticket().client_order_id()}});
}

absl::Status OrderFinished(const v1::Order& order) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_ORDER_FINISHED,
      fmt::format("the order is {}", v1::OrderState_Name(order.state()).substr(12)),
      {{"exchange", order.exchange()}, {"client_order_id", order.ticket().client_order_id()}});
}

struct OrderCommands::Placing {
  std::vector<PlaceItem> items;
  std::chrono::nanoseconds sent_at{0};
};

void OrderCommands::Place(std::vector<v1::OrderTicket> tickets, const Markets& markets,
                          AllDone done) {
  const auto list = std::make_shared<OutcomeList>(tickets.size(), std::move(done));
  const auto placing = std::make_shared<Placing>();
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    const v1::OrderTicket& ticket = tickets[i];
    const std::string hash = BodyHash(ticket);
    Done answer = OutcomeList::At(list, i);
    if (Replay(ticket, hash, answer)) continue;
    absl::StatusOr<PlaceItem> item = Admit(ticket, markets, hash);
    if (!item.ok()) {
      answer({.status = OfOrder(item.status(), ticket), .order = {}});
      continue;
    }
    placing_[item->number].push_back(std::move(answer));
    placing->items.push_back(*std::move(item));
  }
  if (placing->items.empty()) return;
  ++under_way_;
  desk_.turns.Commit([this, placing](const absl::Status& status) { Send(placing, status); });
}

bool OrderCommands::Replay(const v1::OrderTicket& ticket, const std::string& body_hash, Done done) {
  const OrderRecord* const record = desk_.ledger.FindByClientId(ticket.client_order_id());
  if (record == nullptr) return false;
  if (record->body_hash != body_hash) {
    done({.status = OfOrder(MakeError(absl::StatusCode::kAlreadyExists,
                                      common::v1::ERROR_REASON_CLIENT_ORDER_ID_REUSED,
                                      fmt::format("client_order_id '{}' was used for another order",
                                                  ticket.client_order_id()),
                                      {{"exchange", desk_.exchange}}),
                            ticket),
          .order = {}});
    return true;
  }
  Done replayed = [done = std::move(done)](CommandOutcome outcome) {
    // What was placed before is told as it is, also where it was refused then.
    if (outcome.order.has_value() && IsTerminal(outcome.order->state())) {
      outcome.status = absl::OkStatus();
    }
    outcome.replayed = true;
    done(std::move(outcome));
  };
  const auto waiting = placing_.find(record->number);
  if (waiting != placing_.end()) {
    waiting->second.push_back(std::move(replayed));
  } else {
    desk_.turns.Answer(
        [replayed, outcome = PlaceOutcome(*record)]() mutable { replayed(std::move(outcome)); });
  }
  return true;
}

absl::Status OrderCommands::CheckNotGrouped(const v1::OrderTicket& ticket) const {
  if (ticket.has_one_cancels_other()) {
    return NotInCapabilities(desk_.exchange, "one_cancels_other");
  }
  if (ticket.has_take_profit() || ticket.has_stop_loss()) {
    return NotInCapabilities(desk_.exchange, "attached orders");
  }
  return absl::OkStatus();
}

absl::StatusOr<OrderCommands::PlaceItem> OrderCommands::Admit(const v1::OrderTicket& ticket,
                                                              const Markets& markets,
                                                              const std::string& body_hash) {
  SWITCHYARD_RETURN_IF_ERROR(CheckNotGrouped(ticket));
  SWITCHYARD_RETURN_IF_ERROR(gate_());
  std::shared_ptr<const model::InstrumentTable> table;
  SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* instrument,
                              desk_.FindInstrument(ticket.symbol(), table));
  const TimeNs now = desk_.clock.Now();
  SWITCHYARD_ASSIGN_OR_RETURN(model::OrderTerms terms, risk::TermsOf(ticket, *instrument, now));
  const auto quoted = markets.find(ticket.symbol());
  const auto market = quoted == markets.end() ? std::nullopt : std::optional(quoted->second);
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Decimal> collar,
                              desk_.limits.CollarPrice(*instrument, terms, market));
  if (!terms.worst_price.has_value()) terms.worst_price = collar;
  SWITCHYARD_RETURN_IF_ERROR(desk_.client.Check(*instrument, terms));

  const std::uint64_t number = desk_.ledger.TakeNumber();
  const std::string key = std::to_string(number);
  if (ticket.has_cancel_on_disconnect()) {
    const v1::CancelOnDisconnect& session = ticket.cancel_on_disconnect();
    SWITCHYARD_RETURN_IF_ERROR(
        desk_.sessions.Bind(key, session.session_id(), risk::GraceOf(session.grace_ms())));
  }
  if (const absl::Status status = desk_.limits.Admit(key, *instrument, terms, market);
      !status.ok()) {
    desk_.sessions.Unbind(key);
    return status;
  }

  OrderRecord record;
  record.number = number;
  record.body_hash = body_hash;
  record.command_time = now;
  v1::Order& order = record.order;
  *order.mutable_ticket() = ticket;
  *order.mutable_sent() = risk::SentOf(terms);
  order.set_exchange_client_id(desk_.client.ExchangeClientId(number, ticket.client_order_id()));
  order.set_state(v1::ORDER_STATE_PENDING_NEW);
  order.set_pending(v1::PENDING_COMMAND_SUBMIT);
  order.set_origin(v1::ORDER_ORIGIN_CLIENT);
  order.set_change_origin(v1::CHANGE_ORIGIN_CLIENT);
  order.set_version(1);
  if (terms.quantity.has_value()) order.set_remaining_quantity(terms.quantity->ToString());
  order.set_create_time_ns(now.value);
  order.set_update_time_ns(now.value);
  PlaceItem item{.number = number,
                 .command = {.symbol = ticket.symbol(),
                             .exchange_client_id = order.exchange_client_id(),
                             .terms = std::move(terms)}};
  desk_.ledger.Changed(desk_.ledger.Add(std::move(record)), {}, now);
  return item;
}

void OrderCommands::Send(const std::shared_ptr<Placing>& placing, const absl::Status& journaled) {
  if (!journaled.ok()) {
    // Not in the journal, so it is not sent.
    --under_way_;
    for (const PlaceItem& item : placing->items) {
      CommandResult refused;
      refused.fate = CommandFate::kRefused;
      refused.status = desk_.ledger.failure();
      OnPlaced(item.number, refused);
    }
    return;
  }
  std::vector<exchange::PlaceCommand> commands;
  for (PlaceItem& item : placing->items) commands.push_back(std::move(item.command));
  placing->sent_at = desk_.clock.Steady();
  PassCrashPoint(CrashPoint::kBeforeSend);
  using Results = std::vector<CommandResult>;
  desk_.client.Place(std::move(commands),
                     desk_.turns.Reply<Results>([this, placing](absl::StatusOr<Results> reply) {
                       --under_way_;
                       desk_.metrics.place_seconds.Observe(desk_.clock.Steady() - placing->sent_at);
                       const Results results = ResultsOf(std::move(reply), placing->items.size());
                       for (std::size_t i = 0; i < results.size(); ++i) {
                         OnPlaced(placing->items[i].number, results[i]);
                       }
                     }));
  PassCrashPoint(CrashPoint::kAfterSend);
}

void OrderCommands::OnPlaced(std::uint64_t number, const CommandResult& result) {
  OrderRecord* const record = desk_.ledger.Find(number);
  if (record == nullptr) return;
  const std::string symbol = record->order.ticket().symbol();
  Cause cause = desk_.MakeCause(v1::CHANGE_ORIGIN_EXCHANGE, symbol);
  if (result.report.has_value()) cause.source = result.report->source;
  const bool was_identified = !record->order.exchange_order_id().empty();
  // From now on the exchange may take it for so long.
  if (result.fate == CommandFate::kUnknown) record->command_time = cause.now;
  if (ApplyPlaceResult(result, cause, *record)) {
    const TimeNs exchange_time =
        result.report.has_value() ? result.report->exchange_update_time : TimeNs();
    desk_.ledger.Changed(*record, exchange_time, cause.now);
  }
  if (record->order.outcome_unknown()) resolver_.Resolve(number);
  if (!was_identified && !record->order.exchange_order_id().empty()) intake_.Identified(*record);
  if (IsTerminal(*record) && LacksFills(*record)) resolver_.FetchFills(number);
  auto waiting = placing_.extract(number);
  if (waiting.empty()) return;
  desk_.turns.Answer(
      [outcome = PlaceOutcome(*desk_.ledger.Find(number)), callers = std::move(waiting.mapped())] {
        PassCrashPoint(CrashPoint::kBeforeAnswer);
        for (const Done& done : callers) done(outcome);
        PassCrashPoint(CrashPoint::kAfterAnswer);
      });
}

CommandOutcome OrderCommands::PlaceOutcome(const OrderRecord& record) const {
  const v1::Order& order = record.order;
  CommandOutcome outcome{.status = absl::OkStatus(), .order = order};
  if (order.state() == v1::ORDER_STATE_REJECTED) {
    outcome.status = OfOrder(FromProto(order.rejection()), order.ticket());
  } else if (order.state() == v1::ORDER_STATE_PENDING_NEW && order.outcome_unknown()) {
    outcome.status = OutcomeUnknown(desk_.exchange, order);
  }
  return outcome;
}

void OrderCommands::Amend(std::uint64_t number, const v1::AmendOrderRequest& request,
                          const std::optional<risk::MarketInput>& market, Done done) {
  OrderRecord* const record = desk_.ledger.Find(number);
  std::shared_ptr<const model::InstrumentTable> table;
  exchange::AmendCommand command;
  AmendedValues values;
  const absl::Status admitted = [&]() -> absl::Status {
    if (record == nullptr) return absl::InternalError("the order is not in memory");
    const v1::Order& order = record->order;
    if (IsTerminal(*record)) return OrderFinished(order);
    SWITCHYARD_RETURN_IF_ERROR(gate_());
    if (order.outcome_unknown()) return OutcomeUnknown(desk_.exchange, order);
    if (order.pending() != v1::PENDING_COMMAND_NONE) {
      return MakeError(
          absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_ORDER_REJECTED,
          "another command for this order is on its way", {{"exchange", desk_.exchange}});
    }
    SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* instrument,
                                desk_.FindInstrument(order.ticket().symbol(), table));
    const model::OrderTerms current = TermsOf(order);
    const Decimal filled = DecimalOf(order.filled_quantity()).value_or(Decimal());
    SWITCHYARD_ASSIGN_OR_RETURN(const risk::Amendment amendment,
                                risk::AmendmentOf(request, current, filled, *instrument));
    SWITCHYARD_RETURN_IF_ERROR(
        desk_.limits.AdmitAmendment(KeyOf(*record), *instrument, current, amendment.terms, market));
    command = {.order = ReferenceTo(order),
               .side = order.ticket().side(),
               .quantity = amendment.quantity,
               .price = amendment.price,
               .trigger_price = amendment.trigger_price};
    values = {.quantity = amendment.quantity,
              .price = amendment.price,
              .trigger_price = amendment.trigger_price};
    return absl::OkStatus();
  }();
  if (!admitted.ok()) {
    CommandOutcome outcome{.status = admitted, .order = {}};
    if (record != nullptr) outcome.order = record->order;
    return done(std::move(outcome));
  }
  const Cause cause = desk_.MakeCause(v1::CHANGE_ORIGIN_CLIENT, record->order.ticket().symbol());
  if (BeginCommand(v1::PENDING_COMMAND_AMEND, v1::FINISH_REASON_UNSPECIFIED, cause, *record)) {
    desk_.ledger.Changed(*record, {}, cause.now);
  }
  ++under_way_;
  desk_.turns.Commit([this, number, command, values, done](const absl::Status& status) {
    SendAmend(number, command, values, status, done);
  });
}

void OrderCommands::SendAmend(std::uint64_t number, const exchange::AmendCommand& command,
                              const AmendedValues& values, const absl::Status& journaled,
                              Done done) {
  const auto sent_at = desk_.clock.Steady();
  const auto take = [this, number, values, sent_at, done](absl::StatusOr<CommandResult> reply) {
    --under_way_;
    desk_.metrics.amend_seconds.Observe(desk_.clock.Steady() - sent_at);
    const CommandResult result = reply.ok() ? *std::move(reply) : CommandResult();
    OrderRecord* const record = desk_.ledger.Find(number);
    if (record == nullptr) return done({.status = absl::InternalError("forgotten"), .order = {}});
    const Cause cause = desk_.MakeCause(v1::CHANGE_ORIGIN_CLIENT, record->order.ticket().symbol());
    if (result.fate == CommandFate::kUnknown) record->command_time = cause.now;
    if (ApplyAmendResult(result, values, cause, *record)) {
      desk_.ledger.Changed(*record, {}, cause.now);
    }
    CommandOutcome outcome{.status = absl::OkStatus(), .order = record->order};
    if (result.fate == CommandFate::kUnknown) {
      resolver_.Resolve(number);
      outcome.status = OutcomeUnknown(desk_.exchange, record->order);
    } else if (result.fate != CommandFate::kConfirmed) {
      outcome.status = OfOrder(result.status, record->order.ticket());
      // It may have ended, which its refusal only hints at.
      if (result.fate == CommandFate::kRefused) resolver_.Verify(number, {});
    }
    desk_.turns.Answer([done, outcome] { done(outcome); });
  };
  if (!journaled.ok()) {
    CommandResult refused;
    refused.fate = CommandFate::kRefused;
    refused.status = desk_.ledger.failure();
    return take(refused);
  }
  PassCrashPoint(CrashPoint::kBeforeSend);
  desk_.client.Amend(command, desk_.turns.Reply<CommandResult>(take));
  PassCrashPoint(CrashPoint::kAfterSend);
}

}  // namespace switchyard::order
