#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/model/market_data.h"
#include "exchanges/lighter/wire.h"

// The customs post: Lighter's words, units and times to ours. Total functions, pure, any thread.
// Unknown input is an error, never a default. Errors, where not said otherwise, are Internal with
// reason MALFORMED_EXCHANGE_MESSAGE.
namespace switchyard::exchanges::lighter {

// At which scales the texts of one instrument are read. Markets of a cheap token trade lots of 1000
// ("1000PEPE"): quantities times 1000 and prices divided by 1000 are the same mantissas at other
// scales, so the conversion is exact.
struct Units {
  int price_scale = 0;  // of texts
  int size_scale = 0;
  friend bool operator==(const Units&, const Units&) = default;
};
Units UnitsOf(const model::Instrument& instrument);

// The book path: no allocation, no status. False, and nothing written, where the text is not a
// plain decimal of at least 0 or does not fit exactly.
bool ToPrice(std::string_view text, const Units& units, std::int64_t* price);
bool ToQuantity(std::string_view text, const Units& units, std::int64_t* quantity);
bool ToLevel(const wire::Level& level, const Units& units, model::Level* out);

// A market's symbol in house words. Perpetual "ETH": base ETH, quote the network's collateral. Spot
// "ETH/USDC". A power of ten from 1000 on, or a small k, in front of the name ("1000PEPE",
// "kBONK") is the lot's size: base PEPE, multiplier 1000.
// Errors: also of a spot symbol without '/', or of a perpetual's with one.
struct SymbolParts {
  std::string symbol;  // canonical
  std::string base, quote;
  Decimal multiplier = Decimal::FromInt(1);
};
absl::StatusOr<SymbolParts> ToSymbol(model::InstrumentKind kind, std::string_view exchange_symbol,
                                     std::string_view collateral);

// From `market_type` alone: ids say nothing.
absl::StatusOr<model::InstrumentKind> ToKind(std::string_view market_type);
// kUnrecognised for a text that Lighter has invented since; the caller keeps the text.
model::InstrumentStatus ToStatus(std::string_view status);
// Fees are left out: those that markets state are not those that are charged.
absl::StatusOr<model::Instrument> ToInstrument(const wire::Market& market,
                                               std::string_view exchange,
                                               std::string_view collateral);
// The id that ToInstrument wrote into `exchange_id`.
wire::MarketId MarketIdOf(const model::Instrument& instrument);

// "1m" <-> 60. Nullopt and "" for a resolution that Lighter does not offer.
std::optional<std::uint32_t> IntervalSeconds(std::string_view resolution);
std::string_view ResolutionText(std::uint32_t seconds);

// A fraction from percent; nullopt stays nullopt.
absl::StatusOr<std::optional<Decimal>> FromPercent(std::optional<Decimal> percent);

absl::StatusOr<model::Trade> ToTrade(const wire::Trade& trade, const Units& units);
absl::StatusOr<model::Quote> ToQuote(const wire::Ticker& ticker,
                                     const model::Instrument& instrument, TimeNs exchange_time);
absl::StatusOr<model::Ticker> ToTicker(const wire::Stats& stats,
                                       const model::Instrument& instrument, TimeNs exchange_time,
                                       TimeNs receive_time);
// Nullopt for the candle of a market that has not traded yet: it has no prices.
absl::StatusOr<std::optional<model::Candle>> ToCandle(const wire::Candle& candle,
                                                      const model::Instrument& instrument,
                                                      std::uint32_t interval_seconds);
// Nullopt where the stats carry none.
absl::StatusOr<std::optional<model::MarkPrice>> ToMarkPrice(const wire::Stats& stats,
                                                            const model::Instrument& instrument);
// The running hour's rate, kind PREDICTED; nullopt where the stats carry none. Percent, positive =
// longs pay. Source: lighter.md, section 6.7 (inferred there from numbers).
absl::StatusOr<std::optional<model::FundingRate>> ToFundingRate(const wire::Stats& stats,
                                                                const model::Instrument& instrument,
                                                                TimeNs receive_time);

}  // namespace switchyard::exchanges::lighter
