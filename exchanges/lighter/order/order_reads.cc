#include "exchanges/lighter/order/order_reads.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/rest/answer.h"
#include "exchanges/lighter/utils/converters.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::OrderReference;
using json::Json;
using model::FillReport;
using model::OrderReport;

// "All markets" of a query.
constexpr std::string_view kAllMarkets = "255";

absl::Status UnknownOrder(const OrderReference& order) {
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ORDER,
                   fmt::format("no order '{}' '{}' of {}", order.exchange_order_id,
                               order.exchange_client_id, order.symbol));
}

absl::Status CannotTell(const OrderReference& order) {
  return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_FAULT,
                   fmt::format("whether there is an order '{}' of {} cannot be told: too many have "
                               "finished since",
                               order.exchange_client_id, order.symbol));
}

bool IsMeant(const OrderReport& report, const OrderReference& order) {
  const bool by_id = !order.exchange_order_id.empty();
  return by_id ? report.exchange_order_id == order.exchange_order_id
               : report.exchange_client_id == order.exchange_client_id;
}

bool IsOpen(const OrderReport& report) {
  return report.state == order::v1::ORDER_STATE_OPEN ||
         report.state == order::v1::ORDER_STATE_PARTIALLY_FILLED;
}

bool IsWithin(TimeNs time, const exchange::HistoryQuery& query) {
  return (!query.start.given() || time >= query.start) && (!query.end.given() || time < query.end);
}

// Null for the empty symbol.
absl::StatusOr<const model::Instrument*> Find(const OrderReads::Table& table,
                                              const std::string& symbol) {
  if (symbol.empty()) return nullptr;
  if (const model::Instrument* const found = table->Find(symbol)) return found;
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                   fmt::format("no instrument '{}'", symbol), {{"field", "symbol"}});
}

// One answer with a list: its entries and where the next page begins.
struct Answered {
  Json rows;
  std::string next_cursor;
};

absl::StatusOr<Answered> ParsePage(std::string_view what, const char* list,
                                   const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(Json answer, ParseAnswer(what, body));
  Answered out;
  out.next_cursor = TextOf(answer, "next_cursor");
  const auto rows = json::OptionalArray(answer, list);
  if (!rows.ok()) return Unreadable(what, rows.status());
  if (*rows != nullptr) out.rows = **rows;
  return out;
}

// What an order or a trade of a market that is gone means cannot be said without its units, and it
// is of no interest to a live one.
bool IsUnlisted(const absl::Status& status) {
  if (ReasonOf(status) != common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT) return false;
  log::Warning("history_of_unlisted_market", {{"error", status}});
  return true;
}

absl::StatusOr<std::vector<OrderReport>> ReadOrders(const Json& rows, const Origin& origin) {
  std::vector<OrderReport> out;
  for (const Json& row : rows) {
    auto report = ReadOrder(row, origin);
    if (report.ok()) {
      out.push_back(*std::move(report));
    } else if (!IsUnlisted(report.status())) {
      return report.status();
    }
  }
  return out;
}

}  // namespace

struct OrderReads::Search {
  Table table;
  const model::Instrument* instrument = nullptr;
  OrderReference order;
  exchange::Reply<OrderReport> reply;
};

RestRequest OrderReads::Request(std::string_view path, const model::Instrument* instrument) const {
  const std::string market =
      instrument == nullptr ? std::string(kAllMarkets) : std::to_string(MarketIdOf(*instrument));
  return GetRequest(path,
                    {{"account_index", std::to_string(account_index_)}, {"market_id", market}});
}

void OrderReads::GetOrder(Table table, OrderReference order, exchange::Reply<OrderReport> reply) {
  const auto instrument = Find(table, order.symbol);
  if (!instrument.ok()) return reply(instrument.status());
  if (*instrument == nullptr) return reply(InvalidField("order.symbol", "is required"));
  if (order.exchange_order_id.empty() && order.exchange_client_id.empty()) {
    return reply(InvalidField("order", "an id is required"));
  }
  auto search = std::make_shared<Search>();
  *search = {std::move(table), *instrument, std::move(order), std::move(reply)};
  // Active ones first: an order that ends meanwhile is then among the finished ones.
  fetch_(Request(paths::kAccountActiveOrders, search->instrument),
         [this, search](absl::StatusOr<std::string> body) {
           if (!body.ok()) return search->reply(body.status());
           const auto page = ParsePage("active orders", "orders", *body);
           if (!page.ok()) return search->reply(page.status());
           auto orders = ReadOrders(page->rows, OriginOf(search->table));
           if (!orders.ok()) return search->reply(orders.status());
           for (OrderReport& report : *orders) {
             if (IsMeant(report, search->order)) return search->reply(std::move(report));
           }
           SearchFinished(search, "", 1);
         });
}

