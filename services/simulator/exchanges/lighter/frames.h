#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulator/engine/candles.h"
#include "services/simulator/exchanges/lighter/channels.h"
#include "services/simulator/exchanges/lighter/listing.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::lighter {

// A price and the total there; quantity 0 = gone. Ticks and lots.
struct ShownLevel {
  std::int64_t price;
  std::int64_t quantity;
};

// Levels of a frame, best first.
struct ShownBook {
  std::vector<ShownLevel> asks;
  std::vector<ShownLevel> bids;
};

// Numbers of a book frame. `begin_nonce` is the nonce of the frame before it; 0 in snapshots.
struct BookNumbers {
  bool snapshot;
  std::uint64_t begin_nonce;
  std::uint64_t nonce;
  std::int64_t offset;
};

// The name that frames of a topic carry: "order_book:0", "candle:0:1m", "height".
std::string FrameChannel(const TopicKey& key);
// "subscribed/order_book" or "update/order_book".
std::string FrameType(std::string_view channel, bool snapshot);

std::string BookFrame(const TopicKey& key, const Listing& listing, const ShownBook& levels,
                      const BookNumbers& numbers, std::int64_t now_ns);
std::string TickerFrame(const TopicKey& key, const Listing& listing, bool snapshot,
                        std::int64_t now_ns);
// Trades are newest first; those of liquidations go into a list of their own.
std::string TradeFrame(const TopicKey& key, const Listing& listing,
                       const std::vector<const PublicTrade*>& trades, bool snapshot);
// `listings` are those that the frame tells of; a topic of one market has one.
std::string StatsFrame(const TopicKey& key, const std::vector<const Listing*>& listings,
                       bool snapshot, std::int64_t now_ns);
std::string CandleFrame(const TopicKey& key, const Listing& listing,
                        const std::vector<engine::Candle>& candles, bool snapshot,
                        std::int64_t now_ns);
std::string HeightFrame(bool snapshot, std::int64_t now_ns);

// One row of a trade list.
void WriteTrade(JsonWriter& json, const Listing& listing, const PublicTrade& trade);
// One candle. Fields that are zero are left out, as the exchange leaves them out.
void WriteCandle(JsonWriter& json, const Listing& listing, const engine::Candle& candle);
// The daily_* numbers that rows and frames share; `bounds`: with the lowest and the highest price.
void WriteDay(JsonWriter& json, const Listing& listing, bool bounds = true);

// Number of the latest block: one a second.
std::int64_t HeightAt(std::int64_t now_ns);

}  // namespace switchyard::simulator::lighter
