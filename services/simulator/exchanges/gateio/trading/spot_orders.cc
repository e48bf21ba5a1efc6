#include <algorithm>
#include <charconv>
#include <set>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/spot_limits.h"
#include "services/simulator/exchanges/gateio/trading/spot_api.h"
#include "services/simulator/exchanges/gateio/trading/spot_json.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::Amount;
using engine::ClientOrder;
using engine::FinishedAs;
using engine::OrderRequest;
using engine::SelfTrade;
using engine::Side;
using engine::TimeInForce;

constexpr std::size_t kMaximumPairs = 4;
constexpr std::size_t kMaximumPerPair = 10;
constexpr std::size_t kMaximumCancels = 20;
constexpr std::size_t kMaximumAmends = 5;
constexpr std::int64_t kMinimumCountdownS = 5;
// A batch cancel knows a text for so long after the order's end.
constexpr std::int64_t kTextKeptNs = 1800 * kNsPerS;

ApiResult UnknownPair(std::string_view pair) {
  return Failure(400, "INVALID_CURRENCY_PAIR", fmt::format("Invalid currency pair {}", pair));
}

bool ReadTimeInForce(std::string_view text, TimeInForce& out) {
  if (text == "gtc") {
    out = TimeInForce::kGtc;
  } else if (text == "ioc") {
    out = TimeInForce::kIoc;
  } else if (text == "poc") {
    out = TimeInForce::kPostOnly;
  } else if (text == "fok") {
    out = TimeInForce::kFok;
  } else {
    return false;
  }
  return true;
}

bool ReadSelfTrade(std::string_view text, SelfTrade& out) {
  if (text.empty() || text == "-") {
    out = SelfTrade::kAllowed;
  } else if (text == "cn") {
    out = SelfTrade::kCancelNewest;
  } else if (text == "co") {
    out = SelfTrade::kCancelOldest;
  } else if (text == "cb") {
    out = SelfTrade::kCancelBoth;
  } else {
    return false;
  }
  return true;
}

ApiResult CheckReading(Reading reading, std::string_view name) {
  if (reading == Reading::kTooPrecise) {
    return Failure(400, "INVALID_PRECISION", fmt::format("Invalid precision of {}", name));
  }
  return reading == Reading::kRight ? ApiResult{} : BadParameter(name);
}

// Minimum and maximum of what an order is worth. `value` is in quote.
ApiResult CheckValue(const Listing& listing, Amount value) {
  const std::string_view minimum = MinimumQuote(listing);
  const std::string& quote = listing.instrument.quote;
  if (value < *Amount::Parse(minimum)) {
    return Failure(400, "INVALID_PARAM_VALUE",
                   fmt::format("Your order size {} {} is too small. The minimum is {} {}",
                               value.Text(), quote, minimum, quote));
  }
  if (value > *Amount::Parse(kMaximumQuote)) {
    return Failure(400, "AMOUNT_TOO_MUCH",
                   fmt::format("Your order size {} {} is too large. The maximum is {} {}",
                               value.Text(), quote, kMaximumQuote, quote));
  }
  return {};
}

// price x quantity, without overflow: false = far beyond any maximum.
bool ValueWithin(const Listing& listing, std::int64_t price, std::int64_t lots, Amount& value) {
  const engine::Int128 product = static_cast<engine::Int128>(price) * lots;
  engine::Int128 limit = 1'000'000'000;
  for (int i = 0; i < listing.price_scale() + listing.quantity_scale(); ++i) limit *= 10;
  if (product > limit) return false;
  value = engine::ValueOf(listing.market, product);
  return true;
}

ApiResult CheckLimitValue(const Listing& listing, std::int64_t price, std::int64_t lots) {
  if (lots < MinimumBaseLots(listing)) {
    return Failure(
        400, "AMOUNT_TOO_LITTLE",
        fmt::format("Your order size {} {} is too small",
                    engine::DecimalText(lots, listing.quantity_scale()), listing.instrument.base));
  }
  Amount value;
  if (!ValueWithin(listing, price, lots, value)) {
    return Failure(400, "AMOUNT_TOO_MUCH", "Your order size is too large");
  }
  return CheckValue(listing, value);
}

