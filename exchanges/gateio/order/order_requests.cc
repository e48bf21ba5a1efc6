#include "exchanges/gateio/order/order_requests.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/order/term_checks.h"

namespace switchyard::exchanges::gateio {

using exchange::OrderReference;
using json::Json;

std::string IdOf(const OrderReference& order) {
  return order.exchange_order_id.empty() ? order.exchange_client_id : order.exchange_order_id;
}

std::string_view TimeInForceOf(const model::OrderTerms& terms) {
  if (IsMarket(terms.type) && terms.time_in_force == order::v1::TIME_IN_FORCE_UNSPECIFIED) {
    return "ioc";
  }
  return TimeInForceText(terms.time_in_force, terms.post_only);
}

RestRequest RequestWithBody(std::string_view method, std::string_view path, std::string body) {
  RestRequest out = GetRequest(path);
  out.method = method;
  out.body = std::move(body);
  return out;
}

RestRequest RequestOfOne(std::string_view method, std::string_view path, std::string_view id) {
  RestRequest out = GetRequest(path);
  out.method = method;
  out.path += fmt::format("/{}", id);
  return out;
}

void PutOffset(RestRequest& request, int page, int size) {
  request.query.emplace_back("limit", fmt::to_string(size));
  request.query.emplace_back("offset", fmt::to_string((page - 1) * size));
}

void PutRange(RestRequest& request, const exchange::HistoryQuery& query) {
  if (query.start.given()) {
    request.query.emplace_back("from", fmt::to_string(query.start.Seconds()));
  }
  if (query.end.given()) request.query.emplace_back("to", fmt::to_string(query.end.Seconds()));
}

absl::StatusOr<OrderCall> OrderRequests::Place(const model::Instrument& instrument,
                                               const exchange::PlaceCommand& command) const {
  OrderCall call;
  call.what = fmt::format("place order {} of {}", command.exchange_client_id, instrument.symbol);
  if (IsConditional(command.terms.type)) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Json body, ConditionalObject(instrument, command));
    call.rest = RequestWithBody("POST", dialect_.conditional_orders, json::Serialise(body));
    return call;
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const Json body, OrderObject(instrument, command));
  call.channel = dialect_.place;
  call.param = json::Serialise(body);
  call.rest = RequestWithBody("POST", dialect_.orders, call.param);
  return call;
}

absl::StatusOr<OrderCall> OrderRequests::PlaceBatch(
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
  call.channel = dialect_.place_batch;
  call.param = json::Serialise(list);
  call.rest = RequestWithBody("POST", dialect_.batch_orders, call.param);
  return call;
}

OrderCall OrderRequests::Cancel(const model::Instrument& instrument,
                                const OrderReference& order) const {
  const std::string id = IdOf(order);
  OrderCall call;
  call.what = fmt::format("cancel order {} of {}", id, instrument.symbol);
  if (order.conditional) {
    call.rest = RequestOfOne("DELETE", dialect_.conditional_orders, order.exchange_order_id);
  } else {
    PutCancel(instrument, id, call);
  }
  return call;
}

OrderCall OrderRequests::CancelAllConditional(const model::Instrument* instrument) const {
  OrderCall call;
  call.what = "cancel all conditional orders";
  call.rest = GetRequest(dialect_.conditional_orders);
  call.rest.method = "DELETE";
  if (!dialect_.conditional_account.empty()) {
    call.rest.query.emplace_back("account", dialect_.conditional_account);
  }
  if (instrument != nullptr) {
    call.rest.query.emplace_back(dialect_.market_field, instrument->exchange_symbol);
  }
  return call;
}

OrderCall OrderRequests::Countdown(std::chrono::seconds timeout) const {
  Json body;
  body["timeout"] = std::int64_t{timeout.count()};
  OrderCall call;
  call.what = "set the dead-man switch";
  call.rest = RequestWithBody("POST", dialect_.countdown, json::Serialise(body));
  return call;
}

RestRequest OrderRequests::GetConditional(std::string_view id) const {
  return RequestOfOne("GET", dialect_.conditional_orders, id);
}

RestRequest OrderRequests::ConditionalOrders(const model::Instrument* instrument, bool open,
                                             int page) const {
  RestRequest out = GetRequest(dialect_.conditional_orders);
  out.query = {{"status", open ? "open" : "finished"}};
  if (instrument != nullptr) {
    out.query.emplace_back(dialect_.market_field, instrument->exchange_symbol);
  }
  PutOffset(out, page, kPage);
  return out;
}

}  // namespace switchyard::exchanges::gateio
