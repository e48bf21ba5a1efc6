#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/order/term_checks.h"
#include "exchanges/gateio/spot/order/order_protocol.h"

namespace switchyard::exchanges::gateio::spot {
namespace {

using exchange::OrderReference;
using json::Json;

constexpr std::string_view kAccount = "spot";
// Of conditional orders, which have an account word of their own.
constexpr std::string_view kConditionalAccount = "normal";
// A condition is dropped after so long; the longest is not documented, and orders should outlive a
// month's holiday. Source: API v4, "SpotPriceTrigger", expiration.
constexpr std::int64_t kTriggerSeconds = 30 * 86'400;

std::string IdOf(const OrderReference& order) {
  return order.exchange_order_id.empty() ? order.exchange_client_id : order.exchange_order_id;
}

std::string Text(const Decimal& value) { return value.ToShortString(); }

// How a MARKET order goes out: Gate.io's own buys by quote amount and sells by base quantity; with
// a worst price it is the LIMIT order that takes at once at that price or better.
bool GoesAsLimit(const model::OrderTerms& terms) {
  return !IsMarket(terms.type) || terms.worst_price.has_value();
}

const Decimal& PriceOf(const model::OrderTerms& terms) {
  return terms.price ? *terms.price : *terms.worst_price;
}

std::string_view TimeInForceOf(const model::OrderTerms& terms) {
  if (IsMarket(terms.type) && terms.time_in_force == order::v1::TIME_IN_FORCE_UNSPECIFIED) {
    return "ioc";
  }
  return TimeInForceText(terms.time_in_force, terms.post_only);
}

Json OrderObject(const model::Instrument& instrument, const exchange::PlaceCommand& command) {
  const model::OrderTerms& terms = command.terms;
  const bool limit = GoesAsLimit(terms);
  Json out = {{"text", command.exchange_client_id},
              {"currency_pair", instrument.exchange_symbol},
              {"type", limit ? "limit" : "market"},
              {"account", kAccount},
              {"side", SideText(terms.side)},
              // A market buy names what to spend.
              {"amount", Text(terms.quote_quantity ? *terms.quote_quantity : *terms.quantity)},
              {"time_in_force", TimeInForceOf(terms)}};
  if (limit) out["price"] = Text(PriceOf(terms));
  const std::string_view rule = SelfTradePreventionText(terms.self_trade_prevention);
  if (!rule.empty()) out["stp_act"] = rule;
  return out;
}

Json ConditionalObject(const model::Instrument& instrument, const exchange::PlaceCommand& command) {
  const model::OrderTerms& terms = command.terms;
  const bool limit = GoesAsLimit(terms);
  Json put = {{"type", limit ? "limit" : "market"},
              {"side", SideText(terms.side)},
              {"price", limit ? Text(PriceOf(terms)) : "0"},
              {"amount", Text(*terms.quantity)},
              {"account", kConditionalAccount},
              {"time_in_force", TimeInForceOf(terms)},
              {"text", command.exchange_client_id}};
  return {{"trigger",
           {{"price", Text(terms.trigger->price)},
            {"rule", WaitsForRise(terms.type, terms.side) ? ">=" : "<="},
            {"expiration", kTriggerSeconds}}},
          {"put", std::move(put)},
          {"market", instrument.exchange_symbol}};
}

RestRequest Get(std::string_view path) {
  RestRequest out;
  out.path = path;
  out.limit = path;
  return out;
}

RestRequest WithBody(std::string_view method, std::string_view path, std::string body) {
  RestRequest out;
  out.method = method;
  out.path = path;
  out.body = std::move(body);
  out.limit = path;
  return out;
}

RestRequest OneOrder(std::string_view method, std::string_view id,
                     const model::Instrument& instrument) {
  RestRequest out = Get(paths::kSpotOrders);
  out.method = method;
  out.path += fmt::format("/{}", id);
  out.query = {{"currency_pair", instrument.exchange_symbol}, {"account", std::string(kAccount)}};
  return out;
}

absl::Status CheckMarket(const model::OrderTerms& terms) {
  if (!IsMarket(terms.type)) return absl::OkStatus();
  const bool buys = terms.side == common::v1::SIDE_BUY;
  if (terms.quote_quantity) {
    if (!buys) return NotInCapabilities(kSpotId, "market sell by quote_quantity");
    if (IsConditional(terms.type)) {
      return NotInCapabilities(kSpotId, "conditional orders by quote_quantity");
    }
    // Gate.io bounds such an order by a ratio to its own last price alone.
    if (terms.worst_price) return NotInCapabilities(kSpotId, "worst_price with quote_quantity");
    return absl::OkStatus();
  }
  if (buys && !terms.worst_price) {
    return NotInCapabilities(kSpotId, "market buy by quantity without worst_price");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status OrderProtocol::Check(const model::Instrument& instrument,
                                  const model::OrderTerms& terms) const {
  SWITCHYARD_RETURN_IF_ERROR(CheckCommonTerms(kSpotId, terms));
  if (terms.reduce_only) return NotInCapabilities(kSpotId, "reduce_only");
  if (terms.close_position) return NotInCapabilities(kSpotId, "close_position");
  if (terms.position_side != common::v1::POSITION_SIDE_UNSPECIFIED) {
    return NotInCapabilities(kSpotId, "position_side");
  }
  if (terms.trigger && *PriceTypeOf(terms.trigger->reference) != 0) {
    return NotInCapabilities(kSpotId, "triggers by mark or index price");
  }
  if (terms.quote_quantity && !IsMarket(terms.type)) {
    return InvalidField("quote_quantity", "is for market orders");
  }
  SWITCHYARD_RETURN_IF_ERROR(CheckMarket(terms));
  return terms.quantity ? CheckStep(instrument, *terms.quantity) : absl::OkStatus();
}

absl::StatusOr<OrderCall> OrderProtocol::Place(const model::Instrument& instrument,
                                               const exchange::PlaceCommand& command) const {
  OrderCall call;
  call.what = fmt::format("place order {} of {}", command.exchange_client_id, instrument.symbol);
  if (IsConditional(command.terms.type)) {
    call.rest = WithBody("POST", paths::kSpotPriceOrders,
                         json::Serialise(ConditionalObject(instrument, command)));
    return call;
  }
  call.channel = "spot.order_place";
  call.param = json::Serialise(OrderObject(instrument, command));
  call.rest = WithBody("POST", paths::kSpotOrders, call.param);
  return call;
}

absl::StatusOr<OrderCall> OrderProtocol::PlaceBatch(
    const model::InstrumentTable& instruments,
    std::span<const exchange::PlaceCommand> commands) const {
  Json list = Json::array();
  for (const exchange::PlaceCommand& command : commands) {
    list.push_back(OrderObject(*instruments.Find(command.symbol), command));
  }
  OrderCall call;
  call.what = fmt::format("place {} orders", commands.size());
  call.channel = "spot.order_place";
  call.param = json::Serialise(list);
  call.rest = WithBody("POST", paths::kSpotBatchOrders, call.param);
  return call;
}

absl::StatusOr<OrderCall> OrderProtocol::Amend(const model::Instrument& instrument,
                                               const exchange::AmendCommand& command) const {
  if (command.order.conditional || command.trigger_price) {
    return NotInCapabilities(kSpotId, "amending conditional orders");
  }
  const std::string id = IdOf(command.order);
  Json change = {{"currency_pair", instrument.exchange_symbol}, {"account", kAccount}};
  if (command.quantity) change["amount"] = Text(*command.quantity);
  if (command.price) change["price"] = Text(*command.price);
  OrderCall call;
  call.what = fmt::format("amend order {} of {}", id, instrument.symbol);
  call.rest = OneOrder("PATCH", id, instrument);
  call.rest.body = json::Serialise(change);
  change["order_id"] = id;
  call.channel = "spot.order_amend";
  call.param = json::Serialise(change);
  return call;
}

OrderCall OrderProtocol::Cancel(const model::Instrument& instrument,
                                const OrderReference& order) const {
  const std::string id = IdOf(order);
  OrderCall call;
  call.what = fmt::format("cancel order {} of {}", id, instrument.symbol);
  if (order.conditional) {
    call.rest = Get(paths::kSpotPriceOrders);
    call.rest.method = "DELETE";
    call.rest.path += "/" + order.exchange_order_id;
    return call;
  }
  call.channel = "spot.order_cancel";
  call.param = json::Serialise(
      {{"order_id", id}, {"currency_pair", instrument.exchange_symbol}, {"account", kAccount}});
  call.rest = OneOrder("DELETE", id, instrument);
  return call;
}

OrderCall OrderProtocol::CancelBatch(const model::InstrumentTable& instruments,
                                     std::span<const OrderReference> orders) const {
  Json list = Json::array();
  for (const OrderReference& order : orders) {
    list.push_back({{"currency_pair", instruments.Find(order.symbol)->exchange_symbol},
                    {"id", IdOf(order)},
                    {"account", kAccount}});
  }
  OrderCall call;
  call.what = fmt::format("cancel {} orders", orders.size());
  call.channel = "spot.order_cancel_ids";
  call.param = json::Serialise(list);
  call.rest = WithBody("POST", paths::kSpotCancelBatch, call.param);
  return call;
}

OrderCall OrderProtocol::CancelAll(const model::Instrument* instrument,
                                   common::v1::Side side) const {
  OrderCall call;
  call.what = "cancel all orders";
  call.rest = Get(paths::kSpotOrders);
  call.rest.method = "DELETE";
  call.rest.query = {{"account", std::string(kAccount)}};
  Json param;
  param["account"] = kAccount;
  if (instrument != nullptr) {
    call.what += " of " + instrument->symbol;
    call.rest.query.emplace_back("currency_pair", instrument->exchange_symbol);
    param["currency_pair"] = instrument->exchange_symbol;
  }
  if (const std::string_view word = SideText(side); !word.empty()) {
    call.rest.query.emplace_back("side", word);
    param["side"] = word;
  }
  // The socket's form names a pair. Source: Spot WebSocket v4, "order_cancel_cp".
  if (instrument != nullptr) {
    call.channel = "spot.order_cancel_cp";
    call.param = json::Serialise(param);
  }
  return call;
}

OrderCall OrderProtocol::CancelAllConditional(const model::Instrument* instrument) const {
  OrderCall call;
  call.what = "cancel all conditional orders";
  call.rest = Get(paths::kSpotPriceOrders);
  call.rest.method = "DELETE";
  call.rest.query = {{"account", std::string(kConditionalAccount)}};
  if (instrument != nullptr) call.rest.query.emplace_back("market", instrument->exchange_symbol);
  return call;
}

OrderCall OrderProtocol::Countdown(std::chrono::seconds timeout) const {
  Json body;
  body["timeout"] = std::int64_t{timeout.count()};
  OrderCall call;
  call.what = "set the dead-man switch";
  call.rest = WithBody("POST", paths::kSpotCountdown, json::Serialise(body));
  return call;
}

RestRequest OrderProtocol::GetOrder(const model::Instrument& instrument,
                                    std::string_view id) const {
  return OneOrder("GET", id, instrument);
}

RestRequest OrderProtocol::GetConditional(std::string_view id) const {
  RestRequest out = Get(paths::kSpotPriceOrders);
  out.path += fmt::format("/{}", id);
  return out;
}

RestRequest OrderProtocol::OpenOrders(const model::Instrument* instrument, int page) const {
  RestRequest out = Get(instrument == nullptr ? paths::kSpotOpenOrders : paths::kSpotOrders);
  if (instrument != nullptr) {
    out.query = {{"currency_pair", instrument->exchange_symbol}, {"status", "open"}};
  }
  out.query.emplace_back("page", fmt::to_string(page));
  out.query.emplace_back("limit", fmt::to_string(kPage));
  out.query.emplace_back("account", kAccount);
  return out;
}

RestRequest OrderProtocol::ConditionalOrders(const model::Instrument* instrument, bool open,
                                             int page) const {
  RestRequest out = Get(paths::kSpotPriceOrders);
  out.query = {{"status", open ? "open" : "finished"}};
  if (instrument != nullptr) out.query.emplace_back("market", instrument->exchange_symbol);
  out.query.emplace_back("limit", fmt::to_string(kPage));
  out.query.emplace_back("offset", fmt::to_string((page - 1) * kPage));
  return out;
}

RestRequest OrderProtocol::FinishedOrders(const model::Instrument* instrument,
                                          const exchange::HistoryQuery& query, int page) const {
  RestRequest out = Get(paths::kSpotOrders);
  if (instrument != nullptr) out.query = {{"currency_pair", instrument->exchange_symbol}};
  out.query.emplace_back("status", "finished");
  out.query.emplace_back("page", fmt::to_string(page));
  out.query.emplace_back("limit", fmt::to_string(query.page_size));
  out.query.emplace_back("account", kAccount);
  if (query.start.given()) out.query.emplace_back("from", fmt::to_string(query.start.Seconds()));
  if (query.end.given()) out.query.emplace_back("to", fmt::to_string(query.end.Seconds()));
  return out;
}

RestRequest OrderProtocol::Fills(const model::Instrument* instrument,
                                 const exchange::HistoryQuery& query, int page) const {
  RestRequest out = Get(paths::kSpotMyTrades);
  if (instrument != nullptr) out.query = {{"currency_pair", instrument->exchange_symbol}};
  if (query.order) out.query.emplace_back("order_id", query.order->exchange_order_id);
  out.query.emplace_back("account", kAccount);
  out.query.emplace_back("limit", fmt::to_string(query.page_size));
  out.query.emplace_back("page", fmt::to_string(page));
  if (query.start.given()) out.query.emplace_back("from", fmt::to_string(query.start.Seconds()));
  if (query.end.given()) out.query.emplace_back("to", fmt::to_string(query.end.Seconds()));
  return out;
}

}  // namespace switchyard::exchanges::gateio::spot

namespace switchyard::exchanges::gateio {

std::unique_ptr<OrderProtocol> MakeSpotOrderProtocol() {
  return std::make_unique<spot::OrderProtocol>();
}

}  // namespace switchyard::exchanges::gateio
