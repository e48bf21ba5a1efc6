#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/futures/order/contracts.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/order/term_checks.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using exchange::OrderReference;
using json::Json;

constexpr std::string_view kMarketPrice = "0";

// MARKET is a price of 0; with a worst price it is the LIMIT order that takes at once at that price
// or better.
std::string PriceText(const model::OrderTerms& terms) {
  if (terms.price) return terms.price->ToShortString();
  return terms.worst_price ? terms.worst_price->ToShortString() : std::string(kMarketPrice);
}

bool IsHedged(const model::OrderTerms& terms) {
  return terms.position_side == common::v1::POSITION_SIDE_LONG ||
         terms.position_side == common::v1::POSITION_SIDE_SHORT;
}

// In dual mode a sign alone opens; what reduces says so: a positive size then reduces the short
// position and a negative one the long. Source: API v4, "Futures", dual mode.
bool Reduces(const model::OrderTerms& terms) {
  if (!IsHedged(terms)) return terms.reduce_only;
  const bool is_long = terms.position_side == common::v1::POSITION_SIDE_LONG;
  return is_long == (terms.side == common::v1::SIDE_SELL);
}

// Size and what goes with it. Closing a whole position: size 0 with `close`, in dual mode with the
// side to close.
absl::Status PutSize(const model::Instrument& instrument, const model::OrderTerms& terms,
                     Json& out) {
  if (terms.close_position) {
    out["size"] = 0;
    if (!IsHedged(terms)) {
      out["close"] = true;
      return absl::OkStatus();
    }
    const bool is_long = terms.position_side == common::v1::POSITION_SIDE_LONG;
    out["auto_size"] = is_long ? "close_long" : "close_short";
    out["reduce_only"] = true;
    return absl::OkStatus();
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal contracts, ToContracts(instrument, *terms.quantity));
  out["size"] = SizeOf(contracts, terms.side);
  if (Reduces(terms)) out["reduce_only"] = true;
  return absl::OkStatus();
}

// A conditional order is changed by its own id, which is a number here; what is not given stays.
// Source: API v4 (7.2.57), "Modify a Single Auto Order", FuturesUpdatePriceTriggeredOrder.
absl::StatusOr<OrderCall> AmendConditional(const model::Instrument& instrument,
                                           const exchange::AmendCommand& command) {
  const std::string& id = command.order.exchange_order_id;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc() || end != id.data() + id.size() || number <= 0) {
    return InvalidField("order", "a conditional order is amended by the exchange's id");
  }
  Json change;
  change["order_id"] = number;
  if (command.quantity) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal contracts,
                                ToContracts(instrument, *command.quantity));
    change["size"] = SizeOf(contracts, command.side);
  }
  if (command.price) change["price"] = command.price->ToShortString();
  if (command.trigger_price) change["trigger_price"] = command.trigger_price->ToShortString();
  OrderCall call;
  call.what = fmt::format("amend conditional order {} of {}", id, instrument.symbol);
  call.rest = RequestOfOne("PUT", paths::kFuturesAmendPriceOrder, id);
  call.rest.body = json::Serialise(change);
  return call;
}

class FuturesRequests final : public OrderRequests {
 public:
  FuturesRequests()
      : OrderRequests({.product = Product::kFutures,
                       .orders = paths::kFuturesOrders,
                       .batch_orders = paths::kFuturesBatchOrders,
                       .conditional_orders = paths::kFuturesPriceOrders,
                       .countdown = paths::kFuturesCountdown,
                       .place = "futures.order_place",
                       .place_batch = "futures.order_batch_place",
                       .market_field = "contract",
                       .conditional_account = {},
                       .batch_takes_client_ids = false,
                       .cancels_all_markets = false}) {}

  absl::Status Check(const model::Instrument& instrument,
                     const model::OrderTerms& terms) const override {
    SWITCHYARD_RETURN_IF_ERROR(CheckCommonTerms(kFuturesId, terms));
    if (terms.quote_quantity) return NotInCapabilities(kFuturesId, "quote_quantity");
    if (terms.close_position && !IsConditional(terms.type)) {
      return InvalidField("close_position", "is for conditional orders");
    }
    if (terms.close_position && !IsMarket(terms.type)) {
      return InvalidField("close_position", "closes at the market");
    }
    if (IsHedged(terms) && terms.reduce_only && !Reduces(terms)) {
      return InvalidField("reduce_only", "this side opens that position");
    }
    if (!terms.quantity) return absl::OkStatus();
    SWITCHYARD_RETURN_IF_ERROR(CheckStep(instrument, *terms.quantity));
    return ToContracts(instrument, *terms.quantity).status();
  }

  absl::StatusOr<OrderCall> Amend(const model::Instrument& instrument,
                                  const exchange::AmendCommand& command) const override {
    if (command.order.conditional) return AmendConditional(instrument, command);
    if (command.trigger_price) return InvalidField("trigger_price", "the order has none");
    const std::string id = IdOf(command.order);
    Json change = Json::object();
    if (command.quantity) {
      SWITCHYARD_ASSIGN_OR_RETURN(const Decimal contracts,
                                  ToContracts(instrument, *command.quantity));
      change["size"] = SizeOf(contracts, command.side);
    }
    if (command.price) change["price"] = command.price->ToShortString();
    OrderCall call;
    call.what = fmt::format("amend order {} of {}", id, instrument.symbol);
    call.rest = RequestOfOne("PUT", paths::kFuturesOrders, id);
    call.rest.body = json::Serialise(change);
    change["order_id"] = id;
    call.channel = "futures.order_amend";
    call.param = json::Serialise(change);
    return call;
  }