void OrderReads::SearchFinished(const std::shared_ptr<Search>& search, const std::string& cursor,
                                int page_number) {
  RestRequest request = Request(paths::kAccountInactiveOrders, search->instrument);
  request.query.emplace_back("limit", std::to_string(kPage));
  if (!cursor.empty()) request.query.emplace_back("cursor", cursor);
  fetch_(std::move(request), [this, search, page_number](absl::StatusOr<std::string> body) {
    if (!body.ok()) return search->reply(body.status());
    const auto page = ParsePage("finished orders", "orders", *body);
    if (!page.ok()) return search->reply(page.status());
    auto orders = ReadOrders(page->rows, OriginOf(search->table));
    if (!orders.ok()) return search->reply(orders.status());
    for (OrderReport& report : *orders) {
      if (IsMeant(report, search->order)) return search->reply(std::move(report));
    }
    if (page->next_cursor.empty()) return search->reply(UnknownOrder(search->order));
    if (page_number == kSearchedPages) return search->reply(CannotTell(search->order));
    SearchFinished(search, page->next_cursor, page_number + 1);
  });
}

void OrderReads::ListOpen(Table table, const std::string& symbol, exchange::Reply<Orders> reply) {
  const auto instrument = Find(table, symbol);
  if (!instrument.ok()) return reply(instrument.status());
  fetch_(
      Request(paths::kAccountActiveOrders, *instrument),
      [this, table = std::move(table), reply = std::move(reply)](absl::StatusOr<std::string> body) {
        if (!body.ok()) return reply(body.status());
        const auto page = ParsePage("active orders", "orders", *body);
        if (!page.ok()) return reply(page.status());
        // Whole, or not at all: an order that is left out would be taken for ended.
        Orders open;
        for (const Json& row : page->rows) {
          auto report = ReadOrder(row, OriginOf(table));
          if (!report.ok()) return reply(report.status());
          if (IsOpen(*report)) open.push_back(*std::move(report));
        }
        reply(std::move(open));
      });
}

void OrderReads::ListFinished(Table table, exchange::HistoryQuery query,
                              exchange::Reply<exchange::Page<OrderReport>> reply) {
  const auto instrument = Find(table, query.symbol);
  if (!instrument.ok()) return reply(instrument.status());
  RestRequest request = Request(paths::kAccountInactiveOrders, *instrument);
  request.query.emplace_back("limit", std::to_string(PageSize(query.page_size, kPage)));
  if (!query.page_token.empty()) request.query.emplace_back("cursor", query.page_token);
  fetch_(std::move(request), [this, table = std::move(table), query = std::move(query),
                              reply = std::move(reply)](absl::StatusOr<std::string> body) {
    if (!body.ok()) return reply(body.status());
    const auto page = ParsePage("finished orders", "orders", *body);
    if (!page.ok()) return reply(page.status());
    auto orders = ReadOrders(page->rows, OriginOf(table));
    if (!orders.ok()) return reply(orders.status());
    const bool all_before = query.start.given() && !orders->empty() &&
                            std::ranges::all_of(*orders, [&](const OrderReport& report) {
                              return report.exchange_update_time < query.start;
                            });
    exchange::Page<OrderReport> out;
    if (!all_before) out.next_page_token = page->next_cursor;
    for (OrderReport& report : *orders) {
      if (IsWithin(report.exchange_update_time, query)) out.items.push_back(std::move(report));
    }
    reply(std::move(out));
  });
}

void OrderReads::ListFills(Table table, exchange::HistoryQuery query,
                           exchange::Reply<exchange::Page<FillReport>> reply) {
  const std::string& symbol = query.order ? query.order->symbol : query.symbol;
  const auto instrument = Find(table, symbol);
  if (!instrument.ok()) return reply(instrument.status());
  RestRequest request = Request(paths::kTrades, *instrument);
  request.query.emplace_back("sort_by", "timestamp");
  request.query.emplace_back("sort_dir", "desc");
  request.query.emplace_back("limit", std::to_string(PageSize(query.page_size, kPage)));
  if (query.order && !query.order->exchange_order_id.empty()) {
    request.query.emplace_back("order_index", query.order->exchange_order_id);
  }
  if (!query.page_token.empty()) request.query.emplace_back("cursor", query.page_token);
  fetch_(std::move(request), [this, table = std::move(table), query = std::move(query),
                              reply = std::move(reply)](absl::StatusOr<std::string> body) {
    if (!body.ok()) return reply(body.status());
    const auto page = ParsePage("trades", "trades", *body);
    if (!page.ok()) return reply(page.status());
    exchange::Page<FillReport> out;
    bool is_past_start = false;
    for (const Json& row : page->rows) {
      auto fills = ReadFills(row, OriginOf(table));
      if (!fills.ok()) {
        if (IsUnlisted(fills.status())) continue;
        return reply(fills.status());
      }
      for (FillReport& fill : *fills) {
        is_past_start |= query.start.given() && fill.exchange_time < query.start;
        const bool is_wanted =
            !query.order || (query.order->exchange_order_id.empty()
                                 ? fill.exchange_client_id == query.order->exchange_client_id
                                 : fill.exchange_order_id == query.order->exchange_order_id);
        if (is_wanted && IsWithin(fill.exchange_time, query)) out.items.push_back(std::move(fill));
      }
    }
    // The order of trades was asked for, so behind an older one there are none that are newer.
    if (!is_past_start) out.next_page_token = page->next_cursor;
    reply(std::move(out));
  });
}

}  // namespace switchyard::exchanges::lighter
