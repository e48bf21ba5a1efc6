#include "exchanges/gateio/spot/market_data/market_data_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/market_data/page_token.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::spot {
namespace {

using json::Json;

// Orders outlive a coarsening of their pair's precision, so books hold finer prices than the
// precision of today. Seen in recorded traffic: up to two more decimals.
constexpr int kSparePriceDecimals = 2;
// Sizes on the book and in trades have up to ten decimals, whatever the pair's amount precision
// says (it bounds new orders alone). Cheap coins, whose prices have many decimals, come in numbers
// so large that fewer fit.
constexpr int kMostQuantityDecimals = 10;
constexpr int kPriceAndQuantityDecimals = 16;
constexpr int kMostDecimals = 18;

RestRequest Get(std::string_view path) {
  RestRequest request;
  request.path = path;
  request.limit = path;
  return request;
}

absl::StatusOr<Decimal> StepOf(int decimals) { return Decimal::FromMantissa(1, decimals); }

absl::StatusOr<model::Instrument> ReadPair(const Json& pair) {
  model::Instrument out;
  out.exchange = kSpotId;
  out.kind = model::InstrumentKind::kSpot;
  SWITCHYARD_ASSIGN_OR_RETURN(out.exchange_symbol, json::RequireString(pair, "id"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.base, json::RequireString(pair, "base"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.quote, json::RequireString(pair, "quote"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.symbol, CanonicalSymbol(Product::kSpot, out.exchange_symbol));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t price_decimals,
                              json::RequireInt64(pair, "precision"));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t amount_decimals,
                              json::RequireInt64(pair, "amount_precision"));
  if (price_decimals < 0 || price_decimals > kMostDecimals || amount_decimals < 0 ||
      amount_decimals > kMostDecimals) {
    return absl::InternalError(
        fmt::format("precision {}, amount_precision {}", price_decimals, amount_decimals));
  }
  const int price = static_cast<int>(price_decimals);
  const int amount = static_cast<int>(amount_decimals);
  SWITCHYARD_ASSIGN_OR_RETURN(out.tick, StepOf(price));
  SWITCHYARD_ASSIGN_OR_RETURN(out.step, StepOf(amount));
  out.price_scale = std::min(price + kSparePriceDecimals, kMostDecimals);
  out.quantity_scale =
      std::max(amount, std::min(kMostQuantityDecimals, kPriceAndQuantityDecimals - price));
  SWITCHYARD_ASSIGN_OR_RETURN(out.min_quantity, json::OptionalDecimal(pair, "min_base_amount"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.max_quantity, json::OptionalDecimal(pair, "max_base_amount"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.min_notional, json::OptionalDecimal(pair, "min_quote_amount"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.taker_fee, OptionalPercent(pair, "fee"));
  out.maker_fee = out.taker_fee;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string status, json::RequireString(pair, "trade_status"));
  out.status = ToSpotStatus(status);
  if (out.status == model::InstrumentStatus::kUnrecognised) out.raw_status = status;
  return out;
}

// [time, quote volume, close, high, low, open, base volume, closed]; the last two are newer than
// the others.
absl::StatusOr<model::Candle> ReadCandle(const Json& entry, const model::Instrument& instrument,
                                         std::uint32_t interval_seconds) {
  constexpr std::string_view kPlaces[] = {"0", "1", "2", "3", "4", "5"};
  std::string texts[std::size(kPlaces)];
  for (std::size_t i = 0; i < std::size(kPlaces); ++i) {
    SWITCHYARD_ASSIGN_OR_RETURN(texts[i], json::RequireText(entry, kPlaces[i]));
  }
  wire::Candle candle;
  candle.interval = IntervalText(interval_seconds);
  const std::optional<TimeNs> open_time = TimeFromSeconds(texts[0]);
  if (!open_time) return absl::InternalError(fmt::format("open time '{}'", texts[0]));
  candle.open_time = *open_time;
  candle.volume = texts[1];
  candle.close = texts[2];
  candle.high = texts[3];
  candle.low = texts[4];
  candle.open = texts[5];
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<std::string> amount,
                              json::OptionalText(entry, "6"));
  if (amount) candle.amount = *amount;
  if (const Json* const closed = json::Find(entry, "7"); closed != nullptr) {
    candle.closed = *closed == "true" || *closed == true;
  }
  return ToCandle(candle, instrument);
}

}  // namespace

RestRequest MarketData::ServerTimeRequest() { return Get(paths::kSpotTime); }

absl::StatusOr<TimeNs> MarketData::DecodeServerTime(const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseBody(paths::kSpotTime, body));
  const auto millis = json::RequireInt64(answer, "server_time");
  if (!millis.ok()) return Unreadable(paths::kSpotTime, millis.status());
  return TimeNs::FromMillis(*millis);
}

RestRequest MarketData::InstrumentsRequest() { return Get(paths::kSpotCurrencyPairs); }

absl::StatusOr<std::vector<model::Instrument>> MarketData::DecodeInstruments(
    const std::string& body) {
  return ReadInstruments(paths::kSpotCurrencyPairs, body, &ReadPair);
}

RestRequest MarketData::OrderBookRequest(std::string_view pair, std::uint32_t depth) {
  RestRequest request = Get(paths::kSpotOrderBook);
  request.query = {
      {"currency_pair", std::string(pair)}, {"limit", fmt::to_string(depth)}, {"with_id", "true"}};
  return request;
}

absl::StatusOr<BookSnapshot> MarketData::DecodeOrderBook(const std::string& body,
                                                         const Units& units) {
  // Integer milliseconds, unlike futures.
  return ReadOrderBook(paths::kSpotOrderBook, body, units, &TimeFromMillis);
}

absl::StatusOr<RestRequest> MarketData::TradesRequest(std::string_view pair,
                                                      const exchange::TradesQuery& query) {
  RestRequest request = Get(paths::kSpotTrades);
  request.query = {{"currency_pair", std::string(pair)},
                   {"limit", fmt::to_string(PageSize(query.page_size))}};
  if (!query.page_token.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t before, ParsePageToken(query.page_token));
    request.query.emplace_back("last_id", fmt::to_string(before));
    // Without it the list goes on to newer trades.
    request.query.emplace_back("reverse", "true");
  }
  return request;
}