  OrderCall CancelBatch(const model::InstrumentTable&,
                        std::span<const OrderReference> orders) const override {
    Json list = Json::array();
    for (const OrderReference& order : orders) list.push_back(order.exchange_order_id);
    OrderCall call;
    call.what = fmt::format("cancel {} orders", orders.size());
    call.channel = "futures.order_cancel_ids";
    call.param = json::Serialise(list);
    call.rest = RequestWithBody("POST", paths::kFuturesCancelBatch, call.param);
    return call;
  }

  OrderCall CancelAll(const model::Instrument* instrument, common::v1::Side side) const override {
    OrderCall call;
    call.what = "cancel all orders of " + instrument->symbol;
    call.channel = "futures.order_cancel_cp";
    call.rest = GetRequest(paths::kFuturesOrders);
    call.rest.method = "DELETE";
    call.rest.query = {{"contract", instrument->exchange_symbol}};
    Json param;
    param["contract"] = instrument->exchange_symbol;
    if (side != common::v1::SIDE_UNSPECIFIED) {
      const std::string_view word = side == common::v1::SIDE_BUY ? "bid" : "ask";
      call.rest.query.emplace_back("side", word);
      param["side"] = word;
    }
    call.param = json::Serialise(param);
    return call;
  }

  RestRequest GetOrder(const model::Instrument&, std::string_view id) const override {
    return RequestOfOne("GET", paths::kFuturesOrders, id);
  }

  RestRequest OpenOrders(const model::Instrument* instrument, int page) const override {
    RestRequest out = GetRequest(paths::kFuturesOrders);
    if (instrument != nullptr) out.query = {{"contract", instrument->exchange_symbol}};
    out.query.emplace_back("status", "open");
    PutOffset(out, page, kPage);
    return out;
  }

  RestRequest FinishedOrders(const model::Instrument* instrument,
                             const exchange::HistoryQuery& query, int page) const override {
    const bool ranged = query.start.given() || query.end.given();
    RestRequest out = GetRequest(ranged ? paths::kFuturesOrdersTimeRange : paths::kFuturesOrders);
    if (instrument != nullptr) out.query = {{"contract", instrument->exchange_symbol}};
    if (!ranged) out.query.emplace_back("status", "finished");
    PutRange(out, query);
    PutOffset(out, page, static_cast<int>(query.page_size));
    return out;
  }

  RestRequest Fills(const model::Instrument* instrument, const exchange::HistoryQuery& query,
                    int page) const override {
    // Only the plain list can be asked for one order, and only the other for a span of time.
    const bool ranged = !query.order && (query.start.given() || query.end.given());
    RestRequest out =
        GetRequest(ranged ? paths::kFuturesMyTradesTimeRange : paths::kFuturesMyTrades);
    if (instrument != nullptr) out.query = {{"contract", instrument->exchange_symbol}};
    if (query.order) out.query.emplace_back("order", query.order->exchange_order_id);
    if (ranged) PutRange(out, query);
    PutOffset(out, page, static_cast<int>(query.page_size));
    return out;
  }

 protected:
  absl::StatusOr<Json> OrderObject(const model::Instrument& instrument,
                                   const exchange::PlaceCommand& command) const override {
    const model::OrderTerms& terms = command.terms;
    Json out = {{"contract", instrument.exchange_symbol},
                {"price", PriceText(terms)},
                {"tif", TimeInForceOf(terms)},
                {"text", command.exchange_client_id}};
    SWITCHYARD_RETURN_IF_ERROR(PutSize(instrument, terms, out));
    const std::string_view rule = SelfTradePreventionText(terms.self_trade_prevention);
    if (!rule.empty()) out["stp_act"] = rule;
    return out;
  }

  absl::StatusOr<Json> ConditionalObject(const model::Instrument& instrument,
                                         const exchange::PlaceCommand& command) const override {
    SWITCHYARD_ASSIGN_OR_RETURN(Json initial, OrderObject(instrument, command));
    const model::OrderTrigger& trigger = *command.terms.trigger;
    const bool rise = WaitsForRise(command.terms.type, command.terms.side);
    return Json{{"initial", std::move(initial)},
                {"trigger",
                 {{"strategy_type", 0},
                  {"price_type", *PriceTypeOf(trigger.reference)},
                  {"price", trigger.price.ToShortString()},
                  {"rule", rise ? 1 : 2},
                  {"expiration", 0}}}};
  }

  void PutCancel(const model::Instrument&, const std::string& id, OrderCall& call) const override {
    Json param;
    param["order_id"] = id;
    call.channel = "futures.order_cancel";
    call.param = json::Serialise(param);
    call.rest = RequestOfOne("DELETE", paths::kFuturesOrders, id);
  }
};

}  // namespace

const OrderRequests& Requests() {
  static const FuturesRequests requests;
  return requests;
}

}  // namespace switchyard::exchanges::gateio::futures
