#include "services/order/order_requests.h"

#include <memory>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/order/commands/body_hash.h"
#include "services/order/reads/order_reads.h"
#include "services/order/risk/kill_switch.h"
#include "services/order/state/converters.h"

namespace switchyard::order {
namespace {

// Which account serves it is not part of what is asked.
template <typename Request>
std::string HashOf(Request request) {
  request.clear_exchange();
  request.clear_account();
  return BodyHash(request);
}

// Parses the kept answer; whoever asks again is told so.
template <typename Response>
RequestLog::Reply Replying(Answer<Response> answer) {
  return [answer = std::move(answer)](RequestLog::Result result, bool replayed) {
    if (!result.ok()) return answer(result.status());
    Response response;
    if (!response.ParseFromString(*result)) {
      return answer(absl::DataLossError("the kept answer does not parse"));
    }
    response.set_replayed(replayed);
    answer(std::move(response));
  };
}

v1::CancelOrderResult ResultOf(const CommandOutcome& outcome, TimeNs now) {
  v1::CancelOrderResult result;
  *result.mutable_status() = ToProto(outcome.status);
  if (outcome.order.has_value()) *result.mutable_order() = Told(*outcome.order, now);
  return result;
}

// The response of a command on one order: `Response` has `order`.
template <typename Response>
std::function<void(CommandOutcome)> FinishingWith(AccountDesk& desk, RequestLog::Finish finish) {
  return [&desk, finish = std::move(finish)](const CommandOutcome& outcome) {
    if (!outcome.status.ok()) return finish(outcome.status);
    Response response;
    *response.mutable_order() = Told(*outcome.order, desk.context().clock.Now());
    finish(response.SerializeAsString());
  };
}

// Of a command that an earlier life began and did not live to send or to answer.
absl::Status HadNoEffect(const v1::Order& order) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_NOT_RECEIVED,
      "the command had no effect before the process ended; name it anew",
      {{"exchange", order.exchange()}, {"client_order_id", order.ticket().client_order_id()}});
}

absl::StatusOr<const OrderRecord*> FindKnown(AccountDesk& desk, const v1::OrderKey& key) {
  OrderLedger& ledger = desk.context().ledger;
  const OrderRecord* const record =
      key.id_case() == v1::OrderKey::kClientOrderId
          ? ledger.FindByClientId(key.client_order_id())
          : ledger.FindByExchangeIds(key.symbol(), key.exchange_order_id(), {});
  if (record == nullptr) return UnknownOrder(desk.context().exchange, key);
  if (record->order.outcome_unknown()) {
    return OutcomeUnknown(desk.context().exchange, record->order);
  }
  return record;
}

template <typename Response>
RequestLog::Result ResponseWith(const v1::Order& order) {
  Response response;
  *response.mutable_order() = order;
  return response.SerializeAsString();
}

// What became of a cancellation that an earlier life began: its effect is the order's end.
RequestLog::Result RecoverCancel(AccountDesk& desk, const v1::OrderKey& key) {
  SWITCHYARD_ASSIGN_OR_RETURN(const OrderRecord* record, FindKnown(desk, key));
  const v1::Order& order = record->order;
  if (order.state() == v1::ORDER_STATE_CANCELED) {
    return ResponseWith<v1::CancelOrderResponse>(order);
  }
  if (IsTerminal(*record)) return OrderFinished(order);
  return HadNoEffect(order);
}

bool SameOrAbsent(bool asked, const std::string& wanted, const std::string& is) {
  return !asked || (DecimalOf(wanted).has_value() && DecimalOf(wanted) == DecimalOf(is));
}

// Likewise of an amendment: its effect is the order's values.
RequestLog::Result RecoverAmend(AccountDesk& desk, const v1::AmendOrderRequest& request) {
  SWITCHYARD_ASSIGN_OR_RETURN(const OrderRecord* record, FindKnown(desk, request.order()));
  const v1::Order& order = record->order;
  const v1::SentValues& sent = order.sent();
  const bool amended =
      SameOrAbsent(request.has_quantity(), request.quantity(), sent.quantity()) &&
      SameOrAbsent(request.has_price(), request.price(), sent.price()) &&
      SameOrAbsent(request.has_trigger_price(), request.trigger_price(), sent.trigger_price());
  if (amended) return ResponseWith<v1::AmendOrderResponse>(order);
  return IsTerminal(*record) ? OrderFinished(order) : HadNoEffect(order);
}

// The orders of a command, their outcomes at their places; keys that name none are refused alone.
struct KeyedOrders {
  std::vector<absl::StatusOr<std::uint64_t>> found;
  std::size_t missing = 0;
};

