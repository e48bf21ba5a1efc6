#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "services/order/commands/command_queue.h"
#include "services/order/commands/outcome_list.h"
#include "services/order/desk/desk_context.h"
#include "services/order/recovery/outcome_resolver.h"
#include "services/order/recovery/report_intake.h"
#include "services/order/risk/market_input.h"
#include "switchyard/order/v1/order_service.pb.h"

namespace switchyard::order {

// Places, amends and cancels orders: each command is in the journal before the exchange's client
// gets it, is sent by it once, and is answered when its outcome, known or unknown, is in the
// journal too. What the client could not send for want of permits waits in a queue, cancellations
// first, and is given to it again. The owner's thread alone.
class OrderCommands {
 public:
  using Done = std::function<void(CommandOutcome outcome)>;
  using AllDone = std::function<void(std::vector<CommandOutcome> outcomes)>;
  using AllResult = std::function<void(absl::StatusOr<std::vector<CommandOutcome>> outcomes)>;
  // Errors: why nothing new is taken (kill switch, fail closed, shutting down).
  using Gate = std::function<absl::Status()>;
  using Markets = std::map<std::string, risk::MarketInput, std::less<>>;

  OrderCommands(DeskContext& desk, ReportIntake& intake, OutcomeResolver& resolver, Gate gate)
      : desk_(desk),
        intake_(intake),
        resolver_(resolver),
        gate_(std::move(gate)),
        queue_(desk.options.queue),
        owed_log_(desk.clock, std::chrono::seconds(1), kOwedLines) {}

  // Tickets that passed CheckTicketList, with the quotes of their markets where limits may need
  // them. One outcome each, in order.
  void Place(std::vector<v1::OrderTicket> tickets, const Markets& markets, AllDone done);

  // A request that passed CheckAmend, of an order that exists. `market` as for Place.
  void Amend(std::uint64_t number, const v1::AmendOrderRequest& request,
             const std::optional<risk::MarketInput>& market, Done done);

  // Cancels what can be canceled; an order that is still on its way as soon as it is found. `cause`
  // is the finish reason. One outcome each, in order.
  void Cancel(const std::vector<std::uint64_t>& numbers, v1::FinishReason cause,
              v1::ChangeOrigin origin, AllDone done);

  // As Cancel, and again until each has ended: the gateway itself owes it, and nobody else would
  // ask again.
  void CancelUntilEnded(const std::vector<std::uint64_t>& numbers, v1::FinishReason cause,
                        v1::ChangeOrigin origin);

  // Cancels by the exchange's own cancel-all what is in the scope, then as Cancel. Errors: where no
  // order of the scope is known, why the exchange's cancel-all failed.
  void CancelAll(const std::vector<std::uint64_t>& numbers,
                 const exchange::CancelAllCommand& command, AllResult done);

  // An order changed: deferred cancels go out, waiting callers are answered. At the end of a turn.
  void OnChanged(std::uint64_t number);

  // Cancels that were confirmed and did not end their order in time are answered as they are; those
  // that the gateway owes are tried again.
  void Tick();

  // When SendQueued has something to do, steady; absent = nothing waits.
  std::optional<std::chrono::nanoseconds> NextQueued() const { return queue_.NextAt(); }
  void SendQueued();
  // What waits is answered with `why`, unsent: all, or all but cancellations.
  void RefuseQueued(const absl::Status& why, bool cancels_too) { queue_.Refuse(why, cancels_too); }

  // Commands that wait, or whose answer the exchange's client still owes.
  std::size_t under_way() const { return under_way_ + queue_.size(); }
  std::size_t queued() const { return queue_.size(); }
  // Orders that the gateway itself has to cancel and that have not ended yet.
  std::size_t owed_cancels() const { return owed_.size(); }

 private:
  struct PlaceItem {
    std::uint64_t number = 0;
    exchange::PlaceCommand command;
    QueueSlot slot;
  };
  using PlaceItems = std::shared_ptr<const std::vector<PlaceItem>>;
  struct Amending {
    std::uint64_t number = 0;
    exchange::AmendCommand command;
    AmendedValues values;
    QueueSlot slot;
    Done done;
  };
  using AmendingPtr = std::shared_ptr<const Amending>;
  struct CancelItem {
    std::uint64_t number = 0;
    QueueSlot slot;
  };
  struct CancelingAll {
    std::vector<std::uint64_t> covered;  // whose end it is to be
    exchange::CancelAllCommand command;
    QueueSlot slot;
    AllResult done;  // set where no order of the scope is known; else each order tells its callers
  };
  using CancelingAllPtr = std::shared_ptr<const CancelingAll>;
  static constexpr int kOwedLines = 8;  // a second, of cancellations that failed
  // Where a command goes that finds others waiting.
  enum class Line { kJoin, kPass };

