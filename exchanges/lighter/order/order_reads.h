#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "common/time/time.h"
#include "exchanges/lighter/order/order_reports.h"
#include "exchanges/lighter/rest/rest_request.h"

namespace switchyard::exchanges::lighter {

// Reads of orders and fills over REST: pages, searches, and what is to be concluded from a "not
// found". Calls come from any thread; replies come on the thread of the transport's answers.
//
// No answer names an order that the exchange dropped without a record, as it does with some invalid
// reduce-only orders: that one is found in neither list.
//
// Source: protocol reference 1.2 and 6.6. That finished orders come newest first is inferred there,
// so nothing is concluded from it but where a list by time may end.
class OrderReads {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;
  using Orders = std::vector<model::OrderReport>;
  // Sends one read with a token; `done` gets the body of a 2xx answer, or RestReader's errors.
  using Fetch =
      std::function<void(RestRequest, std::function<void(absl::StatusOr<std::string>)> done)>;

  // `clock` outlives it.
  OrderReads(std::int64_t account_index, const Clock& clock, Fetch fetch)
      : account_index_(account_index), clock_(clock), fetch_(std::move(fetch)) {}

  // By either id: first among the active orders of its market, then among the finished ones, of
  // which kSearchedPages are looked at. Errors: NotFound, UNKNOWN_ORDER, only where all of them
  // were; Unavailable, EXCHANGE_FAULT, where there are more.
  void GetOrder(Table table, exchange::OrderReference order,
                exchange::Reply<model::OrderReport> reply);
  // All that are open, conditional ones included. `symbol` empty = all markets. The exchange's list
  // may also hold orders that have just ended: they are left out.
  void ListOpen(Table table, const std::string& symbol, exchange::Reply<Orders> reply);
  // Orders of markets that are no longer listed are left out of histories.
  void ListFinished(Table table, exchange::HistoryQuery query,
                    exchange::Reply<exchange::Page<model::OrderReport>> reply);
  void ListFills(Table table, exchange::HistoryQuery query,
                 exchange::Reply<exchange::Page<model::FillReport>> reply);

  static constexpr int kSearchedPages = 30;
  static constexpr std::uint32_t kPage = 100;  // the largest that the exchange takes

 private:
  struct Search;

  Origin OriginOf(const Table& table) const {
    return {*table, account_index_, clock_.Now(), model::Source::kRest};
  }
  // Of one market, or of all.
  RestRequest Request(std::string_view path, const model::Instrument* instrument) const;
  void SearchFinished(const std::shared_ptr<Search>& search, const std::string& cursor, int page);

  const std::int64_t account_index_;
  const Clock& clock_;
  const Fetch fetch_;
};

}  // namespace switchyard::exchanges::lighter
