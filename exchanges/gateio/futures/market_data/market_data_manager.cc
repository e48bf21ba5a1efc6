#include "exchanges/gateio/futures/market_data/market_data_manager.h"

#include <fmt/format.h>

#include <utility>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/capabilities.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/market_data/page_token.h"
#include "exchanges/gateio/rest/answer.h"
#include "exchanges/gateio/spot/market_data/market_data_manager.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using json::Json;

constexpr int kMostDecimals = 18;
// Sizes of contracts that may be split have the decimals of the smallest order, and may have more
// after fills of other sizes.
constexpr int kSpareSizeDecimals = 2;

RestRequest Get(std::string_view path) {
  RestRequest request;
  request.path = path;
  request.limit = path;
  return request;
}

// Contracts to base units.
absl::StatusOr<std::optional<Decimal>> BaseUnits(const Json& contract, std::string_view field,
                                                 const Decimal& multiplier) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Decimal> contracts,
                              json::OptionalDecimal(contract, field));
  if (!contracts) return contracts;
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal product, Decimal::Multiply(*contracts, multiplier));
  return std::optional(product.Normalised());
}

// Sizes: what one contract is, how far it can be split, and what that means in base units.
absl::Status ReadSizes(const Json& contract, model::Instrument& out) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal multiplier,
                              json::RequireDecimal(contract, "quanto_multiplier"));
  out.multiplier = multiplier.Normalised();
  if (out.multiplier <= Decimal() || !out.multiplier.MantissaAt(out.multiplier.scale()).ok()) {
    return absl::InternalError(fmt::format("quanto_multiplier {}", multiplier.ToString()));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<bool> decimal,
                              json::OptionalBool(contract, "enable_decimal"));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Decimal> smallest,
                              json::OptionalDecimal(contract, "order_size_min"));
  const bool splits = decimal.value_or(false);
  const int order_scale = splits && smallest ? smallest->Normalised().scale() : 0;
  const int size_scale = splits ? order_scale + kSpareSizeDecimals : 0;
  out.quantity_scale = out.multiplier.scale() + size_scale;
  if (out.quantity_scale > kMostDecimals) {
    return absl::InternalError(fmt::format("sizes of {} decimals", out.quantity_scale));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal size_step, Decimal::FromMantissa(1, order_scale));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal step, Decimal::Multiply(size_step, out.multiplier));
  out.step = step.Normalised();
  SWITCHYARD_ASSIGN_OR_RETURN(out.min_quantity,
                              BaseUnits(contract, "order_size_min", out.multiplier));
  SWITCHYARD_ASSIGN_OR_RETURN(out.max_quantity,
                              BaseUnits(contract, "order_size_max", out.multiplier));
  return absl::OkStatus();
}

absl::StatusOr<model::Instrument> ReadContract(const Json& contract) {
  model::Instrument out;
  out.exchange = kFuturesId;
  out.kind = model::InstrumentKind::kPerpetual;
  out.direction = model::ContractDirection::kLinear;
  SWITCHYARD_ASSIGN_OR_RETURN(out.exchange_symbol, json::RequireString(contract, "name"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.symbol, CanonicalSymbol(Product::kFutures, out.exchange_symbol));
  const std::size_t line = out.exchange_symbol.rfind('_');
  out.base = out.exchange_symbol.substr(0, line);
  out.quote = out.settle = out.exchange_symbol.substr(line + 1);
  SWITCHYARD_RETURN_IF_ERROR(ReadSizes(contract, out));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal tick,
                              json::RequireDecimal(contract, "order_price_round"));
  out.tick = tick.Normalised();
  out.price_scale = out.tick.scale();
  if (out.tick <= Decimal() || out.price_scale > kMostDecimals) {
    return absl::InternalError(fmt::format("order_price_round {}", tick.ToString()));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(out.max_leverage, json::OptionalDecimal(contract, "leverage_max"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.maker_fee, json::OptionalDecimal(contract, "maker_fee_rate"));
  SWITCHYARD_ASSIGN_OR_RETURN(out.taker_fee, json::OptionalDecimal(contract, "taker_fee_rate"));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t interval,
                              json::RequireInt64(contract, "funding_interval"));
  if (interval < 0 || interval > 30 * 86'400) {
    return absl::InternalError(fmt::format("funding_interval {}", interval));
  }
  out.funding_interval_seconds = static_cast<std::uint32_t>(interval);
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<bool> in_delisting,
                              json::OptionalBool(contract, "in_delisting"));
  const std::string status = TextOf(contract, "status");
  out.status = ToFuturesStatus(status, in_delisting.value_or(false));
  if (out.status == model::InstrumentStatus::kUnrecognised) out.raw_status = status;
  return out;
}

