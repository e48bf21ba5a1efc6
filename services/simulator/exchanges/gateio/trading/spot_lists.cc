#include <charconv>
#include <string>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/trading/spot_api.h"
#include "services/simulator/exchanges/gateio/trading/spot_json.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::ClientFill;
using engine::ClientOrder;
using engine::Side;

constexpr std::int64_t kDayS = 86'400;
constexpr std::int64_t kDefaultTradesS = 7 * kDayS;
constexpr std::int64_t kMaximumTradesS = 30 * kDayS;

ApiResult UnknownPair(std::string_view pair) {
  return Failure(400, "INVALID_CURRENCY_PAIR", fmt::format("Invalid currency pair {}", pair));
}

std::string_view BookType(engine::BalanceReason reason) {
  switch (reason) {
    case engine::BalanceReason::kFee:
      return "fee";
    case engine::BalanceReason::kDeposit:
      return "deposit";
    case engine::BalanceReason::kWithdraw:
      return "withdraw";
    case engine::BalanceReason::kTransfer:
      return "transfer";
    default:
      return "trade";
  }
}

void AppendFee(JsonWriter& json, engine::UserId user, const engine::SpotTerms& terms,
               std::string_view pair) {
  json.BeginObject()
      .Number("user_id", user)
      .Decimal("taker_fee", terms.taker_fee, 6)
      .Decimal("maker_fee", terms.maker_fee, 6)
      .Bool("gt_discount", false)
      .Text("gt_taker_fee", "0")
      .Text("gt_maker_fee", "0")
      .Text("loan_fee", "0.18")
      .Text("point_type", "0")
      .Text("futures_taker_fee", "0.0005")
      .Text("futures_maker_fee", "0.0002")
      .Text("currency_pair", pair)
      .EndObject();
}

}  // namespace

ApiResult SpotApi::Get(const Caller& caller, std::string_view id, const Json& parameters) const {
  const std::string pair = TextOf(parameters, "currency_pair");
  if (pair.empty()) return MissingParameter("currency_pair");
  ApiResult error;
  const ClientOrder* const order = FindOrder(caller, id, pair, false, error);
  return order == nullptr ? error : Success(OrderBody(*order));
}

