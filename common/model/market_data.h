#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/time/time.h"

// Market data in house words: quantities in base units, prices in quote units for one base unit,
// whatever units the exchange uses. Plain values.
namespace switchyard::model {

enum class Side : std::uint8_t { kBuy, kSell };
enum class Source : std::uint8_t { kWebSocket, kCache, kRest };
enum class InstrumentKind : std::uint8_t { kSpot, kPerpetual };
enum class ContractDirection : std::uint8_t { kNone, kLinear, kInverse };
enum class InstrumentStatus : std::uint8_t {
  kTrading,
  kPrelaunch,
  kHalted,
  kDelisting,
  kDelisted,
  kBuyOnly,
  kSellOnly,
  kUnrecognised,
};
enum class PrecisionSource : std::uint8_t { kExchange, kInferred };
enum class FundingRateKind : std::uint8_t { kLast, kPredicted };
// Same order as common.v1.StaleReason (a test pins it).
enum class StaleReason : std::uint8_t {
  kUnspecified,
  kSequenceGap,
  kCrossedBook,
  kChecksumMismatch,
  kDisconnected,
  kStalled,
  kMalformedUpdate,
  kBackendLost,
  kSlowReader,
  kUnsubscribed,
  kSequenceRestarted,
  kJournalChanged,
  kJournalTruncated,
};

// Index of an instrument in its exchange's table; stable for the life of the process.
struct InstrumentId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(InstrumentId, InstrumentId) = default;
};

// One tradable thing. Optional = the exchange states none. See marketdata/v1/instrument.proto.
struct Instrument {
  InstrumentId id;
  std::string exchange;
  std::string symbol;
  InstrumentKind kind = InstrumentKind::kSpot;
  std::string base, quote, settle;
  ContractDirection direction = ContractDirection::kNone;
  std::string exchange_symbol;
  std::string exchange_id;
  Decimal tick, step;
  std::optional<Decimal> min_quantity, max_quantity, min_notional;
  Decimal multiplier = Decimal::FromInt(1);
  std::optional<Decimal> max_leverage, maker_fee, taker_fee;
  InstrumentStatus status = InstrumentStatus::kTrading;
  std::string raw_status;
  PrecisionSource precision_source = PrecisionSource::kExchange;
  std::uint32_t funding_interval_seconds = 0;
  // Decimals of every price and quantity mantissa of this instrument's books, quotes and trades.
  int price_scale = 0;
  int quantity_scale = 0;
};

// All instruments of one exchange at a moment; immutable, shared between threads.
class InstrumentTable {
 public:
  // `instruments[i].id` must be i. Symbols are unique. Errors: Internal.
  static absl::StatusOr<std::shared_ptr<const InstrumentTable>> Create(
      std::vector<Instrument> instruments, TimeNs loaded_at);

  const std::vector<Instrument>& all() const { return instruments_; }
  TimeNs loaded_at() const { return loaded_at_; }
  // Null where there is none.
  const Instrument* Find(std::string_view symbol) const;
  const Instrument* FindExchangeSymbol(std::string_view exchange_symbol) const;
  const Instrument& at(InstrumentId id) const { return instruments_[id.value]; }

 private:
  std::vector<Instrument> instruments_;
  TimeNs loaded_at_;
  std::map<std::string, std::uint32_t, std::less<>> by_symbol_;
  std::map<std::string, std::uint32_t, std::less<>> by_exchange_symbol_;
};

// One level; mantissas at the instrument's scales. Quantity 0 in a change: the level is gone.
struct Level {
  std::int64_t price = 0;
  std::int64_t quantity = 0;
  friend constexpr bool operator==(const Level&, const Level&) = default;
};

// A book as told to a reader: best first on each side.
struct BookView {
  std::vector<Level> bids, asks;
  int price_scale = 0;
  int quantity_scale = 0;
  Source source = Source::kWebSocket;
  std::chrono::nanoseconds age{0};
  TimeNs exchange_time;
  std::uint64_t exchange_sequence = 0;
};

// Best bid and offer. An empty side has price and quantity 0.
struct Quote {
  Level bid, ask;
  int price_scale = 0;
  int quantity_scale = 0;
  Source source = Source::kWebSocket;
  std::chrono::nanoseconds age{0};
  TimeNs exchange_time;
  std::uint64_t exchange_sequence = 0;
};

// One public trade; mantissas at the instrument's scales.
struct Trade {
  std::string trade_id;
  Side taker_side = Side::kBuy;
  std::int64_t price = 0;
  std::int64_t quantity = 0;
  TimeNs exchange_time;
};

// A page of trades, newest first.
struct TradesPage {
  std::vector<Trade> trades;
  int price_scale = 0;
  int quantity_scale = 0;
  std::string next_page_token;
};

struct Ticker {
  std::string symbol;
  std::optional<Decimal> last_price;
  std::optional<Decimal> best_bid_price, best_bid_quantity, best_ask_price, best_ask_quantity;
  std::optional<Decimal> high_24h, low_24h, base_volume_24h, quote_volume_24h;
  std::optional<Decimal> change_24h;  // fraction
  std::optional<Decimal> mark_price, index_price, open_interest, funding_rate;
  TimeNs exchange_time, receive_time;
};

struct TickersReply {
  std::vector<Ticker> tickers;  // ordered by symbol
  Source source = Source::kRest;
  std::chrono::nanoseconds age{0};
};

struct Candle {
  TimeNs open_time;
  std::uint32_t interval_seconds = 0;
  Decimal open, high, low, close;
  std::optional<Decimal> base_volume, quote_volume;  // none = not given
  bool closed = false;
};

struct CandlesPage {
  std::vector<Candle> candles;  // oldest first
  std::string next_page_token;
};

struct MarkPrice {
  Decimal mark_price;
  std::optional<Decimal> index_price;
};

struct FundingRate {
  std::string symbol;
  Decimal rate;  // fraction per interval, positive = longs pay
  std::uint32_t interval_seconds = 0;
  FundingRateKind kind = FundingRateKind::kPredicted;
  TimeNs next_payment_time, payment_time, receive_time;
  std::optional<Decimal> mark_price;
};

struct FundingRatesReply {
  std::vector<FundingRate> rates;  // by symbol; history: newest first
  Source source = Source::kRest;
  std::chrono::nanoseconds age{0};
  std::string next_page_token;
};

// The rate for 8 h in simple proportion, half to even at 18 decimals. Errors: OutOfRange;
// InvalidArgument, no interval.
absl::StatusOr<Decimal> RatePer8Hours(const FundingRate& rate);

}  // namespace switchyard::model
