#include "services/order/reads/order_reads.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"
#include "services/market_data/page_token.h"

namespace switchyard::order {
namespace {

constexpr std::uint32_t kDefaultPage = 100;
constexpr std::uint32_t kMaxFillsOfOrder = 1'000;

void FillFreshness(model::Source source, std::chrono::nanoseconds age,
                   common::v1::Freshness& freshness) {
  freshness.set_source(exchange::ToProto(source));
  freshness.set_age_ns(std::max<std::int64_t>(age.count(), 0));
}

// What a request's page_size means.
std::uint32_t PageSizeOf(std::uint32_t page_size) {
  return page_size == 0 ? kDefaultPage : page_size;
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

std::chrono::nanoseconds OrderReads::AgeOfKnowledge() const {
  return desk_.clock.Now() - reconciler_.last_success();
}

template <typename T>
void OrderReads::WhenFresh(
    std::int64_t max_age_ns, const Answer<T>& answer,
    std::function<void(model::Source source, std::chrono::nanoseconds age)> read) {
  const auto age = AgeOfKnowledge();
  const bool known = reconciler_.state().ok();
  if (known && max_age_ns > 0 && age <= std::chrono::nanoseconds(max_age_ns)) {
    return read(model::Source::kCache, age);
  }
  reconciler_.Refresh([answer, read = std::move(read)](const absl::Status& status) {
    if (!status.ok()) return answer(status);
    read(model::Source::kRest, std::chrono::nanoseconds(0));
  });
}

template <typename T, typename Make>
void OrderReads::AnswerWith(const Answer<T>& answer, Make make) {
  desk_.turns.Answer([answer, make = std::move(make)] { answer(make()); });
}

void OrderReads::AddFillsOf(std::uint64_t number, v1::GetOrderResponse& response) {
  journal::FillFilter filter;
  filter.number = number;
  filter.limit = kMaxFillsOfOrder;
  auto fills = desk_.ledger.journal().WithStore(
      [&](journal::Store& store) { return store.ListFills(filter); });
  if (!fills.ok()) return;
  std::for_each(fills->rbegin(), fills->rend(),
                [&](v1::Fill& fill) { *response.add_fills() = std::move(fill); });
}

void OrderReads::AnswerOrder(std::uint64_t number, bool include_fills, model::Source source,
                             std::chrono::nanoseconds age,
                             const Answer<v1::GetOrderResponse>& answer) {
  AnswerWith<v1::GetOrderResponse>(
      answer, [this, number, include_fills, source, age]() -> absl::StatusOr<v1::GetOrderResponse> {
        const OrderRecord* const record = desk_.ledger.Find(number);
        if (record == nullptr) return absl::InternalError("the order is not in memory");
        v1::GetOrderResponse response;
        *response.mutable_order() = Told(record->order, desk_.clock.Now());
        if (include_fills) AddFillsOf(number, response);
        FillFreshness(source, age, *response.mutable_freshness());
        return response;
      });
}

void OrderReads::WithOrder(const v1::OrderKey& key, Answer<std::uint64_t> found) {
  const bool ours = key.id_case() == v1::OrderKey::kClientOrderId;
  const OrderRecord* const record =
      ours ? desk_.ledger.FindByClientId(key.client_order_id())
           : desk_.ledger.FindByExchangeIds(key.symbol(), key.exchange_order_id(), {});
  if (record != nullptr) {
    const bool other_market =
        !key.symbol().empty() && key.symbol() != record->order.ticket().symbol();
    return other_market ? found(UnknownOrder(desk_.exchange, key)) : found(record->number);
  }
  if (ours) return found(UnknownOrder(desk_.exchange, key));
  desk_.client.GetOrder(
      {.symbol = key.symbol(),
       .exchange_order_id = key.exchange_order_id(),
       .exchange_client_id = {}},
      desk_.turns.Reply<model::OrderReport>([this, key,
                                             found](absl::StatusOr<model::OrderReport> reply) {
        if (absl::IsNotFound(reply.status())) {
          return found(UnknownOrder(desk_.exchange, key));
        }
        if (!reply.ok()) return found(reply.status());
        const std::uint64_t number = intake_.TakeReport(*reply, v1::CHANGE_ORIGIN_RECONCILIATION);
        // 0: it may be one of ours that is being placed; a moment later its name is known.
        number == 0 ? found(UnknownOrder(desk_.exchange, key)) : found(number);
      }));
}

void OrderReads::GetOrder(const v1::GetOrderRequest& request, Answer<v1::GetOrderResponse> answer) {
  WithOrder(request.order(), [this, request, answer](absl::StatusOr<std::uint64_t> number) {
    if (!number.ok()) return answer(number.status());
    const OrderRecord& record = *desk_.ledger.Find(*number);
    const auto since_change = desk_.clock.Now() - TimeNs(record.order.update_time_ns());
    const auto age = std::min<std::chrono::nanoseconds>(since_change, AgeOfKnowledge());
    const bool young = request.max_age_ns() > 0 && age.count() <= request.max_age_ns();
    if (IsTerminal(record) || young) {
      return AnswerOrder(*number, request.include_fills(), model::Source::kCache,
                         IsTerminal(record) ? since_change : age, answer);
    }
    desk_.client.GetOrder(
        ReferenceTo(record.order),
        desk_.turns.Reply<model::OrderReport>(
            [this, request, answer, number = *number](absl::StatusOr<model::OrderReport> reply) {
              if (reply.ok()) {
                intake_.TakeReport(*reply, v1::CHANGE_ORIGIN_RECONCILIATION);
              } else if (!absl::IsNotFound(reply.status())) {
                return answer(reply.status());
              }
              // An order that the exchange does not know is one all the same: the journal has it.
              AnswerOrder(number, request.include_fills(), model::Source::kRest, {}, answer);
            }));
  });
}

void OrderReads::ListOpenOrders(const v1::ListOpenOrdersRequest& request, std::uint64_t before,
                                Answer<v1::ListOpenOrdersResponse> answer) {
  const auto read = [this, request, before, answer](model::Source source,
                                                    std::chrono::nanoseconds age) {
    AnswerWith<v1::ListOpenOrdersResponse>(answer, [this, request, before, source, age] {
      v1::ListOpenOrdersResponse response;
      // What is told is at least as new as this.
      *response.mutable_position() = desk_.ledger.log().position();
      std::vector<std::uint64_t> numbers = desk_.ledger.OpenNumbers();
      std::uint64_t last = 0;
      for (auto each = numbers.rbegin(); each != numbers.rend(); ++each) {
        const v1::Order& order = desk_.ledger.Find(*each)->order;
        const bool external = order.origin() == v1::ORDER_ORIGIN_EXTERNAL;
        if (before != 0 && *each >= before) continue;
        if (!request.symbol().empty() && request.symbol() != order.ticket().symbol()) continue;
        if (request.exclude_external() && external) continue;
        if (response.orders_size() == static_cast<int>(PageSizeOf(request.page_size()))) {
          response.set_next_page_token(market_data::MakePageToken(request, std::to_string(last)));
          break;
        }
        *response.add_orders() = Told(order, desk_.clock.Now());
        last = *each;
      }
      FillFreshness(source, age, *response.mutable_freshness());
      return response;
    });
  };
  // Later pages go on with what the first one asked for.
  if (before != 0) return read(model::Source::kCache, AgeOfKnowledge());
  WhenFresh<v1::ListOpenOrdersResponse>(request.max_age_ns(), answer, read);
}

void OrderReads::ListOrders(const v1::ListOrdersRequest& request, const PastPosition& position,
                            Answer<v1::ListOrdersResponse> answer) {
  if (position.history.has_value()) return history_.ListOrders(request, position, answer);
  const std::uint64_t before = position.before;
  const auto read = [this, request, before, answer](model::Source source,
                                                    std::chrono::nanoseconds age) {
    AnswerWith<v1::ListOrdersResponse>(
        answer, [this, request, before, source, age]() -> absl::StatusOr<v1::ListOrdersResponse> {
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
          SWITCHYARD_ASSIGN_OR_RETURN(std::vector<OrderRecord> records,
                                      desk_.ledger.journal().WithStore([&](journal::Store& store) {
                                        return store.ListOrders(filter);
                                      }));
          v1::ListOrdersResponse response;
          *response.mutable_coverage() = history_.CoverageOf(request);
          if (records.size() == filter.limit) {
            records.pop_back();
            response.set_next_page_token(
                market_data::MakePageToken(request, std::to_string(records.back().number)));
          } else if (response.coverage().continued_by_exchange()) {
            response.set_next_page_token(HistoryToken(request));
          }
          for (const OrderRecord& record : records) {
            *response.add_orders() = Told(record.order, desk_.clock.Now());
          }
          FillFreshness(source, age, *response.mutable_freshness());
          return response;
        });
  };
  if (before != 0) return read(model::Source::kCache, AgeOfKnowledge());
  WhenFresh<v1::ListOrdersResponse>(request.max_age_ns(), answer, read);
}

void OrderReads::ListFills(const v1::ListFillsRequest& request, const PastPosition& position,
                           Answer<v1::ListFillsResponse> answer) {
  const std::uint64_t before = position.before;
  const auto list = [this, request, before, answer](std::optional<std::uint64_t> number) {
    const auto read = [this, request, before, answer, number](model::Source source,
                                                              std::chrono::nanoseconds age) {
      AnswerWith<v1::ListFillsResponse>(
          answer,
          [this, request, before, number, source, age]() -> absl::StatusOr<v1::ListFillsResponse> {
            journal::FillFilter filter;
            filter.symbol = request.symbol();
            filter.number = number;
            filter.start = request.start_time_ns();
            filter.end = request.end_time_ns();
            filter.before = before;
            filter.limit = PageSizeOf(request.page_size()) + 1;
            SWITCHYARD_ASSIGN_OR_RETURN(
                std::vector<v1::Fill> fills,
                desk_.ledger.journal().WithStore(
                    [&](journal::Store& store) { return store.ListFills(filter); }));
            v1::ListFillsResponse response;
            *response.mutable_coverage() = history_.CoverageOf(request);
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
    if (before != 0) return read(model::Source::kCache, AgeOfKnowledge());
    WhenFresh<v1::ListFillsResponse>(request.max_age_ns(), answer, read);
  };
  if (!request.has_order()) {
    return position.history.has_value() ? history_.ListFills(request, position, {}, answer)
                                        : list(std::nullopt);
  }
  WithOrder(request.order(), [this, request, position, answer,
                              list](absl::StatusOr<std::uint64_t> number) {
    if (!number.ok()) return answer(number.status());
    if (!position.history.has_value()) return list(*number);
    history_.ListFills(request, position, ReferenceTo(desk_.ledger.Find(*number)->order), answer);
  });
}

}  // namespace switchyard::order
