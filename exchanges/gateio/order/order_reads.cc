#include "exchanges/gateio/order/order_reads.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "exchanges/gateio/order/history_page.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::OrderReference;
using json::Json;
using model::OrderReport;

// Pages of kPage orders that a search looks at; beyond them it cannot say what is not there.
constexpr int kMostSearchedPages = 30;
// Pages of open orders; an account has fewer than this many.
constexpr int kMostOpenPages = 200;
// The longest span of one request for a spot account's fills. Source: API v4, "my_trades".
constexpr std::chrono::hours kLongestFillSpan{30 * 24};

absl::Status UnknownOrder(const OrderReference& order) {
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ORDER,
                   fmt::format("no order '{}' '{}' of {}", order.exchange_order_id,
                               order.exchange_client_id, order.symbol));
}

absl::Status CannotTell(const OrderReference& order, std::string_view why) {
  return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_FAULT,
                   fmt::format("whether there is an order '{}' of {} cannot be told: {}",
                               order.exchange_client_id, order.symbol, why));
}

bool IsMeant(const OrderReport& report, const OrderReference& order) {
  const bool by_id = !order.exchange_order_id.empty();
  return by_id ? report.exchange_order_id == order.exchange_order_id
               : report.exchange_client_id == order.exchange_client_id;
}

bool IsUnknownOrder(const absl::Status& status) {
  return status.code() == absl::StatusCode::kNotFound;
}

bool IsUnlisted(const absl::Status& status) {
  return ReasonOf(status) == common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT;
}

bool IsWithin(TimeNs time, const exchange::HistoryQuery& query) {
  return (!query.start.given() || time >= query.start) && (!query.end.given() || time < query.end);
}

bool IsTerminal(const OrderReport& report) {
  return report.state != order::v1::ORDER_STATE_OPEN &&
         report.state != order::v1::ORDER_STATE_PARTIALLY_FILLED;
}

// Reads each entry of a history. Markets that are no longer listed are left out: their quantities
// mean nothing without their contract, and no order of theirs can be of interest to a live one.
template <typename T, typename Read>
absl::StatusOr<std::vector<T>> ReadEntries(const Json& list, Read read) {
  std::vector<T> out;
  for (const Json& entry : list) {
    absl::StatusOr<T> item = read(entry);
    if (item.ok()) {
      out.push_back(*std::move(item));
    } else if (IsUnlisted(item.status())) {
      log::Warning("history_of_unlisted_market", {{"error", item.status()}});
    } else {
      return item.status();
    }
  }
  return out;
}

}  // namespace

struct OrderReads::Paging {
  Table table;
  const model::Instrument* instrument = nullptr;
  Orders orders;
  std::set<std::string> ids;
  exchange::Reply<Orders> reply;

  void Add(Orders page) {
    // Orders move between pages while these are read.
    for (OrderReport& order : page) {
      const std::string kind =
          order.trigger_state == order::v1::TRIGGER_STATE_UNSPECIFIED ? "" : "t";
      if (ids.insert(kind + order.exchange_order_id).second) orders.push_back(std::move(order));
    }
  }
};

struct OrderReads::Search {
  Table table;
  const model::Instrument* instrument = nullptr;
  OrderReference order;
  bool saw_nameless = false;  // an order without an owner's text that could be it
  exchange::Reply<OrderReport> reply;
};

absl::StatusOr<const model::Instrument*> OrderReads::Find(const Table& table,
                                                          const std::string& symbol) {
  if (symbol.empty()) return nullptr;
  if (const model::Instrument* const found = table->Find(symbol)) return found;
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                   fmt::format("no instrument '{}'", symbol), {{"field", "symbol"}});
}

void OrderReads::GetOrder(Table table, OrderReference order, exchange::Reply<OrderReport> reply) {
  const auto instrument = Find(table, order.symbol);
  if (!instrument.ok()) return reply(instrument.status());
  if (*instrument == nullptr) return reply(InvalidField("order.symbol", "is required"));
  if (order.conditional)
    return GetConditional(std::move(table), std::move(order), std::move(reply));
  const std::string id =
      order.exchange_order_id.empty() ? order.exchange_client_id : order.exchange_order_id;
  if (id.empty()) return reply(InvalidField("order", "an id is required"));
  RestRequest request = protocol_.requests.GetOrder(**instrument, id);
  fetch_(std::move(request),
         [this, table = std::move(table), instrument = *instrument, order = std::move(order),
          reply = std::move(reply)](absl::StatusOr<std::string> body) mutable {
           if (body.ok()) {
             const auto parsed = ParseBody("an order", *body);
             if (!parsed.ok()) return reply(parsed.status());
             return reply(protocol_.reports.ReadOrder(*parsed, OriginOf(table)));
           }
           if (!IsUnknownOrder(body.status())) return reply(body.status());
           auto search = std::make_shared<Search>();
           *search = {std::move(table), instrument, std::move(order), false, std::move(reply)};
           SearchFinished(search, 1);
         });
}