// A batch's item that failed.
void AppendFailedItem(JsonWriter& json, std::string_view text, const ApiResult& result) {
  json.BeginObject()
      .Text("text", text)
      .Bool("succeeded", false)
      .Text("label", result.label)
      .Text("message", result.message)
      .EndObject();
}

}  // namespace

SpotApi::SpotApi(Listings& listings, engine::SpotDesk& desk, engine::Ledger& ledger,
                 const ExchangeClock& clock, TriggerListener& triggers)
    : listings_(listings),
      desk_(desk),
      ledger_(ledger),
      clock_(clock),
      trigger_listener_(triggers) {}

ApiResult SpotApi::ReadSize(const Listing& listing, const Json& body, OrderRequest& request) const {
  const std::string amount = TextOf(body, "amount");
  if (amount.empty()) return MissingParameter("amount");
  if (request.is_market && request.side == Side::kBuy) {
    const auto budget = Amount::Parse(amount);
    if (!budget || *budget <= Amount()) return BadParameter("amount");
    request.budget = *budget;
    return CheckValue(listing, *budget);
  }
  Reading reading = ReadMantissa(amount, listing.quantity_scale(), request.quantity);
  if (reading == Reading::kRight && request.quantity <= 0) reading = Reading::kMalformed;
  if (ApiResult bad = CheckReading(reading, "amount"); !bad.ok()) return bad;
  if (request.is_market) {
    return CheckLimitValue(listing, listing.market.book().Best(Side::kBuy), request.quantity);
  }
  const std::string price = TextOf(body, "price");
  if (price.empty()) return MissingParameter("price");
  reading = ReadMantissa(price, listing.price_scale(), request.price);
  if (reading == Reading::kRight && request.price <= 0) reading = Reading::kMalformed;
  if (ApiResult bad = CheckReading(reading, "price"); !bad.ok()) return bad;
  return CheckLimitValue(listing, request.price, request.quantity);
}

ApiResult SpotApi::ReadOrder(const Caller& caller, const Json& body, OrderRequest& request) const {
  if (!body.is_object()) return Failure(400, "INVALID_REQUEST_BODY", "invalid request body");
  const std::string pair = TextOf(body, "currency_pair");
  if (pair.empty()) return MissingParameter("currency_pair");
  Listing* const listing = listings_.Find(pair);
  if (listing == nullptr) return UnknownPair(pair);
  request.user = caller.user;
  request.market = &listing->market;
  request.parts = caller.fill_parts;
  const std::string side = TextOf(body, "side");
  if (side != "buy" && side != "sell") return BadParameter("side");
  request.side = side == "buy" ? Side::kBuy : Side::kSell;
  const std::string type = TextOf(body, "type");
  if (!type.empty() && type != "limit" && type != "market") return BadParameter("type");
  request.is_market = type == "market";
  request.account = TextOf(body, "account");
  if (request.account.empty()) request.account = "spot";
  if (request.account != "spot") {
    return Failure(400, "INVALID_PARAM_VALUE", "Invalid account: only spot is open");
  }
  request.text = TextOf(body, "text");
  if (!IsClientText(request.text)) {
    return Failure(400, "INVALID_PARAM_VALUE", "Invalid text: must begin with t- and be short");
  }
  if (request.text.empty() || request.text == "-") {
    request.text = caller.websocket ? "apiv4-ws" : "apiv4";
  }
  const std::string tif = TextOf(body, "time_in_force");
  request.time_in_force = request.is_market ? TimeInForce::kIoc : TimeInForce::kGtc;
  if (!tif.empty() && !ReadTimeInForce(tif, request.time_in_force)) {
    return BadParameter("time_in_force");
  }
  const bool at_once =
      request.time_in_force == TimeInForce::kIoc || request.time_in_force == TimeInForce::kFok;
  if (request.is_market && !at_once) return BadParameter("time_in_force");
  if (!ReadSelfTrade(TextOf(body, "stp_act"), request.self_trade)) return BadParameter("stp_act");
  const std::string iceberg = TextOf(body, "iceberg");
  if (!iceberg.empty() &&
      ReadMantissa(iceberg, listing->quantity_scale(), request.iceberg) != Reading::kRight) {
    return BadParameter("iceberg");
  }
  return ReadSize(*listing, body, request);
}

