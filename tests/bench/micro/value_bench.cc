#include <benchmark/benchmark.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/decimal/decimal.h"
#include "common/model/book.h"
#include "common/stream/encoded_event.h"
#include "switchyard/marketdata/v1/events.pb.h"
#include "tests/bench/micro/frames.h"

// Books, decimals and encoding by themselves.
namespace switchyard::bench {
namespace {

constexpr std::int64_t kBestPrice = 1'000'000;
constexpr std::size_t kChanges = 4'096;  // a power of two
using Top = std::array<model::Level, 10>;

// Changes of a bid side of `depth` levels: two in three near the best, the others anywhere; one in
// eight removes a level, which a later change brings back.
std::vector<model::Level> MakeChanges(std::int64_t depth) {
  Random random(11);
  std::vector<model::Level> changes;
  for (std::size_t i = 0; i < kChanges; ++i) {
    const std::int64_t reach = random.Below(3) == 0 ? depth : std::min<std::int64_t>(depth, 10);
    const auto distance =
        static_cast<std::int64_t>(random.Below(static_cast<std::uint64_t>(reach)));
    const bool removes = random.Below(8) == 0;
    changes.push_back({kBestPrice - distance,
                       removes ? 0 : static_cast<std::int64_t>(1 + random.Below(1'000'000))});
  }
  return changes;
}

std::vector<model::Level> MakeLevels(std::int64_t depth) {
  std::vector<model::Level> levels;
  for (std::int64_t i = 0; i < depth; ++i) levels.push_back({kBestPrice - i, 1 + i});
  return levels;
}

// The house's side of a book.
class VectorSide {
 public:
  explicit VectorSide(std::int64_t depth) { side_.Load(MakeLevels(depth), /*cut=*/false); }
  void Apply(const model::Level& change) { side_.Apply(change); }
  void CopyTop(Top& top) const {
    const std::size_t count = std::min(top.size(), side_.size());
    for (std::size_t i = 0; i < count; ++i) top[i] = side_.at(i);
  }

 private:
  model::BookSide side_{model::BookSide::Order::kBids};
};

// The usual one, for comparison.
class MapSide {
 public:
  explicit MapSide(std::int64_t depth) {
    for (const model::Level& level : MakeLevels(depth)) levels_[level.price] = level.quantity;
  }
  void Apply(const model::Level& change) {
    if (change.quantity == 0) {
      levels_.erase(change.price);
    } else {
      levels_[change.price] = change.quantity;
    }
  }
  void CopyTop(Top& top) const {
    std::size_t i = 0;
    for (auto at = levels_.begin(); at != levels_.end() && i < top.size(); ++at, ++i) {
      top[i] = {at->first, at->second};
    }
  }

 private:
  std::map<std::int64_t, std::int64_t, std::greater<>> levels_;
};

template <typename Side>
std::uint64_t ChecksumAfter(std::int64_t depth, const std::vector<model::Level>& changes) {
  Side side(depth);
  std::uint64_t sum = 0;
  Top top{};
  for (const model::Level& change : changes) {
    side.Apply(change);
    side.CopyTop(top);
    for (const model::Level& level : top) sum = Mix(Mix(sum, level.price), level.quantity);
  }
  return sum;
}

template <typename Side, bool kWithTop>
void BookChange(benchmark::State& state) {
  const std::int64_t depth = state.range(0);
  const std::vector<model::Level> changes = MakeChanges(depth);
  if (ChecksumAfter<VectorSide>(depth, changes) != ChecksumAfter<MapSide>(depth, changes)) {
    state.SkipWithError("the two books differ");
    return;
  }
  Side side(depth);
  Top top{};
  std::size_t next = 0;
  for (auto _ : state) {
    side.Apply(changes[next++ % kChanges]);
    if constexpr (kWithTop) side.CopyTop(top);
    benchmark::DoNotOptimize(top);
    benchmark::ClobberMemory();
  }
}

template <typename Side>
void TopCopy(benchmark::State& state) {
  const Side side(state.range(0));
  Top top{};
  for (auto _ : state) {
    side.CopyTop(top);
    benchmark::DoNotOptimize(top);
    benchmark::ClobberMemory();
  }
  if (top[9].price != kBestPrice - 9) state.SkipWithError("the top is wrong");
}

const std::array<std::string, 8> kNumbers = {"19137.74", "0.613500", "19088.37", "12.00410000",
                                             "19137.75", "0.0001",   "20001",    "3.14159265"};

void MantissaOfText(benchmark::State& state) {
  std::size_t next = 0;
  std::int64_t mantissa = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ParseMantissa(kNumbers[next++ % kNumbers.size()], 8, &mantissa));
    benchmark::DoNotOptimize(mantissa);
  }
  for (const std::string& text : kNumbers) {
    ParseMantissa(text, 8, &mantissa);
    if (*Decimal::Parse(text)->MantissaAt(8) != mantissa) state.SkipWithError("a number is wrong");
  }
}

