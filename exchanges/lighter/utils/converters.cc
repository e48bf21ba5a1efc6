#include "exchanges/lighter/utils/converters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "common/status/status.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr std::pair<std::string_view, std::uint32_t> kResolutions[] = {
    {"1m", 60},     {"5m", 300},     {"15m", 900},   {"30m", 1'800},  {"1h", 3'600},
    {"4h", 14'400}, {"12h", 43'200}, {"1d", 86'400}, {"1w", 604'800},
};
constexpr std::string_view kPerpetualSuffix = "-PERP";
constexpr std::uint32_t kFundingIntervalSeconds = 3'600;
// Mantissas have 18 decimals at most; margin fractions are in 1e-4.
constexpr int kMostDecimals = 18;
constexpr std::int64_t kWholeMargin = 10'000;
constexpr int kLeverageDecimals = 2;

absl::Status Malformed(std::string_view what, std::string_view text) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   fmt::format("{} is '{}'", what, text));
}

// k of a multiplier 10^k.
int PowerOf(const Decimal& multiplier) {
  int power = 0;
  for (Decimal::Mantissa rest = multiplier.mantissa(); rest >= 10; rest /= 10) ++power;
  return power;
}

bool ParseAmount(std::string_view text, int scale, std::int64_t* mantissa) {
  std::int64_t parsed = 0;
  if (!ParseMantissa(text, scale, &parsed) || parsed < 0) return false;
  *mantissa = parsed;
  return true;
}

// 10^k, or 1 where the name does not begin with such a number; `name` then loses it.
Decimal TakeMultiplier(std::string_view& name) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  if (name.size() > 2 && name[0] == 'k' && name[1] >= 'A' && name[1] <= 'Z') {
    name.remove_prefix(1);
    return Decimal::FromInt(1'000);
  }
  const std::size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
  if (digits < 4 || digits > 10 || digits == name.size() || !is_letter(name[digits])) {
    return Decimal::FromInt(1);
  }
  std::int64_t power = 1;
  for (std::size_t i = 1; i < digits; ++i) power *= 10;
  if (name.substr(0, digits) != fmt::to_string(power)) return Decimal::FromInt(1);
  name.remove_prefix(digits);
  return Decimal::FromInt(power);
}

absl::StatusOr<std::optional<Decimal>> ReadOptional(std::string_view what, std::string_view text) {
  if (text.empty()) return std::optional<Decimal>();
  const absl::StatusOr<Decimal> parsed = Decimal::ParseLenient(text);
  if (!parsed.ok()) return Malformed(what, text);
  return std::optional(*parsed);
}

absl::Status ToUnitPrice(const model::Instrument& instrument, std::optional<Decimal>& price) {
  if (!price) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(
      price,
      Decimal::FromMantissa(price->mantissa(), price->scale() + PowerOf(instrument.multiplier)));
  return absl::OkStatus();
}

absl::Status ToBaseUnits(const model::Instrument& instrument, std::optional<Decimal>& amount) {
  if (!amount || instrument.multiplier == Decimal::FromInt(1)) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal product,
                              Decimal::Multiply(*amount, instrument.multiplier));
  amount = product.Normalised();
  return absl::OkStatus();
}

// Which way a figure is converted.
enum class Unit { kPrice, kBase, kQuote, kPercent };

struct Figure {
  std::string_view what, text;
  Unit unit;
  std::optional<Decimal>* out;
};

absl::Status Convert(const Figure& figure, const model::Instrument& instrument) {
  SWITCHYARD_ASSIGN_OR_RETURN(*figure.out, ReadOptional(figure.what, figure.text));
  const bool is_amount = figure.unit != Unit::kPercent;
  if (is_amount && *figure.out && (*figure.out)->is_negative()) {
    return Malformed(figure.what, figure.text);
  }
  switch (figure.unit) {
    case Unit::kPrice:
      return ToUnitPrice(instrument, *figure.out);
    case Unit::kBase:
      return ToBaseUnits(instrument, *figure.out);
    case Unit::kPercent: {
      SWITCHYARD_ASSIGN_OR_RETURN(*figure.out, FromPercent(*figure.out));
      return absl::OkStatus();
    }
    case Unit::kQuote:
      break;
  }
  return absl::OkStatus();
}