// {"t":s,"v":contracts,"c":..,"h":..,"l":..,"o":..,"sum":quote}.
absl::StatusOr<model::Candle> ReadCandle(const Json& entry, const model::Instrument& instrument,
                                         std::uint32_t interval_seconds) {
  const std::string open_time = TextOf(entry, "t"), open = TextOf(entry, "o"),
                    high = TextOf(entry, "h"), low = TextOf(entry, "l"), close = TextOf(entry, "c"),
                    volume = TextOf(entry, "v");
  wire::Candle candle;
  const std::optional<TimeNs> time = TimeFromSeconds(open_time);
  if (!time) return absl::InternalError(fmt::format("open time '{}'", open_time));
  candle.open_time = *time;
  candle.interval = IntervalText(interval_seconds);
  candle.open = open;
  candle.high = high;
  candle.low = low;
  candle.close = close;
  candle.volume = volume;
  SWITCHYARD_ASSIGN_OR_RETURN(model::Candle out, ToCandle(candle, instrument));
  SWITCHYARD_ASSIGN_OR_RETURN(out.quote_volume, json::OptionalDecimal(entry, "sum"));
  return out;
}

}  // namespace

RestRequest MarketData::ServerTimeRequest() { return spot::MarketData::ServerTimeRequest(); }

absl::StatusOr<TimeNs> MarketData::DecodeServerTime(const std::string& body) {
  return spot::MarketData::DecodeServerTime(body);
}

RestRequest MarketData::InstrumentsRequest() { return Get(paths::kFuturesContracts); }

absl::StatusOr<std::vector<model::Instrument>> MarketData::DecodeInstruments(
    const std::string& body) {
  return ReadInstruments(paths::kFuturesContracts, body, &ReadContract);
}

RestRequest MarketData::OrderBookRequest(std::string_view contract, std::uint32_t depth) {
  RestRequest request = Get(paths::kFuturesOrderBook);
  request.query = {
      {"contract", std::string(contract)}, {"limit", fmt::to_string(depth)}, {"with_id", "true"}};
  return request;
}

absl::StatusOr<BookSnapshot> MarketData::DecodeOrderBook(const std::string& body,
                                                         const Units& units) {
  // Seconds with a fraction, unlike spot.
  return ReadOrderBook(paths::kFuturesOrderBook, body, units, &TimeFromSeconds);
}

absl::StatusOr<RestRequest> MarketData::TradesRequest(std::string_view contract,
                                                      const exchange::TradesQuery& query) {
  RestRequest request = Get(paths::kFuturesTrades);
  request.query = {{"contract", std::string(contract)},
                   {"limit", fmt::to_string(PageSize(query.page_size))}};
  if (!query.page_token.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t before, ParsePageToken(query.page_token));
    request.query.emplace_back("last_id", fmt::to_string(before));
  }
  return request;
}

absl::StatusOr<model::TradesPage> MarketData::DecodeTrades(const std::string& body,
                                                           const Units& units,
                                                           const exchange::TradesQuery& query) {
  return ReadTrades(Product::kFutures, body, units, query);
}

absl::StatusOr<CandlePage> MarketData::CandlesRequest(std::string_view contract,
                                                      const exchange::CandlesQuery& query,
                                                      TimeNs now) {
  SWITCHYARD_ASSIGN_OR_RETURN(const CandleRange range, RangeOf(query, now));
  return RequestOf(paths::kFuturesCandles, "contract", contract, range);
}

absl::StatusOr<model::CandlesPage> MarketData::DecodeCandles(const std::string& body,
                                                             const model::Instrument& instrument,
                                                             const CandleRange& range) {
  return ReadCandles(paths::kFuturesCandles, body, range, [&](const Json& entry) {
    return ReadCandle(entry, instrument, range.interval_seconds);
  });
}

RestRequest MarketData::TickersRequest(const std::vector<const model::Instrument*>& wanted) {
  RestRequest request = Get(paths::kFuturesTickers);
  if (wanted.size() == 1) {
    request.query.emplace_back("contract", wanted.front()->exchange_symbol);
  }
  return request;
}

absl::StatusOr<model::TickersReply> MarketData::DecodeTickers(
    const std::string& body, const model::InstrumentTable& table,
    const std::vector<const model::Instrument*>& wanted, TimeNs receive_time) {
  return ReadTickers(body, table, wanted, receive_time);
}

}  // namespace switchyard::exchanges::gateio::futures
