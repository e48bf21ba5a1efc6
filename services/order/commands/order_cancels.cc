// The cancelling half of OrderCommands.
#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "services/order/commands/order_commands.h"
#include "services/order/crash_point/crash_point.h"

namespace switchyard::order {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;

// Until a cancellation that the gateway owes is tried again, where nothing says when.
constexpr std::chrono::seconds kOwedRetry{1};

// The exchange says that there is nothing to cancel: the order has ended, by a fill perhaps.
bool HintsAtEnd(const CommandResult& result) {
  return result.fate == CommandFate::kRefused &&
         (absl::IsNotFound(result.status) ||
          ReasonOf(result.status) == common::v1::ERROR_REASON_ORDER_FINISHED ||
          ReasonOf(result.status) == common::v1::ERROR_REASON_UNKNOWN_ORDER);
}

}  // namespace

void OrderCommands::Cancel(const std::vector<std::uint64_t>& numbers, v1::FinishReason cause,
                           v1::ChangeOrigin origin, AllDone done) {
  if (numbers.empty()) return done({});
  const auto list = std::make_shared<OutcomeList>(numbers.size(), std::move(done));
  CancelEach(numbers, cause, origin, [&list](std::size_t i) { return OutcomeList::At(list, i); });
}

void OrderCommands::CancelEach(const std::vector<std::uint64_t>& numbers, v1::FinishReason cause,
                               v1::ChangeOrigin origin,
                               const std::function<Done(std::size_t index)>& done_of) {
  std::vector<CancelItem> items;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (BeginCancel(numbers[i], cause, origin, done_of(i))) {
      items.push_back({numbers[i], queue_.Arrive(desk_.clock.Steady())});
    }
  }
  if (items.empty()) return;
  ++under_way_;
  // Cancels pass also where the journal cannot be written.
  desk_.turns.Commit([this, items](const absl::Status&) {
    --under_way_;
    SendCancels(items, Line::kJoin);
  });
}

bool OrderCommands::BeginCancel(std::uint64_t number, v1::FinishReason cause,
                                v1::ChangeOrigin origin, Done done) {
  OrderRecord* const record = desk_.ledger.Find(number);
  if (record == nullptr || IsTerminal(*record)) {
    CommandOutcome outcome = CancelOutcome(number, absl::OkStatus());
    if (record != nullptr) outcome.status = OrderFinished(record->order);
    desk_.turns.Answer([done, outcome] { done(outcome); });
    return false;
  }
  if (CancelQueued(number, cause, origin)) {
    desk_.turns.Answer(
        [done, outcome = CancelOutcome(number, absl::OkStatus())] { done(outcome); });
    return false;
  }
  if (record->order.pending() == v1::PENDING_COMMAND_SUBMIT) {
    deferred_[number] = {cause, origin};
    if (record->order.outcome_unknown()) {
      Owe(number, cause, origin);
      desk_.turns.Answer(
          [done, outcome = CancelOutcome(number, OutcomeUnknown(desk_.exchange, record->order))] {
            done(outcome);
          });
    } else {
      canceling_[number].push_back(std::move(done));
    }
    return false;
  }
  const auto waiting = canceling_.find(number);
  if (waiting != canceling_.end()) {
    waiting->second.push_back(std::move(done));
    return false;
  }
  canceling_[number].push_back(std::move(done));
  const Cause why = desk_.MakeCause(origin, record->order.ticket().symbol());
  if (BeginCommand(v1::PENDING_COMMAND_CANCEL, cause, why, *record)) {
    desk_.ledger.Changed(*record, {}, why.now);
  } else {
    desk_.ledger.ChangedInside(*record);
  }
  return true;
}