absl::Status ReadSteps(const wire::Market& market, int power, model::Instrument& out) {
  if (market.price_decimals < 0 || market.size_decimals < 0 ||
      market.price_decimals + power > kMostDecimals || market.size_decimals > kMostDecimals) {
    return absl::InternalError(fmt::format("{} and {} decimals of price and size",
                                           market.price_decimals, market.size_decimals));
  }
  out.price_scale = market.price_decimals + power;
  out.quantity_scale = std::max(market.size_decimals - power, 0);
  SWITCHYARD_ASSIGN_OR_RETURN(out.tick, Decimal::FromMantissa(1, out.price_scale));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal lot, Decimal::FromMantissa(1, market.size_decimals));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal step, Decimal::Multiply(lot, out.multiplier));
  out.step = step.Normalised();
  SWITCHYARD_RETURN_IF_ERROR(
      Convert({"min_base_amount", market.min_base_amount, Unit::kBase, &out.min_quantity}, out));
  return Convert({"min_quote_amount", market.min_quote_amount, Unit::kQuote, &out.min_notional},
                 out);
}

}  // namespace

Units UnitsOf(const model::Instrument& instrument) {
  const int power = PowerOf(instrument.multiplier);
  return {instrument.price_scale - power, instrument.quantity_scale + power};
}

bool ToPrice(std::string_view text, const Units& units, std::int64_t* price) {
  return ParseAmount(text, units.price_scale, price);
}

bool ToQuantity(std::string_view text, const Units& units, std::int64_t* quantity) {
  return ParseAmount(text, units.size_scale, quantity);
}

bool ToLevel(const wire::Level& level, const Units& units, model::Level* out) {
  model::Level converted;
  if (!ToPrice(level.price, units, &converted.price) ||
      !ToQuantity(level.size, units, &converted.quantity)) {
    return false;
  }
  *out = converted;
  return true;
}

absl::StatusOr<SymbolParts> ToSymbol(model::InstrumentKind kind, std::string_view exchange_symbol,
                                     std::string_view collateral) {
  const bool perpetual = kind == model::InstrumentKind::kPerpetual;
  std::string_view base = exchange_symbol;
  std::string_view quote = collateral;
  const std::size_t slash = exchange_symbol.find('/');
  if (perpetual ? slash != std::string_view::npos : slash == std::string_view::npos) {
    return Malformed("symbol", exchange_symbol);
  }
  if (!perpetual) {
    base = exchange_symbol.substr(0, slash);
    quote = exchange_symbol.substr(slash + 1);
  }
  SymbolParts parts;
  parts.multiplier = TakeMultiplier(base);
  if (base.empty() || quote.empty()) return Malformed("symbol", exchange_symbol);
  parts.base = base;
  parts.quote = quote;
  parts.symbol = fmt::format("{}-{}{}", base, quote, perpetual ? kPerpetualSuffix : "");
  return parts;
}

absl::StatusOr<model::InstrumentKind> ToKind(std::string_view market_type) {
  if (market_type == "perp") return model::InstrumentKind::kPerpetual;
  if (market_type == "spot") return model::InstrumentKind::kSpot;
  return Malformed("market_type", market_type);
}

model::InstrumentStatus ToStatus(std::string_view status) {
  if (status == "active") return model::InstrumentStatus::kTrading;
  if (status == "inactive") return model::InstrumentStatus::kHalted;
  return model::InstrumentStatus::kUnrecognised;
}

