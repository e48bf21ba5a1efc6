#include "exchanges/gateio/utils/converters.h"

#include <fmt/format.h>

#include <limits>
#include <tuple>
#include <utility>

#include "common/status/status.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::pair<std::string_view, std::uint32_t> kIntervals[] = {
    {"10s", 10},    {"1m", 60},      {"5m", 300},        {"15m", 900},
    {"30m", 1'800}, {"1h", 3'600},   {"4h", 14'400},     {"8h", 28'800},
    {"1d", 86'400}, {"7d", 604'800}, {"30d", 2'592'000},
};

constexpr std::string_view kPerpetualSuffix = "-PERP";

absl::Status Malformed(std::string_view what, std::string_view text) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   fmt::format("{} is '{}'", what, text));
}

// Exponents and the like, which ParseMantissa does not take: rare, so not in its way.
bool ParseOtherForms(std::string_view text, int scale, std::int64_t* mantissa) {
  const absl::StatusOr<Decimal> value = Decimal::ParseLenient(text);
  if (!value.ok()) return false;
  const absl::StatusOr<std::int64_t> exact = value->MantissaAt(scale);
  if (exact.ok()) *mantissa = *exact;
  return exact.ok();
}

// A decimal number of units of 10^`digits` ns as whole nanoseconds; what lies below is cut.
std::optional<TimeNs> ParseTime(std::string_view text, int digits) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  if (at == end || *at == '.') return std::nullopt;
  std::int64_t value = 0;
  // False where it does not fit.
  const auto append = [&value](int digit) {
    return !__builtin_mul_overflow(value, 10, &value) &&
           !__builtin_add_overflow(value, digit, &value);
  };
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    if (!append(*at - '0')) return std::nullopt;
  }
  if (at != end && *at == '.') ++at;
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    if (digits == 0) continue;
    if (!append(*at - '0')) return std::nullopt;
    --digits;
  }
  if (at != end) return std::nullopt;
  for (; digits > 0; --digits) {
    if (!append(0)) return std::nullopt;
  }
  return TimeNs(negative ? -value : value);
}

// Nullopt for an empty text.
absl::Status ReadOptional(std::string_view what, std::string_view text,
                          std::optional<Decimal>& value) {
  value.reset();
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<Decimal> parsed = Decimal::ParseLenient(text);
  if (!parsed.ok()) return Malformed(what, text);
  value = *parsed;
  return absl::OkStatus();
}

absl::StatusOr<Decimal> ReadDecimal(std::string_view what, std::string_view text) {
  absl::StatusOr<Decimal> parsed = Decimal::ParseLenient(text);
  if (!parsed.ok()) return Malformed(what, text);
  return parsed;
}

// Contracts to base units.
absl::Status Multiply(const model::Instrument& instrument, std::optional<Decimal>& value) {
  if (!value) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal product,
                              Decimal::Multiply(*value, instrument.multiplier));
  value = product.Normalised();
  return absl::OkStatus();
}

}  // namespace

Units UnitsOf(const model::Instrument& instrument) {
  return {
      .price_scale = instrument.price_scale,
      .quantity_scale = instrument.quantity_scale,
      .size_scale = instrument.quantity_scale - instrument.multiplier.scale(),
      .size_factor = static_cast<std::int64_t>(instrument.multiplier.mantissa()),
  };
}

bool ToPrice(std::string_view text, const Units& units, std::int64_t* price) {
  return ParseMantissa(text, units.price_scale, price) ||
         ParseOtherForms(text, units.price_scale, price);
}

bool ToQuantity(std::string_view text, const Units& units, std::int64_t* quantity) {
  std::int64_t size = 0;
  if (!ParseMantissa(text, units.size_scale, &size) &&
      !ParseOtherForms(text, units.size_scale, &size)) {
    return false;
  }
  std::int64_t product = 0;
  if (__builtin_mul_overflow(size, units.size_factor, &product)) return false;
  *quantity = product;
  return true;
}

bool ToLevel(const wire::Level& level, const Units& units, model::Level* out) {
  model::Level converted;
  if (!ToPrice(level.price, units, &converted.price) ||
      !ToQuantity(level.quantity, units, &converted.quantity) || converted.price <= 0 ||
      converted.quantity < 0) {
    return false;
  }
  *out = converted;
  return true;
}