void OrderCommands::SendCancels(const std::vector<CancelItem>& items, Line line) {
  std::vector<exchange::OrderReference> references;
  std::vector<CancelItem> given;
  for (const CancelItem& item : items) {
    const OrderRecord* const record = desk_.ledger.Find(item.number);
    if (record == nullptr || IsTerminal(*record)) {
      AnswerCancel(item.number, absl::OkStatus());  // it ended meanwhile
      continue;
    }
    const std::string& market = record->order.ticket().symbol();
    if (line == Line::kJoin &&
        queue_.MustWait(retry::Priority::kUrgent, market, desk_.clock.Steady())) {
      QueueCancel(item, {});
      continue;
    }
    references.push_back(ReferenceTo(record->order));
    given.push_back(item);
  }
  if (given.empty()) return;
  ++under_way_;
  PassCrashPoint(CrashPoint::kBeforeSend);
  using Results = std::vector<CommandResult>;
  desk_.client.Cancel(
      std::move(references),
      desk_.turns.Reply<Results>([this, given](absl::StatusOr<Results> reply) {
        --under_way_;
        Results results;
        if (reply.ok()) results = *std::move(reply);
        results.resize(given.size());
        for (std::size_t i = 0; i < given.size(); ++i) {
          if (const auto delay = WantsPermits(results[i])) {
            QueueCancel(given[i], *delay);
            continue;
          }
          desk_.metrics.cancel_seconds.Observe(desk_.clock.Steady() - given[i].slot.came);
          OnCanceled(given[i].number, results[i]);
        }
      }));
  PassCrashPoint(CrashPoint::kAfterSend);
}

void OrderCommands::OnCanceled(std::uint64_t number, const CommandResult& result) {
  OrderRecord* record = desk_.ledger.Find(number);
  if (record == nullptr) return AnswerCancel(number, absl::OkStatus());
  const Cause cause = desk_.MakeCause(v1::CHANGE_ORIGIN_EXCHANGE, record->order.ticket().symbol());
  const bool was_terminal = IsTerminal(*record);
  if (result.fate == CommandFate::kUnknown && !was_terminal) record->command_time = cause.now;
  const bool finished_hint = HintsAtEnd(result);
  // While the end is looked for, the cancellation stays what it was sent for.
  if (!finished_hint && ApplyCancelResult(result, cause, *record)) {
    desk_.ledger.Changed(*record, {}, cause.now);
  }
  record = desk_.ledger.Find(number);
  if (was_terminal || IsTerminal(*record)) {
    if (LacksFills(*record)) resolver_.FetchFills(number);
    return AnswerCancel(number, absl::OkStatus());
  }
  if (finished_hint) {
    resolver_.Verify(number, [this, number, result](bool known) {
      OrderRecord* const found = desk_.ledger.Find(number);
      if (found != nullptr && !IsTerminal(*found)) {
        const Cause why =
            desk_.MakeCause(v1::CHANGE_ORIGIN_EXCHANGE, found->order.ticket().symbol());
        if (known && ApplyCancelResult(result, why, *found)) {
          desk_.ledger.Changed(*found, {}, why.now);
        }
      }
      AnswerCancel(number, result.status);
    });
    return;
  }
  switch (result.fate) {
    case CommandFate::kConfirmed:
      // It must end now; asked for if nobody tells.
      resolver_.Resolve(number);
      acknowledged_[number] = desk_.clock.Steady() + desk_.options.cancel_end_wait;
      return;
    case CommandFate::kUnknown:
      resolver_.Resolve(number);
      return AnswerCancel(number, OutcomeUnknown(desk_.exchange, record->order));
    case CommandFate::kRefused:
    case CommandFate::kNotSent:
      return AnswerCancel(number, WithMetadata(result.status, "client_order_id",
                                               record->order.ticket().client_order_id()));
  }
}

CommandOutcome OrderCommands::CancelOutcome(std::uint64_t number, absl::Status status) const {
  const OrderRecord* const record = desk_.ledger.Find(number);
  if (record == nullptr) {
    return {.status = absl::InternalError("the order is not in memory"), .order = {}};
  }
  const v1::Order& order = record->order;
  if (IsTerminal(*record)) {
    const bool by_us = order.state() == v1::ORDER_STATE_CANCELED &&
                       record->cancel_cause != v1::FINISH_REASON_UNSPECIFIED &&
                       order.finish_reason() == record->cancel_cause;
    status = by_us ? absl::OkStatus() : OrderFinished(order);
  }
  return {.status = std::move(status), .order = order};
}

