#include <charconv>

#include "common/decimal/decimal.h"
#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/trading/futures_api.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::Trigger;
using engine::TriggerState;

Trigger* FindTrigger(const engine::TriggerBook& triggers, engine::UserId user,
                     std::string_view id) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool whole = error == std::errc() && end == id.data() + id.size();
  return whole ? triggers.Find(user, number) : nullptr;
}

ApiResult UnknownTrigger() { return Failure(404, "ORDER_NOT_FOUND", "order not found"); }

ApiResult TriggerResult(const Caller& caller, const Trigger& trigger) {
  std::string body;
  JsonWriter json(body);
  AppendFuturesTrigger(json, trigger, {false, caller.decimal_sizes});
  return Success(std::move(body));
}

// A trigger's price, price type and rule; absent ones stay.
ApiResult ReadCondition(const Json& condition, int price_scale, Trigger& trigger) {
  const std::string price = TextOf(condition, "price");
  if (!price.empty() &&
      (ReadMantissa(price, price_scale, trigger.price) != Reading::kRight || trigger.price <= 0)) {
    return BadParameter("trigger.price");
  }
  const auto source = IntegerOf(condition, "price_type", static_cast<int>(trigger.source), 0);
  if (!source || *source > 2) return BadParameter("trigger.price_type");
  trigger.source = static_cast<engine::PriceSource>(*source);
  const auto rule = IntegerOf(condition, "rule", trigger.at_least ? 1 : 2, 1);
  if (!rule || *rule > 2) return BadParameter("trigger.rule");
  trigger.at_least = *rule == 1;
  return trigger.price > 0 ? ApiResult{} : MissingParameter("trigger.price");
}

}  // namespace

ApiResult FuturesApi::CreateTrigger(const Caller& caller, const Json& body) {
  const auto condition = body.find("trigger");
  const auto initial = body.find("initial");
  if (condition == body.end() || initial == body.end() || !condition->is_object() ||
      !initial->is_object()) {
    return Failure(400, "INVALID_REQUEST_BODY", "trigger and initial are needed");
  }
  Trigger trigger;
  if (ApiResult bad = ReadOrder(caller, *initial, trigger.order, true); !bad.ok()) return bad;
  const Listing& listing = *listings_.Find(trigger.order.market->spec().symbol);
  if (TextOf(*condition, "rule").empty()) return MissingParameter("trigger.rule");
  if (ApiResult bad = ReadCondition(*condition, listing.price_scale(), trigger); !bad.ok()) {
    return bad;
  }
  const auto expiration = IntegerOf(*condition, "expiration", 0, 0);
  if (!expiration) return BadParameter("trigger.expiration");
  trigger.expiration_s = *expiration;
  trigger.created_ns = NowNs();
  if (*expiration != 0) trigger.expires_ns = trigger.created_ns + *expiration * kNsPerS;
  trigger.auto_size = TextOf(*initial, "auto_size");
  trigger.kind = TextOf(body, "order_type");
  const Trigger& added = triggers_.Add(trigger);
  trigger_listener_.OnTrigger(added);
  OnPrice(listing.market);
  return Success(fmt::format("{{\"id\":{},\"id_string\":\"{}\"}}", added.id, added.id), 201);
}

ApiResult FuturesApi::AmendTrigger(const Caller& caller, std::string_view id, const Json& body) {
  Trigger* const trigger = FindTrigger(triggers_, caller.user, id);
  if (trigger == nullptr) return UnknownTrigger();
  if (trigger->state != TriggerState::kOpen) {
    return Failure(400, "ORDER_FINISHED", "order finished");
  }
  Trigger changed = *trigger;
  const int price_scale = changed.order.market->spec().price_scale;
  Json condition = Json::object();
  if (body.contains("trigger_price")) condition["price"] = TextOf(body, "trigger_price");
  if (body.contains("price_type")) condition["price_type"] = TextOf(body, "price_type");
  if (ApiResult bad = ReadCondition(condition, price_scale, changed); !bad.ok()) return bad;
  const std::string price = TextOf(body, "price");
  if (!price.empty()) {
    if (ReadMantissa(price, price_scale, changed.order.price) != Reading::kRight) {
      return BadParameter("price");
    }
    changed.order.is_market = changed.order.price == 0;
  }
  *trigger = changed;
  trigger_listener_.OnTrigger(*trigger);
  return Success(fmt::format("{{\"id\":{},\"id_string\":\"{}\"}}", trigger->id, trigger->id));
}

