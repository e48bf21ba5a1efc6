#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "services/simulator/engine/decimal_text.h"

namespace switchyard::simulator::engine {

// One candle: prices in ticks, volumes in lots and ticks x lots.
struct Candle {
  std::int64_t start_s = 0;
  std::int64_t open = 0;
  std::int64_t high = 0;
  std::int64_t low = 0;
  std::int64_t close = 0;
  Int128 base_volume = 0;
  Int128 quote_volume = 0;
};

// Candles of one interval without holes: a bucket without trades repeats the last close.
// The past before the start is a seeded walk that ends where the live trades begin.
class CandleSeries {
 public:
  // What the made-up past looks like: its last price, how far a candle moves, its volume.
  struct Past {
    std::int64_t price;
    std::int64_t range;
    std::int64_t volume;
  };

  static constexpr std::size_t kKept = 2000;

  CandleSeries(std::int64_t interval_s, std::uint64_t seed, std::int64_t now_s, const Past& past);

  // A trade. Times never go back by more than the current bucket.
  void Add(std::int64_t time_s, std::int64_t price, std::int64_t quantity);
  // Opens the bucket that `time_s` is in.
  void RollTo(std::int64_t time_s);

  // Oldest first; the last one is still open.
  const std::deque<Candle>& candles() const { return candles_; }
  std::int64_t interval_s() const { return interval_s_; }

 private:
  std::int64_t interval_s_;
  std::deque<Candle> candles_;
};

}  // namespace switchyard::simulator::engine
