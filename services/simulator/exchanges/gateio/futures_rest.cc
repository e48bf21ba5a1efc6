#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/book_view.h"
#include "services/simulator/exchanges/gateio/frames.h"
#include "services/simulator/exchanges/gateio/rest.h"
#include "services/simulator/exchanges/gateio/risk_tiers.h"
#include "services/simulator/exchanges/gateio/statistics_fields.h"
#include "services/simulator/exchanges/gateio/topic.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::DecimalText;
using engine::Int128;
using transport::HttpRequest;
using transport::HttpResponse;

constexpr std::int64_t kFundingIntervalS = 28'800;
constexpr std::int64_t kLaunchTimeS = 1'600'000'000;

HttpResponse UnknownContract() {
  return ErrorResponse(404, "CONTRACT_NOT_FOUND", "contract not found");
}

HttpResponse BadParameter(std::string_view what) {
  return ErrorResponse(400, "INVALID_PARAM_VALUE",
                       fmt::format("Invalid request parameter: {}", what));
}

// Float seconds, exact: "1634350208.745".
std::string FloatSeconds(std::int64_t ns) { return DecimalText(ns / 1'000'000, 3); }

// One request's view: how sizes are written, and the contract asked for.
struct Call {
  const RestContext& context;
  const HttpRequest& request;
  bool decimal_sizes;

  std::string Size(const Listing& listing, Int128 lots) const {
    std::string text;
    AppendSize(text, {Product::kFutures, listing, 0, decimal_sizes}, lots);
    return text;
  }

  // The listing that `contract` names; null: `error` is set.
  Listing* Required(HttpResponse& error) const {
    const std::string_view contract = request.Parameter("contract");
    if (contract.empty()) {
      error = ErrorResponse(400, "MISSING_REQUIRED_PARAM", "Missing required parameter: contract");
      return nullptr;
    }
    Listing* const listing = context.listings.Find(contract);
    if (listing == nullptr) error = UnknownContract();
    return listing;
  }
};