ApiResult SpotApi::List(const Caller& caller, const Json& parameters) const {
  const std::string status = TextOf(parameters, "status");
  const std::string pair = TextOf(parameters, "currency_pair");
  const std::string side = TextOf(parameters, "side");
  const bool open = status == "open";
  if (!open && status != "finished") return BadParameter("status");
  if (open && pair.empty()) return MissingParameter("currency_pair");
  if (!pair.empty() && listings_.Find(pair) == nullptr) return UnknownPair(pair);
  Window window = WindowOf(parameters, 100, open ? 100 : 1000);
  if (!window.valid) return BadParameter("limit, page, from or to");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  const auto& orders = desk_.store().OrdersOf(caller.user);
  for (auto it = orders.rbegin(); it != orders.rend() && !window.full(); ++it) {
    const ClientOrder& order = **it;
    if (order.is_open() != open) continue;
    if (!pair.empty() && order.market->spec().symbol != pair) continue;
    if (!open && !window.Holds(order.finished_ns / kNsPerS)) continue;
    if (!open && !side.empty() && (side == "buy") != (order.side == Side::kBuy)) continue;
    if (!window.Take()) continue;
    json.BeginObject();
    AppendSpotOrder(json, desk_.terms(*order.market), order, OrderDetail::kFull);
    json.EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult SpotApi::ListOpen(const Caller& caller, const Json& parameters) const {
  if (!WindowOf(parameters, 100, 100).valid) return BadParameter("limit or page");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const auto& listing : listings_.all()) {
    const auto orders = desk_.store().OpenOrders(caller.user, &listing->market);
    if (orders.empty()) continue;
    // The page is of each pair.
    Window window = WindowOf(parameters, 100, 100);
    json.BeginObject()
        .Text("currency_pair", listing->symbol())
        .Number("total", static_cast<std::int64_t>(orders.size()));
    json.Key("orders").BeginArray();
    for (auto it = orders.rbegin(); it != orders.rend() && !window.full(); ++it) {
      if (!window.Take()) continue;
      json.BeginObject();
      AppendSpotOrder(json, desk_.terms(*(*it)->market), **it, OrderDetail::kFull);
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult SpotApi::MyTrades(const Caller& caller, const Json& parameters) const {
  const std::string pair = TextOf(parameters, "currency_pair");
  const std::string order_id = TextOf(parameters, "order_id");
  if (!pair.empty() && listings_.Find(pair) == nullptr) return UnknownPair(pair);
  Window window = WindowOf(parameters, 100, 1000);
  if (!window.valid) return BadParameter("limit, page, from or to");
  const std::int64_t now_s = NowNs() / kNsPerS;
  if (TextOf(parameters, "from").empty()) window.from_s = now_s - kDefaultTradesS;
  if (std::min(window.to_s, now_s) - window.from_s > kMaximumTradesS) {
    return BadParameter("a range over 30 days");
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  const auto& fills = desk_.store().FillsOf(caller.user);
  for (auto fill = fills.rbegin(); fill != fills.rend() && !window.full(); ++fill) {
    if (!pair.empty() && fill->market->spec().symbol != pair) continue;
    if (!order_id.empty() && std::to_string(fill->order_id) != order_id) continue;
    if (!window.Holds(fill->time_ns / kNsPerS) || !window.Take()) continue;
    AppendSpotFill(json, *desk_.store().Find(caller.user, fill->order_id), *fill);
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult SpotApi::Accounts(const Caller& caller, const Json& parameters) const {
  const std::string wanted = TextOf(parameters, "currency");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const auto& [currency, balance] : ledger_.AllOf(caller.user)) {
    if (!wanted.empty() && currency != wanted) continue;
    json.BeginObject()
        .Text("currency", currency)
        .Text("available", balance.available.Text())
        .Text("locked", balance.locked.Text())
        .Number("update_id", balance.update_id)
        .EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult SpotApi::AccountBook(const Caller& caller, const Json& parameters) const {
  const std::string currency = TextOf(parameters, "currency");
  const std::string type = TextOf(parameters, "type");
  Window window = WindowOf(parameters, 100, 1000);
  if (!window.valid) return BadParameter("limit, page, from or to");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  const auto& history = ledger_.HistoryOf(caller.user);
  for (auto row = history.rbegin(); row != history.rend() && !window.full(); ++row) {
    if (!currency.empty() && row->currency != currency) continue;
    if (!type.empty() && BookType(row->reason) != type) continue;
    if (!window.Holds(row->time_ns / kNsPerS) || !window.Take()) continue;
    json.BeginObject()
        .Text("id", std::to_string(row->id))
        .Number("time", row->time_ns / kNsPerMs)
        .Text("currency", row->currency)
        .Text("change", row->total_change().Text())
        .Text("balance", row->after.total().Text())
        .Text("type", BookType(row->reason))
        .Text("code", "")
        .Text("text", row->text)
        .EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult SpotApi::Fee(const Caller& caller, const Json& parameters) const {
  const std::string pair = TextOf(parameters, "currency_pair");
  const Listing* const listing =
      pair.empty() ? listings_.all().front().get() : listings_.Find(pair);
  if (listing == nullptr) return UnknownPair(pair);
  std::string body;
  JsonWriter json(body);
  AppendFee(json, caller.user, desk_.terms(listing->market), pair);
  return Success(std::move(body));
}

ApiResult SpotApi::BatchFee(const Caller& caller, const Json& parameters) const {
  const std::string pairs = TextOf(parameters, "currency_pairs");
  if (pairs.empty()) return MissingParameter("currency_pairs");
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  for (std::size_t start = 0; start <= pairs.size();) {
    const std::size_t end = std::min(pairs.find(',', start), pairs.size());
    const std::string pair = pairs.substr(start, end - start);
    const Listing* const listing = listings_.Find(pair);
    if (listing == nullptr) return UnknownPair(pair);
    json.Key(pair);
    AppendFee(json, caller.user, desk_.terms(listing->market), pair);
    start = end + 1;
  }
  json.EndObject();
  return Success(std::move(body));
}

ApiResult SpotApi::CreateTrigger(const Caller& caller, const Json& body) {
  const auto trigger = body.find("trigger");
  const auto put = body.find("put");
  if (trigger == body.end() || put == body.end() || !trigger->is_object() || !put->is_object()) {
    return Failure(400, "INVALID_REQUEST_BODY", "trigger and put are needed");
  }
  Json order = *put;
  order["currency_pair"] = TextOf(body, "market");
  if (TextOf(order, "account") == "normal") order["account"] = "spot";
  engine::Trigger waiting;
  if (ApiResult bad = ReadOrder(caller, order, waiting.order); !bad.ok()) return bad;
  const Listing& listing = *listings_.Find(TextOf(body, "market"));
  const std::string rule = TextOf(*trigger, "rule");
  if (rule != ">=" && rule != "<=") return BadParameter("trigger.rule");
  waiting.at_least = rule == ">=";
  if (ReadMantissa(TextOf(*trigger, "price"), listing.price_scale(), waiting.price) !=
          Reading::kRight ||
      waiting.price <= 0) {
    return BadParameter("trigger.price");
  }
  const auto expiration = IntegerOf(*trigger, "expiration", 0, 0);
  if (!expiration) return BadParameter("trigger.expiration");
  waiting.expiration_s = *expiration;
  waiting.created_ns = NowNs();
  if (*expiration != 0) waiting.expires_ns = waiting.created_ns + *expiration * kNsPerS;
  const engine::Trigger& added = triggers_.Add(waiting);
  trigger_listener_.OnTrigger(added);
  OnPrice(listing.market);
  return Success(fmt::format("{{\"id\":{}}}", added.id), 201);
}

ApiResult SpotApi::ListTriggers(const Caller& caller, const Json& parameters) const {
  const std::string status = TextOf(parameters, "status");
  if (status != "open" && status != "finished") return BadParameter("status");
  std::string pair = TextOf(parameters, "market");
  if (pair.empty()) pair = TextOf(parameters, "currency_pair");
  Window window = WindowOf(parameters, 100, 1000);
  if (!window.valid) return BadParameter("limit or offset");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  const auto triggers = triggers_.Of(caller.user);
  for (auto it = triggers.rbegin(); it != triggers.rend() && !window.full(); ++it) {
    const bool open = (*it)->state == engine::TriggerState::kOpen;
    if (open != (status == "open")) continue;
    if (!pair.empty() && (*it)->order.market->spec().symbol != pair) continue;
    if (window.Take()) AppendSpotTrigger(json, **it);
  }
  json.EndArray();
  return Success(std::move(body));
}

namespace {

engine::Trigger* FindTrigger(const engine::TriggerBook& triggers, engine::UserId user,
                             std::string_view id) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool whole = error == std::errc() && end == id.data() + id.size();
  return whole ? triggers.Find(user, number) : nullptr;
}

ApiResult TriggerResult(const engine::Trigger& trigger) {
  std::string body;
  JsonWriter json(body);
  AppendSpotTrigger(json, trigger);
  return Success(std::move(body));
}

}  // namespace

ApiResult SpotApi::GetTrigger(const Caller& caller, std::string_view id) const {
  const engine::Trigger* const trigger = FindTrigger(triggers_, caller.user, id);
  return trigger == nullptr ? Failure(404, "ORDER_NOT_FOUND", "Order not found")
                            : TriggerResult(*trigger);
}

ApiResult SpotApi::CancelTrigger(const Caller& caller, std::string_view id) {
  engine::Trigger* const trigger = FindTrigger(triggers_, caller.user, id);
  if (trigger == nullptr) return Failure(404, "ORDER_NOT_FOUND", "Order not found");
  if (trigger->state != engine::TriggerState::kOpen) {
    return Failure(400, "ORDER_CLOSED", "Order already closed");
  }
  triggers_.End(*trigger, engine::TriggerState::kCancelled, NowNs());
  trigger_listener_.OnTrigger(*trigger);
  return TriggerResult(*trigger);
}

ApiResult SpotApi::CancelTriggers(const Caller& caller, const Json& parameters) {
  std::string pair = TextOf(parameters, "market");
  if (pair.empty()) pair = TextOf(parameters, "currency_pair");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (engine::Trigger* trigger : triggers_.Of(caller.user)) {
    if (trigger->state != engine::TriggerState::kOpen) continue;
    if (!pair.empty() && trigger->order.market->spec().symbol != pair) continue;
    triggers_.End(*trigger, engine::TriggerState::kCancelled, NowNs());
    trigger_listener_.OnTrigger(*trigger);
    AppendSpotTrigger(json, *trigger);
  }
  json.EndArray();
  return Success(std::move(body));
}

void SpotApi::OnPrice(const engine::Market& market) {
  if (!triggers_.Watches(market)) return;
  const Listing& listing = *listings_.Find(market.spec().symbol);
  triggers_.Look(market, {market.day().last, listing.MarkPrice(), market.fair_price()});
}

}  // namespace switchyard::simulator::gateio
