#include "services/order/order_reads.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"
#include "services/market_data/page_token.h"
#include "services/order/order_history.h"

namespace switchyard::order {
namespace {

constexpr std::uint32_t kDefaultPage = 100;
constexpr std::uint32_t kMaxFillsOfOrder = 1'000;

// Runs `read` once what is known of the account is younger than `max_age_ns` (0 = asked for now).
template <typename T>
void WhenFresh(AccountDesk& desk, std::int64_t max_age_ns, const Answer<T>& answer,
               std::function<void(model::Source source, std::chrono::nanoseconds age)> read) {
  const auto age = desk.AgeOfKnowledge();
  const bool known = desk.reconciler().state().ok();
  if (known && max_age_ns > 0 && age <= std::chrono::nanoseconds(max_age_ns)) {
    return read(model::Source::kCache, age);
  }
  desk.reconciler().Refresh([answer, read = std::move(read)](const absl::Status& status) {
    if (!status.ok()) return answer(status);
    read(model::Source::kRest, std::chrono::nanoseconds(0));
  });
}

void FillFreshness(model::Source source, std::chrono::nanoseconds age,
                   common::v1::Freshness& freshness) {
  freshness.set_source(exchange::ToProto(source));
  freshness.set_age_ns(std::max<std::int64_t>(age.count(), 0));
}

// Runs in the desk's thread when what this turn changed is committed.
template <typename T, typename Make>
void AnswerWith(AccountDesk& desk, const Answer<T>& answer, Make make) {
  desk.context().turns.Answer([answer, make = std::move(make)] { answer(make()); });
}

void AddFillsOf(AccountDesk& desk, std::uint64_t number, v1::GetOrderResponse& response) {
  journal::FillFilter filter;
  filter.number = number;
  filter.limit = kMaxFillsOfOrder;
  auto fills = desk.context().ledger.journal().WithStore(
      [&](journal::Store& store) { return store.ListFills(filter); });
  if (!fills.ok()) return;
  std::for_each(fills->rbegin(), fills->rend(),
                [&](v1::Fill& fill) { *response.add_fills() = std::move(fill); });
}

void AnswerOrder(AccountDesk& desk, std::uint64_t number, bool include_fills, model::Source source,
                 std::chrono::nanoseconds age, const Answer<v1::GetOrderResponse>& answer) {
  AnswerWith<v1::GetOrderResponse>(
      desk, answer,
      [&desk, number, include_fills, source, age]() -> absl::StatusOr<v1::GetOrderResponse> {
        const OrderRecord* const record = desk.context().ledger.Find(number);
        if (record == nullptr) return absl::InternalError("the order is not in memory");
        v1::GetOrderResponse response;
        *response.mutable_order() = Told(record->order, desk.context().clock.Now());
        if (include_fills) AddFillsOf(desk, number, response);
        FillFreshness(source, age, *response.mutable_freshness());
        return response;
      });
}

// The page behind the last one of the journal.
template <typename Request>
std::string HistoryToken(const Request& request) {
  PastPosition position;
  position.history.emplace();
  position.history_page_size = PageSizeOf(request.page_size());
  return market_data::MakePageToken(request, position.ToText());
}

}  // namespace

std::uint32_t PageSizeOf(std::uint32_t page_size) {
  return page_size == 0 ? kDefaultPage : page_size;
}

v1::Order Told(const v1::Order& order, TimeNs now) {
  v1::Order told = order;
  told.mutable_freshness()->set_age_ns(
      std::max<std::int64_t>(now.value - order.update_time_ns(), 0));
  return told;
}

absl::Status UnknownOrder(const std::string& exchange, const v1::OrderKey& key) {
  const bool ours = key.id_case() == v1::OrderKey::kClientOrderId;
  const std::string& id = ours ? key.client_order_id() : key.exchange_order_id();
  ErrorMetadata metadata{{"exchange", exchange}};
  if (ours) metadata.emplace("client_order_id", id);
  return MakeError(
      absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ORDER,
      fmt::format("no order with {} '{}'", ours ? "client_order_id" : "exchange_order_id", id),
      metadata);
}

void WithOrder(AccountDesk& desk, const v1::OrderKey& key, Answer<std::uint64_t> found) {
  DeskContext& context = desk.context();
  const bool ours = key.id_case() == v1::OrderKey::kClientOrderId;
  const OrderRecord* const record =
      ours ? context.ledger.FindByClientId(key.client_order_id())
           : context.ledger.FindByExchangeIds(key.symbol(), key.exchange_order_id(), {});
  if (record != nullptr) {
    const bool other_market =
        !key.symbol().empty() && key.symbol() != record->order.ticket().symbol();
    return other_market ? found(UnknownOrder(context.exchange, key)) : found(record->number);
  }
  if (ours) return found(UnknownOrder(context.exchange, key));
  context.client.GetOrder(
      {.symbol = key.symbol(),
       .exchange_order_id = key.exchange_order_id(),
       .exchange_client_id = {}},
      context.turns.Reply<model::OrderReport>(
          [&desk, key, found](absl::StatusOr<model::OrderReport> reply) {
            if (absl::IsNotFound(reply.status())) {
              return found(UnknownOrder(desk.context().exchange, key));
            }
            if (!reply.ok()) return found(reply.status());
            const std::uint64_t number =
                desk.intake().TakeReport(*reply, v1::CHANGE_ORIGIN_RECONCILIATION);
            // 0: it may be one of ours that is being placed; a moment later its name is known.
            number == 0 ? found(UnknownOrder(desk.context().exchange, key)) : found(number);
          }));
}

void GetOrder(AccountDesk& desk, const v1::GetOrderRequest& request,
              Answer<v1::GetOrderResponse> answer) {
  WithOrder(desk, request.order(), [&desk, request, answer](absl::StatusOr<std::uint64_t> number) {
    if (!number.ok()) return answer(number.status());
    DeskContext& context = desk.context();
    const OrderRecord& record = *context.ledger.Find(*number);
    const auto since_change = context.clock.Now() - TimeNs(record.order.update_time_ns());
    const auto age = std::min<std::chrono::nanoseconds>(since_change, desk.AgeOfKnowledge());
    const bool young = request.max_age_ns() > 0 && age.count() <= request.max_age_ns();
    if (IsTerminal(record) || young) {
      return AnswerOrder(desk, *number, request.include_fills(), model::Source::kCache,
                         IsTerminal(record) ? since_change : age, answer);
    }
    context.client.GetOrder(
        ReferenceTo(record.order),
        context.turns.Reply<model::OrderReport>(
            [&desk, request, answer, number = *number](absl::StatusOr<model::OrderReport> reply) {
              if (reply.ok()) {
                desk.intake().TakeReport(*reply, v1::CHANGE_ORIGIN_RECONCILIATION);
              } else if (!absl::IsNotFound(reply.status())) {
                return answer(reply.status());
              }
              // An order that the exchange does not know is one all the same: the journal has it.
              AnswerOrder(desk, number, request.include_fills(), model::Source::kRest, {}, answer);
            }));
  });
}

void ListOpenOrders(AccountDesk& desk, const v1::ListOpenOrdersRequest& request,
                    std::uint64_t before, Answer<v1::ListOpenOrdersResponse> answer) {
  const auto read = [&desk, request, before, answer](model::Source source,
                                                     std::chrono::nanoseconds age) {
    AnswerWith<v1::ListOpenOrdersResponse>(desk, answer, [&desk, request, before, source, age] {
      DeskContext& context = desk.context();
      v1::ListOpenOrdersResponse response;
      // What is told is at least as new as this.
      *response.mutable_position() = desk.log().position();
      std::vector<std::uint64_t> numbers = context.ledger.OpenNumbers();
      std::uint64_t last = 0;
      for (auto each = numbers.rbegin(); each != numbers.rend(); ++each) {
        const v1::Order& order = context.ledger.Find(*each)->order;
        const bool external = order.origin() == v1::ORDER_ORIGIN_EXTERNAL;
        if (before != 0 && *each >= before) continue;
        if (!request.symbol().empty() && request.symbol() != order.ticket().symbol()) continue;
        if (request.exclude_external() && external) continue;
        if (response.orders_size() == static_cast<int>(PageSizeOf(request.page_size()))) {
          response.set_next_page_token(market_data::MakePageToken(request, std::to_string(last)));
          break;
        }
        *response.add_orders() = Told(order, context.clock.Now());
        last = *each;
      }
      FillFreshness(source, age, *response.mutable_freshness());
      return response;
    });
  };
  // Later pages go on with what the first one asked for.
  if (before != 0) return read(model::Source::kCache, desk.AgeOfKnowledge());
  WhenFresh<v1::ListOpenOrdersResponse>(desk, request.max_age_ns(), answer, read);
}

void ListOrders(AccountDesk& desk, const v1::ListOrdersRequest& request,
                const PastPosition& position, Answer<v1::ListOrdersResponse> answer) {
  if (position.history.has_value()) return ListOlderOrders(desk, request, position, answer);
  const std::uint64_t before = position.before;
  const auto read = [&desk, request, before, answer](model::Source source,
                                                     std::chrono::nanoseconds age) {
    AnswerWith<v1::ListOrdersResponse>(
        desk, answer,
        [&desk, request, before, source, age]() -> absl::StatusOr<v1::ListOrdersResponse> {
          DeskContext& context = desk.context();
          journal::OrderFilter filter;
          filter.symbol = request.symbol();
          for (const int state : request.states()) {
            filter.states.push_back(static_cast<v1::OrderState>(state));
          }
          filter.start = request.start_time_ns();
          filter.end = request.end_time_ns();
          filter.exclude_external = request.exclude_external();
          filter.before = before;
          filter.limit = PageSizeOf(request.page_size()) + 1;  // whether there are more
          SWITCHYARD_ASSIGN_OR_RETURN(
              std::vector<OrderRecord> records,
              context.ledger.journal().WithStore(
                  [&](journal::Store& store) { return store.ListOrders(filter); }));
          v1::ListOrdersResponse response;
          *response.mutable_coverage() = CoverageOf(desk, request);
          if (records.size() == filter.limit) {
            records.pop_back();
            response.set_next_page_token(
                market_data::MakePageToken(request, std::to_string(records.back().number)));
          } else if (response.coverage().continued_by_exchange()) {
            response.set_next_page_token(HistoryToken(request));
          }
          for (const OrderRecord& record : records) {
            *response.add_orders() = Told(record.order, context.clock.Now());
          }
          FillFreshness(source, age, *response.mutable_freshness());
          return response;
        });
  };
  if (before != 0) return read(model::Source::kCache, desk.AgeOfKnowledge());
  WhenFresh<v1::ListOrdersResponse>(desk, request.max_age_ns(), answer, read);
}

void ListFills(AccountDesk& desk, const v1::ListFillsRequest& request, const PastPosition& position,
               Answer<v1::ListFillsResponse> answer) {
  const std::uint64_t before = position.before;
  const auto list = [&desk, request, before, answer](std::optional<std::uint64_t> number) {
    const auto read = [&desk, request, before, answer, number](model::Source source,
                                                               std::chrono::nanoseconds age) {
      AnswerWith<v1::ListFillsResponse>(
          desk, answer,
          [&desk, request, before, number, source, age]() -> absl::StatusOr<v1::ListFillsResponse> {
            journal::FillFilter filter;
            filter.symbol = request.symbol();
            filter.number = number;
            filter.start = request.start_time_ns();
            filter.end = request.end_time_ns();
            filter.before = before;
            filter.limit = PageSizeOf(request.page_size()) + 1;
            SWITCHYARD_ASSIGN_OR_RETURN(
                std::vector<v1::Fill> fills,
                desk.context().ledger.journal().WithStore(
                    [&](journal::Store& store) { return store.ListFills(filter); }));
            v1::ListFillsResponse response;
            *response.mutable_coverage() = CoverageOf(desk, request);
            if (fills.size() == filter.limit) {
              fills.pop_back();
              response.set_next_page_token(market_data::MakePageToken(
                  request, std::to_string(fills.back().position().sequence())));
            } else if (response.coverage().continued_by_exchange()) {
              response.set_next_page_token(HistoryToken(request));
            }
            for (v1::Fill& fill : fills) *response.add_fills() = std::move(fill);
            FillFreshness(source, age, *response.mutable_freshness());
            return response;
          });
    };
    if (before != 0) return read(model::Source::kCache, desk.AgeOfKnowledge());
    WhenFresh<v1::ListFillsResponse>(desk, request.max_age_ns(), answer, read);
  };
  if (!request.has_order()) {
    return position.history.has_value() ? ListOlderFills(desk, request, position, {}, answer)
                                        : list(std::nullopt);
  }
  WithOrder(desk, request.order(),
            [&desk, request, position, answer, list](absl::StatusOr<std::uint64_t> number) {
              if (!number.ok()) return answer(number.status());
              if (!position.history.has_value()) return list(*number);
              ListOlderFills(desk, request, position,
                             ReferenceTo(desk.context().ledger.Find(*number)->order), answer);
            });
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
