#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "services/simulator/exchanges/lighter/channels.h"
#include "services/simulator/exchanges/lighter/errors.h"
#include "services/simulator/exchanges/lighter/frames.h"
#include "services/simulator/exchanges/lighter/rest.h"
#include "services/simulator/exchanges/lighter/text.h"

namespace switchyard::simulator::lighter {
namespace {

using engine::Int128;
using engine::Side;
using transport::HttpRequest;
using transport::HttpResponse;

constexpr std::int64_t kMaximumOrders = 250;
constexpr std::int64_t kMaximumTrades = 100;
constexpr std::int64_t kMaximumCandles = 500;
constexpr std::int64_t kMaximumFundings = 100;
// "less than year 2286", and what the schema allows.
constexpr std::int64_t kMaximumTimeMs = 5'000'000'000'000;
constexpr std::int64_t kHourS = 3'600;

// Null: no such market.
Listing* MarketOf(const RestContext& context, const HttpRequest& request) {
  const auto id = NumberParameter(request, "market_id", std::nullopt, 0, 1 << 20);
  return id ? context.listings.Find(*id) : nullptr;
}

// What a list by time asks for; `error` other than kNone: a bad parameter.
struct Window {
  Code error = Code::kNone;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  std::int64_t interval_s = 0;
  std::int64_t count_back = 0;  // 0 = all of the window
};

Window WindowOf(const HttpRequest& request) {
  Window window;
  const auto start = NumberParameter(request, "start_timestamp", std::nullopt, 0, kMaximumTimeMs);
  const auto end = NumberParameter(request, "end_timestamp", std::nullopt, 0, kMaximumTimeMs);
  const auto count = NumberParameter(request, "count_back", std::nullopt, 0, kMaximumTimeMs);
  window.interval_s = ResolutionSeconds(request.Parameter("resolution"));
  if (!start || !end) {
    window.error = Code::kInvalidTimestamp;
  } else if (*end <= *start) {
    window.error = Code::kInvalidTimestamps;
  } else if (window.interval_s == 0) {
    window.error = Code::kInvalidResolution;
  } else if (!count) {
    window.error = Code::kInvalidParameter;
  } else {
    window.start_ms = *start;
    window.end_ms = *end;
    window.count_back = *count;
  }
  return window;
}

// The newest rows that count and maximum leave.
template <typename Row>
void KeepNewest(std::vector<Row>& rows, std::int64_t count_back, std::int64_t maximum) {
  const std::int64_t kept = count_back == 0 ? maximum : std::min(count_back, maximum);
  const auto size = static_cast<std::int64_t>(rows.size());
  if (size > kept) rows.erase(rows.begin(), rows.end() - kept);
}

void WriteOrders(JsonWriter& json, const RestContext& context, const Listing& listing, Side side,
                 std::int64_t limit) {
  std::string rows;
  JsonWriter list(rows);
  std::int64_t count = 0;
  list.BeginArray();
  // Those whom a taker of the other side would meet.
  const std::int64_t worst = side == Side::kSell ? INT64_MAX : 0;
  listing.market.book().VisitCounterparts(
      engine::Opposite(side), worst,
      [&](std::int64_t price, engine::OrderId id, std::int64_t quantity) {
        const RestingOrder order = context.resting(id, side);
        const std::int64_t initial = order.initial_lots == 0 ? quantity : order.initial_lots;
        list.BeginObject()
            .Number("order_index", order.order_index)
            .Text("order_id", std::to_string(order.order_index))
            .Number("owner_account_index", order.account_index)
            .Text("initial_base_amount", Fixed(initial, listing.size_scale()))
            .Text("remaining_base_amount", Fixed(quantity, listing.size_scale()))
            .Text("price", Fixed(price, listing.price_scale()))
            .Number("order_expiry", order.expiry_ms)
            .Number("transaction_time", order.time_ns / 1'000)
            .EndObject();
        return ++count < limit;
      });
  list.EndArray();
  const bool asks = side == Side::kSell;
  json.Number(asks ? "total_asks" : "total_bids", count).Raw(asks ? "asks" : "bids", rows);
}

}  // namespace

HttpResponse OrderBookOrders(const RestContext& context, const HttpRequest& request) {
  const Listing* const listing = MarketOf(context, request);
  if (listing == nullptr) return ErrorAnswer(Code::kInvalidMarketIndex);
  const auto limit = NumberParameter(request, "limit", std::nullopt, 1, kMaximumOrders);
  if (!limit) return ErrorAnswer(Code::kInvalidParameter);
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200);
  WriteOrders(json, context, *listing, Side::kSell, *limit);
  WriteOrders(json, context, *listing, Side::kBuy, *limit);
  json.EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse RecentTrades(const RestContext& context, const HttpRequest& request) {
  const Listing* const listing = MarketOf(context, request);
  if (listing == nullptr) return ErrorAnswer(Code::kInvalidMarketIndex);
  const auto limit = NumberParameter(request, "limit", std::nullopt, 1, kMaximumTrades);
  if (!limit) return ErrorAnswer(Code::kInvalidParameter);
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("trades").BeginArray();
  std::int64_t count = 0;
  for (auto trade = listing->trades.rbegin(); trade != listing->trades.rend(); ++trade) {
    if (count++ == *limit) break;
    WriteTrade(json, *listing, *trade);
  }
  json.EndArray().EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse Candles(const RestContext& context, const HttpRequest& request) {
  Listing* const listing = MarketOf(context, request);
  if (listing == nullptr) return ErrorAnswer(Code::kInvalidMarketIndex);
  const Window window = WindowOf(request);
  if (window.error != Code::kNone) return ErrorAnswer(window.error);
  std::vector<engine::Candle> rows;
  for (const engine::Candle& candle :
       listing->market.Candles(window.interval_s, context.clock.NowNs()).candles()) {
    const std::int64_t start_ms = candle.start_s * 1'000;
    if (start_ms >= window.start_ms && start_ms <= window.end_ms) rows.push_back(candle);
  }
  KeepNewest(rows, window.count_back, kMaximumCandles);
  const bool at_end = request.Parameter("set_timestamp_to_end") == "true";
  std::string body;
  JsonWriter json(body);
  json.BeginObject()
      .Number("code", 200)
      .Text("r", request.Parameter("resolution"))
      .Key("c")
      .BeginArray();
  for (engine::Candle& candle : rows) {
    if (at_end) candle.start_s += window.interval_s;
    WriteCandle(json, *listing, candle);
  }
  json.EndArray().EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse Fundings(const RestContext& context, const HttpRequest& request) {
  const Listing* const listing = MarketOf(context, request);
  if (listing == nullptr || listing->is_spot()) return ErrorAnswer(Code::kInvalidMarketIndex);
  const Window window = WindowOf(request);
  if (window.error != Code::kNone) return ErrorAnswer(window.error);
  const std::string_view resolution = request.Parameter("resolution");
  if (resolution != "1h" && resolution != "1d") return ErrorAnswer(Code::kInvalidResolution);
  const std::int64_t end_s = std::min(window.end_ms / 1'000, context.clock.NowNs() / 1'000'000'000);
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;  // seconds, parts per million
  for (std::int64_t end = end_s - end_s % window.interval_s;
       end * 1'000 >= window.start_ms && end > 0 &&
       static_cast<std::int64_t>(rows.size()) < kMaximumFundings;
       end -= window.interval_s) {
    std::int64_t rate = 0;
    for (std::int64_t hour = (end - window.interval_s) / kHourS; hour < end / kHourS; ++hour) {
      rate += listing->FundingRate(hour);
    }
    rows.emplace_back(end, rate);
  }
  std::reverse(rows.begin(), rows.end());
  KeepNewest(rows, window.count_back, kMaximumFundings);
  std::string body;
  JsonWriter json(body);
  json.BeginObject()
      .Number("code", 200)
      .Text("resolution", resolution)
      .Key("fundings")
      .BeginArray();
  for (const auto& [time_s, rate] : rows) {
    // value = price x rate; the rate is told in percent.
    const Int128 value = static_cast<Int128>(listing->MarkPrice()) * std::abs(rate);
    json.BeginObject()
        .Number("timestamp", time_s)
        .Text("value", Fixed(engine::Amount::Of(value, listing->price_scale() + 6), 8))
        .Text("rate", Fixed(std::abs(rate), 4))
        .Text("direction", rate < 0 ? "short" : "long")
        .EndObject();
  }
  json.EndArray().EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse FundingRates(const RestContext& context, const HttpRequest&) {
  const std::int64_t hour = context.clock.NowNs() / 1'000'000'000 / kHourS;
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("funding_rates").BeginArray();
  // Other exchanges' rows are for comparison; readers must not take them for this one's.
  for (const char* exchange : {"binance", "bybit", "hyperliquid", "lighter"}) {
    const bool own = std::string_view(exchange) == "lighter";
    for (const auto& listing : context.listings.all()) {
      if (listing->is_spot()) continue;
      // A fraction for eight hours.
      const std::int64_t rate = 8 * listing->FundingRate(hour) + (own ? 0 : 37);
      json.BeginObject()
          .Number("market_id", listing->id())
          .Text("exchange", exchange)
          .Text("symbol", listing->symbol())
          .Raw("rate", engine::DecimalText(rate, 6))
          .EndObject();
    }
  }
  json.EndArray().EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse PublicRest(const RestContext& context, const HttpRequest& request,
                        std::string_view endpoint) {
  using Answer = HttpResponse (*)(const RestContext&, const HttpRequest&);
  static const std::map<std::string_view, Answer> kAnswers = {
      {"orderBooks", OrderBooks},
      {"orderBookDetails", OrderBookDetails},
      {"exchangeStats", ExchangeStats},
      {"assetDetails", AssetDetails},
      {"orderBookOrders", OrderBookOrders},
      {"recentTrades", RecentTrades},
      {"candles", Candles},
      {"fundings", Fundings},
      {"funding-rates", FundingRates},
  };
  const auto found = kAnswers.find(endpoint);
  if (found != kAnswers.end()) return found->second(context, request);
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200);
  if (endpoint == "currentHeight") {
    json.Number("height", HeightAt(context.clock.NowNs()));
  } else if (endpoint == "announcement") {
    json.Key("announcements").BeginArray().EndArray();
  } else if (endpoint == "withdrawalDelay") {
    json.Number("seconds", 86'400);
  } else if (endpoint == "systemConfig") {
    json.Number("liquidity_pool_index", 281'474'976'710'654)
        .Number("staking_pool_index", 281'474'976'710'653)
        .Number("funding_fee_rebate_account_index", 281'474'976'710'652)
        .Number("liquidity_pool_cooldown_period", 300'000)
        .Number("staking_pool_lockup_period", 86'400'000)
        .Number("max_integrator_perps_maker_fee", 1'000)
        .Number("max_integrator_perps_taker_fee", 1'000)
        .Number("max_integrator_spot_maker_fee", 1'000)
        .Number("max_integrator_spot_taker_fee", 1'000)
        .Number("market_maker_incentive_account_index", 3);
  } else {
    return ErrorAnswer(Code::kNotFound, {}, 404);
  }
  json.EndObject();
  return JsonAnswer(std::move(body));
}

}  // namespace switchyard::simulator::lighter
