#include "services/simulator/engine/candles.h"

#include <algorithm>

#include "services/simulator/engine/random.h"

namespace switchyard::simulator::engine {
namespace {

// Gate.io's first trading day; no candle is older.
constexpr std::int64_t kFirstDay = 1'483'228'800;  // 2017-01-01

}  // namespace

CandleSeries::CandleSeries(std::int64_t interval_s, std::uint64_t seed, std::int64_t now_s,
                           const Past& past)
    : interval_s_(interval_s) {
  Random random(seed);
  std::int64_t start = now_s - now_s % interval_s;
  candles_.push_front({start, past.price, past.price, past.price, past.price, 0, 0});
  // Backwards, so that it ends at the present price.
  std::int64_t close = past.price;
  while (candles_.size() < kKept && start - interval_s >= kFirstDay) {
    start -= interval_s;
    const std::int64_t range = std::min(past.range, close / 20) + 1;
    const std::int64_t open = close + random.Below(2 * range + 1) - range;
    Candle candle = {start, open, 0, 0, close, 0, 0};
    candle.high = std::max(open, close) + random.Below(range);
    candle.low = std::max<std::int64_t>(1, std::min(open, close) - random.Below(range));
    candle.base_volume = 1 + random.Below(2 * past.volume);
    candle.quote_volume = candle.base_volume * ((candle.high + candle.low) / 2);
    candles_.push_front(candle);
    close = open;
  }
}

void CandleSeries::Add(std::int64_t time_s, std::int64_t price, std::int64_t quantity) {
  RollTo(time_s);
  Candle& candle = candles_.back();
  if (candle.base_volume == 0) candle.open = candle.high = candle.low = price;
  candle.high = std::max(candle.high, price);
  candle.low = std::min(candle.low, price);
  candle.close = price;
  candle.base_volume += quantity;
  candle.quote_volume += static_cast<Int128>(quantity) * price;
}

void CandleSeries::RollTo(std::int64_t time_s) {
  const std::int64_t wanted = time_s - time_s % interval_s_;
  while (candles_.back().start_s < wanted) {
    const Candle& last = candles_.back();
    const std::int64_t start = std::max(last.start_s + interval_s_,
                                        wanted - static_cast<std::int64_t>(kKept) * interval_s_);
    const std::int64_t close = last.close;
    candles_.push_back({start, close, close, close, close, 0, 0});
    if (candles_.size() > kKept) candles_.pop_front();
  }
}

}  // namespace switchyard::simulator::engine