absl::StatusOr<model::Instrument> ToInstrument(const wire::Market& market,
                                               std::string_view exchange,
                                               std::string_view collateral) {
  model::Instrument out;
  out.exchange = exchange;
  SWITCHYARD_ASSIGN_OR_RETURN(out.kind, ToKind(market.type));
  SWITCHYARD_ASSIGN_OR_RETURN(SymbolParts parts, ToSymbol(out.kind, market.symbol, collateral));
  out.symbol = std::move(parts.symbol);
  out.base = std::move(parts.base);
  out.quote = std::move(parts.quote);
  out.multiplier = parts.multiplier;
  out.exchange_symbol = market.symbol;
  out.exchange_id = fmt::to_string(market.id);
  SWITCHYARD_RETURN_IF_ERROR(ReadSteps(market, PowerOf(out.multiplier), out));
  out.status = ToStatus(market.status);
  if (out.status == model::InstrumentStatus::kUnrecognised) out.raw_status = market.status;
  if (out.kind == model::InstrumentKind::kSpot) return out;
  out.settle = out.quote;
  out.direction = model::ContractDirection::kLinear;
  out.funding_interval_seconds = kFundingIntervalSeconds;
  if (market.min_initial_margin_fraction > 0) {
    SWITCHYARD_ASSIGN_OR_RETURN(
        const Decimal leverage,
        Decimal::Divide(Decimal::FromInt(kWholeMargin),
                        Decimal::FromInt(market.min_initial_margin_fraction), kLeverageDecimals,
                        Rounding::kDown));
    out.max_leverage = leverage.Normalised();
  }
  return out;
}

wire::MarketId MarketIdOf(const model::Instrument& instrument) {
  wire::MarketId id = -1;
  const std::string& text = instrument.exchange_id;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

std::optional<std::uint32_t> IntervalSeconds(std::string_view resolution) {
  for (const auto& [text, seconds] : kResolutions) {
    if (text == resolution) return seconds;
  }
  return std::nullopt;
}

std::string_view ResolutionText(std::uint32_t wanted) {
  for (const auto& [text, seconds] : kResolutions) {
    if (seconds == wanted) return text;
  }
  return {};
}

absl::StatusOr<std::optional<Decimal>> FromPercent(std::optional<Decimal> percent) {
  if (!percent) return percent;
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal fraction,
                              Decimal::FromMantissa(percent->mantissa(), percent->scale() + 2));
  return std::optional(fraction.Normalised());
}

absl::StatusOr<model::Trade> ToTrade(const wire::Trade& trade, const Units& units) {
  model::Trade out;
  out.trade_id = trade.id;
  out.exchange_time = trade.time;
  // The maker's order rested: the taker is on the other side.
  out.taker_side = trade.is_maker_ask ? model::Side::kBuy : model::Side::kSell;
  if (!ToPrice(trade.price, units, &out.price)) return Malformed("trade price", trade.price);
  if (!ToQuantity(trade.size, units, &out.quantity) || out.quantity == 0) {
    return Malformed("trade size", trade.size);
  }
  return out;
}

absl::StatusOr<model::Quote> ToQuote(const wire::Ticker& ticker,
                                     const model::Instrument& instrument, TimeNs exchange_time) {
  const Units units = UnitsOf(instrument);
  model::Quote quote;
  quote.price_scale = instrument.price_scale;
  quote.quantity_scale = instrument.quantity_scale;
  quote.exchange_time = exchange_time;
  quote.exchange_sequence = ticker.nonce;
  if (!ticker.bid.price.empty() && !ToLevel(ticker.bid, units, &quote.bid)) {
    return Malformed("best bid", ticker.bid.price);
  }
  if (!ticker.ask.price.empty() && !ToLevel(ticker.ask, units, &quote.ask)) {
    return Malformed("best ask", ticker.ask.price);
  }
  return quote;
}

absl::StatusOr<model::Ticker> ToTicker(const wire::Stats& stats,
                                       const model::Instrument& instrument, TimeNs exchange_time,
                                       TimeNs receive_time) {
  model::Ticker out;
  out.symbol = instrument.symbol;
  out.exchange_time = exchange_time;
  out.receive_time = receive_time;
  const Figure figures[] = {
      {"last_trade_price", stats.last_trade_price, Unit::kPrice, &out.last_price},
      {"best_bid_price", stats.best_bid_price, Unit::kPrice, &out.best_bid_price},
      {"best_ask_price", stats.best_ask_price, Unit::kPrice, &out.best_ask_price},
      {"daily_price_high", stats.high, Unit::kPrice, &out.high_24h},
      {"daily_price_low", stats.low, Unit::kPrice, &out.low_24h},
      {"daily_base_token_volume", stats.base_volume, Unit::kBase, &out.base_volume_24h},
      {"daily_quote_token_volume", stats.quote_volume, Unit::kQuote, &out.quote_volume_24h},
      {"daily_price_change", stats.change, Unit::kPercent, &out.change_24h},
      {"mark_price", stats.mark_price, Unit::kPrice, &out.mark_price},
      {"index_price", stats.index_price, Unit::kPrice, &out.index_price},
      {"open_interest", stats.open_interest, Unit::kBase, &out.open_interest},
      {"current_funding_rate", stats.current_funding_rate, Unit::kPercent, &out.funding_rate},
  };
  for (const Figure& figure : figures) SWITCHYARD_RETURN_IF_ERROR(Convert(figure, instrument));
  if (instrument.kind == model::InstrumentKind::kSpot) {
    // What spot rows say of an index is no contract's.
    out.mark_price = out.index_price = out.open_interest = out.funding_rate = std::nullopt;
  }
  return out;
}