void WithOrders(AccountDesk& desk, const google::protobuf::RepeatedPtrField<v1::OrderKey>& keys,
                std::function<void(const KeyedOrders&)> then) {
  auto orders = std::make_shared<KeyedOrders>();
  orders->found.resize(static_cast<std::size_t>(keys.size()), absl::UnknownError(""));
  orders->missing = static_cast<std::size_t>(keys.size());
  for (int i = 0; i < keys.size(); ++i) {
    desk.reads().WithOrder(keys[i], [orders, i, then](absl::StatusOr<std::uint64_t> number) {
      orders->found[static_cast<std::size_t>(i)] = std::move(number);
      if (--orders->missing == 0) then(*orders);
    });
  }
}

// Open orders within the scope of a cancel-all, in the order of creation.
std::vector<std::uint64_t> InScope(AccountDesk& desk, const v1::CancelAllOrdersRequest& request) {
  std::vector<std::uint64_t> numbers;
  for (const std::uint64_t number : desk.context().ledger.OpenNumbers()) {
    const v1::Order& order = desk.context().ledger.Find(number)->order;
    const bool external = order.origin() == v1::ORDER_ORIGIN_EXTERNAL;
    if (!request.symbol().empty() && request.symbol() != order.ticket().symbol()) continue;
    if (request.side() != common::v1::SIDE_UNSPECIFIED && request.side() != order.ticket().side()) {
      continue;
    }
    if (request.keep_external() && external) continue;
    numbers.push_back(number);
  }
  return numbers;
}

template <typename Response>
void AddOutcomes(AccountDesk& desk, const std::vector<CommandOutcome>& outcomes,
                 Response& response) {
  std::uint32_t remaining = 0;
  for (const CommandOutcome& outcome : outcomes) {
    *response.add_results() = ResultOf(outcome, desk.context().clock.Now());
    const bool ended = outcome.order.has_value() && IsTerminal(outcome.order->state());
    remaining += ended ? 0 : 1;
  }
  response.set_remaining_open(remaining);
}

bool ExchangeCancelsAll(const AccountDesk& desk) {
  const exchange::Path path = desk.client().capabilities().cancel_all_orders;
  return path == exchange::Path::kRest || path == exchange::Path::kWebSocket;
}

}  // namespace

void ServeAmend(AccountDesk& desk, const v1::AmendOrderRequest& request,
                Answer<v1::AmendOrderResponse> answer) {
  const auto begin = [&desk, request](RequestLog::Finish finish) {
    desk.reads().WithOrder(request.order(), [&desk, request,
                                             finish](absl::StatusOr<std::uint64_t> number) {
      if (!number.ok()) return finish(number.status());
      const v1::OrderTicket& ticket = desk.context().ledger.Find(*number)->order.ticket();
      std::vector<std::string> symbols;
      if (desk.NeedsMarket(ticket.type())) symbols.push_back(ticket.symbol());
      desk.WithMarkets(symbols, [&desk, request, finish, number = *number,
                                 symbol = ticket.symbol()](const OrderCommands::Markets& markets) {
        const auto quoted = markets.find(symbol);
        desk.commands().Amend(
            number, request, quoted == markets.end() ? std::nullopt : std::optional(quoted->second),
            FinishingWith<v1::AmendOrderResponse>(desk, finish));
      });
    });
  };
  const auto recover = [&desk, request] { return RecoverAmend(desk, request); };
  desk.requests().Serve(request.request_id(), HashOf(request), begin, recover,
                        Replying(std::move(answer)));
}

void ServeCancel(AccountDesk& desk, const v1::CancelOrderRequest& request,
                 Answer<v1::CancelOrderResponse> answer) {
  const auto begin = [&desk, request](RequestLog::Finish finish) {
    desk.reads().WithOrder(request.order(), [&desk, finish](absl::StatusOr<std::uint64_t> number) {
      if (!number.ok()) return finish(number.status());
      desk.commands().Cancel(
          {*number}, v1::FINISH_REASON_CLIENT_CANCEL, v1::CHANGE_ORIGIN_CLIENT,
          [done = FinishingWith<v1::CancelOrderResponse>(desk, finish)](
              std::vector<CommandOutcome> outcomes) { done(std::move(outcomes.front())); });
    });
  };
  const auto recover = [&desk, key = request.order()] { return RecoverCancel(desk, key); };
  desk.requests().Serve(request.request_id(), HashOf(request), begin, recover,
                        Replying(std::move(answer)));
}