absl::StatusOr<std::string> CanonicalSymbol(Product product, std::string_view exchange_symbol) {
  const std::size_t line = exchange_symbol.rfind('_');
  if (line == std::string_view::npos || line == 0 || line + 1 == exchange_symbol.size()) {
    return Malformed("symbol", exchange_symbol);
  }
  return fmt::format("{}-{}{}", exchange_symbol.substr(0, line), exchange_symbol.substr(line + 1),
                     product == Product::kFutures ? kPerpetualSuffix : "");
}

absl::StatusOr<model::Side> ToSide(std::string_view side) {
  if (side == "buy") return model::Side::kBuy;
  if (side == "sell") return model::Side::kSell;
  return Malformed("side", side);
}

model::InstrumentStatus ToSpotStatus(std::string_view trade_status) {
  if (trade_status == "tradable") return model::InstrumentStatus::kTrading;
  if (trade_status == "untradable") return model::InstrumentStatus::kHalted;
  if (trade_status == "buyable") return model::InstrumentStatus::kBuyOnly;
  if (trade_status == "sellable") return model::InstrumentStatus::kSellOnly;
  return model::InstrumentStatus::kUnrecognised;
}

model::InstrumentStatus ToFuturesStatus(std::string_view status, bool in_delisting) {
  // Editions before 2025 have no status, only the flag.
  if (status.empty() || status == "trading") {
    return in_delisting ? model::InstrumentStatus::kDelisting : model::InstrumentStatus::kTrading;
  }
  if (status == "prelaunch") return model::InstrumentStatus::kPrelaunch;
  if (status == "delisting") return model::InstrumentStatus::kDelisting;
  if (status == "delisted") return model::InstrumentStatus::kDelisted;
  if (status == "circuit_breaker") return model::InstrumentStatus::kHalted;
  return model::InstrumentStatus::kUnrecognised;
}

std::optional<std::uint32_t> IntervalSeconds(std::string_view interval) {
  for (const auto& [text, seconds] : kIntervals) {
    if (text == interval) return seconds;
  }
  return std::nullopt;
}

std::string_view IntervalText(std::uint32_t wanted) {
  for (const auto& [text, seconds] : kIntervals) {
    if (seconds == wanted) return text;
  }
  return {};
}

std::optional<TimeNs> TimeFromSeconds(std::string_view text) { return ParseTime(text, 9); }
std::optional<TimeNs> TimeFromMillis(std::string_view text) { return ParseTime(text, 6); }

absl::StatusOr<model::Trade> ToTrade(const wire::Trade& trade, const Units& units) {
  model::Trade out;
  out.trade_id = trade.id;
  out.exchange_time = trade.time;
  if (!ToPrice(trade.price, units, &out.price) || out.price <= 0) {
    return Malformed("trade price", trade.price);
  }
  if (!ToQuantity(trade.size, units, &out.quantity) || out.quantity == 0) {
    return Malformed("trade size", trade.size);
  }
  if (!trade.side.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(out.taker_side, ToSide(trade.side));
    if (out.quantity < 0) return Malformed("trade size", trade.size);
    return out;
  }
  out.taker_side = out.quantity < 0 ? model::Side::kSell : model::Side::kBuy;
  if (out.quantity == std::numeric_limits<std::int64_t>::min()) {
    return Malformed("trade size", trade.size);
  }
  if (out.quantity < 0) out.quantity = -out.quantity;
  return out;
}

absl::StatusOr<model::Quote> ToQuote(const wire::BookTicker& ticker, const Units& units) {
  model::Quote quote;
  quote.price_scale = units.price_scale;
  quote.quantity_scale = units.quantity_scale;
  quote.exchange_time = ticker.time;
  quote.exchange_sequence = ticker.id;
  if (!ticker.bid.price.empty() && !ToLevel(ticker.bid, units, &quote.bid)) {
    return Malformed("best bid", ticker.bid.price);
  }
  if (!ticker.ask.price.empty() && !ToLevel(ticker.ask, units, &quote.ask)) {
    return Malformed("best ask", ticker.ask.price);
  }
  return quote;
}