void WriteLimits(JsonWriter& json, const Call& call, const Listing& listing) {
  const std::int64_t unit = engine::PowerOfTen(listing.quantity_scale());
  const Instrument& instrument = listing.instrument;
  // The smallest size is one contract, or one lot where decimal sizes are allowed and asked for.
  const bool fractions = instrument.enable_decimal && call.decimal_sizes;
  json.Raw("order_size_min", call.Size(listing, fractions ? 1 : unit))
      .Raw("order_size_max", call.Size(listing, instrument.market.quantity * 1'000))
      .Bool("enable_decimal", instrument.enable_decimal)
      .Text("order_price_deviate", "0.2")
      .Number("orders_limit", 100)
      .Text("leverage_min", "1")
      .Text("leverage_max", std::to_string(instrument.leverage_max))
      .Text("cross_leverage_default", "10")
      .Text("maintenance_rate", DecimalText(5'000 / instrument.leverage_max, 4))
      .Text("risk_limit_base", "500000")
      .Text("risk_limit_step", "500000")
      .Text("risk_limit_max", "8000000")
      .Text("market_order_slip_ratio", "0.05")
      .Decimal("market_order_size_max", instrument.market.quantity * 500, listing.quantity_scale());
}

void WriteFunding(JsonWriter& json, const Listing& listing, std::int64_t now_s) {
  const std::string rate = RateText(listing.funding_rate_millionths);
  json.Text("funding_rate", rate)
      .Text("funding_rate_indicative", rate)
      .Text("funding_rate_limit", "0.003")
      .Text("funding_cap_ratio", "0.75")
      .Text("funding_impact_value", "60000")
      .Text("interest_rate", "0.0003")
      .Number("funding_interval", kFundingIntervalS)
      .Number("funding_next_apply", now_s - now_s % kFundingIntervalS + kFundingIntervalS)
      .Number("funding_offset", 0);
}

void WriteContract(JsonWriter& json, const Call& call, const Listing& listing) {
  const std::int64_t now_s = call.context.clock.NowNs() / 1'000'000'000;
  const int scale = listing.price_scale();
  json.BeginObject()
      .Text("name", listing.symbol())
      .Text("type", "direct")
      .Text("contract_type", "")
      .Text("quanto_multiplier", listing.instrument.quanto_multiplier)
      .Text("mark_type", "index")
      .Decimal("mark_price", listing.MarkPrice(), scale)
      .Decimal("index_price", listing.market.fair_price(), scale)
      .Decimal("last_price", listing.market.day().last, scale)
      .Text("maker_fee_rate", "-0.0001")
      .Text("taker_fee_rate", "0.00075")
      .Text("ref_discount_rate", "0")
      .Text("ref_rebate_rate", "0.2")
      .Decimal("order_price_round", 1, scale)
      .Decimal("mark_price_round", 1, scale);
  WriteLimits(json, call, listing);
  WriteFunding(json, listing, now_s);
  json.Number("orderbook_id", static_cast<std::int64_t>(listing.market.sequence()))
      .Number("trade_id", listing.market.trades().empty() ? 0 : listing.market.trades().back().id)
      .Raw("trade_size", call.Size(listing, listing.market.day().base_volume))
      .Raw("position_size", call.Size(listing, listing.open_interest))
      .Number("long_users", 191)
      .Number("short_users", 157)
      .Bool("in_delisting", false)
      .Bool("is_pre_market", false)
      .Bool("enable_bonus", true)
      .Bool("enable_credit", true)
      .Bool("enable_circuit_breaker", false)
      .Text("status", "trading")
      .Number("create_time", kLaunchTimeS)
      .Number("config_change_time", kLaunchTimeS)
      .Number("launch_time", kLaunchTimeS)
      .Number("delisting_time", 0)
      .Number("delisted_time", 0)
      .EndObject();
}

HttpResponse Contracts(const Call& call, std::string_view name) {
  std::string body;
  JsonWriter json(body);
  if (!name.empty()) {
    const Listing* const listing = call.context.listings.Find(name);
    if (listing == nullptr) return UnknownContract();
    WriteContract(json, call, *listing);
    return JsonResponse(std::move(body));
  }
  json.BeginArray();
  for (const auto& listing : call.context.listings.all()) WriteContract(json, call, *listing);
  json.EndArray();
  return JsonResponse(std::move(body));
}

HttpResponse Tickers(const Call& call) {
  const std::string_view contract = call.request.Parameter("contract");
  if (!contract.empty() && call.context.listings.Find(contract) == nullptr) {
    return UnknownContract();
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const auto& listing : call.context.listings.all()) {
    if (!contract.empty() && listing->symbol() != contract) continue;
    json.BeginObject();
    AppendTickerFields(json, Product::kFutures, *listing, /*rest=*/true);
    json.EndObject();
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

HttpResponse OrderBook(const Call& call) {
  HttpResponse error;
  const Listing* const listing = call.Required(error);
  if (listing == nullptr) return error;
  const std::int64_t limit = CountParameter(call.request, "limit", 10, 1000);
  if (limit < 0) return BadParameter("limit");
  const std::string_view interval = call.request.Parameter("interval");
  if (!interval.empty() && interval != "0") return BadParameter("interval");
  ShownBook book;
  CopyTop(listing->market.book(), static_cast<std::size_t>(limit), book);
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (call.request.Parameter("with_id") == "true") {
    json.Number("id", static_cast<std::int64_t>(listing->market.sequence()));
  }
  json.Raw("current", FloatSeconds(call.context.clock.NowNs()))
      .Raw("update", FloatSeconds(listing->market.last_change_ns()));
  const auto write = [&](std::string_view name, const std::vector<ShownLevel>& levels) {
    json.Key(name).BeginArray();
    for (const ShownLevel& level : levels) {
      json.BeginObject()
          .Raw("s", call.Size(*listing, level.quantity))
          .Decimal("p", level.price, listing->price_scale())
          .EndObject();
    }
    json.EndArray();
  };
  write("asks", book.asks);
  write("bids", book.bids);
  json.EndObject();
  return JsonResponse(std::move(body));
}

HttpResponse Trades(const Call& call) {
  HttpResponse error;
  const Listing* const listing = call.Required(error);
  if (listing == nullptr) return error;
  const Range range = RangeOf(call.request, 100, 1000);
  const std::int64_t last_id = TimeParameter(call.request, "last_id", 0);
  std::int64_t skip = TimeParameter(call.request, "offset", 0);
  if (!range.valid || last_id < 0 || skip < 0) return BadParameter("limit, last_id or offset");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  std::size_t written = 0;
  const auto& trades = listing->market.trades();
  for (auto trade = trades.rbegin(); trade != trades.rend() && written < range.limit; ++trade) {
    const std::int64_t time_s = trade->time_ns / 1'000'000'000;
    if (last_id != 0 && trade->id >= last_id) continue;
    if (time_s < range.from_s || time_s > range.to_s || skip-- > 0) continue;
    const bool buy = trade->taker_side == engine::Side::kBuy;
    // Seconds in both, whatever the second one's name says.
    json.BeginObject()
        .Number("id", trade->id)
        .Raw("create_time", FloatSeconds(trade->time_ns))
        .Raw("create_time_ms", FloatSeconds(trade->time_ns))
        .Text("contract", listing->symbol())
        .Raw("size", call.Size(*listing, buy ? trade->quantity : -trade->quantity))
        .Decimal("price", trade->price, listing->price_scale())
        .EndObject();
    ++written;
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

// Which price a candle is of.
enum class CandleOf { kTrades, kMarkOrIndex, kPremium };

void WriteCandle(JsonWriter& json, const Call& call, const Listing& listing,
                 const engine::Candle& candle, CandleOf of) {
  const int scale = listing.price_scale();
  json.BeginObject().Number("t", candle.start_s);
  if (of == CandleOf::kPremium) {
    // Basis of the close over the open, as a fraction: small, and of either sign.
    const auto basis = [&](std::int64_t price) {
      return DecimalText(static_cast<Int128>(price - candle.open) * 100'000 / candle.open, 6);
    };
    json.Text("c", basis(candle.close)).Text("h", basis(candle.high)).Text("l", basis(candle.low));
    json.Text("o", "0").EndObject();
    return;
  }
  if (of == CandleOf::kTrades) json.Raw("v", call.Size(listing, candle.base_volume));
  json.Decimal("c", candle.close, scale)
      .Decimal("h", candle.high, scale)
      .Decimal("l", candle.low, scale)
      .Decimal("o", candle.open, scale);
  if (of == CandleOf::kTrades) {
    json.Decimal("sum", candle.quote_volume * listing.multiplier,
                 scale + listing.quantity_scale() + listing.multiplier_scale);
  }
  json.EndObject();
}

HttpResponse Candlesticks(const Call& call, bool premium) {
  std::string_view contract = call.request.Parameter("contract");
  CandleOf of = premium ? CandleOf::kPremium : CandleOf::kTrades;
  for (const std::string_view prefix : {"mark_", "index_"}) {
    if (!premium && contract.starts_with(prefix)) {
      contract.remove_prefix(prefix.size());
      of = CandleOf::kMarkOrIndex;
    }
  }
  if (contract.empty()) {
    return ErrorResponse(400, "MISSING_REQUIRED_PARAM", "Missing required parameter: contract");
  }
  Listing* const listing = call.context.listings.Find(contract);
  if (listing == nullptr) return UnknownContract();
  const std::string_view asked = call.request.Parameter("interval");
  const std::int64_t interval_s = IntervalSeconds(asked.empty() ? "5m" : asked);
  if (interval_s == 0) return BadParameter("interval");
  const bool by_time =
      !call.request.Parameter("from").empty() || !call.request.Parameter("to").empty();
  if (by_time && !call.request.Parameter("limit").empty()) {
    return BadParameter("limit conflicts with from and to");
  }
  const std::int64_t maximum = premium ? 1000 : 2000;
  const Range range = RangeOf(call.request, by_time ? maximum : 100, maximum);
  if (!range.valid) return BadParameter("limit, from or to");
  const auto& candles = listing->market.Candles(interval_s, call.context.clock.NowNs()).candles();
  std::vector<const engine::Candle*> chosen;
  for (auto candle = candles.rbegin(); candle != candles.rend(); ++candle) {
    if (chosen.size() == range.limit) break;
    if (candle->start_s >= range.from_s && candle->start_s <= range.to_s) {
      chosen.push_back(&*candle);
    }
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (auto it = chosen.rbegin(); it != chosen.rend(); ++it) {
    WriteCandle(json, call, *listing, **it, of);
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

// Newest first; each past rate is a seeded neighbour of the present one.
HttpResponse FundingRates(const Call& call) {
  HttpResponse error;
  const Listing* const listing = call.Required(error);
  if (listing == nullptr) return error;
  const Range range = RangeOf(call.request, 100, 1000);
  if (!range.valid) return BadParameter("limit, from or to");
  const std::int64_t now_s = call.context.clock.NowNs() / 1'000'000'000;
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  std::size_t written = 0;
  for (std::int64_t time_s = now_s - now_s % kFundingIntervalS;
       time_s > kLaunchTimeS && time_s >= range.from_s && written < range.limit;
       time_s -= kFundingIntervalS) {
    if (time_s > range.to_s) continue;
    engine::Random random(engine::SeedFor(static_cast<std::uint64_t>(time_s), listing->symbol()));
    const std::int64_t rate = listing->funding_rate_millionths + random.Below(200) - 100;
    json.BeginObject().Number("t", time_s).Text("r", RateText(rate)).EndObject();
    ++written;
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

void WriteTiers(JsonWriter& json, const Listing& listing) {
  for (int number = 1; number <= RiskTier::kTiers; ++number) {
    const RiskTier tier = TierOf(listing.instrument.leverage_max, number);
    json.BeginObject()
        .Number("tier", tier.tier)
        .Text("risk_limit", std::to_string(tier.risk_limit))
        .Decimal("initial_rate", tier.initial_rate, 6)
        .Decimal("maintenance_rate", tier.maintenance_rate, 6)
        .Text("leverage_max", std::to_string(tier.leverage_max))
        .Text("contract", listing.symbol())
        .Text("deduction", "0")
        .EndObject();
  }
}

// Tables are named after their contract: "BTC_USDT_1".
HttpResponse RiskLimitTable(const Call& call) {
  const std::string_view id = call.request.Parameter("table_id");
  const Listing* const listing =
      id.ends_with("_1") ? call.context.listings.Find(id.substr(0, id.size() - 2)) : nullptr;
  if (listing == nullptr) return BadParameter("table_id");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  WriteTiers(json, *listing);
  json.EndArray();
  return JsonResponse(std::move(body));
}

HttpResponse RiskLimitTiers(const Call& call) {
  const std::string_view contract = call.request.Parameter("contract");
  if (!contract.empty() && call.context.listings.Find(contract) == nullptr) {
    return UnknownContract();
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const auto& listing : call.context.listings.all()) {
    if (contract.empty() || listing->symbol() == contract) WriteTiers(json, *listing);
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

HttpResponse ContractStats(const Call& call) {
  HttpResponse error;
  const Listing* const listing = call.Required(error);
  if (listing == nullptr) return error;
  const std::string_view asked = call.request.Parameter("interval");
  const std::int64_t interval_s = IntervalSeconds(asked.empty() ? "5m" : asked);
  const std::int64_t limit = CountParameter(call.request, "limit", 30, 100);
  if (interval_s < 60 || limit < 0) return BadParameter("interval or limit");
  const std::int64_t now_s = call.context.clock.NowNs() / 1'000'000'000;
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (std::int64_t i = limit - 1; i >= 0; --i) {
    json.BeginObject();
    AppendContractStatsFields(json, *listing, now_s - now_s % interval_s - i * interval_s);
    json.EndObject();
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

HttpResponse Insurance(const Call& call) {
  const std::int64_t limit = CountParameter(call.request, "limit", 100, 1000);
  if (limit < 0) return BadParameter("limit");
  const std::int64_t today = call.context.clock.NowNs() / 1'000'000'000 / 86'400 * 86'400;
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (std::int64_t i = 0; i < limit; ++i) {
    json.BeginObject().Number("t", today - i * 86'400).Text("b", "10000000").EndObject();
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

HttpResponse LiquidationOrders(const Call& call) {
  const std::string_view contract = call.request.Parameter("contract");
  if (!contract.empty() && call.context.listings.Find(contract) == nullptr) {
    return UnknownContract();
  }
  const Range range = RangeOf(call.request, 100, 1000);
  const bool bounded = !call.request.Parameter("from").empty();
  const std::int64_t now_s = call.context.clock.NowNs() / 1'000'000'000;
  if (!range.valid || (bounded && std::min(range.to_s, now_s) - range.from_s > 3600)) {
    return BadParameter("limit, or a range over 3600 s");
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  std::size_t written = 0;
  for (const auto& listing : call.context.listings.all()) {
    if (!contract.empty() && listing->symbol() != contract) continue;
    for (const engine::Trade& trade : listing->market.trades()) {
      const std::int64_t time_s = trade.time_ns / 1'000'000'000;
      if (!trade.liquidation || time_s < range.from_s || time_s > range.to_s) continue;
      if (written++ == range.limit) break;
      const bool buy = trade.taker_side == engine::Side::kBuy;
      const std::int64_t size = buy ? trade.quantity : -trade.quantity;
      json.BeginObject()
          .Number("time", time_s)
          .Text("contract", listing->symbol())
          .Raw("size", call.Size(*listing, size))
          .Raw("order_size", call.Size(*listing, size))
          .Decimal("order_price", trade.price, listing->price_scale())
          .Decimal("fill_price", trade.price, listing->price_scale())
          .Raw("left", call.Size(*listing, 0))
          .EndObject();
    }
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

}  // namespace

HttpResponse FuturesRest(const RestContext& context, const HttpRequest& request,
                         std::string_view path) {
  const Call call = {context, request, request.HeaderValue("X-Gate-Size-Decimal") == "1"};
  if (path == "contracts") return Contracts(call, "");
  if (path.starts_with("contracts/")) return Contracts(call, path.substr(10));
  if (path == "order_book") return OrderBook(call);
  if (path == "trades") return Trades(call);
  if (path == "candlesticks") return Candlesticks(call, /*premium=*/false);
  if (path == "premium_index") return Candlesticks(call, /*premium=*/true);
  if (path == "tickers") return Tickers(call);
  if (path == "funding_rate") return FundingRates(call);
  if (path == "risk_limit_tiers") return RiskLimitTiers(call);
  if (path == "risk_limit_table") return RiskLimitTable(call);
  if (path == "contract_stats") return ContractStats(call);
  if (path == "insurance") return Insurance(call);
  if (path == "liq_orders") return LiquidationOrders(call);
  return ErrorResponse(404, "NOT_FOUND", "Request path not found");
}

}  // namespace switchyard::simulator::gateio
