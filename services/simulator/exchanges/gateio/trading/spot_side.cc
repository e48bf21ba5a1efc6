#include "services/simulator/exchanges/gateio/trading/spot_side.h"

#include <charconv>
#include <set>
#include <utility>

#include "services/simulator/exchanges/gateio/trading/spot_json.h"

namespace switchyard::simulator::gateio {
namespace {

constexpr std::int64_t kFirstOrderId = 700'000'000'001;

// What every account begins with, by the size of a currency's price: about as much of each in
// money.
constexpr std::int64_t kQuoteBalance = 10'000'000;

// In units of the currency: a million USDT's worth at the start's price, rounded down to a power of
// ten, at least 100.
std::int64_t BaseBalance(const Listing& listing) {
  engine::Int128 units = 1'000'000;
  for (int i = 0; i < listing.price_scale(); ++i) units *= 10;
  units /= listing.instrument.market.price;
  std::int64_t rounded = 100;
  while (rounded * 10 <= units) rounded *= 10;
  return rounded;
}

}  // namespace

SpotSide::SpotSide(const Parts& parts)
    : listings_(parts.listings),
      clock_(parts.clock),
      channels_(Product::kSpot, parts.clock, parts.faults),
      ledger_(*this),
      desk_(kFirstOrderId, ledger_, *this),
      api_(parts.listings, desk_, ledger_, parts.clock, *this),
      sockets_({parts.listings, parts.clock, parts.limiter, parts.faults, parts.held, channels_}) {
  for (const auto& listing : listings_.all()) {
    desk_.Add(listing->market, {listing->instrument.base, listing->instrument.quote});
  }
  Seed();
  AddRestRoutes(parts.rest);
  AddSocketCalls();
}

void SpotSide::Seed() {
  std::map<std::string, std::int64_t> balances = {{"USDT", kQuoteBalance}, {"USDC", kQuoteBalance}};
  for (const auto& listing : listings_.all()) {
    if (listing->instrument.quote == "USDT") {
      balances[listing->instrument.base] = BaseBalance(*listing);
    }
  }
  std::set<engine::UserId> users;
  for (const ApiKey& key : SeededKeys()) users.insert(key.user);
  for (const engine::UserId user : users) {
    for (const auto& [currency, units] : balances) {
      ledger_.Apply({.user = user,
                     .currency = currency,
                     .available_change = engine::Amount::FromInt(units),
                     .locked_change = {},
                     .after = {},
                     .reason = engine::BalanceReason::kDeposit,
                     .time_ns = clock_.NowNs(),
                     .text = "seed"});
    }
  }
}

std::string SpotSide::SymbolOf(const Caller& caller, const std::string& id,
                               const Json& parameters) const {
  const std::string pair = TextOf(parameters, "currency_pair");
  if (!pair.empty() || id.empty()) return pair;
  std::int64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  const engine::ClientOrder* const order = id.starts_with("t-")
                                               ? desk_.store().FindByText(caller.user, id)
                                               : desk_.store().Find(caller.user, number);
  return order == nullptr ? std::string() : order->market->spec().symbol;
}

void SpotSide::AddRestRoutes(PrivateRest& rest) {
  using Call = PrivateCall;
  const auto add = [&](const char* endpoint, Pace pace, auto answer) {
    rest.Add(endpoint, {pace, std::move(answer)});
  };
  const auto query = [&](const char* endpoint, auto method) {
    rest.Add(endpoint, {Pace::kQuery, [this, method](const Call& call) {
                          return (api_.*method)(call.caller, call.parameters);
                        }});
  };
  add("POST spot/orders", Pace::kSpotPlace,
      [this](const Call& call) { return api_.Create(call.caller, call.body); });
  add("POST spot/batch_orders", Pace::kSpotPlace,
      [this](const Call& call) { return api_.CreateBatch(call.caller, call.body); });
  add("PATCH spot/orders/{}", Pace::kSpotPlace,
      [this](const Call& call) { return api_.Amend(call.caller, call.id(), call.Merged()); });
  add("POST spot/amend_batch_orders", Pace::kSpotPlace,
      [this](const Call& call) { return api_.AmendBatch(call.caller, call.body); });
  add("DELETE spot/orders/{}", Pace::kSpotCancel,
      [this](const Call& call) { return api_.Cancel(call.caller, call.id(), call.parameters); });
  add("DELETE spot/orders", Pace::kSpotCancel,
      [this](const Call& call) { return api_.CancelAll(call.caller, call.parameters); });
  add("POST spot/cancel_batch_orders", Pace::kSpotCancel,
      [this](const Call& call) { return api_.CancelBatch(call.caller, call.body); });
  add("POST spot/countdown_cancel_all", Pace::kQuery,
      [this](const Call& call) { return api_.Countdown(call.caller, call.Merged()); });
  add("GET spot/orders/{}", Pace::kQuery,
      [this](const Call& call) { return api_.Get(call.caller, call.id(), call.parameters); });
  query("GET spot/orders", &SpotApi::List);
  query("GET spot/open_orders", &SpotApi::ListOpen);
  query("GET spot/my_trades", &SpotApi::MyTrades);
  query("GET spot/accounts", &SpotApi::Accounts);
  query("GET spot/account_book", &SpotApi::AccountBook);
  query("GET spot/fee", &SpotApi::Fee);
  query("GET wallet/fee", &SpotApi::Fee);
  query("GET spot/batch_fee", &SpotApi::BatchFee);
  add("POST spot/price_orders", Pace::kQuery,
      [this](const Call& call) { return api_.CreateTrigger(call.caller, call.body); });
  query("GET spot/price_orders", &SpotApi::ListTriggers);
  add("DELETE spot/price_orders", Pace::kQuery,
      [this](const Call& call) { return api_.CancelTriggers(call.caller, call.parameters); });
  add("GET spot/price_orders/{}", Pace::kQuery,
      [this](const Call& call) { return api_.GetTrigger(call.caller, call.id()); });
  add("DELETE spot/price_orders/{}", Pace::kQuery,
      [this](const Call& call) { return api_.CancelTrigger(call.caller, call.id()); });
}

void SpotSide::AddSocketCalls() {
  const auto create = [this](const Caller& caller, const Json& body) {
    return body.is_array() ? api_.CreateBatch(caller, body) : api_.Create(caller, body);
  };
  sockets_.Add("order_place", {true, true, true, create});
  sockets_.Add("order_amend", {false, true, true, [this](const Caller& caller, const Json& body) {
                                 return api_.Amend(caller, TextOf(body, "order_id"), body);
                               }});
  sockets_.Add("order_cancel", {false, true, false, [this](const Caller& caller, const Json& body) {
                                  return api_.Cancel(caller, TextOf(body, "order_id"), body);
                                }});
  sockets_.Add("order_cancel_ids",
               {false, true, false, [this](const Caller& caller, const Json& list) {
                  return api_.CancelBatch(caller, list);
                }});
  sockets_.Add("order_cancel_cp",
               {false, true, false, [this](const Caller& caller, const Json& body) {
                  return TextOf(body, "currency_pair").empty() ? MissingParameter("currency_pair")
                                                               : api_.CancelAll(caller, body);
                }});
  sockets_.Add("order_status",
               {false, false, false, [this](const Caller& caller, const Json& body) {
                  return api_.Get(caller, TextOf(body, "order_id"), body);
                }});
  sockets_.Add("order_list", {false, false, false, [this](const Caller& caller, const Json& body) {
                                return api_.List(caller, body);
                              }});
  sockets_.set_symbol_finder([this](const Caller& caller, const Json& parameters) {
    const Json& first =
        parameters.is_array() && !parameters.empty() ? parameters.front() : parameters;
    return first.is_object() ? SymbolOf(caller, TextOf(first, "order_id"), first) : std::string();
  });
}

absl::Status SpotSide::PayFunding(const std::string&) {
  return absl::FailedPreconditionError("a spot exchange has no funding");
}

absl::StatusOr<std::uint64_t> SpotSide::StrikeAccounts(const v1::Fault& fault) {
  if (fault.kind() == v1::FAULT_KIND_EXPIRE_SESSION) return sockets_.ExpireLogins();
  return absl::UnimplementedError("a spot exchange has no positions");
}

void SpotSide::OnChange(engine::Market& market) {
  api_.OnPrice(market);
  desk_.OnChange(market);
}

void SpotSide::OnOrder(const engine::ClientOrder& order, engine::OrderEvent event) {
  if (!channels_.Heard(order.user, "orders") && !channels_.Heard(order.user, "orders_v2")) return;
  std::string result;
  JsonWriter json(result);
  json.BeginArray();
  AppendSpotOrderPush(json, desk_.terms(*order.market), order, event);
  json.EndArray();
  for (const char* channel : {"orders", "orders_v2"}) {
    channels_.Push(order.user, channel, order.market->spec().symbol, [&](bool) { return result; });
  }
}

void SpotSide::OnFill(const engine::ClientOrder& order, const engine::ClientFill& fill) {
  std::string result;
  JsonWriter json(result);
  json.BeginArray();
  AppendSpotFillPush(json, order, fill);
  json.EndArray();
  for (const char* channel : {"usertrades", "usertrades_v2"}) {
    channels_.PushFill(order.user, channel, order.market->spec().symbol,
                       [&](bool) { return result; });
  }
}

void SpotSide::OnBalance(const engine::BalanceChange& change) {
  if (!channels_.Heard(change.user, "balances")) return;
  std::string result;
  JsonWriter json(result);
  json.BeginArray();
  AppendBalancePush(json, change);
  json.EndArray();
  channels_.Push(change.user, "balances", {}, [&](bool) { return result; });
}

void SpotSide::OnTrigger(const engine::Trigger& trigger) {
  const engine::Market& market = *trigger.order.market;
  std::string result;
  JsonWriter json(result);
  AppendSpotTriggerPush(json, desk_.terms(market), trigger);
  channels_.Push(trigger.order.user, "priceorders", market.spec().symbol,
                 [&](bool) { return result; });
}

}  // namespace switchyard::simulator::gateio