std::string SpotApi::OrderBody(const ClientOrder& order, std::string_view action_mode) const {
  const OrderDetail detail = action_mode == "ACK"      ? OrderDetail::kAck
                             : action_mode == "RESULT" ? OrderDetail::kResult
                                                       : OrderDetail::kFull;
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  AppendSpotOrder(json, desk_.terms(*order.market), order, detail);
  json.EndObject();
  return body;
}

ApiResult SpotApi::Create(const Caller& caller, const Json& body) {
  OrderRequest request;
  if (ApiResult bad = ReadOrder(caller, body, request); !bad.ok()) return bad;
  const std::string mode = TextOf(body, "action_mode");
  if (!mode.empty() && mode != "ACK" && mode != "RESULT" && mode != "FULL") {
    return BadParameter("action_mode");
  }
  const engine::Outcome outcome = desk_.Place(request, NowNs());
  if (outcome.order == nullptr) {
    return RefusalResult(Product::kSpot, outcome, request.market->spec().price_scale);
  }
  return Success(OrderBody(*outcome.order, mode), 201);
}

ApiResult SpotApi::CreateBatch(const Caller& caller, const Json& list) {
  if (!list.is_array() || list.empty()) {
    return Failure(400, "INVALID_REQUEST_BODY", "a list of orders is needed");
  }
  std::map<std::string, std::size_t> per_pair;
  std::set<std::string> accounts;
  for (const Json& item : list) {
    if (!item.is_object()) return Failure(400, "INVALID_REQUEST_BODY", "invalid request body");
    if (TextOf(item, "text").empty()) return MissingParameter("text");
    accounts.insert(TextOf(item, "account"));
    if (++per_pair[TextOf(item, "currency_pair")] > kMaximumPerPair) {
      return BadParameter("more than 10 orders of a pair");
    }
  }
  if (per_pair.size() > kMaximumPairs) return BadParameter("more than 4 pairs");
  if (accounts.size() > 1) return Failure(400, "MIXED_ACCOUNT_TYPE", "accounts differ");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const Json& item : list) {
    OrderRequest request;
    ApiResult bad = ReadOrder(caller, item, request);
    engine::Outcome outcome;
    if (bad.ok()) {
      outcome = desk_.Place(request, NowNs());
      if (outcome.order == nullptr) {
        bad = RefusalResult(Product::kSpot, outcome, request.market->spec().price_scale);
      }
    }
    if (!bad.ok()) {
      AppendFailedItem(json, TextOf(item, "text"), bad);
      continue;
    }
    json.BeginObject();
    AppendSpotOrder(json, desk_.terms(*request.market), *outcome.order, OrderDetail::kFull);
    json.Bool("succeeded", true).EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ClientOrder* SpotApi::FindOrder(const Caller& caller, std::string_view id, std::string_view pair,
                                bool finished_by_text, ApiResult& error) const {
  ClientOrder* order = nullptr;
  if (id.starts_with("t-")) {
    order = desk_.store().FindByText(caller.user, id);
    const bool kept =
        order != nullptr &&
        (order->is_open() || (finished_by_text && NowNs() - order->finished_ns <= kTextKeptNs));
    if (!kept) {
      error = Failure(404, "CLIENT_ID_NOT_FOUND", fmt::format("Order with text {} not found", id));
      return nullptr;
    }
  } else {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (problem == std::errc() && end == id.data() + id.size()) {
      order = desk_.store().Find(caller.user, number);
    }
  }
  if (order == nullptr || (!pair.empty() && order->market->spec().symbol != pair)) {
    error = Failure(404, "ORDER_NOT_FOUND", fmt::format("Order with ID {} not found", id));
    return nullptr;
  }
  return order;
}

ApiResult SpotApi::Amend(const Caller& caller, std::string_view id, const Json& parameters) {
  const std::string pair = TextOf(parameters, "currency_pair");
  if (pair.empty()) return MissingParameter("currency_pair");
  ApiResult error;
  ClientOrder* const order = FindOrder(caller, id, pair, false, error);
  if (order == nullptr) return error;
  const Listing& listing = *listings_.Find(order->market->spec().symbol);
  const std::string amount = TextOf(parameters, "amount");
  const std::string price = TextOf(parameters, "price");
  if (amount.empty() && price.empty()) return MissingParameter("amount or price");
  std::optional<std::int64_t> new_quantity;
  std::optional<std::int64_t> new_price;
  if (!amount.empty()) {
    const Reading reading = ReadMantissa(amount, listing.quantity_scale(), new_quantity.emplace());
    if (ApiResult bad = CheckReading(reading, "amount"); !bad.ok()) return bad;
    if (*new_quantity <= 0) return BadParameter("amount");
  }
  if (!price.empty()) {
    const Reading reading = ReadMantissa(price, listing.price_scale(), new_price.emplace());
    if (ApiResult bad = CheckReading(reading, "price"); !bad.ok()) return bad;
    if (*new_price <= 0) return BadParameter("price");
  }
  if (!order->is_open()) {
    return Failure(400, order->finished == FinishedAs::kFilled ? "ORDER_CLOSED" : "ORDER_CANCELLED",
                   "Order already finished");
  }
  if (new_price.value_or(order->price) == order->price &&
      new_quantity.value_or(order->quantity) == order->quantity) {
    return Failure(400, "NO_CHANGE", "No change is made");
  }
  if (ApiResult bad = CheckLimitValue(listing, new_price.value_or(order->price),
                                      new_quantity.value_or(order->quantity));
      !bad.ok()) {
    return bad;
  }
  const std::string amend_text = TextOf(parameters, "amend_text");
  if (!amend_text.empty()) order->amend_text = amend_text;
  const engine::Outcome outcome = desk_.Amend(*order, new_price, new_quantity, NowNs());
  if (outcome.refusal != engine::Refusal::kNone) {
    return RefusalResult(Product::kSpot, outcome, listing.price_scale());
  }
  return Success(OrderBody(*order, TextOf(parameters, "action_mode")));
}

ApiResult SpotApi::AmendBatch(const Caller& caller, const Json& list) {
  if (!list.is_array() || list.empty() || list.size() > kMaximumAmends) {
    return Failure(400, "INVALID_REQUEST_BODY", "a list of 1 to 5 orders is needed");
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const Json& item : list) {
    const std::string id = item.is_object() ? TextOf(item, "order_id") : "";
    const ApiResult result = Amend(caller, id, item);
    if (!result.ok()) {
      json.BeginObject()
          .Text("order_id", id)
          .Text("currency_pair", TextOf(item, "currency_pair"))
          .Bool("succeeded", false)
          .Text("label", result.label)
          .Text("message", result.message)
          .EndObject();
      continue;
    }
    ApiResult ignored;
    const ClientOrder& order = *FindOrder(caller, id, "", true, ignored);
    json.BeginObject();
    AppendSpotOrder(json, desk_.terms(*order.market), order, OrderDetail::kFull);
    json.Bool("succeeded", true).EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult SpotApi::CancelOne(const Caller& caller, std::string_view id, std::string_view pair,
                             bool finished_by_text) {
  ApiResult error;
  ClientOrder* const order = FindOrder(caller, id, pair, finished_by_text, error);
  if (order == nullptr) return error;
  if (!order->is_open()) {
    return order->finished == FinishedAs::kFilled
               ? Failure(400, "ORDER_CLOSED", "Order already closed")
               : Failure(400, "ORDER_CANCELLED", "Order already cancelled");
  }
  desk_.Cancel(*order, FinishedAs::kCancelled, NowNs());
  return Success(OrderBody(*order));
}

ApiResult SpotApi::Cancel(const Caller& caller, std::string_view id, const Json& parameters) {
  const std::string pair = TextOf(parameters, "currency_pair");
  if (pair.empty()) return MissingParameter("currency_pair");
  return CancelOne(caller, id, pair, false);
}

ApiResult SpotApi::CancelBatch(const Caller& caller, const Json& list) {
  if (!list.is_array() || list.empty() || list.size() > kMaximumCancels) {
    return Failure(400, "INVALID_REQUEST_BODY", "a list of 1 to 20 orders is needed");
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const Json& item : list) {
    if (!item.is_object()) return Failure(400, "INVALID_REQUEST_BODY", "invalid request body");
    const std::string id = TextOf(item, "id");
    const std::string pair = TextOf(item, "currency_pair");
    const ApiResult result = CancelOne(caller, id, pair, true);
    json.BeginObject().Text("currency_pair", pair).Text("id", id);
    ApiResult ignored;
    const ClientOrder* const order = FindOrder(caller, id, pair, true, ignored);
    json.Text("text", order == nullptr ? "" : order->text)
        .Bool("succeeded", result.ok())
        .Text("label", result.label)
        .Text("message", result.message)
        .Text("account", TextOf(item, "account"))
        .EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult SpotApi::CancelAll(const Caller& caller, const Json& parameters) {
  const std::string pair = TextOf(parameters, "currency_pair");
  const std::string side = TextOf(parameters, "side");
  const Listing* const listing = pair.empty() ? nullptr : listings_.Find(pair);
  if (!pair.empty() && listing == nullptr) return UnknownPair(pair);
  if (!side.empty() && side != "buy" && side != "sell") return BadParameter("side");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  const engine::Market* const market = listing == nullptr ? nullptr : &listing->market;
  for (ClientOrder* order : desk_.store().OpenOrders(caller.user, market)) {
    if (!side.empty() && (side == "buy") != (order->side == Side::kBuy)) continue;
    desk_.Cancel(*order, FinishedAs::kCancelled, NowNs());
    json.BeginObject();
    AppendSpotOrder(json, desk_.terms(*order->market), *order, OrderDetail::kFull);
    json.Bool("succeeded", true).EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult SpotApi::Countdown(const Caller& caller, const Json& body) {
  const auto timeout = IntegerOf(body, "timeout", -1, 0);
  if (!timeout || *timeout < 0 || (*timeout != 0 && *timeout < kMinimumCountdownS)) {
    return BadParameter("timeout");
  }
  const std::string pair = TextOf(body, "currency_pair");
  if (!pair.empty() && listings_.Find(pair) == nullptr) return UnknownPair(pair);
  std::int64_t trigger_ms = 0;
  if (*timeout == 0) {
    countdowns_ns_.erase({caller.user, pair});
  } else {
    const std::int64_t at_ns = NowNs() + *timeout * kNsPerS;
    countdowns_ns_[{caller.user, pair}] = at_ns;
    trigger_ms = at_ns / kNsPerMs;
  }
  return Success(fmt::format("{{\"trigger_time\":{}}}", trigger_ms));
}

void SpotApi::OnTick() {
  const std::int64_t now_ns = NowNs();
  for (auto it = countdowns_ns_.begin(); it != countdowns_ns_.end();) {
    if (now_ns < it->second) {
      ++it;
      continue;
    }
    const auto [user, pair] = it->first;
    it = countdowns_ns_.erase(it);
    const engine::Market* const market = pair.empty() ? nullptr : &listings_.Find(pair)->market;
    for (ClientOrder* order : desk_.store().OpenOrders(user, market)) {
      desk_.Cancel(*order, FinishedAs::kCancelled, now_ns);
    }
  }
  for (engine::Trigger* trigger : triggers_.TakeDue()) {
    const engine::Outcome outcome = desk_.Place(trigger->order, now_ns);
    if (outcome.order != nullptr) {
      trigger->order_id = outcome.order->id;
    } else {
      trigger->reason = RefusalResult(Product::kSpot, outcome, 0).label;
    }
    triggers_.End(
        *trigger,
        outcome.order != nullptr ? engine::TriggerState::kFired : engine::TriggerState::kFailed,
        now_ns);
    trigger_listener_.OnTrigger(*trigger);
  }
  for (engine::Trigger* trigger : triggers_.TakeExpired(now_ns)) {
    triggers_.End(*trigger, engine::TriggerState::kExpired, now_ns);
    trigger_listener_.OnTrigger(*trigger);
  }
}

}  // namespace switchyard::simulator::gateio