absl::StatusOr<std::optional<model::Candle>> ToCandle(const wire::Candle& candle,
                                                      const model::Instrument& instrument,
                                                      std::uint32_t interval_seconds) {
  if (candle.open.empty() && candle.high.empty() && candle.low.empty() && candle.close.empty()) {
    return std::optional<model::Candle>();
  }
  model::Candle out;
  out.open_time = candle.open_time;
  out.interval_seconds = interval_seconds;
  std::optional<Decimal> open, high, low, close;
  const Figure figures[] = {
      {"candle open", candle.open, Unit::kPrice, &open},
      {"candle high", candle.high, Unit::kPrice, &high},
      {"candle low", candle.low, Unit::kPrice, &low},
      {"candle close", candle.close, Unit::kPrice, &close},
      {"candle volume", candle.base_volume, Unit::kBase, &out.base_volume},
      {"candle quote volume", candle.quote_volume, Unit::kQuote, &out.quote_volume},
  };
  for (const Figure& figure : figures) SWITCHYARD_RETURN_IF_ERROR(Convert(figure, instrument));
  if (!open || !high || !low || !close) return Malformed("candle", "without one of its prices");
  out.open = *open;
  out.high = *high;
  out.low = *low;
  out.close = *close;
  // Left out where they are zero.
  if (!out.base_volume) out.base_volume = Decimal();
  if (!out.quote_volume) out.quote_volume = Decimal();
  return std::optional(std::move(out));
}

absl::StatusOr<std::optional<model::MarkPrice>> ToMarkPrice(const wire::Stats& stats,
                                                            const model::Instrument& instrument) {
  std::optional<Decimal> mark, index;
  SWITCHYARD_RETURN_IF_ERROR(
      Convert({"mark_price", stats.mark_price, Unit::kPrice, &mark}, instrument));
  SWITCHYARD_RETURN_IF_ERROR(
      Convert({"index_price", stats.index_price, Unit::kPrice, &index}, instrument));
  if (!mark) return std::optional<model::MarkPrice>();
  return std::optional(model::MarkPrice{*mark, index});
}

absl::StatusOr<std::optional<model::FundingRate>> ToFundingRate(const wire::Stats& stats,
                                                                const model::Instrument& instrument,
                                                                TimeNs receive_time) {
  if (stats.current_funding_rate.empty()) return std::optional<model::FundingRate>();
  model::FundingRate out;
  out.symbol = instrument.symbol;
  out.interval_seconds = kFundingIntervalSeconds;
  out.kind = model::FundingRateKind::kPredicted;
  out.receive_time = receive_time;
  if (stats.funding_time.given()) {
    // Payments are booked a few milliseconds behind the full hour.
    const std::int64_t hour = stats.funding_time.Seconds() / kFundingIntervalSeconds;
    out.next_payment_time = TimeNs::FromSeconds((hour + 1) * kFundingIntervalSeconds);
  }
  std::optional<Decimal> rate;
  SWITCHYARD_RETURN_IF_ERROR(Convert(
      {"current_funding_rate", stats.current_funding_rate, Unit::kPercent, &rate}, instrument));
  out.rate = *rate;
  SWITCHYARD_RETURN_IF_ERROR(
      Convert({"mark_price", stats.mark_price, Unit::kPrice, &out.mark_price}, instrument));
  return std::optional(std::move(out));
}

}  // namespace switchyard::exchanges::lighter