ApiResult FuturesApi::ListTriggers(const Caller& caller, const Json& parameters) const {
  const std::string status = TextOf(parameters, "status");
  if (status != "open" && status != "finished") return BadParameter("status");
  const std::string contract = TextOf(parameters, "contract");
  Window window = WindowOf(parameters, 100, 1000);
  if (!window.valid) return BadParameter("limit or offset");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  const auto triggers = triggers_.Of(caller.user);
  for (auto it = triggers.rbegin(); it != triggers.rend() && !window.full(); ++it) {
    if (((*it)->state == TriggerState::kOpen) != (status == "open")) continue;
    if (!contract.empty() && (*it)->order.market->spec().symbol != contract) continue;
    if (window.Take()) AppendFuturesTrigger(json, **it, {false, caller.decimal_sizes});
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult FuturesApi::GetTrigger(const Caller& caller, std::string_view id) const {
  const Trigger* const trigger = FindTrigger(triggers_, caller.user, id);
  return trigger == nullptr ? UnknownTrigger() : TriggerResult(caller, *trigger);
}

ApiResult FuturesApi::CancelTrigger(const Caller& caller, std::string_view id) {
  Trigger* const trigger = FindTrigger(triggers_, caller.user, id);
  if (trigger == nullptr) return UnknownTrigger();
  if (trigger->state != TriggerState::kOpen) {
    return Failure(400, "ORDER_FINISHED", "order finished");
  }
  triggers_.End(*trigger, TriggerState::kCancelled, NowNs());
  trigger_listener_.OnTrigger(*trigger);
  return TriggerResult(caller, *trigger);
}

ApiResult FuturesApi::CancelTriggers(const Caller& caller, const Json& parameters) {
  const std::string contract = TextOf(parameters, "contract");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (Trigger* trigger : triggers_.Of(caller.user)) {
    if (trigger->state != TriggerState::kOpen) continue;
    if (!contract.empty() && trigger->order.market->spec().symbol != contract) continue;
    triggers_.End(*trigger, TriggerState::kCancelled, NowNs());
    trigger_listener_.OnTrigger(*trigger);
    AppendFuturesTrigger(json, *trigger, {false, caller.decimal_sizes});
  }
  json.EndArray();
  return Success(std::move(body));
}

void FuturesApi::OnPrice(const engine::Market& market) {
  if (!triggers_.Watches(market)) return;
  const Listing& listing = *listings_.Find(market.spec().symbol);
  triggers_.Look(market, {market.day().last, listing.MarkPrice(), market.fair_price()});
}

void FuturesApi::Fire(Trigger& trigger, std::int64_t now_ns) {
  engine::OrderRequest request = trigger.order;
  if (request.is_close) {
    // The whole position as it is now.
    const engine::Position& position =
        desk_.PositionOf(request.user, *request.market, request.position_side);
    request.quantity = position.lots();
    request.side = position.size > 0 ? engine::Side::kSell : engine::Side::kBuy;
  }
  engine::Outcome outcome{engine::Refusal::kNoPosition, nullptr, 0, 0};
  if (request.quantity > 0) outcome = desk_.Place(request, now_ns);
  if (outcome.order != nullptr) {
    trigger.order_id = outcome.order->id;
  } else {
    trigger.reason = RefusalResult(Product::kFutures, outcome, 0).label;
  }
  triggers_.End(trigger, outcome.order != nullptr ? TriggerState::kFired : TriggerState::kFailed,
                now_ns);
  trigger_listener_.OnTrigger(trigger);
}

}  // namespace switchyard::simulator::gateio
