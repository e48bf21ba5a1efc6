#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/futures/order/contracts.h"
#include "exchanges/gateio/futures/order/order_protocol.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/order/term_checks.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using exchange::OrderReference;
using json::Json;

constexpr std::string_view kMarketPrice = "0";

std::string IdOf(const OrderReference& order) {
  return order.exchange_order_id.empty() ? order.exchange_client_id : order.exchange_order_id;
}

// MARKET is a price of 0; with a worst price it is the LIMIT order that takes at once at that price
// or better.
std::string PriceText(const model::OrderTerms& terms) {
  if (terms.price) return terms.price->ToShortString();
  return terms.worst_price ? terms.worst_price->ToShortString() : std::string(kMarketPrice);
}

std::string_view TimeInForceOf(const model::OrderTerms& terms) {
  if (IsMarket(terms.type) && terms.time_in_force == order::v1::TIME_IN_FORCE_UNSPECIFIED) {
    return "ioc";
  }
  return TimeInForceText(terms.time_in_force, terms.post_only);
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

absl::StatusOr<Json> OrderObject(const model::Instrument& instrument,
                                 const exchange::PlaceCommand& command) {
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
                                       const exchange::PlaceCommand& command) {
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

RestRequest Get(std::string_view path) {
  RestRequest out;
  out.path = path;
  out.limit = path;
  return out;
}

RestRequest WithBody(std::string_view method, std::string_view path, std::string body) {
  RestRequest out = Get(path);
  out.method = method;
  out.body = std::move(body);
  return out;
}

RestRequest One(std::string_view method, std::string_view path, std::string_view id) {
  RestRequest out = Get(path);
  out.method = method;
  out.path += fmt::format("/{}", id);
  return out;
}

void PutPage(RestRequest& request, int page, int size) {
  request.query.emplace_back("limit", fmt::to_string(size));
  request.query.emplace_back("offset", fmt::to_string((page - 1) * size));
}

void PutRange(RestRequest& request, const exchange::HistoryQuery& query) {
  if (query.start.given()) {
    request.query.emplace_back("from", fmt::to_string(query.start.Seconds()));
  }
  if (query.end.given()) request.query.emplace_back("to", fmt::to_string(query.end.Seconds()));
}

}  // namespace

absl::Status OrderProtocol::Check(const model::Instrument& instrument,
                                  const model::OrderTerms& terms) const {
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

absl::StatusOr<OrderCall> OrderProtocol::Place(const model::Instrument& instrument,
                                               const exchange::PlaceCommand& command) const {
  OrderCall call;
  call.what = fmt::format("place order {} of {}", command.exchange_client_id, instrument.symbol);
  if (IsConditional(command.terms.type)) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Json body, ConditionalObject(instrument, command));
    call.rest = WithBody("POST", paths::kFuturesPriceOrders, json::Serialise(body));
    return call;
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const Json body, OrderObject(instrument, command));
  call.channel = "futures.order_place";
  call.param = json::Serialise(body);
  call.rest = WithBody("POST", paths::kFuturesOrders, call.param);
  return call;
}

absl::StatusOr<OrderCall> OrderProtocol::PlaceBatch(
    const model::InstrumentTable& instruments,
    std::span<const exchange::PlaceCommand> commands) const {
  Json list = Json::array();
  for (const exchange::PlaceCommand& command : commands) {
    SWITCHYARD_ASSIGN_OR_RETURN(Json order,
                                OrderObject(*instruments.Find(command.symbol), command));
    list.push_back(std::move(order));
  }
  OrderCall call;
  call.what = fmt::format("place {} orders", commands.size());
  call.channel = "futures.order_batch_place";
  call.param = json::Serialise(list);
  call.rest = WithBody("POST", paths::kFuturesBatchOrders, call.param);
  return call;
}

absl::StatusOr<OrderCall> OrderProtocol::Amend(const model::Instrument& instrument,
                                               const exchange::AmendCommand& command) const {
  if (command.order.conditional || command.trigger_price) {
    return NotInCapabilities(kFuturesId, "amending conditional orders");
  }
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
  call.rest = One("PUT", paths::kFuturesOrders, id);
  call.rest.body = json::Serialise(change);
  change["order_id"] = id;
  call.channel = "futures.order_amend";
  call.param = json::Serialise(change);
  return call;
}

