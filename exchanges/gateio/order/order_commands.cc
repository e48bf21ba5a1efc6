#include "exchanges/gateio/order/order_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/order/batch_answers.h"
#include "exchanges/gateio/order/term_checks.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;

// Source: API v4, "Create a batch of orders" (spot).
constexpr std::size_t kBatchSymbols = 4;

CommandResult NotSent(absl::Status why) {
  CommandResult out;
  out.fate = CommandFate::kNotSent;
  out.status = std::move(why);
  return out;
}

}  // namespace

// The results of a list whose parts come one by one.
struct OrderCommands::Gathering {
  // For its kind alone: conditional commands are looked at until their answer.
  std::vector<exchange::PlaceCommand> commands;
  std::vector<CommandResult> results;
  std::size_t waiting = 0;
  Results reply;

  void Put(std::size_t place, CommandResult result) {
    results[place] = std::move(result);
    if (--waiting == 0) reply(std::move(results));
  }
};

absl::StatusOr<const model::Instrument*> OrderCommands::Find(const Table& table,
                                                             const std::string& symbol) {
  if (const model::Instrument* const found = table->Find(symbol)) return found;
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                   fmt::format("no instrument '{}'", symbol), {{"field", "symbol"}});
}

void OrderCommands::Send(const OrderCall& call, CommandKind kind, std::vector<std::string> symbols,
                         Done done) {
  const bool over_websocket = connection_.options().orders_over_websocket && !call.channel.empty();
  absl::Status admitted =
      limits_.Admit(kind, over_websocket, symbols, connection_.clock().Steady());
  if (!admitted.ok()) {
    Settled refused;
    refused.fate = CommandFate::kNotSent;
    refused.status = std::move(admitted);
    return done(std::move(refused));
  }
  if (over_websocket) {
    const auto settle = [this, kind, symbols, done](ApiOutcome outcome) {
      limits_.Settle(kind, symbols, outcome.limit, outcome.retry_after,
                     connection_.clock().Steady());
      done({outcome.fate, std::move(outcome.status), std::move(outcome.result), outcome.submit_time,
            model::Source::kWebSocket});
    };
    if (connection_.socket().Request(call.channel, call.param, call.what, settle)) return;
  }
  SendOverRest(call, kind, std::move(symbols), std::move(done));
}

void OrderCommands::SendOverRest(const OrderCall& call, CommandKind kind,
                                 std::vector<std::string> symbols, Done done) {
  connection_.Command(
      call.rest, call.what,
      [this, kind, what = call.what, symbols = std::move(symbols),
       done = std::move(done)](CommandOutcome outcome) {
        limits_.Settle(kind, symbols, outcome.limit, outcome.retry_after,
                       connection_.clock().Steady());
        Settled settled{
            outcome.fate, std::move(outcome.status), {}, outcome.submit_time, model::Source::kRest};
        if (settled.fate == CommandFate::kConfirmed) {
          auto answer = ParseBody(what, outcome.body);
          if (answer.ok()) {
            settled.answer = *std::move(answer);
          } else {
            // A page of something in between is no confirmation.
            settled.fate = CommandFate::kUnknown;
            settled.status = OutcomeUnknown(what, std::string(answer.status().message()));
          }
        }
        done(std::move(settled));
      });
}

std::vector<CommandResult> OrderCommands::ResultsOf(const Table& table, const Part& part,
                                                    const Settled& settled) const {
  std::vector<CommandResult> out;
  if (settled.fate != CommandFate::kConfirmed) {
    CommandResult result;
    result.fate = settled.fate;
    result.status = settled.status;
    out.assign(part.places.size(), result);
  } else {
    const TimeNs now = connection_.clock().local().Now();
    const Origin origin{*table, now, settled.source};
    const std::string& what = part.call.what;
    if (part.conditional != nullptr) {
      out = {ConditionalResultOf(*part.conditional, what, settled.answer, now)};
    } else if (part.places.size() == 1) {
      out = {ResultOf(protocol_, what, settled.answer, origin)};
    } else {
      out = BatchResultsOf(protocol_, what, part.ids, settled.answer, origin,
                           connection_.clock().Now());
    }
  }
  for (CommandResult& result : out) result.submit_time = settled.submit_time;
  return out;
}