void OrderCommands::AnswerCancel(std::uint64_t number, const absl::Status& status) {
  auto waiting = canceling_.extract(number);
  if (waiting.empty()) return;
  desk_.turns.Answer(
      [outcome = CancelOutcome(number, status), callers = std::move(waiting.mapped())] {
        PassCrashPoint(CrashPoint::kBeforeAnswer);
        for (const Done& done : callers) done(outcome);
        PassCrashPoint(CrashPoint::kAfterAnswer);
      });
}

void OrderCommands::Owe(std::uint64_t number, v1::FinishReason cause, v1::ChangeOrigin origin) {
  owed_[number] = {.cancel = {cause, origin}, .due = desk_.clock.Steady() + kOwedRetry};
}

void OrderCommands::CancelUntilEnded(const std::vector<std::uint64_t>& numbers,
                                     v1::FinishReason cause, v1::ChangeOrigin origin) {
  for (const std::uint64_t number : numbers) Owe(number, cause, origin);
  // Each is put off as its own answer says, whenever the others' come.
  CancelEach(numbers, cause, origin, [this, &numbers](std::size_t i) -> Done {
    return [this, number = numbers[i]](const CommandOutcome& outcome) {
      PutOffOwed(number, outcome.status);
    };
  });
}

void OrderCommands::PutOffOwed(std::uint64_t number, const absl::Status& status) {
  const auto found = owed_.find(number);
  const OrderRecord* const record = desk_.ledger.Find(number);
  if (found == owed_.end() || record == nullptr || IsTerminal(*record) || status.ok()) return;
  const auto wait = RetryAfterOf(status).value_or(kOwedRetry);
  found->second.due = desk_.clock.Steady() + wait;
  owed_log_.Log(log::Level::kWarning, "owed_cancel_failed",
                {{"exchange", desk_.exchange},
                 {"account", desk_.account},
                 {"symbol", record->order.ticket().symbol()},
                 {"client_order_id", record->order.ticket().client_order_id()},
                 {"exchange_order_id", record->order.exchange_order_id()},
                 {"again_ms", std::chrono::duration_cast<std::chrono::milliseconds>(wait).count()},
                 {"error", status}});
}

void OrderCommands::CancelOwed() {
  const auto now = desk_.clock.Steady();
  // What is due for one cause goes together, as far as the exchange takes lists.
  std::map<std::pair<v1::FinishReason, v1::ChangeOrigin>, std::vector<std::uint64_t>> due;
  for (auto at = owed_.begin(); at != owed_.end();) {
    const auto here = at++;
    const OrderRecord* const record = desk_.ledger.Find(here->first);
    if (record == nullptr || IsTerminal(*record)) {
      owed_.erase(here);
      continue;
    }
    // What is on its way or in doubt is settled first: by its answer, or by the resolver.
    const v1::PendingCommand pending = record->order.pending();
    if (pending == v1::PENDING_COMMAND_SUBMIT || pending == v1::PENDING_COMMAND_CANCEL) continue;
    const Deferred& cancel = here->second.cancel;
    if (now >= here->second.due) due[{cancel.cause, cancel.origin}].push_back(here->first);
  }
  for (const auto& [why, numbers] : due) CancelUntilEnded(numbers, why.first, why.second);
}

void OrderCommands::Tick() {
  CancelOwed();
  const auto now = desk_.clock.Steady();
  std::vector<std::uint64_t> due;
  for (const auto& [number, until] : acknowledged_) {
    if (now >= until) due.push_back(number);
  }
  for (const std::uint64_t number : due) {
    acknowledged_.erase(number);
    AnswerCancel(number, absl::OkStatus());
  }
}

