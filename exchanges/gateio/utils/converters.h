#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/model/market_data.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/wire.h"

// The customs post: Gate.io's words, units and times to ours. Total functions, pure, any thread.
// Unknown input is an error, never a default. Errors, where not said otherwise, are Internal with
// reason MALFORMED_EXCHANGE_MESSAGE.
namespace switchyard::exchanges::gateio {

// How the sizes and prices of one instrument become mantissas, exactly:
//   quantity mantissa (at quantity_scale) = size mantissa (at size_scale) x size_factor.
// Spot sizes are base units (factor 1); futures sizes are contracts of `multiplier` base units.
struct Units {
  int price_scale = 0;
  int quantity_scale = 0;
  int size_scale = 0;
  std::int64_t size_factor = 1;
  friend bool operator==(const Units&, const Units&) = default;
};
Units UnitsOf(const model::Instrument& instrument);

// The book path: no allocation, no status. False, and nothing written, where the text is not a
// plain decimal or does not fit exactly. ToQuantity takes negative sizes too (contracts of a
// seller) and keeps the sign.
bool ToPrice(std::string_view text, const Units& units, std::int64_t* price);
bool ToQuantity(std::string_view text, const Units& units, std::int64_t* quantity);
// Also false for a price that is not above 0 and a quantity below it.
bool ToLevel(const wire::Level& level, const Units& units, model::Level* out);

// "BTC_USDT" -> "BTC-USDT", futures "BTC-USDT-PERP"; a base with '_' is kept whole ("A_B_USDT" ->
// "A_B-USDT"). Errors: also where there is no '_'.
absl::StatusOr<std::string> CanonicalSymbol(Product product, std::string_view exchange_symbol);

absl::StatusOr<model::Side> ToSide(std::string_view side);
// kUnrecognised for a text that Gate.io has invented since; the caller keeps the text.
model::InstrumentStatus ToSpotStatus(std::string_view trade_status);
model::InstrumentStatus ToFuturesStatus(std::string_view status, bool in_delisting);

// "1m" <-> 60. Nullopt and "" for an interval that Gate.io does not offer.
std::optional<std::uint32_t> IntervalSeconds(std::string_view interval);
std::string_view IntervalText(std::uint32_t seconds);

// Decimal text of seconds or milliseconds, with or without a fraction ("1606292218213.4578");
// beyond nanoseconds it is cut. Nullopt where it is no such text or out of range.
std::optional<TimeNs> TimeFromSeconds(std::string_view text);
std::optional<TimeNs> TimeFromMillis(std::string_view text);

absl::StatusOr<model::Trade> ToTrade(const wire::Trade& trade, const Units& units);
absl::StatusOr<model::Quote> ToQuote(const wire::BookTicker& ticker, const Units& units);
// Futures sizes (open interest, sizes of the best levels) become base units; volumes are base and
// quote units already. `exchange_time` is that of the frame.
absl::StatusOr<model::Ticker> ToTicker(const wire::Ticker& ticker,
                                       const model::Instrument& instrument, TimeNs exchange_time,
                                       TimeNs receive_time);
absl::StatusOr<model::Candle> ToCandle(const wire::Candle& candle,
                                       const model::Instrument& instrument);
// The mark price of a futures ticker; nullopt where it carries none.
absl::StatusOr<std::optional<model::MarkPrice>> ToMarkPrice(const wire::Ticker& ticker);
// The rate of the running interval, kind PREDICTED; nullopt where the ticker carries none. The
// ticker has neither interval nor payment time: the interval is the instrument's, the next payment
// is given by the caller (0 = not known).
absl::StatusOr<std::optional<model::FundingRate>> ToFundingRate(const wire::Ticker& ticker,
                                                                const model::Instrument& instrument,
                                                                TimeNs next_payment,
                                                                TimeNs receive_time);

}  // namespace switchyard::exchanges::gateio
