#include "services/order/reads/order_history.h"

#include <algorithm>
#include <utility>

#include "common/exchange/market_data_proto.h"
#include "services/market_data/page_token.h"
#include "services/order/state/converters.h"
#include "services/order/state/order_state.h"

namespace switchyard::order {
namespace {

void FillFresh(common::v1::Freshness& freshness) {
  freshness.set_source(exchange::ToProto(model::Source::kRest));
}

template <typename Request>
std::string NextToken(const Request& request, PastPosition position, const std::string& token) {
  if (token.empty()) return {};
  position.history = token;
  return market_data::MakePageToken(request, position.ToText());
}

bool Wants(const v1::ListOrdersRequest& request, v1::OrderState state) {
  return request.states().empty() || std::find(request.states().begin(), request.states().end(),
                                               state) != request.states().end();
}

}  // namespace

TimeNs OrderHistory::CompleteSince() const {
  const TimeNs kept = desk_.clock.Now() - journal::Retention().order_age;
  return std::max(reconciler_.watched_since(), kept);
}

template <typename Request>
v1::HistoryCoverage OrderHistory::Coverage(const Request& request, bool wants_older) const {
  v1::HistoryCoverage coverage;
  const TimeNs since = CompleteSince();
  coverage.set_complete_since_time_ns(since.value);
  coverage.set_continued_by_exchange(wants_older && request.start_time_ns() < since.value);
  return coverage;
}

template <typename Request>
exchange::HistoryQuery OrderHistory::QueryOf(const Request& request,
                                             const PastPosition& position) const {
  exchange::HistoryQuery query;
  query.symbol = request.symbol();
  query.start = request.start_time_ns();
  query.end = CompleteSince();
  if (request.end_time_ns() != 0) query.end = std::min(query.end, TimeNs(request.end_time_ns()));
  // The exchange counts pages of the size that the first one had.
  query.page_size = position.history_page_size;
  query.page_token = *position.history;
  return query;
}

v1::HistoryCoverage OrderHistory::CoverageOf(const v1::ListOrdersRequest& request) const {
  const bool wants_finished =
      request.states().empty() ||
      std::any_of(request.states().begin(), request.states().end(),
                  [](int state) { return IsTerminal(static_cast<v1::OrderState>(state)); });
  // Whatever was placed here is in the journal.
  return Coverage(request, wants_finished && !request.exclude_external());
}

v1::HistoryCoverage OrderHistory::CoverageOf(const v1::ListFillsRequest& request) const {
  return Coverage(request, /*wants_older=*/true);
}

void OrderHistory::ListOrders(const v1::ListOrdersRequest& request, const PastPosition& position,
                              Answer<v1::ListOrdersResponse> answer) {
  using Reports = exchange::Page<model::OrderReport>;
  desk_.client.ListFinishedOrders(
      QueryOf(request, position),
      desk_.turns.Reply<Reports>([this, request, position, answer](absl::StatusOr<Reports> page) {
        if (!page.ok()) return answer(page.status());
        v1::ListOrdersResponse response;
        for (const model::OrderReport& report : page->items) {
          const bool known = desk_.ledger.FindByExchangeIds(report.symbol, report.exchange_order_id,
                                                            report.exchange_client_id) != nullptr;
          if (known || !Wants(request, report.state)) continue;
          OrderRecord record;  // shown, and not kept
          record.order.set_exchange(desk_.exchange);
          record.order.set_account(desk_.account);
          AdoptReport(report,
                      desk_.MakeCause(v1::CHANGE_ORIGIN_RECONCILIATION, report.symbol,
                                      model::Source::kRest),
                      record);
          record.order.set_create_time_ns(report.exchange_create_time.value);
          *response.add_orders() = Told(record.order, desk_.clock.Now());
        }
        response.set_next_page_token(NextToken(request, position, page->next_page_token));
        FillFresh(*response.mutable_freshness());
        *response.mutable_coverage() = CoverageOf(request);
        answer(std::move(response));
      }));
}

void OrderHistory::ListFills(const v1::ListFillsRequest& request, const PastPosition& position,
                             std::optional<exchange::OrderReference> order,
                             Answer<v1::ListFillsResponse> answer) {
  using Fills = exchange::Page<model::FillReport>;
  exchange::HistoryQuery query = QueryOf(request, position);
  query.order = std::move(order);
  desk_.client.ListFills(query, desk_.turns.Reply<Fills>([this, request, position,
                                                          answer](absl::StatusOr<Fills> page) {
    if (!page.ok()) return answer(page.status());
    v1::ListFillsResponse response;
    for (const model::FillReport& report : page->items) {
      const auto known = desk_.ledger.journal().WithStore([&](journal::Store& store) {
        return store.HasFill(report.symbol, report.trade_id, report.side);
      });
      if (!known.ok()) return answer(known.status());
      if (!*known) *response.add_fills() = FillOf(desk_.exchange, desk_.account, report);
    }
    response.set_next_page_token(NextToken(request, position, page->next_page_token));
    FillFresh(*response.mutable_freshness());
    *response.mutable_coverage() = CoverageOf(request);
    answer(std::move(response));
  }));
}

}  // namespace switchyard::order