void OrderCommands::SendPart(const Table& table, CommandKind kind, Part part,
                             const std::shared_ptr<Gathering>& gathering) {
  const OrderCall call = part.call;
  std::vector<std::string> symbols = part.symbols;
  Send(call, kind, std::move(symbols),
       [this, table, part = std::move(part), gathering](const Settled& settled) {
         std::vector<CommandResult> results = ResultsOf(table, part, settled);
         for (std::size_t i = 0; i < part.places.size(); ++i) {
           gathering->Put(part.places[i], std::move(results[i]));
         }
       });
}

void OrderCommands::Place(const Table& table, std::vector<exchange::PlaceCommand> commands,
                          Results reply) {
  if (commands.empty()) return reply(std::vector<CommandResult>());
  auto gathering = std::make_shared<Gathering>();
  gathering->commands = std::move(commands);
  const auto& all = gathering->commands;
  gathering->results.resize(all.size());
  gathering->waiting = all.size();
  gathering->reply = std::move(reply);

  std::vector<std::pair<std::size_t, absl::Status>> impossible;
  std::vector<Part> parts;
  std::vector<std::size_t> batch;
  const auto close_batch = [&] {
    if (batch.empty()) return;
    Part part;
    part.places = std::exchange(batch, {});
    std::vector<exchange::PlaceCommand> chosen;
    for (const std::size_t place : part.places) {
      chosen.push_back(all[place]);
      part.symbols.push_back(all[place].symbol);
      part.ids.push_back(all[place].exchange_client_id);
    }
    auto call = chosen.size() == 1 ? protocol_.Place(*table->Find(chosen[0].symbol), chosen[0])
                                   : protocol_.PlaceBatch(*table, chosen);
    if (!call.ok()) {
      for (const std::size_t place : part.places) impossible.emplace_back(place, call.status());
      return;
    }
    part.call = *std::move(call);
    if (chosen.size() == 1 && IsConditional(chosen[0].terms.type)) {
      part.conditional = &all[part.places[0]];
    }
    parts.push_back(std::move(part));
  };
  std::set<std::string> symbols;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const auto instrument = Find(table, all[i].symbol); !instrument.ok()) {
      impossible.emplace_back(i, instrument.status());
      continue;
    }
    const bool alone = IsConditional(all[i].terms.type);
    const bool new_symbol = !symbols.contains(all[i].symbol);
    if (alone || batch.size() == kBatchOrders || (new_symbol && symbols.size() == kBatchSymbols)) {
      close_batch();
      symbols.clear();
    }
    batch.push_back(i);
    symbols.insert(all[i].symbol);
    if (alone) close_batch();
  }
  close_batch();
  for (Part& part : parts) SendPart(table, CommandKind::kPlace, std::move(part), gathering);
  for (auto& [place, why] : impossible) gathering->Put(place, NotSent(std::move(why)));
}

void OrderCommands::Amend(const Table& table, const exchange::AmendCommand& command,
                          exchange::Reply<CommandResult> reply) {
  const auto instrument = Find(table, command.order.symbol);
  if (!instrument.ok()) return reply(NotSent(instrument.status()));
  auto call = protocol_.Amend(**instrument, command);
  if (!call.ok()) return reply(NotSent(call.status()));
  auto gathering = std::make_shared<Gathering>();
  gathering->results.resize(1);
  gathering->waiting = 1;
  gathering->reply = [reply = std::move(reply)](absl::StatusOr<std::vector<CommandResult>> all) {
    reply(std::move(all->front()));
  };
  Part part;
  part.call = *std::move(call);
  part.places = {0};
  part.symbols = {command.order.symbol};
  SendPart(table, CommandKind::kPlace, std::move(part), gathering);
}

