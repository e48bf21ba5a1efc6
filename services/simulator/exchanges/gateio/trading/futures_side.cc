#include "services/simulator/exchanges/gateio/trading/futures_side.h"

#include <set>
#include <utility>

#include "services/simulator/exchanges/gateio/risk_tiers.h"
#include "services/simulator/exchanges/gateio/trading/futures_json.h"

namespace switchyard::simulator::gateio {
namespace {

// Above 2^53, as the exchange's own are.
constexpr std::int64_t kFirstOrderId = 299'207'900'000'000'001;
constexpr std::int64_t kSeedBalance = 1'000'000;
constexpr std::int64_t kFundingIntervalNs = 28'800 * kNsPerS;

engine::FuturesTerms TermsOf(Listings& listings) {
  const auto listing = [&listings](const engine::Market& market) -> const Listing& {
    return *listings.Find(market.spec().symbol);
  };
  return {[listing](const engine::Market& market) { return listing(market).MarkPrice(); },
          [listing](engine::Position& position) {
            const int leverage_max = listing(*position.market).instrument.leverage_max;
            const RiskTier tier = TierOf(leverage_max, 1);
            position.leverage_max = tier.leverage_max;
            position.maintenance_rate = tier.maintenance_rate;
            position.risk_limit = engine::Amount::FromInt(tier.risk_limit);
          }};
}

// A push of one row.
template <typename Write>
PrivateChannels::Result ArrayOf(Write write) {
  return [write](bool decimal_sizes) {
    std::string result;
    JsonWriter json(result);
    json.BeginArray();
    write(json, decimal_sizes);
    json.EndArray();
    return result;
  };
}

}  // namespace

FuturesSide::FuturesSide(const SpotSide::Parts& parts)
    : listings_(parts.listings),
      clock_(parts.clock),
      channels_(Product::kFutures, parts.clock, parts.faults),
      desk_(kFirstOrderId, TermsOf(parts.listings), *this, *this),
      api_(parts.listings, desk_, parts.clock, *this),
      sockets_({parts.listings, parts.clock, parts.limiter, parts.faults, parts.held, channels_}),
      funded_intervals_(parts.clock.NowNs() / kFundingIntervalNs) {
  for (const auto& listing : listings_.all()) {
    desk_.Add(listing->market, {listing->multiplier, listing->multiplier_scale});
  }
  Seed();
  AddOrderRoutes(parts.rest);
  AddPositionRoutes(parts.rest);
  AddSocketCalls();
}

void FuturesSide::Seed() {
  std::set<engine::UserId> users;
  for (const ApiKey& key : SeededKeys()) users.insert(key.user);
  for (const engine::UserId user : users) {
    desk_.Transfer(user, engine::Amount::FromInt(kSeedBalance), clock_.NowNs());
  }
}

void FuturesSide::AddOrderRoutes(PrivateRest& rest) {
  using Call = PrivateCall;
  const auto add = [&](const char* endpoint, Pace pace, auto answer) {
    rest.Add(endpoint, {pace, std::move(answer)});
  };
  const auto query = [&](const char* endpoint, auto method) {
    rest.Add(endpoint, {Pace::kQuery, [this, method](const Call& call) {
                          return (api_.*method)(call.caller, call.parameters);
                        }});
  };
  add("POST futures/usdt/orders", Pace::kFuturesPlace,
      [this](const Call& call) { return api_.Create(call.caller, call.body); });
  add("POST futures/usdt/batch_orders", Pace::kFuturesPlace,
      [this](const Call& call) { return api_.CreateBatch(call.caller, call.body); });
  add("POST futures/usdt/bbo_orders", Pace::kFuturesPlace,
      [this](const Call& call) { return api_.CreateAtLevel(call.caller, call.Merged()); });
  add("PUT futures/usdt/orders/{}", Pace::kFuturesPlace,
      [this](const Call& call) { return api_.Amend(call.caller, call.id(), call.body); });
  add("POST futures/usdt/batch_amend_orders", Pace::kFuturesPlace,
      [this](const Call& call) { return api_.AmendBatch(call.caller, call.body); });
  add("DELETE futures/usdt/orders/{}", Pace::kFuturesCancel,
      [this](const Call& call) { return api_.Cancel(call.caller, call.id()); });
  add("DELETE futures/usdt/orders", Pace::kFuturesCancel,
      [this](const Call& call) { return api_.CancelAll(call.caller, call.parameters); });
  add("POST futures/usdt/batch_cancel_orders", Pace::kFuturesCancel,
      [this](const Call& call) { return api_.CancelBatch(call.caller, call.body); });
  add("POST futures/usdt/countdown_cancel_all", Pace::kQuery,
      [this](const Call& call) { return api_.Countdown(call.caller, call.Merged()); });
  add("GET futures/usdt/orders/{}", Pace::kQuery,
      [this](const Call& call) { return api_.Get(call.caller, call.id()); });
  query("GET futures/usdt/orders", &FuturesApi::List);
  query("GET futures/usdt/orders_timerange", &FuturesApi::ListByTime);
  query("GET futures/usdt/my_trades", &FuturesApi::MyTrades);
  query("GET futures/usdt/my_trades_timerange", &FuturesApi::MyTradesByTime);
  add("POST futures/usdt/price_orders", Pace::kQuery,
      [this](const Call& call) { return api_.CreateTrigger(call.caller, call.body); });
  query("GET futures/usdt/price_orders", &FuturesApi::ListTriggers);
  add("DELETE futures/usdt/price_orders", Pace::kQuery,
      [this](const Call& call) { return api_.CancelTriggers(call.caller, call.parameters); });
  add("GET futures/usdt/price_orders/{}", Pace::kQuery,
      [this](const Call& call) { return api_.GetTrigger(call.caller, call.id()); });
  add("DELETE futures/usdt/price_orders/{}", Pace::kQuery,
      [this](const Call& call) { return api_.CancelTrigger(call.caller, call.id()); });
  add("PUT futures/usdt/price_orders/amend/{}", Pace::kQuery, [this](const Call& call) {
    return api_.AmendTrigger(call.caller, call.id(), call.Merged());
  });
}

void FuturesSide::AddPositionRoutes(PrivateRest& rest) {
  using Call = PrivateCall;
  const auto query = [&](const char* endpoint, auto method) {
    rest.Add(endpoint, {Pace::kQuery, [this, method](const Call& call) {
                          return (api_.*method)(call.caller, call.Merged());
                        }});
  };
  // The same call about a single position and about both of dual mode.
  const auto both = [&](const std::string& method, const std::string& tail, auto call_api) {
    for (const bool dual : {false, true}) {
      const std::string path =
          dual ? "futures/usdt/dual_comp/positions/{}" : "futures/usdt/positions/{}";
      rest.Add(method + " " + path + tail, {Pace::kQuery, [this, call_api, dual](const Call& call) {
                                              return (api_.*call_api)(call.caller, call.id(),
                                                                      call.Merged(), dual);
                                            }});
    }
  };
  query("GET futures/usdt/accounts", &FuturesApi::Account);
  query("GET futures/usdt/account_book", &FuturesApi::AccountBook);
  query("GET futures/usdt/position_close", &FuturesApi::Closes);
  query("GET futures/usdt/liquidates", &FuturesApi::Liquidations);
  query("GET futures/usdt/auto_deleverages", &FuturesApi::Deleverages);
  query("GET futures/usdt/fee", &FuturesApi::Fee);
  query("GET futures/usdt/positions", &FuturesApi::Positions);
  query("POST futures/usdt/dual_mode", &FuturesApi::SetPositionMode);
  query("POST futures/usdt/set_position_mode", &FuturesApi::SetPositionMode);
  both("POST", "/leverage", &FuturesApi::SetLeverage);
  both("POST", "/set_leverage", &FuturesApi::SetLeverage);
  both("POST", "/margin", &FuturesApi::ChangeMargin);
  both("POST", "/risk_limit", &FuturesApi::SetRiskLimit);
  rest.Add("GET futures/usdt/positions/{}", {Pace::kQuery, [this](const Call& call) {
                                               return api_.Position(call.caller, call.id(), false);
                                             }});
  rest.Add("GET futures/usdt/dual_comp/positions/{}",
           {Pace::kQuery,
            [this](const Call& call) { return api_.Position(call.caller, call.id(), true); }});
  rest.Add("GET futures/usdt/get_leverage/{}", {Pace::kQuery, [this](const Call& call) {
                                                  return api_.GetLeverage(call.caller, call.id(),
                                                                          call.parameters);
                                                }});
  rest.Add("POST futures/usdt/positions/cross_mode", {Pace::kQuery, [this](const Call& call) {
                                                        return api_.SetMarginMode(
                                                            call.caller, call.Merged(), false);
                                                      }});
  rest.Add("POST futures/usdt/dual_comp/positions/cross_mode",
           {Pace::kQuery, [this](const Call& call) {
              return api_.SetMarginMode(call.caller, call.Merged(), true);
            }});
}

void FuturesSide::AddSocketCalls() {
  const auto id_of = [](const Json& body) { return TextOf(body, "order_id"); };
  sockets_.Add("order_place", {true, true, true, [this](const Caller& caller, const Json& body) {
                                 return api_.Create(caller, body);
                               }});
  sockets_.Add("order_batch_place",
               {true, true, true, [this](const Caller& caller, const Json& list) {
                  return api_.CreateBatch(caller, list);
                }});
  sockets_.Add("order_amend",
               {false, true, true, [this, id_of](const Caller& caller, const Json& body) {
                  return api_.Amend(caller, id_of(body), body);
                }});
  sockets_.Add("order_cancel",
               {false, true, false, [this, id_of](const Caller& caller, const Json& body) {
                  return api_.Cancel(caller, id_of(body));
                }});
  sockets_.Add("order_cancel_ids",
               {false, true, false, [this](const Caller& caller, const Json& list) {
                  return api_.CancelBatch(caller, list);
                }});
  sockets_.Add("order_cancel_cp",
               {false, true, false, [this](const Caller& caller, const Json& body) {
                  return TextOf(body, "contract").empty() ? MissingParameter("contract")
                                                          : api_.CancelAll(caller, body);
                }});
  sockets_.Add("order_status",
               {false, false, false, [this, id_of](const Caller& caller, const Json& body) {
                  return api_.Get(caller, id_of(body));
                }});
  sockets_.Add("order_list", {false, false, false, [this](const Caller& caller, const Json& body) {
                                return api_.List(caller, body);
                              }});
  sockets_.set_symbol_finder([this, id_of](const Caller& caller, const Json& parameters) {
    const Json& first =
        parameters.is_array() && !parameters.empty() ? parameters.front() : parameters;
    if (first.is_string()) return api_.SymbolOf(caller, first.get<std::string>());
    if (!first.is_object()) return std::string();
    const std::string contract = TextOf(first, "contract");
    return contract.empty() ? api_.SymbolOf(caller, id_of(first)) : contract;
  });
}

void FuturesSide::OnChange(engine::Market& market) {
  api_.OnPrice(market);
  desk_.OnChange(market);
}

void FuturesSide::OnTick() {
  api_.OnTick();
  const std::int64_t interval = clock_.NowNs() / kFundingIntervalNs;
  // Once, however far the clock went; a clock that goes back is paid for again when it returns.
  if (interval > funded_intervals_) PayFunding({}).IgnoreError();
  funded_intervals_ = interval;
  desk_.CheckMargins(clock_.NowNs());
}

absl::Status FuturesSide::PayFunding(const std::string& symbol) {
  for (const auto& listing : listings_.all()) {
    if (!symbol.empty() && listing->symbol() != symbol) continue;
    desk_.ApplyFunding(listing->market, listing->funding_rate_millionths, clock_.NowNs());
  }
  return absl::OkStatus();
}

std::vector<engine::Position*> FuturesSide::HeldPositions(engine::UserId user,
                                                          const std::string& contract) {
  std::set<engine::UserId> users;
  for (const ApiKey& key : SeededKeys()) {
    if (user == 0 || key.user == user) users.insert(key.user);
  }
  std::vector<engine::Position*> held;
  for (const engine::UserId one : users) {
    for (engine::Position* position : desk_.PositionsOf(one)) {
      const bool wanted = contract.empty() || position->market->spec().symbol == contract;
      if (position->size != 0 && wanted) held.push_back(position);
    }
  }
  return held;
}

absl::StatusOr<std::uint64_t> FuturesSide::StrikeAccounts(const v1::Fault& fault) {
  if (fault.kind() == v1::FAULT_KIND_EXPIRE_SESSION) return sockets_.ExpireLogins();
  const auto held = HeldPositions(fault.user_id(), fault.symbol());
  for (engine::Position* position : held) {
    if (fault.kind() == v1::FAULT_KIND_LIQUIDATE) {
      desk_.Liquidate(*position, clock_.NowNs());
      continue;
    }
    const std::int64_t unit = engine::PowerOfTen(position->market->spec().quantity_scale);
    const std::int64_t lots = fault.amount() == 0 ? position->lots() : fault.amount() * unit;
    desk_.Deleverage(*position, lots, clock_.NowNs());
  }
  return held.size();
}

void FuturesSide::OnOrder(const engine::ClientOrder& order, engine::OrderEvent event) {
  if (!channels_.Heard(order.user, "orders")) return;
  channels_.Push(order.user, "orders", order.market->spec().symbol,
                 ArrayOf([&](JsonWriter& json, bool decimal_sizes) {
                   AppendFuturesOrderPush(json, desk_.terms(*order.market), order, event,
                                          decimal_sizes);
                 }));
}

void FuturesSide::OnFill(const engine::ClientOrder&, const engine::ClientFill& fill) {
  channels_.PushFill(fill.user, "usertrades", fill.market->spec().symbol,
                     ArrayOf([&](JsonWriter& json, bool decimal_sizes) {
                       AppendFuturesFillPush(json, fill, decimal_sizes);
                     }));
}

void FuturesSide::OnTrigger(const engine::Trigger& trigger) {
  channels_.Push(trigger.order.user, "autoorders", trigger.order.market->spec().symbol,
                 ArrayOf([&](JsonWriter& json, bool decimal_sizes) {
                   AppendFuturesTrigger(json, trigger, {true, decimal_sizes});
                 }));
}

void FuturesSide::OnEntry(const engine::FuturesEntry& entry) {
  channels_.Push(entry.user, "balances", {},
                 ArrayOf([&](JsonWriter& json, bool) { AppendEntryPush(json, entry); }));
}

void FuturesSide::OnPosition(const engine::Position& position) {
  if (!channels_.Heard(position.user, "positions")) return;
  channels_.Push(position.user, "positions", position.market->spec().symbol,
                 ArrayOf([&](JsonWriter& json, bool decimal_sizes) {
                   AppendPositionPush(json, api_.ViewOf(position), decimal_sizes);
                 }));
}

void FuturesSide::OnClose(engine::UserId user, const engine::PositionClose& close) {
  channels_.Push(user, "position_closes", close.position.market->spec().symbol,
                 ArrayOf([&](JsonWriter& json, bool) { AppendClosePush(json, close); }));
}

void FuturesSide::OnLiquidation(engine::UserId user, const engine::ForcedClose& liquidation) {
  const engine::Market& market = *liquidation.before.market;
  channels_.Push(user, "liquidates", market.spec().symbol,
                 ArrayOf([&](JsonWriter& json, bool decimal_sizes) {
                   AppendLiquidation(json, desk_.terms(market), liquidation, {true, decimal_sizes});
                 }));
}

void FuturesSide::OnDeleverage(engine::UserId user, const engine::ForcedClose& deleverage) {
  const engine::Market& market = *deleverage.before.market;
  channels_.Push(user, "auto_deleverages", market.spec().symbol,
                 ArrayOf([&](JsonWriter& json, bool decimal_sizes) {
                   AppendDeleverage(json, desk_.terms(market), deleverage, {true, decimal_sizes});
                 }));
}

}  // namespace switchyard::simulator::gateio
