#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/book_view.h"
#include "services/simulator/exchanges/gateio/rest.h"
#include "services/simulator/exchanges/gateio/spot_limits.h"
#include "services/simulator/exchanges/gateio/statistics_fields.h"
#include "services/simulator/exchanges/gateio/topic.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {
namespace {

using transport::HttpRequest;
using transport::HttpResponse;

HttpResponse UnknownPair(std::string_view pair) {
  return ErrorResponse(400, "INVALID_CURRENCY_PAIR", fmt::format("Invalid currency pair {}", pair));
}

HttpResponse BadParameter(std::string_view what) {
  return ErrorResponse(400, "INVALID_PARAM_VALUE",
                       fmt::format("Invalid request parameter: {}", what));
}

// The listing that `currency_pair` names; null: `error` is set.
Listing* RequiredPair(const RestContext& context, const HttpRequest& request, HttpResponse& error) {
  const std::string_view pair = request.Parameter("currency_pair");
  if (pair.empty()) {
    error =
        ErrorResponse(400, "MISSING_REQUIRED_PARAM", "Missing required parameter: currency_pair");
    return nullptr;
  }
  Listing* const listing = context.listings.Find(pair);
  if (listing == nullptr) error = UnknownPair(pair);
  return listing;
}

void WritePair(JsonWriter& json, const Listing& listing) {
  const Instrument& instrument = listing.instrument;
  json.BeginObject()
      .Text("id", listing.symbol())
      .Text("base", instrument.base)
      .Text("base_name", instrument.base_name)
      .Text("quote", instrument.quote)
      .Text("quote_name", instrument.quote == "USDT" ? "Tether" : instrument.quote)
      .Text("fee", "0.2")
      .Decimal("min_base_amount", MinimumBaseLots(listing), listing.quantity_scale())
      .Text("min_quote_amount", MinimumQuote(listing))
      .Raw("max_base_amount", "null")
      .Text("max_quote_amount", kMaximumQuote)
      .Number("amount_precision", listing.quantity_scale())
      .Number("precision", listing.price_scale())
      .Text("trade_status", "tradable")
      .Number("sell_start", 0)
      .Number("buy_start", 0)
      .Number("delisting_time", 0)
      .Text("type", "normal")
      .Text("trade_url", "https://www.gate.com/trade/" + listing.symbol())
      .Bool("st_tag", false)
      .Text("up_rate", "0")
      .Text("down_rate", "0")
      .Text("slippage", "0.05")
      .Text("market_order_max_stock", "1000000000")
      .Text("market_order_max_money", "1000000")
      .EndObject();
}

HttpResponse CurrencyPairs(const RestContext& context, std::string_view pair) {
  std::string body;
  JsonWriter json(body);
  if (!pair.empty()) {
    const Listing* const listing = context.listings.Find(pair);
    if (listing == nullptr) return UnknownPair(pair);
    WritePair(json, *listing);
    return JsonResponse(std::move(body));
  }
  json.BeginArray();
  for (const auto& listing : context.listings.all()) WritePair(json, *listing);
  json.EndArray();
  return JsonResponse(std::move(body));
}

void WriteCurrency(JsonWriter& json, std::string_view currency) {
  json.BeginObject()
      .Text("currency", currency)
      .Text("name", currency)
      .Bool("delisted", false)
      .Bool("withdraw_disabled", false)
      .Bool("withdraw_delayed", false)
      .Bool("deposit_disabled", false)
      .Bool("trade_disabled", false)
      .Text("fixed_rate", "")
      .Text("chain", currency)
      .Key("chains")
      .BeginArray()
      .BeginObject()
      .Text("name", currency)
      .Text("addr", "")
      .Bool("withdraw_disabled", false)
      .Bool("withdraw_delayed", false)
      .Bool("deposit_disabled", false)
      .EndObject()
      .EndArray()
      .EndObject();
}

HttpResponse Currencies(const RestContext& context, std::string_view currency) {
  std::set<std::string, std::less<>> currencies;
  for (const auto& listing : context.listings.all()) {
    currencies.insert({listing->instrument.base, listing->instrument.quote});
  }
  std::string body;
  JsonWriter json(body);
  if (!currency.empty()) {
    if (!currencies.contains(currency)) {
      return ErrorResponse(400, "INVALID_CURRENCY", fmt::format("Invalid currency {}", currency));
    }
    WriteCurrency(json, currency);
    return JsonResponse(std::move(body));
  }
  json.BeginArray();
  for (const std::string& name : currencies) WriteCurrency(json, name);
  json.EndArray();
  return JsonResponse(std::move(body));
}

HttpResponse Tickers(const RestContext& context, const HttpRequest& request) {
  const std::string_view pair = request.Parameter("currency_pair");
  if (!pair.empty() && context.listings.Find(pair) == nullptr) return UnknownPair(pair);
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const auto& listing : context.listings.all()) {
    if (!pair.empty() && listing->symbol() != pair) continue;
    json.BeginObject();
    AppendTickerFields(json, Product::kSpot, *listing, /*rest=*/true);
    json.EndObject();
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

HttpResponse OrderBook(const RestContext& context, const HttpRequest& request) {
  HttpResponse error;
  const Listing* const listing = RequiredPair(context, request, error);
  if (listing == nullptr) return error;
  const std::int64_t limit = CountParameter(request, "limit", 10, 1000);
  if (limit < 0) return BadParameter("limit");
  const std::string_view interval = request.Parameter("interval");
  // Merged books are not served: clients that keep a book need the unmerged one.
  if (!interval.empty() && interval != "0") return BadParameter("interval");
  ShownBook book;
  CopyTop(listing->market.book(), static_cast<std::size_t>(limit), book);
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (request.Parameter("with_id") == "true") {
    json.Number("id", static_cast<std::int64_t>(listing->market.sequence()));
  }
  json.Number("current", context.clock.NowNs() / 1'000'000)
      .Number("update", listing->market.last_change_ns() / 1'000'000);
  const auto write = [&](std::string_view name, const std::vector<ShownLevel>& levels) {
    json.Key(name).BeginArray();
    for (const ShownLevel& level : levels) {
      json.BeginArray()
          .Decimal(level.price, listing->price_scale())
          .Decimal(level.quantity, listing->quantity_scale())
          .EndArray();
    }
    json.EndArray();
  };
  write("asks", book.asks);
  write("bids", book.bids);
  json.EndObject();
  return JsonResponse(std::move(body));
}

void WriteTrade(JsonWriter& json, const Listing& listing, const engine::Trade& trade) {
  json.BeginObject()
      .Text("id", std::to_string(trade.id))
      .Text("create_time", std::to_string(trade.time_ns / 1'000'000'000))
      .Text("create_time_ms",
            fmt::format("{}.{:06}", trade.time_ns / 1'000'000, trade.time_ns % 1'000'000))
      .Text("currency_pair", listing.symbol())
      .Text("side", trade.taker_side == engine::Side::kBuy ? "buy" : "sell")
      .Decimal("amount", trade.quantity, listing.quantity_scale())
      .Decimal("price", trade.price, listing.price_scale())
      .Text("sequence_id", std::to_string(trade.sequence))
      .EndObject();
}

HttpResponse Trades(const RestContext& context, const HttpRequest& request) {
  HttpResponse error;
  const Listing* const listing = RequiredPair(context, request, error);
  if (listing == nullptr) return error;
  const Range range = RangeOf(request, 100, 1000);
  const std::int64_t last_id = TimeParameter(request, "last_id", 0);
  const std::int64_t page = CountParameter(request, "page", 1, 1'000'000);
  if (!range.valid || last_id < 0 || page < 0) return BadParameter("limit, last_id or page");
  const bool reverse = request.Parameter("reverse") == "true";
  std::vector<const engine::Trade*> chosen;
  // Newest first; with last_id the records after it, or before it with reverse.
  for (auto trade = listing->market.trades().rbegin(); trade != listing->market.trades().rend();
       ++trade) {
    const std::int64_t time_s = trade->time_ns / 1'000'000'000;
    const bool by_id = last_id == 0 || (reverse ? trade->id < last_id : trade->id > last_id);
    if (by_id && time_s >= range.from_s && time_s <= range.to_s) chosen.push_back(&*trade);
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  const std::size_t first = static_cast<std::size_t>(page - 1) * range.limit;
  for (std::size_t i = first; i < std::min(chosen.size(), first + range.limit); ++i) {
    WriteTrade(json, *listing, *chosen[i]);
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

HttpResponse Candlesticks(const RestContext& context, const HttpRequest& request) {
  HttpResponse error;
  Listing* const listing = RequiredPair(context, request, error);
  if (listing == nullptr) return error;
  const std::string_view asked = request.Parameter("interval");
  const std::int64_t interval_s = IntervalSeconds(asked.empty() ? "30m" : asked);
  if (interval_s == 0) return BadParameter("interval");
  const bool by_time = !request.Parameter("from").empty() || !request.Parameter("to").empty();
  if (by_time && !request.Parameter("limit").empty()) {
    return BadParameter("limit conflicts with from and to");
  }
  const Range range = RangeOf(request, by_time ? 1000 : 100, 1000);
  if (!range.valid) return BadParameter("limit, from or to");
  const auto& candles = listing->market.Candles(interval_s, context.clock.NowNs()).candles();
  std::vector<const engine::Candle*> chosen;
  for (auto candle = candles.rbegin(); candle != candles.rend(); ++candle) {
    if (candle->start_s < range.from_s || candle->start_s > range.to_s) continue;
    if (chosen.size() == range.limit) break;
    chosen.push_back(&*candle);
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (auto it = chosen.rbegin(); it != chosen.rend(); ++it) {
    const engine::Candle& candle = **it;
    json.BeginArray()
        .Text(std::to_string(candle.start_s))
        .Decimal(candle.quote_volume, listing->price_scale() + listing->quantity_scale())
        .Decimal(candle.close, listing->price_scale())
        .Decimal(candle.high, listing->price_scale())
        .Decimal(candle.low, listing->price_scale())
        .Decimal(candle.open, listing->price_scale())
        .Decimal(candle.base_volume, listing->quantity_scale())
        .Text(&candle == &candles.back() ? "false" : "true")
        .EndArray();
  }
  json.EndArray();
  return JsonResponse(std::move(body));
}

}  // namespace

HttpResponse SpotRest(const RestContext& context, const HttpRequest& request,
                      std::string_view path) {
  if (path == "time") {
    std::string body;
    JsonWriter(body)
        .BeginObject()
        .Number("server_time", context.clock.NowNs() / 1'000'000)
        .EndObject();
    return JsonResponse(std::move(body));
  }
  if (path == "order_book") return OrderBook(context, request);
  if (path == "tickers") return Tickers(context, request);
  if (path == "trades") return Trades(context, request);
  if (path == "candlesticks") return Candlesticks(context, request);
  if (path == "currencies") return Currencies(context, "");
  if (path.starts_with("currencies/")) return Currencies(context, path.substr(11));
  if (path == "currency_pairs") return CurrencyPairs(context, "");
  if (path.starts_with("currency_pairs/")) return CurrencyPairs(context, path.substr(15));
  return ErrorResponse(404, "NOT_FOUND", "Request path not found");
}

}  // namespace switchyard::simulator::gateio