void OrderReads::SearchFinished(const std::shared_ptr<Search>& search, int page) {
  exchange::HistoryQuery query;
  query.start = clock_.Now() - std::chrono::hours(kSearchedDays * 24);
  query.page_size = kPage;
  fetch_(protocol_.requests.FinishedOrders(search->instrument, query, page),
         [this, search, page](absl::StatusOr<std::string> body) {
           if (!body.ok()) return search->reply(body.status());
           const auto list = ParseList("finished orders", *body);
           if (!list.ok()) return search->reply(list.status());
           const Origin origin = OriginOf(search->table);
           for (const Json& entry : *list) {
             auto report = protocol_.reports.ReadOrder(entry, origin);
             if (!report.ok()) return search->reply(report.status());
             if (IsMeant(*report, search->order)) return search->reply(*std::move(report));
           }
           if (list->size() < static_cast<std::size_t>(kPage)) {
             return search->reply(UnknownOrder(search->order));
           }
           if (page == kMostSearchedPages) {
             return search->reply(CannotTell(search->order, "too many orders have finished since"));
           }
           SearchFinished(search, page + 1);
         });
}

void OrderReads::GetConditional(Table table, OrderReference order,
                                exchange::Reply<OrderReport> reply) {
  if (order.exchange_order_id.empty()) {
    auto search = std::make_shared<Search>();
    const model::Instrument* const instrument = table->Find(order.symbol);
    *search = {std::move(table), instrument, std::move(order), false, std::move(reply)};
    return SearchConditional(search, true, 1);
  }
  fetch_(
      protocol_.requests.GetConditional(order.exchange_order_id),
      [this, table = std::move(table), reply = std::move(reply)](absl::StatusOr<std::string> body) {
        if (!body.ok()) return reply(body.status());
        const auto parsed = ParseBody("a conditional order", *body);
        if (!parsed.ok()) return reply(parsed.status());
        reply(protocol_.reports.ReadConditional(*parsed, OriginOf(table)));
      });
}

// Conditional orders can be asked for by the exchange's id alone, so the client id is looked for in
// the lists. That they keep it is not documented: where the list holds one without an owner's text,
// nothing is proven.
void OrderReads::SearchConditional(const std::shared_ptr<Search>& search, bool open, int page) {
  fetch_(protocol_.requests.ConditionalOrders(search->instrument, open, page),
         [this, search, open, page](absl::StatusOr<std::string> body) {
           if (!body.ok()) return search->reply(body.status());
           const auto list = ParseList("conditional orders", *body);
           if (!list.ok()) return search->reply(list.status());
           const Origin origin = OriginOf(search->table);
           for (const Json& entry : *list) {
             auto report = protocol_.reports.ReadConditional(entry, origin);
             if (!report.ok()) return search->reply(report.status());
             if (IsMeant(*report, search->order)) return search->reply(*std::move(report));
             if (open && report->exchange_client_id.empty()) search->saw_nameless = true;
           }
           if (list->size() == static_cast<std::size_t>(kPage)) {
             if (page == kMostSearchedPages) {
               return search->reply(CannotTell(search->order, "there are too many of them"));
             }
             return SearchConditional(search, open, page + 1);
           }
           if (open) return SearchConditional(search, false, 1);
           search->reply(search->saw_nameless
                             ? CannotTell(search->order, "one of them has lost its client id")
                             : UnknownOrder(search->order));
         });
}

void OrderReads::ListOpen(Table table, const std::string& symbol, exchange::Reply<Orders> reply) {
  const auto instrument = Find(table, symbol);
  if (!instrument.ok()) return reply(instrument.status());
  auto paging = std::make_shared<Paging>();
  paging->table = std::move(table);
  paging->instrument = *instrument;
  paging->reply = std::move(reply);
  ReadOpenPage(paging, 1);
}

void OrderReads::ReadOpenPage(const std::shared_ptr<Paging>& paging, int page) {
  fetch_(protocol_.requests.OpenOrders(paging->instrument, page),
         [this, paging, page](absl::StatusOr<std::string> body) {
           if (!body.ok()) return paging->reply(body.status());
           const auto list = ParseList("open orders", *body);
           if (!list.ok()) return paging->reply(list.status());
           bool full = false;
           auto orders =
               protocol_.reports.ReadOpenOrders(*list, OriginOf(paging->table), page, &full);
           if (!orders.ok()) return paging->reply(orders.status());
           paging->Add(*std::move(orders));
           if (full && page < kMostOpenPages) return ReadOpenPage(paging, page + 1);
           ReadConditionalPage(paging, 1);
         });
}

