#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "services/simulator/engine/candles.h"
#include "services/simulator/engine/decimal_text.h"
#include "services/simulator/engine/order_book.h"
#include "services/simulator/engine/random.h"

namespace switchyard::simulator::engine {

// What the engine must know of an instrument.
struct MarketSpec {
  std::string symbol;         // the exchange's own
  int price_scale = 0;        // value of a price = ticks x 10^-price_scale
  int quantity_scale = 0;     // likewise for quantities, in the exchange's unit
  std::int64_t price = 0;     // where the random walk starts, ticks
  std::int64_t spacing = 1;   // usual distance of neighbouring levels, ticks
  std::int64_t quantity = 1;  // usual quantity of an order, lots
  bool has_flow = true;       // false: clients alone trade, and the book begins empty
};

// A public trade.
struct Trade {
  std::int64_t id;
  std::int64_t time_ns;
  std::uint64_t sequence;  // the book's, after the trade
  Side taker_side;
  std::int64_t price;
  std::int64_t quantity;
  bool liquidation;  // the taker was a position being liquidated
};

// Sums since the start; prices in ticks, volumes in lots and ticks x lots.
struct DayStatistics {
  std::int64_t open = 0;
  std::int64_t high = 0;
  std::int64_t low = 0;
  std::int64_t last = 0;
  Int128 base_volume = 0;
  Int128 quote_volume = 0;
};

class Market;

// Hears each change of a market, on its thread.
class MarketListener {
 public:
  virtual ~MarketListener() = default;
  // Levels and fills are in market.changes(). Fills are in market.trades() too, newest last.
  virtual void OnChange(Market& market) = 0;
};

// One instrument: a matching book that the order flow around a random walk and clients share, and
// what follows from them (sequence, trades, candles). The same seed and the same calls give the
// same market. Not thread-safe. Time is an argument: it stamps, and decides nothing.
class Market {
 public:
  // Every side has at least so many levels at all times, where there is a flow.
  static constexpr std::size_t kMinimumLevels = 125;
  static constexpr std::size_t kTradesKept = 1000;

  Market(MarketSpec spec, std::uint64_t seed, std::int64_t now_ns);
  Market(const Market&) = delete;
  Market& operator=(const Market&) = delete;

  // `listener` must outlive the market or be taken back with nullptr.
  void set_listener(MarketListener* listener) { listener_ = listener; }

  // One action of the order flow: at least one level changes.
  void Step(std::int64_t now_ns);
  // Moves the whole flow at once, by parts per million of its price. Clients' orders stay, and meet
  // what now crosses them.
  void Move(std::int32_t per_million, std::int64_t now_ns);

  // A client's order; its id has kClientBit. Returns the quantity left. `liquidation` marks its
  // trades.
  std::int64_t Submit(const Order& order, std::int64_t now_ns, bool liquidation = false);
  // Takes a client's order out, or lessens it in its place. False: no such order.
  bool Cancel(OrderId id, std::int64_t now_ns);
  bool Reduce(OrderId id, std::int64_t quantity, std::int64_t now_ns);
  // An id for a trade that the public does not see.
  std::int64_t TakeTradeId() { return ++last_trade_id_; }
  // Skips ids, as a broken exchange would.
  void SkipSequence(std::uint64_t ids) { sequence_ += ids; }
  // The next change has id 1.
  void RestartSequence() { sequence_ = 0; }

  const MarketSpec& spec() const { return spec_; }
  const OrderBook& book() const { return book_; }
  // Id of the latest change; each change of a level takes one.
  std::uint64_t sequence() const { return sequence_; }
  // What the latest step did.
  const Changes& changes() const { return changes_; }
  // True if a client had a part in the latest step's fills.
  bool has_client_fills() const { return has_client_fills_; }
  // The latest trades, newest last.
  const std::deque<Trade>& trades() const { return trades_; }
  const DayStatistics& day() const { return day_; }
  // The random walk, in ticks: stands in for the index price.
  std::int64_t fair_price() const { return fair_ / kFairUnit; }
  std::int64_t last_change_ns() const { return last_change_ns_; }
  // Candles of an interval; their past is made up when first asked for.
  CandleSeries& Candles(std::int64_t interval_s, std::int64_t now_ns);

 private:
  // The walk moves by fractions of a tick.
  static constexpr std::int64_t kFairUnit = 1024;

  void Seed();
  void Walk();
  void AddFarLevel(Side side);
  // Brings a side back that a client's order has swept.
  void Replenish();
  void AddOrder(Side side);
  void CancelOrder(Side side);
  void CancelFirst(const Level& level);
  void ResizeOrder(Side side);
  void Take();
  void Finish(std::int64_t now_ns);
  void RecordTrades(std::int64_t now_ns);
  std::int64_t Quantity();
  // Index of a level, likelier near the best price.
  std::size_t PickLevel(Side side);
  OrderId NextOrderId() { return ++last_order_id_; }

  const MarketSpec spec_;
  Random random_;
  OrderBook book_;
  Changes changes_;
  MarketListener* listener_ = nullptr;
  std::int64_t fair_;
  std::int64_t centre_;  // the walk stays around it
  std::uint64_t sequence_;
  OrderId last_order_id_ = 0;
  std::int64_t last_trade_id_;
  std::int64_t last_change_ns_ = 0;
  bool liquidating_ = false;
  bool has_client_fills_ = false;
  std::deque<Trade> trades_;
  DayStatistics day_;
  std::map<std::int64_t, CandleSeries> candles_;
};

}  // namespace switchyard::simulator::engine
