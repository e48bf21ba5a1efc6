#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/time.h"
#include "exchanges/lighter/channels.h"

// Lighter's public messages as they are spelt. Every string_view points into the frame or answer
// (or into what parsed it) and lives as long as that. Numbers are raw text: Lighter writes the same
// field as a number here and as a string there. An empty text means that the field was absent, null
// or "": Lighter leaves out what is zero.
// Source: lighter.md, sections 1.3 and 2.2.
namespace switchyard::exchanges::lighter::wire {

// "Use 64-bit integers": ids have outgrown 16 bits before.
using MarketId = std::int64_t;

// One row of `orderBooks` or `orderBookDetails`. Margin fractions are in 1e-4 (500 = 5 %); 0 on
// spot markets, which have none.
struct Market {
  MarketId id = 0;
  std::string symbol, type, status;
  int price_decimals = 0;
  int size_decimals = 0;
  std::string min_base_amount, min_quote_amount;
  std::int64_t base_asset_id = 0, quote_asset_id = 0;
  std::int64_t default_initial_margin_fraction = 0;
  std::int64_t min_initial_margin_fraction = 0;
  std::int64_t maintenance_margin_fraction = 0;
  std::int64_t closeout_margin_fraction = 0;
};

// Size "0.0000" removes the level.
struct Level {
  std::string_view price, size;
};

struct OrderBook {
  std::uint64_t nonce = 0;
  std::uint64_t begin_nonce = 0;
  bool has_begin_nonce = false;  // frames of 2025 have none
  std::vector<Level> bids, asks;
};

// The best level of each side; an empty price means an empty side.
struct Ticker {
  std::uint64_t nonce = 0;
  Level bid, ask;
};

struct Trade {
  std::string_view id;
  std::string_view type;  // trade, liquidation, deleverage, market-settlement
  TimeNs time;
  std::string_view price, size;
  bool is_maker_ask = false;
};

// Of a perpetual or a spot market, pushed or as in `orderBookDetails`. Rates are percent per hour.
struct Stats {
  MarketId market = 0;
  std::string_view index_price, mark_price, last_trade_price;
  std::string_view best_bid_price, best_ask_price;
  std::string_view current_funding_rate;  // of the hour that runs
  TimeNs funding_time;                    // of the latest payment
  std::string_view base_volume, quote_volume, low, high;
  std::string_view change;         // percent
  std::string_view open_interest;  // REST: base units; a push has quote units, which are left out
};

struct Candle {
  TimeNs open_time;
  std::string_view open, high, low, close, base_volume, quote_volume;
};

enum class Event : std::uint8_t {
  kUnknown,       // another channel or type: count it
  kConnected,     // the first frame of a connection
  kPing,          // the server's: to be answered
  kPong,          // the answer to ours
  kSubscribed,    // the answer to a subscribe, with the channel's state
  kUpdate,        // data
  kUnsubscribed,  // the answer to an unsubscribe
  kError,         // a refusal, perhaps without saying of what
};

// One frame. Kept and filled again and again, so that a steady stream allocates nothing: only the
// member that belongs to `channel` is meant when there is data; the others are left over.
struct Push {
  Event event = Event::kUnknown;
  Channel channel = Channel::kUnknown;
  std::string_view type, channel_name;  // as they came
  MarketId market = 0;                  // in the channel's name; -1 = `all`, or none
  std::string_view resolution;          // of candles
  TimeNs time;                          // `timestamp`

  // kError.
  std::int64_t error_code = 0;
  std::string error_message;  // copied: refusals are rare

  // Data.
  OrderBook order_book;
  Ticker ticker;
  std::vector<Trade> trades;  // of `liquidation_trades` too
  std::vector<Stats> stats;
  std::vector<Candle> candles;
};

}  // namespace switchyard::exchanges::lighter::wire