void OrderCommands::OnChanged(std::uint64_t number) {
  const OrderRecord* const record = desk_.ledger.Find(number);
  if (record == nullptr || IsTerminal(*record)) owed_.erase(number);
  const bool acknowledged = acknowledged_.contains(number);
  if (acknowledged &&
      (record == nullptr || record->order.pending() != v1::PENDING_COMMAND_CANCEL)) {
    acknowledged_.erase(number);
    AnswerCancel(number, absl::OkStatus());
  }
  const auto found = deferred_.find(number);
  if (record == nullptr || found == deferred_.end()) return;
  const bool on_its_way = record->order.pending() == v1::PENDING_COMMAND_SUBMIT;
  if (on_its_way && !record->order.outcome_unknown()) return;
  if (on_its_way) {
    // Who waits is told so; the order is canceled when it is found.
    Owe(number, found->second.cause, found->second.origin);
    return AnswerCancel(number, OutcomeUnknown(desk_.exchange, record->order));
  }
  const Deferred deferred = found->second;
  deferred_.erase(found);
  if (IsTerminal(*record)) return AnswerCancel(number, absl::OkStatus());
  auto waiting = canceling_.extract(number);
  std::vector<Done> callers;
  if (!waiting.empty()) callers = std::move(waiting.mapped());
  Cancel({number}, deferred.cause, deferred.origin,
         [this, number, callers](const std::vector<CommandOutcome>& outcomes) {
           for (const Done& done : callers) done(outcomes.front());
           PutOffOwed(number, outcomes.front().status);
         });
}

void OrderCommands::CancelAll(const std::vector<std::uint64_t>& numbers,
                              const exchange::CancelAllCommand& command, AllResult done) {
  const auto all = std::make_shared<CancelingAll>();
  all->command = command;
  all->slot = queue_.Arrive(desk_.clock.Steady());
  if (numbers.empty()) {
    // There may be orders that nobody told us of.
    all->done = std::move(done);
  } else {
    // What is on its way is not among what the exchange cancels; each is canceled when it is found.
    const auto list = std::make_shared<OutcomeList>(numbers.size(), std::move(done));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (BeginCancel(numbers[i], v1::FINISH_REASON_CLIENT_CANCEL, v1::CHANGE_ORIGIN_CLIENT,
                      OutcomeList::At(list, i))) {
        all->covered.push_back(numbers[i]);
      }
    }
  }
  ++under_way_;
  desk_.turns.Commit([this, all](const absl::Status&) {
    --under_way_;
    SendCancelAll(all, Line::kJoin);
  });
}

void OrderCommands::SendCancelAll(const CancelingAllPtr& all, Line line) {
  if (line == Line::kJoin &&
      queue_.MustWait(retry::Priority::kUrgent, all->command.symbol, desk_.clock.Steady())) {
    return QueueCancelAll(all, {});
  }
  ++under_way_;
  desk_.client.CancelAll(
      all->command,
      desk_.turns.Reply<CommandResult>([this, all](absl::StatusOr<CommandResult> reply) {
        --under_way_;
        const CommandResult result = reply.ok() ? *std::move(reply) : CommandResult();
        const auto delay = WantsPermits(result);
        if (!delay.has_value()) return OnCanceledAll(*all, result);
        QueueCancelAll(all, *delay);
      }));
}

void OrderCommands::OnCanceledAll(const CancelingAll& all, const CommandResult& result) {
  CommandResult each;
  each.fate = result.fate;
  each.status = result.status;
  for (const std::uint64_t number : all.covered) OnCanceled(number, each);
  if (!all.done) return;
  if (result.fate == CommandFate::kUnknown) {
    return all.done(
        MakeError(absl::StatusCode::kUnknown, common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
                  "the cancel-all was sent and no answer came", {{"exchange", desk_.exchange}}));
  }
  if (result.status.ok() || HintsAtEnd(result)) {
    return all.done(std::vector<CommandOutcome>());
  }
  all.done(result.status);
}

}  // namespace switchyard::order
