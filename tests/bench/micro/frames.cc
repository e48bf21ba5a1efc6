#include "tests/bench/micro/frames.h"

#include <fmt/format.h>

#include <iterator>

#include "exchanges/gateio/websocket/public_message_handler.h"

namespace switchyard::bench {
namespace {

using exchanges::gateio::Product;

constexpr std::size_t kLevelsPerFrame = 8;
constexpr std::int64_t kBookLevels = 100;
constexpr std::int64_t kMiddle = 1'913'774;  // ticks
constexpr std::uint64_t kFirstId = 48'776'301;
constexpr std::int64_t kFrameTimeMs = 1'606'294'781'236;
// Where changes fall: near the best. Levels farther than this from it are left alone.
constexpr std::uint64_t kBusyLevels = 40;

// Sizes of about 0.1 to 10 coins, or 1 to 20,000 contracts.
std::int64_t RandomQuantity(Product product, Random& random) {
  return product == Product::kSpot
             ? static_cast<std::int64_t>(10'000'000 + random.Below(1'000'000'000))
             : static_cast<std::int64_t>(1 + random.Below(20'000));
}

std::vector<model::Level> RandomLevels(Product product, int direction, Random& random) {
  std::vector<model::Level> levels;
  for (std::size_t i = 0; i < kLevelsPerFrame; ++i) {
    const auto distance = static_cast<std::int64_t>(1 + random.Below(kBusyLevels));
    // One change in eight removes a level, if it is there.
    const bool removes = random.Below(8) == 0;
    levels.push_back(
        {kMiddle + direction * distance, removes ? 0 : RandomQuantity(product, random)});
  }
  return levels;
}

std::string Text(std::int64_t mantissa, int scale) {
  return Decimal::FromMantissa(mantissa, scale)->ToString();
}

void AppendSide(const FrameSeries& series, Product product, const std::vector<model::Level>& levels,
                std::string& out) {
  out.push_back('[');
  for (const model::Level& level : levels) {
    if (out.back() != '[') out.push_back(',');
    const std::string price = Text(level.price, series.units.price_scale);
    if (product == Product::kSpot) {
      const std::string size =
          level.quantity == 0 ? "0" : Text(level.quantity, series.units.quantity_scale);
      fmt::format_to(std::back_inserter(out), R"(["{}","{}"])", price, size);
    } else {
      fmt::format_to(std::back_inserter(out), R"({{"p":"{}","s":{}}})", price, level.quantity);
    }
  }
  out.push_back(']');
}

std::string Frame(const FrameSeries& series, Product product, const exchange::BookChange& change) {
  const std::int64_t now_ms = kFrameTimeMs + static_cast<std::int64_t>(change.range.first);
  std::string out;
  out.reserve(2'048 + exchanges::gateio::PublicParser::kSpareBytes);
  fmt::format_to(std::back_inserter(out),
                 R"({{"time":{},"time_ms":{},"channel":"{}.order_book_update","event":"update",)"
                 R"("result":{{"t":{},{}"s":"BTC_USDT","U":{},"u":{},"b":)",
                 now_ms / 1'000, now_ms, ProductName(product), change.exchange_time.Millis(),
                 product == Product::kSpot ? R"("e":"depthUpdate","E":1606294781,)" : "",
                 change.range.first, change.range.last);
  AppendSide(series, product, change.bids, out);
  out += R"(,"a":)";
  AppendSide(series, product, change.asks, out);
  out += "}}";
  return out;
}

std::uint64_t MixLevels(std::uint64_t sum, const std::vector<model::Level>& levels) {
  for (const model::Level& level : levels) sum = Mix(Mix(sum, level.price), level.quantity);
  return sum;
}

}  // namespace

FrameSeries MakeSeries(Product product, std::size_t count) {
  Random random(7);
  FrameSeries series;
  // Futures: contracts of 0.0001 base units, so that a contract is one unit of the mantissa.
  series.units = product == Product::kSpot ? exchanges::gateio::Units{2, 8, 8, 1}
                                           : exchanges::gateio::Units{1, 4, 0, 1};
  series.snapshot.full = true;
  series.snapshot.range.last = kFirstId - 1;
  for (std::int64_t i = 1; i <= kBookLevels; ++i) {
    series.snapshot.bids.push_back({kMiddle - i, RandomQuantity(product, random)});
    series.snapshot.asks.push_back({kMiddle + i, RandomQuantity(product, random)});
  }
  std::uint64_t id = kFirstId;
  for (std::size_t i = 0; i < count; ++i) {
    exchange::BookChange change;
    change.range = {id, id + kLevelsPerFrame * 2 - 1, 0};
    id += kLevelsPerFrame * 2;
    change.exchange_time = TimeNs::FromMillis(kFrameTimeMs - 113);
    change.bids = RandomLevels(product, -1, random);
    change.asks = RandomLevels(product, +1, random);
    series.frames.push_back(Frame(series, product, change));
    series.changes.push_back(std::move(change));
  }
  return series;
}

std::uint64_t Checksum(const exchange::BookChange& change) {
  const std::uint64_t ids = Mix(static_cast<std::uint64_t>(change.range.first),
                                static_cast<std::int64_t>(change.range.last));
  return MixLevels(MixLevels(ids, change.bids), change.asks);
}

std::uint64_t Checksum(const model::Book& book) {
  std::uint64_t sum = 0;
  for (const model::BookSide* side : {&book.bids, &book.asks}) {
    for (std::size_t i = 0; i < side->size(); ++i) {
      sum = Mix(Mix(sum, side->at(i).price), side->at(i).quantity);
    }
  }
  return sum;
}

}  // namespace switchyard::bench