void DecimalOfText(benchmark::State& state) {
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Decimal::Parse(kNumbers[next++ % kNumbers.size()]));
  }
}

marketdata::v1::MarketDataEvent DeltaOfEightLevels() {
  marketdata::v1::MarketDataEvent event;
  event.set_exchange("gateio");
  event.set_symbol("BTC-USDT");
  event.set_channel(marketdata::v1::CHANNEL_ORDER_BOOK);
  event.set_depth(50);
  event.set_kind(marketdata::v1::EVENT_KIND_DELTA);
  event.set_epoch(1'700'000'000'000'000'000);
  event.set_sequence(123'456);
  event.set_exchange_time_ns(1'700'000'000'000'000'000);
  event.set_receive_time_ns(1'700'000'000'100'000'000);
  event.set_publish_time_ns(1'700'000'000'100'002'000);
  marketdata::v1::OrderBookLevels& book = *event.mutable_order_book();
  book.set_price_exponent(-2);
  book.set_quantity_exponent(-8);
  for (std::int64_t i = 0; i < 8; ++i) {
    book.add_bid_price_mantissas(1'913'774 - i);
    book.add_bid_quantity_mantissas(61'350'000 + i);
    book.add_ask_price_mantissas(1'913'775 + i);
    book.add_ask_quantity_mantissas(61'350'000 + i);
  }
  book.set_exchange_sequence(48'776'306);
  return event;
}

void EncodeDelta(benchmark::State& state) {
  const marketdata::v1::MarketDataEvent event = DeltaOfEightLevels();
  const std::size_t body = event.ByteSizeLong();
  std::size_t size = 0;
  for (auto _ : state) {
    const stream::EncodedEvent encoded = stream::EncodedEvent::Encode(event);
    size = encoded.size();
    benchmark::DoNotOptimize(size);
  }
  if (size < body + 2 || size > body + 3) state.SkipWithError("the record has another size");
  state.counters["bytes"] = static_cast<double>(size);
}

void SerialiseToString(benchmark::State& state) {
  const marketdata::v1::MarketDataEvent event = DeltaOfEightLevels();
  std::string text;
  for (auto _ : state) {
    event.SerializeToString(&text);
    benchmark::DoNotOptimize(text);
  }
}

BENCHMARK(BookChange<VectorSide, false>)->Name("BookChange/vector")->Arg(20)->Arg(100)->Arg(200);
BENCHMARK(BookChange<MapSide, false>)->Name("BookChange/map")->Arg(20)->Arg(100)->Arg(200);
BENCHMARK(BookChange<VectorSide, true>)->Name("BookChangeTop10/vector")->Arg(200);
BENCHMARK(BookChange<MapSide, true>)->Name("BookChangeTop10/map")->Arg(200);
BENCHMARK(TopCopy<VectorSide>)->Name("Top10Copy/vector")->Arg(200);
BENCHMARK(TopCopy<MapSide>)->Name("Top10Copy/map")->Arg(200);
BENCHMARK(MantissaOfText);
BENCHMARK(DecimalOfText);
BENCHMARK(EncodeDelta);
BENCHMARK(SerialiseToString);

}  // namespace
}  // namespace switchyard::bench

BENCHMARK_MAIN();