void OrderCommands::Cancel(const Table& table, std::vector<exchange::OrderReference> orders,
                           Results reply) {
  if (orders.empty()) return reply(std::vector<CommandResult>());
  auto gathering = std::make_shared<Gathering>();
  gathering->results.resize(orders.size());
  gathering->waiting = orders.size();
  gathering->reply = std::move(reply);
  std::vector<std::pair<std::size_t, absl::Status>> impossible;
  std::vector<Part> parts;
  std::vector<std::size_t> batch;
  const auto close_batch = [&] {
    if (batch.empty()) return;
    Part part;
    part.places = std::exchange(batch, {});
    std::vector<exchange::OrderReference> chosen;
    for (const std::size_t place : part.places) {
      const exchange::OrderReference& order = orders[place];
      chosen.push_back(order);
      part.symbols.push_back(order.symbol);
      part.ids.push_back(order.exchange_order_id.empty() ? order.exchange_client_id
                                                         : order.exchange_order_id);
    }
    part.call = chosen.size() == 1 ? protocol_.Cancel(*table->Find(chosen[0].symbol), chosen[0])
                                   : protocol_.CancelBatch(*table, chosen);
    parts.push_back(std::move(part));
  };
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const exchange::OrderReference& order = orders[i];
    if (const auto instrument = Find(table, order.symbol); !instrument.ok()) {
      impossible.emplace_back(i, instrument.status());
      continue;
    }
    const bool has_id = !order.exchange_order_id.empty();
    if (order.conditional && !has_id) {
      impossible.emplace_back(
          i, InvalidField("order", "a conditional order is canceled by the exchange's id"));
      continue;
    }
    const bool alone = order.conditional || (!has_id && !protocol_.BatchTakesClientIds());
    if (alone || batch.size() == kBatchCancels) close_batch();
    batch.push_back(i);
    if (alone) close_batch();
  }
  close_batch();
  for (Part& part : parts) SendPart(table, CommandKind::kCancel, std::move(part), gathering);
  for (auto& [place, why] : impossible) gathering->Put(place, NotSent(std::move(why)));
}

void OrderCommands::CancelAll(const Table& table, const std::vector<std::string>& symbols,
                              common::v1::Side side, bool conditional,
                              exchange::Reply<CommandResult> reply) {
  std::vector<OrderCall> calls;
  const bool all_markets = symbols.empty();
  if (all_markets && protocol_.CancelsAllMarkets()) {
    calls.push_back(protocol_.CancelAll(nullptr, side));
  }
  if (all_markets && conditional) calls.push_back(protocol_.CancelAllConditional(nullptr));
  for (const std::string& symbol : symbols) {
    const auto instrument = Find(table, symbol);
    if (!instrument.ok()) return reply(NotSent(instrument.status()));
    calls.push_back(protocol_.CancelAll(*instrument, side));
    if (conditional) calls.push_back(protocol_.CancelAllConditional(*instrument));
  }
  CommandResult nothing_to_do;
  nothing_to_do.fate = CommandFate::kConfirmed;
  if (calls.empty()) return reply(std::move(nothing_to_do));

  struct Sum {
    std::size_t waiting = 0;
    std::vector<Settled> parts;
    exchange::Reply<CommandResult> reply;
  };
  auto sum = std::make_shared<Sum>();
  sum->waiting = calls.size();
  sum->reply = std::move(reply);
  const auto add = [sum](Settled settled) {
    sum->parts.push_back(std::move(settled));
    if (--sum->waiting != 0) return;
    // The one fate that is true of all; parts that differ are told by the worst, as unknown.
    CommandResult out;
    out.fate = sum->parts.front().fate;
    out.submit_time = sum->parts.front().submit_time;
    for (const Settled& part : sum->parts) {
      if (out.status.ok()) out.status = part.status;
      if (part.fate != out.fate) out.fate = CommandFate::kUnknown;
    }
    if (out.fate == CommandFate::kUnknown &&
        ReasonOf(out.status) != common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN) {
      out.status = OutcomeUnknown("cancel all orders", std::string(out.status.message()));
    }
    sum->reply(std::move(out));
  };
  for (const OrderCall& call : calls) Send(call, CommandKind::kCancel, {std::string()}, add);
}

void OrderCommands::Countdown(std::chrono::seconds timeout, exchange::Reply<TimeNs> reply) {
  // Source: API v4, "Countdown cancel orders".
  constexpr std::chrono::seconds kShortest{5};
  if (timeout.count() != 0 && timeout < kShortest) {
    return reply(InvalidField("timeout", "must be 0 or at least 5 s"));
  }
  const OrderCall call = protocol_.Countdown(timeout);
  Send(call, CommandKind::kCancel, {std::string()},
       [this, timeout, reply = std::move(reply)](const Settled& settled) {
         if (settled.fate != CommandFate::kConfirmed) return reply(settled.status);
         if (timeout.count() == 0) return reply(TimeNs());
         const auto at = json::RequireInt64(settled.answer, "trigger_time");
         if (!at.ok()) return reply(Unreadable("the dead-man switch", at.status()));
         reply(connection_.clock().ToLocal(TimeNs::FromMillis(*at)));
       });
}

}  // namespace switchyard::exchanges::gateio
