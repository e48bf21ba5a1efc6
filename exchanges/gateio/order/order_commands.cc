#include "exchanges/gateio/order/order_commands.h"

#include <fmt/format.h>

#include <functional>
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

// Cuts a list into runs that go out as one call each: at most so many items, of at most so many
// markets; some items go alone.
class Runs {
 public:
  using Close = std::function<void(std::vector<std::size_t> places)>;

  Runs(std::size_t most_items, std::size_t most_symbols, Close close)
      : most_items_(most_items), most_symbols_(most_symbols), close_(std::move(close)) {}

  void Add(std::size_t place, const std::string& symbol, bool alone) {
    const bool new_symbol = !symbols_.contains(symbol);
    if (alone || places_.size() == most_items_ ||
        (new_symbol && symbols_.size() == most_symbols_)) {
      Finish();
    }
    places_.push_back(place);
    symbols_.insert(symbol);
    if (alone) Finish();
  }
  void Finish() {
    symbols_.clear();
    if (!places_.empty()) close_(std::exchange(places_, {}));
  }

 private:
  const std::size_t most_items_, most_symbols_;
  const Close close_;
  std::vector<std::size_t> places_;
  std::set<std::string> symbols_;
};

}  // namespace

// The results of a list whose parts come one by one.
struct OrderCommands::Gathering {
  // For its kind alone: conditional commands are looked at until their answer.
  std::vector<exchange::PlaceCommand> commands;
  std::vector<CommandResult> results;
  std::size_t waiting = 0;
  Results reply;

  static std::shared_ptr<Gathering> Of(std::size_t count, Results reply) {
    auto gathering = std::make_shared<Gathering>();
    gathering->results.resize(count);
    gathering->waiting = count;
    gathering->reply = std::move(reply);
    return gathering;
  }

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
    } else if (!part.amended.empty()) {
      out = {AmendedResultOf(part.amended, what, settled.answer)};
    } else if (part.places.size() == 1) {
      out = {ResultOf(protocol_.reports, what, settled.answer, origin)};
    } else {
      out = BatchResultsOf(protocol_.reports, what, part.ids, settled.answer, origin,
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

void OrderCommands::SendAll(const Table& table, CommandKind kind, Split split,
                            const std::shared_ptr<Gathering>& gathering) {
  for (Part& part : split.parts) SendPart(table, kind, std::move(part), gathering);
  for (auto& [place, why] : split.impossible) gathering->Put(place, NotSent(std::move(why)));
}

void OrderCommands::Place(const Table& table, std::vector<exchange::PlaceCommand> commands,
                          Results reply) {
  if (commands.empty()) return reply(std::vector<CommandResult>());
  const auto gathering = Gathering::Of(commands.size(), std::move(reply));
  gathering->commands = std::move(commands);
  const auto& all = gathering->commands;
  Split split;
  Runs runs(kBatchOrders, kBatchSymbols, [&](std::vector<std::size_t> places) {
    Part part;
    part.places = std::move(places);
    std::vector<exchange::PlaceCommand> chosen;
    for (const std::size_t place : part.places) {
      chosen.push_back(all[place]);
      part.symbols.push_back(all[place].symbol);
      part.ids.push_back(all[place].exchange_client_id);
    }
    auto call = chosen.size() == 1
                    ? protocol_.requests.Place(*table->Find(chosen[0].symbol), chosen[0])
                    : protocol_.requests.PlaceBatch(*table, chosen);
    if (!call.ok()) {
      for (const std::size_t place : part.places)
        split.impossible.emplace_back(place, call.status());
      return;
    }
    part.call = *std::move(call);
    if (chosen.size() == 1 && IsConditional(chosen[0].terms.type)) {
      part.conditional = &all[part.places[0]];
    }
    split.parts.push_back(std::move(part));
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const auto instrument = Find(table, all[i].symbol); !instrument.ok()) {
      split.impossible.emplace_back(i, instrument.status());
    } else {
      runs.Add(i, all[i].symbol, IsConditional(all[i].terms.type));
    }
  }
  runs.Finish();
  SendAll(table, CommandKind::kPlace, std::move(split), gathering);
}

void OrderCommands::Amend(const Table& table, const exchange::AmendCommand& command,
                          exchange::Reply<CommandResult> reply) {
  const auto instrument = Find(table, command.order.symbol);
  if (!instrument.ok()) return reply(NotSent(instrument.status()));
  auto call = protocol_.requests.Amend(**instrument, command);
  if (!call.ok()) return reply(NotSent(call.status()));
  const auto gathering =
      Gathering::Of(1, [reply = std::move(reply)](absl::StatusOr<std::vector<CommandResult>> all) {
        reply(std::move(all->front()));
      });
  Part part;
  part.call = *std::move(call);
  part.places = {0};
  part.symbols = {command.order.symbol};
  if (command.order.conditional) part.amended = command.order.exchange_order_id;
  SendPart(table, CommandKind::kPlace, std::move(part), gathering);
}

void OrderCommands::Cancel(const Table& table, std::vector<exchange::OrderReference> orders,
                           Results reply) {
  if (orders.empty()) return reply(std::vector<CommandResult>());
  const auto gathering = Gathering::Of(orders.size(), std::move(reply));
  Split split;
  // A batch may be of any number of markets.
  Runs runs(kBatchCancels, kBatchCancels, [&](std::vector<std::size_t> places) {
    Part part;
    part.places = std::move(places);
    std::vector<exchange::OrderReference> chosen;
    for (const std::size_t place : part.places) {
      chosen.push_back(orders[place]);
      part.symbols.push_back(orders[place].symbol);
      part.ids.push_back(IdOf(orders[place]));
    }
    part.call = chosen.size() == 1
                    ? protocol_.requests.Cancel(*table->Find(chosen[0].symbol), chosen[0])
                    : protocol_.requests.CancelBatch(*table, chosen);
    split.parts.push_back(std::move(part));
  });
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const exchange::OrderReference& order = orders[i];
    const bool has_id = !order.exchange_order_id.empty();
    if (const auto instrument = Find(table, order.symbol); !instrument.ok()) {
      split.impossible.emplace_back(i, instrument.status());
    } else if (order.conditional && !has_id) {
      split.impossible.emplace_back(
          i, InvalidField("order", "a conditional order is canceled by the exchange's id"));
    } else {
      const bool alone =
          order.conditional || (!has_id && !protocol_.requests.batch_takes_client_ids());
      runs.Add(i, order.symbol, alone);
    }
  }
  runs.Finish();
  SendAll(table, CommandKind::kCancel, std::move(split), gathering);
}

void OrderCommands::CancelAll(const Table& table, const std::vector<std::string>& symbols,
                              common::v1::Side side, bool conditional,
                              exchange::Reply<CommandResult> reply) {
  std::vector<OrderCall> calls;
  const bool all_markets = symbols.empty();
  if (all_markets && protocol_.requests.cancels_all_markets()) {
    calls.push_back(protocol_.requests.CancelAll(nullptr, side));
  }
  if (all_markets && conditional) calls.push_back(protocol_.requests.CancelAllConditional(nullptr));
  for (const std::string& symbol : symbols) {
    const auto instrument = Find(table, symbol);
    if (!instrument.ok()) return reply(NotSent(instrument.status()));
    calls.push_back(protocol_.requests.CancelAll(*instrument, side));
    if (conditional) calls.push_back(protocol_.requests.CancelAllConditional(*instrument));
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
  const OrderCall call = protocol_.requests.Countdown(timeout);
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
