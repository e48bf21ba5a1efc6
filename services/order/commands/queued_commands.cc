// The half of OrderCommands that lets commands wait for room within the exchange's limits.
#include <utility>

#include "common/status/status.h"
#include "services/order/commands/order_commands.h"

namespace switchyard::order {

using exchange::CommandFate;
using exchange::CommandResult;
using retry::Priority;

CommandResult NotSent(absl::Status why) {
  CommandResult result;
  result.fate = CommandFate::kNotSent;
  result.status = std::move(why);
  return result;
}

std::optional<std::chrono::nanoseconds> OrderCommands::WantsPermits(const CommandResult& result) {
  const bool limited = result.fate == CommandFate::kNotSent &&
                       ReasonOf(result.status) == common::v1::ERROR_REASON_RATE_LIMITED;
  return limited ? RetryAfterOf(result.status) : std::nullopt;
}

void OrderCommands::MarkQueued(OrderRecord& record) {
  if (record.command_time == TimeNs()) return;
  record.command_time = {};
  desk_.ledger.ChangedInside(record);
}

void OrderCommands::MarkGiven(OrderRecord& record) {
  record.command_time = desk_.clock.Now();
  desk_.ledger.ChangedInside(record);
}

void OrderCommands::QueuePlace(const PlaceItem& item, std::chrono::nanoseconds delay) {
  const std::uint64_t number = item.number;
  if (!AwaitsSending(number)) return AnswerPlace(number);
  MarkQueued(*desk_.ledger.Find(number));
  if (const absl::Status open = gate_(); !open.ok()) return OnPlaced(number, NotSent(open));
  CommandQueue::Command command;
  command.market = item.command.symbol;
  command.order = number;
  command.slot = item.slot;
  command.send = [this, item] {
    if (!AwaitsSending(item.number)) return AnswerPlace(item.number);
    // What closed meanwhile (a kill switch) holds for it too.
    if (const absl::Status open = gate_(); !open.ok()) return OnPlaced(item.number, NotSent(open));
    MarkGiven(*desk_.ledger.Find(item.number));
    ++under_way_;
    desk_.turns.Commit([this, item](const absl::Status& journaled) {
      --under_way_;
      SendPlaces(std::make_shared<const std::vector<PlaceItem>>(1, item), Line::kPass, journaled);
    });
  };
  command.give_up = [this, number](const absl::Status& why) { OnPlaced(number, NotSent(why)); };
  queue_.Wait(std::move(command), delay, desk_.clock.Steady());
  // Whoever cancels it while it was being given to the client need not wait for it any more.
  const auto deferred = deferred_.find(number);
  if (deferred == deferred_.end()) return;
  const Deferred cancel = deferred->second;
  if (!CancelQueued(number, cancel.cause, cancel.origin)) return;
  deferred_.erase(number);
  AnswerCancel(number, absl::OkStatus());
}

void OrderCommands::QueueAmend(const AmendingPtr& amending, std::chrono::nanoseconds delay) {
  const std::uint64_t number = amending->number;
  OrderRecord* const record = desk_.ledger.Find(number);
  if (record == nullptr || record->order.pending() != v1::PENDING_COMMAND_AMEND) {
    return OnAmended(*amending, NotSent(record == nullptr || !IsTerminal(*record)
                                            ? MakeError(absl::StatusCode::kFailedPrecondition,
                                                        common::v1::ERROR_REASON_ORDER_REJECTED,
                                                        "not sent: the order is being canceled",
                                                        {{"exchange", desk_.exchange}})
                                            : OrderFinished(record->order)));
  }
  MarkQueued(*record);
  CommandQueue::Command command;
  command.market = amending->command.order.symbol;
  command.order = number;
  command.slot = amending->slot;
  command.send = [this, amending] {
    OrderRecord* const queued = desk_.ledger.Find(amending->number);
    if (queued != nullptr && IsTerminal(*queued)) {
      return OnAmended(*amending, NotSent(OrderFinished(queued->order)));
    }
    const absl::Status open = gate_();
    if (queued == nullptr || !open.ok()) return OnAmended(*amending, NotSent(open));
    MarkGiven(*queued);
    ++under_way_;
    desk_.turns.Commit([this, amending](const absl::Status& journaled) {
      --under_way_;
      SendAmend(amending, Line::kPass, journaled);
    });
  };
  command.give_up = [this, amending](const absl::Status& why) {
    OnAmended(*amending, NotSent(why));
  };
  queue_.Wait(std::move(command), delay, desk_.clock.Steady());
}

void OrderCommands::QueueCancel(const CancelItem& item, std::chrono::nanoseconds delay) {
  const std::uint64_t number = item.number;
  const OrderRecord* const record = desk_.ledger.Find(number);
  if (record == nullptr || IsTerminal(*record)) return AnswerCancel(number, absl::OkStatus());
  CommandQueue::Command command;
  command.priority = Priority::kUrgent;
  command.market = record->order.ticket().symbol();
  command.order = number;
  command.slot = item.slot;
  command.send = [this, item] { handed_out_cancels_.push_back(item); };
  command.give_up = [this, number](const absl::Status& why) { OnCanceled(number, NotSent(why)); };
  queue_.Wait(std::move(command), delay, desk_.clock.Steady());
}

void OrderCommands::QueueCancelAll(const CancelingAllPtr& all, std::chrono::nanoseconds delay) {
  CommandQueue::Command command;
  command.priority = Priority::kUrgent;
  command.market = all->command.symbol;
  command.slot = all->slot;
  command.send = [this, all] {
    SendHandedOutCancels();  // they came before it
    SendCancelAll(all, Line::kPass);
  };
  command.give_up = [this, all](const absl::Status& why) { OnCanceledAll(*all, NotSent(why)); };
  queue_.Wait(std::move(command), delay, desk_.clock.Steady());
}

void OrderCommands::SendHandedOutCancels() {
  if (handed_out_cancels_.empty()) return;
  SendCancels(std::exchange(handed_out_cancels_, {}), Line::kPass);
}

void OrderCommands::SendQueued() {
  queue_.Run(desk_.clock.Steady());
  SendHandedOutCancels();
}

bool OrderCommands::CancelQueued(std::uint64_t number, v1::FinishReason cause,
                                 v1::ChangeOrigin origin) {
  std::optional<CommandQueue::Command> command = queue_.Withdraw(number);
  if (!command.has_value()) return false;
  OrderRecord& record = *desk_.ledger.Find(number);
  const Cause why = desk_.MakeCause(origin, record.order.ticket().symbol());
  if (record.order.pending() != v1::PENDING_COMMAND_SUBMIT) {
    command->give_up(
        MakeError(absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_ORDER_REJECTED,
                  "not sent: the order is being canceled", {{"exchange", desk_.exchange}}));
    return false;
  }
  if (ConcludeWithdrawn(cause, why, record)) desk_.ledger.Changed(record, {}, why.now);
  AnswerPlace(number);
  return true;
}

}  // namespace switchyard::order