OrderCall OrderProtocol::Cancel(const model::Instrument& instrument,
                                const OrderReference& order) const {
  const std::string id = IdOf(order);
  OrderCall call;
  call.what = fmt::format("cancel order {} of {}", id, instrument.symbol);
  if (order.conditional) {
    call.rest = One("DELETE", paths::kFuturesPriceOrders, order.exchange_order_id);
    return call;
  }
  Json param;
  param["order_id"] = id;
  call.channel = "futures.order_cancel";
  call.param = json::Serialise(param);
  call.rest = One("DELETE", paths::kFuturesOrders, id);
  return call;
}

OrderCall OrderProtocol::CancelBatch(const model::InstrumentTable&,
                                     std::span<const OrderReference> orders) const {
  Json list = Json::array();
  for (const OrderReference& order : orders) list.push_back(order.exchange_order_id);
  OrderCall call;
  call.what = fmt::format("cancel {} orders", orders.size());
  call.channel = "futures.order_cancel_ids";
  call.param = json::Serialise(list);
  call.rest = WithBody("POST", paths::kFuturesCancelBatch, call.param);
  return call;
}

OrderCall OrderProtocol::CancelAll(const model::Instrument* instrument,
                                   common::v1::Side side) const {
  OrderCall call;
  call.what = "cancel all orders of " + instrument->symbol;
  call.channel = "futures.order_cancel_cp";
  call.rest = Get(paths::kFuturesOrders);
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

OrderCall OrderProtocol::CancelAllConditional(const model::Instrument* instrument) const {
  OrderCall call;
  call.what = "cancel all conditional orders";
  call.rest = Get(paths::kFuturesPriceOrders);
  call.rest.method = "DELETE";
  if (instrument != nullptr) call.rest.query = {{"contract", instrument->exchange_symbol}};
  return call;
}

OrderCall OrderProtocol::Countdown(std::chrono::seconds timeout) const {
  Json body;
  body["timeout"] = std::int64_t{timeout.count()};
  OrderCall call;
  call.what = "set the dead-man switch";
  call.rest = WithBody("POST", paths::kFuturesCountdown, json::Serialise(body));
  return call;
}

RestRequest OrderProtocol::GetOrder(const model::Instrument&, std::string_view id) const {
  return One("GET", paths::kFuturesOrders, id);
}

RestRequest OrderProtocol::GetConditional(std::string_view id) const {
  return One("GET", paths::kFuturesPriceOrders, id);
}

RestRequest OrderProtocol::OpenOrders(const model::Instrument* instrument, int page) const {
  RestRequest out = Get(paths::kFuturesOrders);
  if (instrument != nullptr) out.query = {{"contract", instrument->exchange_symbol}};
  out.query.emplace_back("status", "open");
  PutPage(out, page, kPage);
  return out;
}

RestRequest OrderProtocol::ConditionalOrders(const model::Instrument* instrument, bool open,
                                             int page) const {
  RestRequest out = Get(paths::kFuturesPriceOrders);
  out.query = {{"status", open ? "open" : "finished"}};
  if (instrument != nullptr) out.query.emplace_back("contract", instrument->exchange_symbol);
  PutPage(out, page, kPage);
  return out;
}

RestRequest OrderProtocol::FinishedOrders(const model::Instrument* instrument,
                                          const exchange::HistoryQuery& query, int page) const {
  const bool ranged = query.start.given() || query.end.given();
  RestRequest out = Get(ranged ? paths::kFuturesOrdersTimeRange : paths::kFuturesOrders);
  if (instrument != nullptr) out.query = {{"contract", instrument->exchange_symbol}};
  if (!ranged) out.query.emplace_back("status", "finished");
  PutRange(out, query);
  PutPage(out, page, static_cast<int>(query.page_size));
  return out;
}

RestRequest OrderProtocol::Fills(const model::Instrument* instrument,
                                 const exchange::HistoryQuery& query, int page) const {
  // Only the plain list can be asked for one order, and only the other for a span of time.
  const bool ranged = !query.order && (query.start.given() || query.end.given());
  RestRequest out = Get(ranged ? paths::kFuturesMyTradesTimeRange : paths::kFuturesMyTrades);
  if (instrument != nullptr) out.query = {{"contract", instrument->exchange_symbol}};
  if (query.order) out.query.emplace_back("order", query.order->exchange_order_id);
  if (ranged) PutRange(out, query);
  PutPage(out, page, static_cast<int>(query.page_size));
  return out;
}

}  // namespace switchyard::exchanges::gateio::futures

namespace switchyard::exchanges::gateio {

std::unique_ptr<OrderProtocol> MakeFuturesOrderProtocol() {
  return std::make_unique<futures::OrderProtocol>();
}

}  // namespace switchyard::exchanges::gateio
