#include <charconv>
#include <cstdlib>
#include <set>

#include "common/decimal/decimal.h"
#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/trading/futures_api.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::ClientOrder;
using engine::FinishedAs;
using engine::OrderRequest;
using engine::PositionSide;
using engine::SelfTrade;
using engine::Side;
using engine::TimeInForce;

constexpr std::size_t kMaximumBatch = 10;
constexpr std::size_t kMaximumCancels = 20;
constexpr std::int64_t kMinimumCountdownS = 5;
// `order_price_deviate`, parts of ten.
constexpr std::int64_t kDeviateTenths = 2;
// An order that was cancelled without a fill is known by its id and by its text for so long.
constexpr std::int64_t kIdKeptNs = 600 * kNsPerS;
constexpr std::int64_t kTextKeptNs = 60 * kNsPerS;

bool ReadTimeInForce(std::string_view text, TimeInForce& out) {
  if (text == "gtc" || text.empty()) {
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

// Signed lots of a size text.
ApiResult ReadLots(const Listing& listing, std::string_view text, std::int64_t& lots) {
  const int scale = listing.instrument.enable_decimal ? listing.quantity_scale() : 0;
  const Reading reading = ReadMantissa(text, scale, lots);
  if (reading != Reading::kRight) return BadParameter("size");
  lots *= engine::PowerOfTen(listing.quantity_scale() - scale);
  return {};
}

void AppendFailedItem(JsonWriter& json, const ApiResult& result) {
  json.BeginObject()
      .Bool("succeeded", false)
      .Text("label", result.label)
      .Text("detail", result.message)
      .EndObject();
}

}  // namespace

ApiResult UnknownContract() { return Failure(404, "CONTRACT_NOT_FOUND", "contract not found"); }

FuturesApi::FuturesApi(Listings& listings, engine::FuturesDesk& desk, const ExchangeClock& clock,
                       TriggerListener& triggers)
    : listings_(listings), desk_(desk), clock_(clock), trigger_listener_(triggers) {}

ApiResult FuturesApi::CheckDeviation(const Listing& listing, std::int64_t price) const {
  const std::int64_t mark = listing.MarkPrice();
  if (std::abs(price - mark) <= mark / 10 * kDeviateTenths) return {};
  return Failure(400, "PRICE_TOO_DEVIATED",
                 fmt::format("order price {} while mark price {}",
                             engine::DecimalText(price, listing.price_scale()),
                             engine::DecimalText(mark, listing.price_scale())));
}

ApiResult FuturesApi::ReadSize(const Caller& caller, const Listing& listing, const Json& body,
                               OrderRequest& request, bool waits) const {
  const std::string text = TextOf(body, "size");
  std::int64_t lots = 0;
  if (text.empty()) return MissingParameter("size");
  if (ApiResult bad = ReadLots(listing, text, lots); !bad.ok()) return bad;
  const bool dual = desk_.AccountOf(caller.user).dual;
  const std::string auto_size = TextOf(body, "auto_size");
  request.is_close = FlagOf(body, "close") || FlagOf(body, "is_close");
  request.reduce_only =
      FlagOf(body, "reduce_only") || FlagOf(body, "is_reduce_only") || request.is_close;
  if (request.is_close && dual && auto_size.empty()) {
    return Failure(400, "POSITION_DUAL_MODE", "use auto_size in dual mode");
  }
  if (!auto_size.empty() && (!dual || (auto_size != "close_long" && auto_size != "close_short"))) {
    return BadParameter("auto_size");
  }
  if (lots == 0) {
    // A whole position.
    if (!request.is_close && auto_size.empty()) {
      return Failure(400, "SIZE_TOO_SMALL", "size is zero");
    }
    request.is_close = request.reduce_only = true;
    request.position_side = !dual                       ? PositionSide::kSingle
                            : auto_size == "close_long" ? PositionSide::kLong
                                                        : PositionSide::kShort;
    const engine::Position& position =
        desk_.PositionOf(caller.user, *request.market, request.position_side);
    const bool is_long = request.position_side == PositionSide::kSingle
                             ? position.size > 0
                             : request.position_side == PositionSide::kLong;
    request.side = is_long ? Side::kSell : Side::kBuy;
    request.quantity = position.lots();
    if (request.quantity == 0 && !waits) return Failure(400, "POSITION_EMPTY", "empty position");
    return {};
  }
  request.side = lots > 0 ? Side::kBuy : Side::kSell;
  request.quantity = std::abs(lots);
  const bool buys = request.side == Side::kBuy;
  if (dual) {
    request.position_side =
        buys != request.reduce_only ? PositionSide::kLong : PositionSide::kShort;
  }
  const std::int64_t unit = engine::PowerOfTen(listing.quantity_scale());
  const std::int64_t minimum = listing.instrument.enable_decimal ? 1 : unit;
  if (request.quantity < minimum) return Failure(400, "SIZE_TOO_SMALL", "size is too small");
  const std::int64_t usual = listing.instrument.market.quantity;
  if (request.quantity > usual * (request.is_market ? 500 : 1'000)) {
    return Failure(400, "SIZE_TOO_LARGE", "size is too large");
  }
  return {};
}

ApiResult FuturesApi::ReadPrice(const Listing& listing, const Json& body, OrderRequest& request,
                                bool waits) const {
  const std::string text = TextOf(body, "price");
  const auto price = Decimal::ParseLenient(text.empty() ? "0" : text);
  if (!price.ok() || price->is_negative()) return BadParameter("price");
  request.is_market = price->is_zero();
  if (request.is_market) {
    const bool at_once =
        request.time_in_force == TimeInForce::kIoc || request.time_in_force == TimeInForce::kFok;
    // A close of a whole position may leave it out.
    if (!at_once && !FlagOf(body, "close") && !waits) return BadParameter("tif of a market order");
    if (!at_once) request.time_in_force = TimeInForce::kIoc;
    return {};
  }
  // What is finer than the tick goes to the nearest one, as in the documentation's example.
  const auto rounded = price->Rescaled(listing.price_scale(), Rounding::kHalfEven);
  const auto ticks = rounded.ok() ? rounded->MantissaAt(listing.price_scale()) : rounded.status();
  if (!ticks.ok() || *ticks <= 0) return BadParameter("price");
  request.price = *ticks;
  return waits ? ApiResult{} : CheckDeviation(listing, request.price);
}

ApiResult FuturesApi::ReadOrder(const Caller& caller, const Json& body, OrderRequest& request,
                                bool waits) const {
  if (!body.is_object()) return Failure(400, "INVALID_REQUEST_BODY", "invalid request body");
  const std::string contract = TextOf(body, "contract");
  if (contract.empty()) return MissingParameter("contract");
  Listing* const listing = listings_.Find(contract);
  if (listing == nullptr) return UnknownContract();
  request.user = caller.user;
  request.market = &listing->market;
  request.parts = caller.fill_parts;
  request.text = TextOf(body, "text");
  if (!IsClientText(request.text)) {
    return Failure(400, "INVALID_PARAM_VALUE", "invalid text: must begin with t- and be short");
  }
  if (request.text.empty() || request.text == "-") request.text = "api";
  if (!ReadTimeInForce(TextOf(body, "tif"), request.time_in_force)) return BadParameter("tif");
  if (!ReadSelfTrade(TextOf(body, "stp_act"), request.self_trade)) return BadParameter("stp_act");
  const std::string iceberg = TextOf(body, "iceberg");
  if (!iceberg.empty()) {
    if (ApiResult bad = ReadLots(*listing, iceberg, request.iceberg); !bad.ok()) {
      return BadParameter("iceberg");
    }
  }
  if (ApiResult bad = ReadPrice(*listing, body, request, waits); !bad.ok()) return bad;
  return ReadSize(caller, *listing, body, request, waits);
}

ApiResult FuturesApi::OrderResult(const Caller& caller, const ClientOrder& order,
                                  unsigned status) const {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  AppendFuturesOrder(json, desk_.terms(*order.market), order, caller.decimal_sizes);
  json.EndObject();
  return Success(std::move(body), status);
}

ApiResult FuturesApi::Create(const Caller& caller, const Json& body) {
  OrderRequest request;
  if (ApiResult bad = ReadOrder(caller, body, request, false); !bad.ok()) return bad;
  const engine::Outcome outcome = desk_.Place(request, NowNs());
  if (outcome.order == nullptr) {
    return RefusalResult(Product::kFutures, outcome, request.market->spec().price_scale);
  }
  return OrderResult(caller, *outcome.order, 201);
}

ApiResult FuturesApi::CreateBatch(const Caller& caller, const Json& list) {
  if (!list.is_array() || list.empty() || list.size() > kMaximumBatch) {
    return Failure(400, "INVALID_REQUEST_BODY", "a list of 1 to 10 orders is needed");
  }
  for (const Json& item : list) {
    if (!item.is_object() || TextOf(item, "contract").empty()) {
      return Failure(400, "INVALID_REQUEST_BODY", "invalid order in batch");
    }
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const Json& item : list) {
    OrderRequest request;
    ApiResult bad = ReadOrder(caller, item, request, false);
    engine::Outcome outcome;
    if (bad.ok()) {
      outcome = desk_.Place(request, NowNs());
      if (outcome.order == nullptr) {
        bad = RefusalResult(Product::kFutures, outcome, request.market->spec().price_scale);
      }
    }
    if (!bad.ok()) {
      AppendFailedItem(json, bad);
      continue;
    }
    json.BeginObject().Bool("succeeded", true);
    AppendFuturesOrder(json, desk_.terms(*request.market), *outcome.order, caller.decimal_sizes);
    json.EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult FuturesApi::CreateAtLevel(const Caller& caller, const Json& body) {
  const Listing* const listing = listings_.Find(TextOf(body, "contract"));
  if (listing == nullptr) return UnknownContract();
  const auto level = IntegerOf(body, "level", 1, 1);
  const std::string direction = TextOf(body, "direction");
  if (!level || *level > 20) return BadParameter("level");
  if (direction != "sell" && direction != "buy") return BadParameter("direction");
  const auto levels = listing->market.book().Levels(direction == "sell" ? Side::kSell : Side::kBuy);
  Json order = body;
  order["price"] = engine::DecimalText(
      levels[levels.size() - static_cast<std::size_t>(*level)].price, listing->price_scale());
  return Create(caller, order);
}

ClientOrder* FuturesApi::FindOrder(const Caller& caller, std::string_view id,
                                   ApiResult& error) const {
  const bool by_text = id.starts_with("t-");
  ClientOrder* order = nullptr;
  if (by_text) {
    order = desk_.store().FindByText(caller.user, id);
  } else {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (problem == std::errc() && end == id.data() + id.size()) {
      order = desk_.store().Find(caller.user, number);
    }
  }
  const bool forgotten = order != nullptr && !order->is_open() && order->filled() == 0 &&
                         NowNs() - order->finished_ns > (by_text ? kTextKeptNs : kIdKeptNs);
  if (order == nullptr || forgotten) {
    error = Failure(404, "ORDER_NOT_FOUND", "order not found");
    return nullptr;
  }
  return order;
}

std::string FuturesApi::SymbolOf(const Caller& caller, std::string_view id) const {
  ApiResult ignored;
  const ClientOrder* const order = FindOrder(caller, id, ignored);
  return order == nullptr ? std::string() : order->market->spec().symbol;
}

ApiResult FuturesApi::Amend(const Caller& caller, std::string_view id, const Json& body) {
  if (!body.is_object()) return Failure(400, "INVALID_REQUEST_BODY", "invalid request body");
  ApiResult error;
  ClientOrder* const order = FindOrder(caller, id, error);
  if (order == nullptr) return error;
  if (!order->is_open()) return Failure(400, "ORDER_FINISHED", "order finished");
  const Listing& listing = *listings_.Find(order->market->spec().symbol);
  const std::string size = TextOf(body, "size");
  const std::string price = TextOf(body, "price");
  if (size.empty() && price.empty()) return MissingParameter("size or price");
  std::optional<std::int64_t> new_quantity;
  std::optional<std::int64_t> new_price;
  if (!size.empty()) {
    std::int64_t lots = 0;
    if (ApiResult bad = ReadLots(listing, size, lots); !bad.ok()) return bad;
    // The side cannot change.
    if (lots == 0 || (lots > 0) != (order->side == Side::kBuy)) return BadParameter("size");
    new_quantity = std::abs(lots);
  }
  if (!price.empty()) {
    OrderRequest request;
    request.time_in_force = order->time_in_force;
    if (ApiResult bad = ReadPrice(listing, body, request, false); !bad.ok()) return bad;
    new_price = request.price;
  }
  const std::string amend_text = TextOf(body, "amend_text");
  if (!amend_text.empty()) order->amend_text = amend_text;
  const engine::Outcome outcome = desk_.Amend(*order, new_price, new_quantity, NowNs());
  if (outcome.refusal != engine::Refusal::kNone) {
    return RefusalResult(Product::kFutures, outcome, listing.price_scale());
  }
  return OrderResult(caller, *order);
}

ApiResult FuturesApi::AmendBatch(const Caller& caller, const Json& list) {
  if (!list.is_array() || list.empty() || list.size() > kMaximumBatch) {
    return Failure(400, "INVALID_REQUEST_BODY", "a list of 1 to 10 orders is needed");
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const Json& item : list) {
    std::string id = item.is_object() ? TextOf(item, "order_id") : "";
    if (id.empty() && item.is_object()) id = TextOf(item, "text");
    const ApiResult result = Amend(caller, id, item);
    ApiResult ignored;
    const ClientOrder* const order = result.ok() ? FindOrder(caller, id, ignored) : nullptr;
    if (order == nullptr) {
      AppendFailedItem(json, result);
      continue;
    }
    json.BeginObject().Bool("succeeded", true);
    AppendFuturesOrder(json, desk_.terms(*order->market), *order, caller.decimal_sizes);
    json.EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult FuturesApi::CancelOne(const Caller& caller, std::string_view id, ClientOrder*& order) {
  ApiResult error;
  order = FindOrder(caller, id, error);
  if (order == nullptr) return error;
  if (!order->is_open()) return Failure(400, "ORDER_FINISHED", "order finished");
  desk_.Cancel(*order, FinishedAs::kCancelled, NowNs());
  return {};
}

ApiResult FuturesApi::Cancel(const Caller& caller, std::string_view id) {
  ClientOrder* order = nullptr;
  const ApiResult result = CancelOne(caller, id, order);
  return result.ok() ? OrderResult(caller, *order) : result;
}

ApiResult FuturesApi::CancelBatch(const Caller& caller, const Json& list) {
  if (!list.is_array() || list.empty() || list.size() > kMaximumCancels) {
    return Failure(400, "INVALID_REQUEST_BODY", "a list of 1 to 20 ids is needed");
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const Json& item : list) {
    const std::string id = item.is_string() ? item.get<std::string>() : item.dump();
    ClientOrder* order = nullptr;
    const ApiResult result = CancelOne(caller, id, order);
    json.BeginObject().Number("user_id", caller.user).Text("id", id).Bool("succeeded", result.ok());
    if (!result.ok()) json.Text("message", result.label);
    json.EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult FuturesApi::CancelAll(const Caller& caller, const Json& parameters) {
  const std::string contract = TextOf(parameters, "contract");
  const Listing* const listing = contract.empty() ? nullptr : listings_.Find(contract);
  if (!contract.empty() && listing == nullptr) return UnknownContract();
  const std::string side = TextOf(parameters, "side");
  if (!side.empty() && side != "bid" && side != "ask") return BadParameter("side");
  const bool spares_reducing = FlagOf(parameters, "exclude_reduce_only");
  const std::string text = TextOf(parameters, "text");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (ClientOrder* order :
       desk_.store().OpenOrders(caller.user, listing == nullptr ? nullptr : &listing->market)) {
    if (!side.empty() && (side == "bid") != (order->side == Side::kBuy)) continue;
    if ((spares_reducing && order->reduce_only) || (!text.empty() && order->text != text)) continue;
    desk_.Cancel(*order, FinishedAs::kCancelled, NowNs());
    json.BeginObject();
    AppendFuturesOrder(json, desk_.terms(*order->market), *order, caller.decimal_sizes);
    json.EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult FuturesApi::Countdown(const Caller& caller, const Json& body) {
  const auto timeout = IntegerOf(body, "timeout", -1, 0);
  if (!timeout || *timeout < 0 || (*timeout != 0 && *timeout < kMinimumCountdownS)) {
    return BadParameter("timeout");
  }
  const std::string contract = TextOf(body, "contract");
  if (!contract.empty() && listings_.Find(contract) == nullptr) return UnknownContract();
  std::int64_t trigger_ms = 0;
  if (*timeout == 0) {
    countdowns_ns_.erase({caller.user, contract});
  } else {
    const std::int64_t at_ns = NowNs() + *timeout * kNsPerS;
    countdowns_ns_[{caller.user, contract}] = at_ns;
    trigger_ms = at_ns / kNsPerMs;
  }
  return Success(fmt::format("{{\"trigger_time\":{}}}", trigger_ms));
}

void FuturesApi::OnTick() {
  const std::int64_t now_ns = NowNs();
  for (auto it = countdowns_ns_.begin(); it != countdowns_ns_.end();) {
    if (now_ns < it->second) {
      ++it;
      continue;
    }
    const auto [user, contract] = it->first;
    it = countdowns_ns_.erase(it);
    const engine::Market* const market =
        contract.empty() ? nullptr : &listings_.Find(contract)->market;
    for (ClientOrder* order : desk_.store().OpenOrders(user, market)) {
      desk_.Cancel(*order, FinishedAs::kCancelled, now_ns);
    }
  }
  for (engine::Trigger* trigger : triggers_.TakeDue()) Fire(*trigger, now_ns);
  for (engine::Trigger* trigger : triggers_.TakeExpired(now_ns)) {
    triggers_.End(*trigger, engine::TriggerState::kExpired, now_ns);
    trigger_listener_.OnTrigger(*trigger);
  }
}

}  // namespace switchyard::simulator::gateio
