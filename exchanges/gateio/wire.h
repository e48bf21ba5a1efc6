#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/time.h"
#include "exchanges/gateio/channels.h"

// Gate.io's public WebSocket messages as they are spelt, for both products. Every string_view
// points into the frame (or into the parser that filled it) and lives until the next frame is
// parsed. Numbers are raw text: Gate.io writes the same field as a number here and as a string
// there, and sometimes with an exponent. An empty text means that the field was absent, null or "".
// Source: Spot WebSocket v4 (2025-02-10), Futures WebSocket v4 (2025-04-25).
namespace switchyard::exchanges::gateio::wire {

// Futures quantities are contracts. Quantity "0" removes the level.
struct Level {
  std::string_view price, quantity;
};

// `order_book_update` and `obu`. A side without levels did not change.
struct BookUpdate {
  std::uint64_t first_id = 0;  // `U`; 0 where absent (the first frame of obu)
  std::uint64_t last_id = 0;   // `u`
  TimeNs time;                 // `t`
  bool full = false;           // replaces the whole book
  std::string_view level;      // `l`, or the depth in an obu stream's name
  std::vector<Level> bids, asks;
};

// `order_book`: the first levels of each side, best first.
struct BookSnapshot {
  std::uint64_t id = 0;  // spot `lastUpdateId`, futures `id`; 0 where absent (older futures frames)
  TimeNs time;
  std::vector<Level> bids, asks;
};

// An empty price means an empty side.
struct BookTicker {
  std::uint64_t id = 0;  // `u`, of the same count as the books
  TimeNs time;
  Level bid, ask;
};

struct Trade {
  std::string_view symbol;
  std::string_view id;
  TimeNs time;  // `create_time_ms`, with its fraction
  std::string_view price;
  std::string_view size;  // spot `amount`; futures contracts, negative = the taker sold
  std::string_view side;  // spot, of the taker; futures: empty
  bool is_internal = false;
};

struct Ticker {
  std::string_view symbol;
  std::string_view last, change_percentage, high_24h, low_24h;
  std::string_view lowest_ask, lowest_size, highest_bid, highest_size;
  std::string_view base_volume, quote_volume;  // futures: volume_24h_base, volume_24h_quote
  // Futures only.
  std::string_view mark_price, index_price, funding_rate, funding_rate_indicative, total_size;
};

struct Candle {
  std::string_view symbol, interval;  // from `n`, "1m_BTC_USDT"
  TimeNs open_time;
  std::string_view open, high, low, close;
  std::string_view volume;  // `v`: spot in quote units, futures in contracts
  std::string_view amount;  // `a`: in base units; newer
  bool closed = false;      // `w`; spot only
};

struct Liquidation {
  std::string_view symbol, price, size;
  TimeNs time;
};

enum class Event : std::uint8_t {
  kUnknown,       // another channel or event: count it
  kUpdate,        // data
  kSubscribed,    // the answer to a subscribe, also a refusal
  kUnsubscribed,  // the answer to an unsubscribe, also a refusal
  kPong,
  kUpgrade,  // the server is about to go: open a new connection
};

// An answer's refusal.
struct Error {
  std::int64_t code = 0;
  std::string message;  // copied: refusals are rare
};

// One frame. Kept and filled again and again, so that a steady stream allocates nothing: only the
// member that belongs to `channel` is meant when `event` is kUpdate; the others are left over.
struct Push {
  Channel channel = Channel::kUnknown;
  Event event = Event::kUnknown;
  std::string_view channel_name, event_name;  // as they came
  // The symbol of the data; of lists, that of their first entry.
  std::string_view symbol;
  TimeNs time;  // `time_ms`, else `time`

  // Answers.
  std::int64_t request_id = 0;            // `id`; 0 = none
  std::vector<std::string_view> payload;  // empty where the answer does not repeat it
  bool refused = false;
  Error error;  // where `refused`

  // Data.
  BookUpdate book_update;      // kBookUpdate, kBookStream
  BookSnapshot book_snapshot;  // kBookSnapshot
  BookTicker book_ticker;
  std::vector<Trade> trades;
  std::vector<Ticker> tickers;
  std::vector<Candle> candles;
  std::vector<Liquidation> liquidations;
};

}  // namespace switchyard::exchanges::gateio::wire
