#include "exchanges/lighter/order/order_commands.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;

absl::StatusOr<const model::Instrument*> Find(const OrderCommands::Table& table,
                                              const std::string& symbol) {
  if (const model::Instrument* const found = table->Find(symbol)) return found;
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                   fmt::format("no instrument '{}'", symbol), {{"field", "symbol"}});
}

std::string IdOf(const exchange::OrderReference& order) {
  return order.exchange_order_id.empty() ? order.exchange_client_id : order.exchange_order_id;
}

CommandResult Confirmed() {
  CommandResult out;
  out.fate = CommandFate::kConfirmed;
  return out;
}

// The one fate that is true of all parts: unknown where they differ, and where one is unknown. One
// that has gone by itself is not in the way.
CommandResult Together(const std::vector<CommandResult>& parts) {
  absl::Status worst;
  TimeNs submitted;
  for (const CommandResult& part : parts) {
    const bool gone = part.status.code() == absl::StatusCode::kNotFound;
    if (worst.ok() && part.fate != CommandFate::kConfirmed && !gone) worst = part.status;
    if (part.submit_time.given()) submitted = part.submit_time;
  }
  CommandResult out = Confirmed();
  out.submit_time = submitted;
  if (worst.ok()) return out;
  out.fate = CommandFate::kUnknown;
  out.status = OutcomeUnknown("cancel all orders", std::string(worst.message()));
  return out;
}

}  // namespace

// The results of a list that come one by one.
struct OrderCommands::Gathering {
  std::vector<CommandResult> results;
  std::size_t waiting = 0;
  Results reply;

  static std::shared_ptr<Gathering> Of(std::size_t count, Results reply) {
    auto out = std::make_shared<Gathering>();
    out->results.resize(count);
    out->waiting = count;
    out->reply = std::move(reply);
    return out;
  }
  void Put(std::size_t place, CommandResult result) {
    results[place] = std::move(result);
    if (--waiting == 0) reply(std::move(results));
  }
};

void OrderCommands::Submit(absl::StatusOr<Draft> draft, std::string what,
                           std::function<void(CommandResult)> done) {
  if (!draft.ok()) {
    CommandResult out;
    out.fate = CommandFate::kNotSent;
    out.status = draft.status();
    return done(std::move(out));
  }
  std::vector<Draft> drafts;
  drafts.push_back(*std::move(draft));
  lane_.Submit(std::move(drafts), std::move(what),
               [done = std::move(done)](TransactionOutcome outcome) {
                 CommandResult out;
                 out.fate = outcome.fate;
                 out.status = std::move(outcome.status);
                 out.submit_time = outcome.submit_time;
                 done(std::move(out));
               });
}

void OrderCommands::Place(const Table& table, const std::vector<exchange::PlaceCommand>& commands,
                          Results reply) {
  if (commands.empty()) return reply(std::vector<CommandResult>());
  const auto gathering = Gathering::Of(commands.size(), std::move(reply));
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const exchange::PlaceCommand& command = commands[i];
    const auto instrument = Find(table, command.symbol);
    Submit(instrument.ok() ? PlaceDraft(owner_, **instrument, command, clock_.Now())
                           : absl::StatusOr<Draft>(instrument.status()),
           fmt::format("place order {} of {}", command.exchange_client_id, command.symbol),
           [gathering, i](CommandResult result) { gathering->Put(i, std::move(result)); });
  }
}

void OrderCommands::Amend(const Table& table, const exchange::AmendCommand& command,
                          const StandingOrder& standing, exchange::Reply<CommandResult> reply) {
  const auto instrument = Find(table, command.order.symbol);
  Submit(instrument.ok() ? AmendDraft(owner_, **instrument, command, standing)
                         : absl::StatusOr<Draft>(instrument.status()),
         fmt::format("amend order {} of {}", IdOf(command.order), command.order.symbol),
         [reply = std::move(reply)](CommandResult result) { reply(std::move(result)); });
}

void OrderCommands::Cancel(const Table& table, const std::vector<exchange::OrderReference>& orders,
                           Results reply) {
  if (orders.empty()) return reply(std::vector<CommandResult>());
  const auto gathering = Gathering::Of(orders.size(), std::move(reply));
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const auto instrument = Find(table, orders[i].symbol);
    Submit(instrument.ok() ? CancelDraft(owner_, **instrument, orders[i])
                           : absl::StatusOr<Draft>(instrument.status()),
           fmt::format("cancel order {} of {}", IdOf(orders[i]), orders[i].symbol),
           [gathering, i](CommandResult result) { gathering->Put(i, std::move(result)); });
  }
}

void OrderCommands::CancelAll(const Table& table, const exchange::CancelAllCommand& command,
                              exchange::Reply<CommandResult> reply) {
  const model::Instrument* instrument = nullptr;
  if (!command.symbol.empty()) {
    const auto found = Find(table, command.symbol);
    if (!found.ok()) return Submit(found.status(), "", std::move(reply));
    instrument = *found;
  }
  auto draft = CancelAllDraft(owner_, instrument);
  if (command.side != common::v1::SIDE_UNSPECIFIED || !draft.ok()) {
    return CancelListed(table, command, std::move(reply));
  }
  Submit(std::move(draft),
         instrument == nullptr ? "cancel all orders" : "cancel all orders of " + command.symbol,
         [reply = std::move(reply)](CommandResult result) { reply(std::move(result)); });
}

void OrderCommands::CancelListed(const Table& table, const exchange::CancelAllCommand& command,
                                 exchange::Reply<CommandResult> reply) {
  list_open_(command.symbol, [this, table, side = command.side,
                              reply = std::move(reply)](absl::StatusOr<Orders> open) {
    if (!open.ok()) return Submit(open.status(), "", reply);
    std::vector<exchange::OrderReference> meant;
    for (const model::OrderReport& order : *open) {
      if (side != common::v1::SIDE_UNSPECIFIED && order.terms.side != side) continue;
      meant.push_back({order.symbol, order.exchange_order_id, order.exchange_client_id, false});
    }
    Cancel(table, meant,
           [reply](absl::StatusOr<std::vector<CommandResult>> parts) { reply(Together(*parts)); });
  });
}

void OrderCommands::Schedule(std::chrono::seconds timeout, exchange::Reply<TimeNs> reply) {
  const TimeNs now = clock_.Now();
  const bool abort = timeout.count() == 0;
  // Whole milliseconds go out.
  const TimeNs at = abort ? TimeNs() : TimeNs::FromMillis((now + timeout).Millis());
  Submit(abort ? absl::StatusOr<Draft>(AbortScheduledCancelAllDraft(owner_))
               : ScheduledCancelAllDraft(owner_, now + timeout, now),
         "schedule the cancel of all orders",
         [at, reply = std::move(reply)](const CommandResult& result) {
           if (result.fate != CommandFate::kConfirmed) return reply(result.status);
           reply(at);
         });
}

}  // namespace switchyard::exchanges::lighter
