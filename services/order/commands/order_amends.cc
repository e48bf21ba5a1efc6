// The amending half of OrderCommands.
#include <utility>

#include "common/status/status.h"
#include "services/order/commands/order_commands.h"
#include "services/order/crash_point/crash_point.h"
#include "services/order/risk/terms.h"
#include "services/order/state/converters.h"

namespace switchyard::order {

using exchange::CommandFate;
using exchange::CommandResult;

void OrderCommands::Amend(std::uint64_t number, const v1::AmendOrderRequest& request,
                          const std::optional<risk::MarketInput>& market, Done done) {
  OrderRecord* const record = desk_.ledger.Find(number);
  std::shared_ptr<const model::InstrumentTable> table;
  const auto amending = std::make_shared<Amending>();
  amending->number = number;
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
    amending->command = {.order = ReferenceTo(order),
                         .side = order.ticket().side(),
                         .quantity = amendment.quantity,
                         .price = amendment.price,
                         .trigger_price = amendment.trigger_price};
    amending->values = {.quantity = amendment.quantity,
                        .price = amendment.price,
                        .trigger_price = amendment.trigger_price};
    return absl::OkStatus();
  }();
  if (!admitted.ok()) {
    CommandOutcome outcome{.status = admitted, .order = {}};
    if (record != nullptr) outcome.order = record->order;
    return done(std::move(outcome));
  }
  amending->slot = queue_.Arrive(desk_.clock.Steady());
  amending->done = std::move(done);
  const Cause cause = desk_.MakeCause(v1::CHANGE_ORIGIN_CLIENT, record->order.ticket().symbol());
  if (BeginCommand(v1::PENDING_COMMAND_AMEND, v1::FINISH_REASON_UNSPECIFIED, cause, *record)) {
    desk_.ledger.Changed(*record, {}, cause.now);
  }
  ++under_way_;
  desk_.turns.Commit([this, amending](const absl::Status& status) {
    --under_way_;
    SendAmend(amending, Line::kJoin, status);
  });
}

void OrderCommands::SendAmend(const AmendingPtr& amending, Line line,
                              const absl::Status& journaled) {
  if (!journaled.ok()) return OnAmended(*amending, NotSent(desk_.ledger.failure()));
  if (line == Line::kJoin &&
      queue_.MustWait(retry::Priority::kNormal, amending->command.order.symbol,
                      desk_.clock.Steady())) {
    return QueueAmend(amending, {});
  }
  ++under_way_;
  PassCrashPoint(CrashPoint::kBeforeSend);
  desk_.client.Amend(
      amending->command,
      desk_.turns.Reply<CommandResult>([this, amending](absl::StatusOr<CommandResult> reply) {
        --under_way_;
        const CommandResult result = reply.ok() ? *std::move(reply) : CommandResult();
        if (const auto delay = WantsPermits(result)) {
          return QueueAmend(amending, *delay);
        }
        desk_.metrics.amend_seconds.Observe(desk_.clock.Steady() - amending->slot.came);
        OnAmended(*amending, result);
      }));
  PassCrashPoint(CrashPoint::kAfterSend);
}

void OrderCommands::OnAmended(const Amending& amending, const CommandResult& result) {
  const Done& done = amending.done;
  OrderRecord* const record = desk_.ledger.Find(amending.number);
  if (record == nullptr) return done({.status = absl::InternalError("forgotten"), .order = {}});
  const v1::OrderTicket& ticket = record->order.ticket();
  const Cause cause = desk_.MakeCause(v1::CHANGE_ORIGIN_CLIENT, ticket.symbol());
  if (result.fate == CommandFate::kUnknown) record->command_time = cause.now;
  if (ApplyAmendResult(result, amending.values, cause, *record)) {
    desk_.ledger.Changed(*record, {}, cause.now);
  }
  CommandOutcome outcome{.status = absl::OkStatus(), .order = record->order};
  if (result.fate == CommandFate::kUnknown) {
    resolver_.Resolve(amending.number);
    outcome.status = OutcomeUnknown(desk_.exchange, record->order);
  } else if (result.fate != CommandFate::kConfirmed) {
    outcome.status = WithMetadata(result.status, "client_order_id", ticket.client_order_id());
    // It may have ended, which its refusal only hints at.
    if (result.fate == CommandFate::kRefused) resolver_.Verify(amending.number, {});
  }
  desk_.turns.Answer([done, outcome] { done(outcome); });
}

}  // namespace switchyard::order