void OrderReads::ReadConditionalPage(const std::shared_ptr<Paging>& paging, int page) {
  fetch_(protocol_.requests.ConditionalOrders(paging->instrument, true, page),
         [this, paging, page](absl::StatusOr<std::string> body) {
           if (!body.ok()) return paging->reply(body.status());
           const auto list = ParseList("conditional orders", *body);
           if (!list.ok()) return paging->reply(list.status());
           Orders orders;
           for (const Json& entry : *list) {
             auto report = protocol_.reports.ReadConditional(entry, OriginOf(paging->table));
             if (!report.ok()) return paging->reply(report.status());
             orders.push_back(*std::move(report));
           }
           paging->Add(std::move(orders));
           const bool full = list->size() == static_cast<std::size_t>(kPage);
           if (full && page < kMostOpenPages) return ReadConditionalPage(paging, page + 1);
           paging->reply(std::move(paging->orders));
         });
}

void OrderReads::ListFinished(Table table, exchange::HistoryQuery query,
                              exchange::Reply<exchange::Page<OrderReport>> reply) {
  const auto instrument = Find(table, query.symbol);
  if (!instrument.ok()) return reply(instrument.status());
  auto page = PageOf(query, clock_.Now(), std::chrono::seconds(0));
  if (!page.ok()) return reply(page.status());
  RestRequest request = protocol_.requests.FinishedOrders(*instrument, page->query, page->number);
  fetch_(std::move(request), [this, table = std::move(table), page = *std::move(page),
                              reply = std::move(reply)](absl::StatusOr<std::string> body) {
    if (!body.ok()) return reply(body.status());
    const auto list = ParseList("finished orders", *body);
    if (!list.ok()) return reply(list.status());
    const Origin origin = OriginOf(table);
    auto items = ReadEntries<OrderReport>(
        *list, [&](const Json& entry) { return protocol_.reports.ReadOrder(entry, origin); });
    if (!items.ok()) return reply(items.status());
    exchange::Page<OrderReport> out;
    for (OrderReport& item : *items) {
      if (IsTerminal(item)) out.items.push_back(std::move(item));
    }
    std::stable_sort(out.items.begin(), out.items.end(),
                     [](const OrderReport& a, const OrderReport& b) {
                       return a.exchange_update_time > b.exchange_update_time;
                     });
    out.next_page_token = NextToken(page, list->size() >= page.query.page_size);
    reply(std::move(out));
  });
}

void OrderReads::ListFills(Table table, exchange::HistoryQuery query,
                           exchange::Reply<exchange::Page<model::FillReport>> reply) {
  // Lists of fills know orders by the exchange's id alone.
  if (!query.order || !query.order->exchange_order_id.empty()) {
    return ListFillsOf(std::move(table), std::move(query), std::move(reply));
  }
  OrderReference order = *query.order;
  GetOrder(table, std::move(order),
           [this, table, query = std::move(query),
            reply = std::move(reply)](absl::StatusOr<OrderReport> found) mutable {
             if (!found.ok()) return reply(found.status());
             query.order->exchange_order_id = found->exchange_order_id;
             ListFillsOf(std::move(table), std::move(query), std::move(reply));
           });
}

void OrderReads::ListFillsOf(Table table, exchange::HistoryQuery query,
                             exchange::Reply<exchange::Page<model::FillReport>> reply) {
  if (query.symbol.empty() && query.order) query.symbol = query.order->symbol;
  const auto instrument = Find(table, query.symbol);
  if (!instrument.ok()) return reply(instrument.status());
  const bool in_pieces = protocol_.product() == Product::kSpot && !query.order;
  auto page = PageOf(query, clock_.Now(),
                     in_pieces ? std::chrono::seconds(kLongestFillSpan) : std::chrono::seconds(0));
  if (!page.ok()) return reply(page.status());
  RestRequest request = protocol_.requests.Fills(*instrument, page->query, page->number);
  fetch_(std::move(request), [this, table = std::move(table), page = *std::move(page),
                              reply = std::move(reply)](absl::StatusOr<std::string> body) {
    if (!body.ok()) return reply(body.status());
    const auto list = ParseList("fills", *body);
    if (!list.ok()) return reply(list.status());
    const Origin origin = OriginOf(table);
    auto items = ReadEntries<model::FillReport>(
        *list, [&](const Json& entry) { return protocol_.reports.ReadFill(entry, origin); });
    if (!items.ok()) return reply(items.status());
    exchange::Page<model::FillReport> out;
    for (model::FillReport& item : *items) {
      // Spans are asked for in whole seconds.
      if (IsWithin(item.exchange_time, page.query)) out.items.push_back(std::move(item));
    }
    std::stable_sort(out.items.begin(), out.items.end(),
                     [](const model::FillReport& a, const model::FillReport& b) {
                       return a.exchange_time > b.exchange_time;
                     });
    out.next_page_token = NextToken(page, list->size() >= page.query.page_size);
    reply(std::move(out));
  });
}

}  // namespace switchyard::exchanges::gateio
