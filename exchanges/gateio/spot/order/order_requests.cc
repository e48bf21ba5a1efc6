#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/order/term_checks.h"

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

std::string Text(const Decimal& value) { return value.ToShortString(); }

// How a MARKET order goes out: Gate.io's own buys by quote amount and sells by base quantity; with
// a worst price it is the LIMIT order that takes at once at that price or better.
bool GoesAsLimit(const model::OrderTerms& terms) {
  return !IsMarket(terms.type) || terms.worst_price.has_value();
}

const Decimal& PriceOf(const model::OrderTerms& terms) {
  return terms.price ? *terms.price : *terms.worst_price;
}

RestRequest OneOrder(std::string_view method, std::string_view id,
                     const model::Instrument& instrument) {
  RestRequest out = RequestOfOne(method, paths::kSpotOrders, id);
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

class SpotRequests final : public OrderRequests {
 public:
  SpotRequests()
      : OrderRequests({.product = Product::kSpot,
                       .orders = paths::kSpotOrders,
                       .batch_orders = paths::kSpotBatchOrders,
                       .conditional_orders = paths::kSpotPriceOrders,
                       .countdown = paths::kSpotCountdown,
                       .place = "spot.order_place",
                       .place_batch = "spot.order_place",
                       .market_field = "market",
                       .conditional_account = kConditionalAccount,
                       .batch_takes_client_ids = true,
                       .cancels_all_markets = true}) {}

  absl::Status Check(const model::Instrument& instrument,
                     const model::OrderTerms& terms) const override {
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

  absl::StatusOr<OrderCall> Amend(const model::Instrument& instrument,
                                  const exchange::AmendCommand& command) const override {
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

  OrderCall CancelBatch(const model::InstrumentTable& instruments,
                        std::span<const OrderReference> orders) const override {
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
    call.rest = RequestWithBody("POST", paths::kSpotCancelBatch, call.param);
    return call;
  }

  OrderCall CancelAll(const model::Instrument* instrument, common::v1::Side side) const override {
    OrderCall call;
    call.what = "cancel all orders";
    call.rest = GetRequest(paths::kSpotOrders);
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

  RestRequest GetOrder(const model::Instrument& instrument, std::string_view id) const override {
    return OneOrder("GET", id, instrument);
  }

  RestRequest OpenOrders(const model::Instrument* instrument, int page) const override {
    RestRequest out =
        GetRequest(instrument == nullptr ? paths::kSpotOpenOrders : paths::kSpotOrders);
    if (instrument != nullptr) {
      out.query = {{"currency_pair", instrument->exchange_symbol}, {"status", "open"}};
    }
    out.query.emplace_back("page", fmt::to_string(page));
    out.query.emplace_back("limit", fmt::to_string(kPage));
    out.query.emplace_back("account", kAccount);
    return out;
  }

  RestRequest FinishedOrders(const model::Instrument* instrument,
                             const exchange::HistoryQuery& query, int page) const override {
    RestRequest out = GetRequest(paths::kSpotOrders);
    if (instrument != nullptr) out.query = {{"currency_pair", instrument->exchange_symbol}};
    out.query.emplace_back("status", "finished");
    out.query.emplace_back("page", fmt::to_string(page));
    out.query.emplace_back("limit", fmt::to_string(query.page_size));
    out.query.emplace_back("account", kAccount);
    PutRange(out, query);
    return out;
  }

  RestRequest Fills(const model::Instrument* instrument, const exchange::HistoryQuery& query,
                    int page) const override {
    RestRequest out = GetRequest(paths::kSpotMyTrades);
    if (instrument != nullptr) out.query = {{"currency_pair", instrument->exchange_symbol}};
    if (query.order) out.query.emplace_back("order_id", query.order->exchange_order_id);
    out.query.emplace_back("account", kAccount);
    out.query.emplace_back("limit", fmt::to_string(query.page_size));
    out.query.emplace_back("page", fmt::to_string(page));
    PutRange(out, query);
    return out;
  }

 protected:
  absl::StatusOr<Json> OrderObject(const model::Instrument& instrument,
                                   const exchange::PlaceCommand& command) const override {
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

  absl::StatusOr<Json> ConditionalObject(const model::Instrument& instrument,
                                         const exchange::PlaceCommand& command) const override {
    const model::OrderTerms& terms = command.terms;
    const bool limit = GoesAsLimit(terms);
    Json put = {{"type", limit ? "limit" : "market"},
                {"side", SideText(terms.side)},
                {"price", limit ? Text(PriceOf(terms)) : "0"},
                {"amount", Text(*terms.quantity)},
                {"account", kConditionalAccount},
                {"time_in_force", TimeInForceOf(terms)},
                {"text", command.exchange_client_id}};
    return Json{{"trigger",
                 {{"price", Text(terms.trigger->price)},
                  {"rule", WaitsForRise(terms.type, terms.side) ? ">=" : "<="},
                  {"expiration", kTriggerSeconds}}},
                {"put", std::move(put)},
                {"market", instrument.exchange_symbol}};
  }

  void PutCancel(const model::Instrument& instrument, const std::string& id,
                 OrderCall& call) const override {
    call.channel = "spot.order_cancel";
    call.param = json::Serialise(
        {{"order_id", id}, {"currency_pair", instrument.exchange_symbol}, {"account", kAccount}});
    call.rest = OneOrder("DELETE", id, instrument);
  }
};

}  // namespace

const OrderRequests& Requests() {
  static const SpotRequests requests;
  return requests;
}

}  // namespace switchyard::exchanges::gateio::spot
