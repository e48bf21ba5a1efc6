#include "services/order/commands/order_commands.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "services/order/commands/body_hash.h"
#include "services/order/commands/outcome_list.h"
#include "services/order/crash_point/crash_point.h"
#include "services/order/risk/terms.h"
#include "services/order/state/converters.h"

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

// The exchange's own limit: it says that it did not take the order.
bool WasTurnedAway(const CommandResult& result) {
  return result.fate == CommandFate::kRefused && absl::IsResourceExhausted(result.status) &&
         ReasonOf(result.status) == common::v1::ERROR_REASON_RATE_LIMITED;
}

// It may be placed again: the exchange never had it, whatever it told meanwhile included.
bool WasNeverSent(const v1::Order& order) {
  return order.finish_reason() == v1::FINISH_REASON_NOT_SENT && order.exchange_order_id().empty() &&
         DecimalOf(order.filled_quantity()).value_or(Decimal()).is_zero();
}

// The journal was restored since: what it calls unsent was perhaps placed again after the backup.
absl::Status NotSentBeforeBackup(const std::string& exchange) {
  return MakeError(absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_FAIL_CLOSED,
                   "the order was not sent, but the journal has been restored from a backup since: "
                   "see at the exchange, and use another client_order_id",
                   {{"exchange", exchange}});
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

void OrderCommands::Place(std::vector<v1::OrderTicket> tickets, const Markets& markets,
                          AllDone done) {
  const auto list = std::make_shared<OutcomeList>(tickets.size(), std::move(done));
  const auto items = std::make_shared<std::vector<PlaceItem>>();
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    const v1::OrderTicket& ticket = tickets[i];
    const std::string hash = BodyHash(ticket);
    Done answer = OutcomeList::At(list, i);
    const OrderRecord* const earlier = desk_.ledger.FindByClientId(ticket.client_order_id());
    if (earlier != nullptr && Replay(*earlier, ticket, hash, answer)) continue;
    absl::StatusOr<PlaceItem> item = Admit(ticket, markets, hash, earlier);
    if (!item.ok()) {
      answer({.status = OfOrder(item.status(), ticket), .order = {}});
      continue;
    }
    placing_[item->number].push_back(std::move(answer));
    items->push_back(*std::move(item));
  }
  if (items->empty()) return;
  ++under_way_;
  desk_.turns.Commit([this, items](const absl::Status& status) {
    --under_way_;
    SendPlaces(items, Line::kJoin, status);
  });
}