  // `earlier`: the same order, that was never sent and begins anew; null = there is none.
  // Errors: why the order is refused before the journal.
  absl::StatusOr<PlaceItem> Admit(const v1::OrderTicket& ticket, const Markets& markets,
                                  const std::string& body_hash, const OrderRecord* earlier);
  absl::Status CheckNotGrouped(const v1::OrderTicket& ticket) const;
  absl::Status CheckNotLost(const v1::OrderTicket& ticket) const;
  // True: the key is taken, and the outcome is on its way.
  bool Replay(const OrderRecord& record, const v1::OrderTicket& ticket,
              const std::string& body_hash, Done done);
  void SendPlaces(const PlaceItems& items, Line line, const absl::Status& journaled);
  void OnPlaced(std::uint64_t number, const exchange::CommandResult& result);
  // False: it has ended, or was found at the exchange after all, and must not be sent (again).
  bool AwaitsSending(std::uint64_t number) const;
  void AnswerPlace(std::uint64_t number);
  // As the order is now.
  CommandOutcome PlaceOutcome(const OrderRecord& record) const;

  void SendAmend(const AmendingPtr& amending, Line line, const absl::Status& journaled);
  void OnAmended(const Amending& amending, const exchange::CommandResult& result);

  // As Cancel; `done_of` makes who is told of the order at an index.
  void CancelEach(const std::vector<std::uint64_t>& numbers, v1::FinishReason cause,
                  v1::ChangeOrigin origin, const std::function<Done(std::size_t index)>& done_of);
  // One order: either it needs no sending and its outcome is on its way, or it is to be sent.
  bool BeginCancel(std::uint64_t number, v1::FinishReason cause, v1::ChangeOrigin origin,
                   Done done);
  void SendCancels(const std::vector<CancelItem>& items, Line line);
  void OnCanceled(std::uint64_t number, const exchange::CommandResult& result);
  void SendCancelAll(const CancelingAllPtr& all, Line line);
  void OnCanceledAll(const CancelingAll& all, const exchange::CommandResult& result);
  // Tells those who wait for the cancellation of this order.
  void AnswerCancel(std::uint64_t number, const absl::Status& status);
  CommandOutcome CancelOutcome(std::uint64_t number, absl::Status status) const;
  void Owe(std::uint64_t number, v1::FinishReason cause, v1::ChangeOrigin origin);
  // A cancellation was answered; where it is owed and left the order open, it is put off.
  void PutOffOwed(std::uint64_t number, const absl::Status& status);
  void CancelOwed();

  // How long a command that was not sent for want of permits is to wait; absent = it was sent, or
  // waiting does not help.
  static std::optional<std::chrono::nanoseconds> WantsPermits(
      const exchange::CommandResult& result);
  void QueuePlace(const PlaceItem& item, std::chrono::nanoseconds delay);
  void QueueAmend(const AmendingPtr& amending, std::chrono::nanoseconds delay);
  void QueueCancel(const CancelItem& item, std::chrono::nanoseconds delay);
  void QueueCancelAll(const CancelingAllPtr& all, std::chrono::nanoseconds delay);
  // Cancels that the queue has handed out go together, as far as the exchange takes lists.
  void SendHandedOutCancels();
  // The journal's word on whether the exchange's client has the pending command of an order.
  void MarkQueued(OrderRecord& record);
  void MarkGiven(OrderRecord& record);
  // A cancellation of an order whose command waits. True: the order was never sent, and has ended.
  bool CancelQueued(std::uint64_t number, v1::FinishReason cause, v1::ChangeOrigin origin);

  DeskContext& desk_;
  ReportIntake& intake_;
  OutcomeResolver& resolver_;
  const Gate gate_;
  CommandQueue queue_;
  std::vector<CancelItem> handed_out_cancels_;  // empty but while the queue hands out
  std::size_t under_way_ = 0;
  std::map<std::uint64_t, std::vector<Done>> placing_;    // callers that wait for the submission
  std::map<std::uint64_t, std::vector<Done>> canceling_;  // callers that wait for the cancellation
  struct Deferred {
    v1::FinishReason cause;
    v1::ChangeOrigin origin;
  };
  std::map<std::uint64_t, Deferred> deferred_;  // to cancel as soon as they are found
  struct Owed {
    Deferred cancel;
    std::chrono::nanoseconds due{0};  // not tried again before, steady
  };
  std::map<std::uint64_t, Owed> owed_;  // to cancel until they have ended
  log::SampledLog owed_log_;
  // Whose cancellation the exchange has only acknowledged, and until when their end is waited for.
  std::map<std::uint64_t, std::chrono::nanoseconds> acknowledged_;
};

// What is told of a command that was not given to the exchange's client.
exchange::CommandResult NotSent(absl::Status why);

// Errors of commands in the service's words.
absl::Status OutcomeUnknown(const std::string& exchange, const v1::Order& order);
absl::Status OrderFinished(const v1::Order& order);

}  // namespace switchyard::order
