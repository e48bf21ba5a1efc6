#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "exchanges/gateio/order/order_protocol.h"

namespace switchyard::exchanges::gateio {

// Reads of orders and fills over REST: pages, searches, what is to be concluded from a "not found".
// Calls come from any thread; replies come on the thread of the transport's answers.
class OrderReads {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;
  using Orders = std::vector<model::OrderReport>;
  // Sends one read; `done` gets the body of a 2xx answer, or RestReader's errors.
  using Fetch =
      std::function<void(RestRequest, std::function<void(absl::StatusOr<std::string>)> done)>;

  // `protocol` and `clock` outlive it.
  OrderReads(const OrderProtocol& protocol, const Clock& clock, Fetch fetch)
      : protocol_(protocol), clock_(clock), fetch_(std::move(fetch)) {}

  // By either id, finished ones too. What a client id does not find any more (spot: once finished;
  // futures: 60 s after a cancel without a fill) is searched among the finished orders of
  // kSearchedDays. Errors: NotFound, UNKNOWN_ORDER, only where every one of them was looked at.
  void GetOrder(Table table, exchange::OrderReference order,
                exchange::Reply<model::OrderReport> reply);
  // Every page of what is open, conditional orders included. `symbol` empty = all markets.
  void ListOpen(Table table, const std::string& symbol, exchange::Reply<Orders> reply);
  void ListFinished(Table table, exchange::HistoryQuery query,
                    exchange::Reply<exchange::Page<model::OrderReport>> reply);
  void ListFills(Table table, exchange::HistoryQuery query,
                 exchange::Reply<exchange::Page<model::FillReport>> reply);

  static constexpr int kSearchedDays = 30;

 private:
  struct Paging;
  struct Search;

  // The instrument of a symbol; null for the empty one.
  static absl::StatusOr<const model::Instrument*> Find(const Table& table,
                                                       const std::string& symbol);
  Origin OriginOf(const Table& table) const { return {*table, clock_.Now(), model::Source::kRest}; }
  // All pages of ordinary, then of conditional orders.
  void ReadOpenPage(const std::shared_ptr<Paging>& paging, int page);
  void ReadConditionalPage(const std::shared_ptr<Paging>& paging, int page);
  void SearchFinished(const std::shared_ptr<Search>& search, int page);
  void SearchConditional(const std::shared_ptr<Search>& search, bool open, int page);
  void GetConditional(Table table, exchange::OrderReference order,
                      exchange::Reply<model::OrderReport> reply);
  void ListFillsOf(Table table, exchange::HistoryQuery query,
                   exchange::Reply<exchange::Page<model::FillReport>> reply);

  const OrderProtocol& protocol_;
  const Clock& clock_;
  const Fetch fetch_;
};

}  // namespace switchyard::exchanges::gateio