void ServeCancels(AccountDesk& desk, const v1::CancelOrdersRequest& request,
                  Answer<v1::CancelOrdersResponse> answer) {
  const auto begin = [&desk, request](RequestLog::Finish finish) {
    WithOrders(desk, request.orders(), [&desk, finish](const KeyedOrders& orders) {
      std::vector<std::uint64_t> numbers;
      for (const auto& number : orders.found) {
        if (number.ok()) numbers.push_back(*number);
      }
      desk.commands().Cancel(
          numbers, v1::FINISH_REASON_CLIENT_CANCEL, v1::CHANGE_ORIGIN_CLIENT,
          [&desk, finish, found = orders.found](std::vector<CommandOutcome> outcomes) {
            v1::CancelOrdersResponse response;
            std::size_t next = 0;
            for (const auto& number : found) {
              const CommandOutcome missing{.status = number.status()};
              *response.add_results() =
                  ResultOf(number.ok() ? outcomes[next++] : missing, desk.context().clock.Now());
            }
            finish(response.SerializeAsString());
          });
    });
  };
  // Each key's own outcome is in its order.
  const auto recover = [&desk, request]() -> RequestLog::Result {
    v1::CancelOrdersResponse response;
    for (const v1::OrderKey& key : request.orders()) {
      const auto one = RecoverCancel(desk, key);
      v1::CancelOrderResult& result = *response.add_results();
      *result.mutable_status() = ToProto(one.status());
      v1::CancelOrderResponse canceled;
      if (one.ok() && canceled.ParseFromString(*one)) *result.mutable_order() = canceled.order();
    }
    return response.SerializeAsString();
  };
  desk.requests().Serve(request.request_id(), HashOf(request), begin, recover,
                        Replying(std::move(answer)));
}

void ServeCancelAll(AccountDesk& desk, const v1::CancelAllOrdersRequest& request,
                    Answer<v1::CancelAllOrdersResponse> answer) {
  const auto begin = [&desk, request](RequestLog::Finish finish) {
    const auto done = [&desk, finish](const absl::StatusOr<std::vector<CommandOutcome>>& outcomes) {
      if (!outcomes.ok()) return finish(outcomes.status());
      v1::CancelAllOrdersResponse response;
      AddOutcomes(desk, *outcomes, response);
      finish(response.SerializeAsString());
    };
    const std::vector<std::uint64_t> numbers = InScope(desk, request);
    if (ExchangeCancelsAll(desk) && !request.keep_external()) {
      desk.commands().CancelAll(numbers, {.symbol = request.symbol(), .side = request.side()},
                                done);
    } else {
      desk.commands().Cancel(numbers, v1::FINISH_REASON_CLIENT_CANCEL, v1::CHANGE_ORIGIN_CLIENT,
                             done);
    }
  };
  const auto recover = [&desk, request]() -> RequestLog::Result {
    v1::CancelAllOrdersResponse response;
    response.set_remaining_open(static_cast<std::uint32_t>(InScope(desk, request).size()));
    return response.SerializeAsString();
  };
  desk.requests().Serve(request.request_id(), HashOf(request), begin, recover,
                        Replying(std::move(answer)));
}

void ServeKillSwitch(AccountDesk& desk, const v1::SetKillSwitchRequest& request,
                     const std::string& principal, Answer<v1::SetKillSwitchResponse> answer) {
  const absl::StatusOr<v1::KillSwitch> changed =
      risk::ChangedKillSwitch(desk.kill_switch(), request, principal, desk.context().clock.Now());
  if (!changed.ok()) return answer(changed.status());
  desk.SetKillSwitch(*changed);
  const auto done = [&desk, answer,
                     changed = *changed](const std::vector<CommandOutcome>& outcomes) {
    v1::SetKillSwitchResponse response;
    *response.mutable_kill_switch() = changed;
    AddOutcomes(desk, outcomes, response);
    answer(std::move(response));
  };
  if (!request.cancel_open_orders()) {
    desk.context().turns.Answer([done] { done({}); });
    return;
  }
  desk.commands().Cancel(desk.context().ledger.OpenNumbers(), v1::FINISH_REASON_KILL_SWITCH,
                         v1::CHANGE_ORIGIN_GATEWAY, done);
}

v1::GetRiskLimitsResponse RiskLimits(AccountDesk& desk, const std::string& symbol,
                                     const OrderCommands::Markets& markets) {
  DeskContext& context = desk.context();
  v1::GetRiskLimitsResponse response;
  const auto lookup = [&](std::string_view market) -> std::optional<risk::MarketInput> {
    const auto found = markets.find(market);
    return found == markets.end() ? std::nullopt : std::optional(found->second);
  };
  for (const v1::RiskLimit& limit : context.limits.Report(symbol, lookup)) {
    *response.add_limits() = limit;
  }
  *response.mutable_kill_switch() = desk.kill_switch();
  const absl::Status accepting = desk.CheckAccepting();
  response.set_accepting_orders(accepting.ok());
  response.set_refusal(std::string(accepting.message()));
  response.set_unknown_orders(context.ledger.unknown_orders());
  response.set_reconcile_time_ns(desk.reconciler().last_success().value);
  response.set_dead_man_time_ns(desk.dead_man_time().value);
  return response;
}

}  // namespace switchyard::order