absl::StatusOr<model::Ticker> ToTicker(const wire::Ticker& ticker,
                                       const model::Instrument& instrument, TimeNs exchange_time,
                                       TimeNs receive_time) {
  model::Ticker out;
  out.symbol = instrument.symbol;
  out.exchange_time = exchange_time;
  out.receive_time = receive_time;
  using Field = std::tuple<std::string_view, std::string_view, std::optional<Decimal>*>;
  const Field amounts[] = {
      {"last", ticker.last, &out.last_price},
      {"highest_bid", ticker.highest_bid, &out.best_bid_price},
      {"highest_size", ticker.highest_size, &out.best_bid_quantity},
      {"lowest_ask", ticker.lowest_ask, &out.best_ask_price},
      {"lowest_size", ticker.lowest_size, &out.best_ask_quantity},
      {"high_24h", ticker.high_24h, &out.high_24h},
      {"low_24h", ticker.low_24h, &out.low_24h},
      {"base volume", ticker.base_volume, &out.base_volume_24h},
      {"quote volume", ticker.quote_volume, &out.quote_volume_24h},
      {"mark_price", ticker.mark_price, &out.mark_price},
      {"index_price", ticker.index_price, &out.index_price},
      {"total_size", ticker.total_size, &out.open_interest},
  };
  for (const auto& [what, text, value] : amounts) {
    SWITCHYARD_RETURN_IF_ERROR(ReadOptional(what, text, *value));
    if (*value && (*value)->is_negative()) return Malformed(what, text);
  }
  SWITCHYARD_RETURN_IF_ERROR(
      ReadOptional("change_percentage", ticker.change_percentage, out.change_24h));
  SWITCHYARD_RETURN_IF_ERROR(ReadOptional("funding_rate", ticker.funding_rate, out.funding_rate));
  if (out.change_24h) {
    // Percent to fraction.
    SWITCHYARD_ASSIGN_OR_RETURN(out.change_24h, Decimal::FromMantissa(out.change_24h->mantissa(),
                                                                      out.change_24h->scale() + 2));
  }
  SWITCHYARD_RETURN_IF_ERROR(Multiply(instrument, out.best_bid_quantity));
  SWITCHYARD_RETURN_IF_ERROR(Multiply(instrument, out.best_ask_quantity));
  SWITCHYARD_RETURN_IF_ERROR(Multiply(instrument, out.open_interest));
  return out;
}

absl::StatusOr<model::Candle> ToCandle(const wire::Candle& candle,
                                       const model::Instrument& instrument) {
  model::Candle out;
  out.open_time = candle.open_time;
  out.closed = candle.closed;
  const std::optional<std::uint32_t> interval = IntervalSeconds(candle.interval);
  if (!interval) return Malformed("candle interval", candle.interval);
  out.interval_seconds = *interval;
  SWITCHYARD_ASSIGN_OR_RETURN(out.open, ReadDecimal("candle open", candle.open));
  SWITCHYARD_ASSIGN_OR_RETURN(out.high, ReadDecimal("candle high", candle.high));
  SWITCHYARD_ASSIGN_OR_RETURN(out.low, ReadDecimal("candle low", candle.low));
  SWITCHYARD_ASSIGN_OR_RETURN(out.close, ReadDecimal("candle close", candle.close));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal volume, ReadDecimal("candle volume", candle.volume));
  if (instrument.kind == model::InstrumentKind::kSpot) {
    out.quote_volume = volume;
    // Not in the frames of 2021.
    SWITCHYARD_RETURN_IF_ERROR(ReadOptional("candle amount", candle.amount, out.base_volume));
    return out;
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal base, Decimal::Multiply(volume, instrument.multiplier));
  out.base_volume = base.Normalised();
  return out;
}

absl::StatusOr<std::optional<model::MarkPrice>> ToMarkPrice(const wire::Ticker& ticker) {
  if (ticker.mark_price.empty()) return std::optional<model::MarkPrice>();
  model::MarkPrice out;
  SWITCHYARD_ASSIGN_OR_RETURN(out.mark_price, ReadDecimal("mark_price", ticker.mark_price));
  SWITCHYARD_RETURN_IF_ERROR(ReadOptional("index_price", ticker.index_price, out.index_price));
  return std::optional(out);
}

absl::StatusOr<std::optional<model::FundingRate>> ToFundingRate(const wire::Ticker& ticker,
                                                                const model::Instrument& instrument,
                                                                TimeNs next_payment,
                                                                TimeNs receive_time) {
  if (ticker.funding_rate.empty()) return std::optional<model::FundingRate>();
  model::FundingRate out;
  out.symbol = instrument.symbol;
  out.interval_seconds = instrument.funding_interval_seconds;
  out.kind = model::FundingRateKind::kPredicted;
  out.next_payment_time = next_payment;
  out.receive_time = receive_time;
  SWITCHYARD_ASSIGN_OR_RETURN(out.rate, ReadDecimal("funding_rate", ticker.funding_rate));
  SWITCHYARD_RETURN_IF_ERROR(ReadOptional("mark_price", ticker.mark_price, out.mark_price));
  return std::optional(std::move(out));
}

}  // namespace switchyard::exchanges::gateio