bool OrderCommands::Replay(const OrderRecord& record, const v1::OrderTicket& ticket,
                           const std::string& body_hash, Done done) {
  if (record.body_hash != body_hash) {
    done({.status = OfOrder(MakeError(absl::StatusCode::kAlreadyExists,
                                      common::v1::ERROR_REASON_CLIENT_ORDER_ID_REUSED,
                                      fmt::format("client_order_id '{}' was used for another order",
                                                  ticket.client_order_id()),
                                      {{"exchange", desk_.exchange}}),
                            ticket),
          .order = {}});
    return true;
  }
  if (WasNeverSent(record.order)) {
    if (record.number >= desk_.ledger.restored_below()) return false;
    done({.status = OfOrder(NotSentBeforeBackup(desk_.exchange), ticket), .order = record.order});
    return true;
  }
  Done replayed = [done = std::move(done)](CommandOutcome outcome) {
    // What was placed before is told as it is, also where it was refused then.
    if (outcome.order.has_value() && IsTerminal(outcome.order->state()) &&
        !WasNeverSent(*outcome.order)) {
      outcome.status = absl::OkStatus();
    }
    outcome.replayed = true;
    done(std::move(outcome));
  };
  const auto waiting = placing_.find(record.number);
  if (waiting != placing_.end()) {
    waiting->second.push_back(std::move(replayed));
  } else {
    desk_.turns.Answer(
        [replayed, outcome = PlaceOutcome(record)]() mutable { replayed(std::move(outcome)); });
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

absl::Status OrderCommands::CheckNotLost(const v1::OrderTicket& ticket) const {
  const std::string lost = intake_.lost().Find(ticket.client_order_id());
  if (lost.empty()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kAlreadyExists, common::v1::ERROR_REASON_CLIENT_ORDER_ID_REUSED,
      fmt::format("an order of this client_order_id was placed, as '{}', by a journal that was "
                  "lost or restored since; nothing was sent. See at the exchange what became of "
                  "it, and use another id",
                  lost),
      {{"exchange", desk_.exchange}});
}

absl::StatusOr<OrderCommands::PlaceItem> OrderCommands::Admit(const v1::OrderTicket& ticket,
                                                              const Markets& markets,
                                                              const std::string& body_hash,
                                                              const OrderRecord* earlier) {
  SWITCHYARD_RETURN_IF_ERROR(CheckNotGrouped(ticket));
  SWITCHYARD_RETURN_IF_ERROR(gate_());
  if (earlier == nullptr) SWITCHYARD_RETURN_IF_ERROR(CheckNotLost(ticket));
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

  const std::uint64_t number = earlier == nullptr ? desk_.ledger.TakeNumber() : earlier->number;
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
  order.set_version(earlier == nullptr ? 1 : earlier->order.version() + 1);
  if (terms.quantity.has_value()) order.set_remaining_quantity(terms.quantity->ToString());
  order.set_create_time_ns(earlier == nullptr ? now.value : earlier->order.create_time_ns());
  order.set_update_time_ns(now.value);
  PlaceItem item{.number = number,
                 .command = {.symbol = ticket.symbol(),
                             .exchange_client_id = order.exchange_client_id(),
                             .terms = std::move(terms)},
                 .slot = queue_.Arrive(desk_.clock.Steady())};
  desk_.ledger.Changed(earlier == nullptr ? desk_.ledger.Add(std::move(record))
                                          : desk_.ledger.BeginAnew(std::move(record)),
                       {}, now);
  return item;
}

void OrderCommands::SendPlaces(const PlaceItems& items, Line line, const absl::Status& journaled) {
  if (!journaled.ok()) {
    // Not in the journal, so it is not sent.
    for (const PlaceItem& item : *items) {
      OnPlaced(item.number, NotSent(desk_.ledger.failure()));
    }
    return;
  }
  const auto given = std::make_shared<std::vector<PlaceItem>>();
  std::vector<exchange::PlaceCommand> commands;
  for (const PlaceItem& item : *items) {
    if (!AwaitsSending(item.number)) {
      AnswerPlace(item.number);
      continue;
    }
    const std::string& market = item.command.symbol;
    if (line == Line::kJoin &&
        queue_.MustWait(retry::Priority::kNormal, market, desk_.clock.Steady())) {
      QueuePlace(item, {});
      continue;
    }
    given->push_back(item);
    commands.push_back(item.command);
  }
  if (given->empty()) return;
  ++under_way_;
  PassCrashPoint(CrashPoint::kBeforeSend);
  using Results = std::vector<CommandResult>;
  desk_.client.Place(std::move(commands),
                     desk_.turns.Reply<Results>([this, given](absl::StatusOr<Results> reply) {
                       --under_way_;
                       Results results = ResultsOf(std::move(reply), given->size());
                       for (std::size_t i = 0; i < results.size(); ++i) {
                         const PlaceItem& item = (*given)[i];
                         // Unless it shows up all the same, the exchange's word counts.
                         if (WasTurnedAway(results[i]) && AwaitsSending(item.number)) {
                           results[i].fate = CommandFate::kNotSent;
                         }
                         if (const auto delay = WantsPermits(results[i])) {
                           QueuePlace(item, *delay);
                           continue;
                         }
                         desk_.metrics.place_seconds.Observe(desk_.clock.Steady() - item.slot.came);
                         OnPlaced(item.number, results[i]);
                       }
                     }));
  PassCrashPoint(CrashPoint::kAfterSend);
}

void OrderCommands::OnPlaced(std::uint64_t number, const CommandResult& result) {
  OrderRecord* const record = desk_.ledger.Find(number);
  if (record == nullptr) return AnswerPlace(number);
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
  AnswerPlace(number);
}

bool OrderCommands::AwaitsSending(std::uint64_t number) const {
  const OrderRecord* const record = desk_.ledger.Find(number);
  return record != nullptr && record->order.pending() == v1::PENDING_COMMAND_SUBMIT;
}

void OrderCommands::AnswerPlace(std::uint64_t number) {
  auto waiting = placing_.extract(number);
  if (waiting.empty()) return;
  const OrderRecord* const record = desk_.ledger.Find(number);
  CommandOutcome outcome{.status = absl::InternalError("the order is not in memory"), .order = {}};
  if (record != nullptr) outcome = PlaceOutcome(*record);
  desk_.turns.Answer(
      [outcome = std::move(outcome), callers = std::move(waiting.mapped())]() mutable {
        PassCrashPoint(CrashPoint::kBeforeAnswer);
        for (std::size_t i = 1; i < callers.size(); ++i) callers[i](outcome);
        callers.front()(std::move(outcome));
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

}  // namespace switchyard::order