absl::StatusOr<model::TradesPage> MarketData::DecodeTrades(const std::string& body,
                                                           const Units& units,
                                                           const exchange::TradesQuery& query) {
  return ReadTrades(Product::kSpot, body, units, query);
}

absl::StatusOr<CandlePage> MarketData::CandlesRequest(std::string_view pair,
                                                      const exchange::CandlesQuery& query,
                                                      TimeNs now) {
  SWITCHYARD_ASSIGN_OR_RETURN(const CandleRange range, RangeOf(query, now));
  return RequestOf(paths::kSpotCandles, "currency_pair", pair, range);
}

absl::StatusOr<model::CandlesPage> MarketData::DecodeCandles(const std::string& body,
                                                             const model::Instrument& instrument,
                                                             const CandleRange& range) {
  return ReadCandles(paths::kSpotCandles, body, range, [&](const Json& entry) {
    return ReadCandle(entry, instrument, range.interval_seconds);
  });
}

RestRequest MarketData::TickersRequest(const std::vector<const model::Instrument*>& wanted) {
  RestRequest request = Get(paths::kSpotTickers);
  if (wanted.size() == 1) {
    request.query.emplace_back("currency_pair", wanted.front()->exchange_symbol);
  }
  return request;
}

absl::StatusOr<model::TickersReply> MarketData::DecodeTickers(
    const std::string& body, const model::InstrumentTable& table,
    const std::vector<const model::Instrument*>& wanted, TimeNs receive_time) {
  return ReadTickers(body, table, wanted, receive_time);
}

}  // namespace switchyard::exchanges::gateio::spot
