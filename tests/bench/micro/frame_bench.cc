#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>
#include <string>

#include "common/decimal/decimal.h"
#include "tests/bench/micro/allocations.h"
#include "tests/bench/micro/frame_pipeline.h"
#include "tests/bench/micro/frames.h"

// From the bytes of a frame to what leaves for the readers.
namespace switchyard::bench {
namespace {

using exchanges::gateio::Product;
namespace ondemand = simdjson::ondemand;

constexpr std::size_t kFrames = 1'024;  // a power of two

const FrameSeries& Series(Product product) {
  static const FrameSeries spot = MakeSeries(Product::kSpot, kFrames);
  static const FrameSeries futures = MakeSeries(Product::kFutures, kFrames);
  return product == Product::kSpot ? spot : futures;
}

// Runs `read` (frame to BookChange) over all frames once and compares with what they say.
template <typename Read>
bool Verify(Product product, Read read) {
  const FrameSeries& series = Series(product);
  for (std::size_t i = 0; i < kFrames; ++i) {
    exchange::BookChange change;
    if (!read(series.frames[i], change)) return false;
    if (Checksum(change) != Checksum(series.changes[i])) return false;
  }
  return true;
}

template <typename Read>
void RunRead(benchmark::State& state, Product product, Read read) {
  if (!Verify(product, read)) {
    state.SkipWithError("the frames were read wrongly");
    return;
  }
  const FrameSeries& series = Series(product);
  exchange::BookChange change;
  std::size_t next = 0;
  for (auto _ : state) {
    change.Clear();
    benchmark::DoNotOptimize(read(series.frames[next++ % kFrames], change));
    benchmark::DoNotOptimize(change);
  }
  state.counters["bytes"] = static_cast<double>(series.frames[0].size());
}

void ParseAlone(benchmark::State& state, Product product) {
  exchanges::gateio::PublicParser parser(product);
  exchanges::gateio::wire::Push push;
  const FrameSeries& series = Series(product);
  std::size_t next = 0;
  for (auto _ : state) {
    if (!parser.Parse(series.frames[next++ % kFrames], push).ok()) {
      state.SkipWithError("a frame was not read");
      return;
    }
    benchmark::DoNotOptimize(push);
  }
}

void ParseAndNormalise(benchmark::State& state, Product product) {
  exchanges::gateio::PublicParser parser(product);
  exchanges::gateio::wire::Push push;
  RunRead(state, product, [&](const std::string& frame, exchange::BookChange& change) {
    return parser.Parse(frame, push).ok() &&
           ToChange(push.book_update, /*is_stream=*/false, Series(product).units, TimeNs(), change);
  });
}

bool ReadBareLevel(ondemand::value value, const exchanges::gateio::Units& units,
                   model::Level* level) {
  std::string_view text;
  std::int64_t size = 0;
  ondemand::object object;
  if (!value.get_object().get(object)) {
    if (object["p"].get_string().get(text)) return false;
    if (!ParseMantissa(text, units.price_scale, &level->price)) return false;
    if (object["s"].get_int64().get(size)) return false;
    level->quantity = size;
    return true;
  }
  std::size_t index = 0;
  for (auto item : value) {
    if (item.get_string().get(text)) return false;
    const bool read = index++ == 0 ? ParseMantissa(text, units.price_scale, &level->price)
                                   : ParseMantissa(text, units.quantity_scale, &level->quantity);
    if (!read) return false;
  }
  return index == 2;
}

bool ReadBareLevels(ondemand::value side, const exchanges::gateio::Units& units,
                    std::vector<model::Level>& levels) {
  ondemand::array array;
  if (side.get_array().get(array)) return false;
  for (auto item : array) {
    ondemand::value value;
    if (item.get(value) || !ReadBareLevel(value, units, &levels.emplace_back())) return false;
  }
  return true;
}

// The floor: one pass that knows what it looks for and checks nothing else.
bool ReadBare(ondemand::parser& parser, const std::string& frame,
              const exchanges::gateio::Units& units, exchange::BookChange& change) {
  ondemand::document document;
  const std::size_t spare = exchanges::gateio::PublicParser::kSpareBytes;
  if (parser.iterate(frame.data(), frame.size(), frame.size() + spare).get(document)) return false;
  ondemand::object result;
  if (document["result"].get_object().get(result)) return false;
  for (auto field : result) {
    const std::string_view key = field.unescaped_key();
    if (key == "U" && field.value().get_uint64().get(change.range.first)) return false;
    if (key == "u" && field.value().get_uint64().get(change.range.last)) return false;
    if (key == "b" && !ReadBareLevels(field.value(), units, change.bids)) return false;
    if (key == "a" && !ReadBareLevels(field.value(), units, change.asks)) return false;
  }
  return true;
}

void ParseFloor(benchmark::State& state, Product product) {
  ondemand::parser parser;
  RunRead(state, product, [&](const std::string& frame, exchange::BookChange& change) {
    return ReadBare(parser, frame, Series(product).units, change);
  });
}

void ParseNlohmann(benchmark::State& state, Product product) {
  const exchanges::gateio::Units& units = Series(product).units;
  const auto read_side = [&](const nlohmann::json& side, std::vector<model::Level>& levels) {
    for (const nlohmann::json& entry : side) {
      model::Level& level = levels.emplace_back();
      const bool pair = entry.is_array();
      const auto& price = (pair ? entry[0] : entry["p"]).get_ref<const std::string&>();
      ParseMantissa(price, units.price_scale, &level.price);
      if (pair) {
        ParseMantissa(entry[1].get_ref<const std::string&>(), units.quantity_scale,
                      &level.quantity);
      } else {
        level.quantity = entry["s"].get<std::int64_t>();
      }
    }
  };
  RunRead(state, product, [&](const std::string& frame, exchange::BookChange& change) {
    const nlohmann::json document = nlohmann::json::parse(frame);
    const nlohmann::json& result = document["result"];
    change.range.first = result["U"].get<std::uint64_t>();
    change.range.last = result["u"].get<std::uint64_t>();
    read_side(result["b"], change.bids);
    read_side(result["a"], change.asks);
    return true;
  });
}

// The book that the series ends with, by way of the reference alone.
std::uint64_t ExpectedBook(const FrameSeries& series) {
  model::Book book;
  book.bids.Load(series.snapshot.bids, false);
  book.asks.Load(series.snapshot.asks, false);
  for (const exchange::BookChange& change : series.changes) {
    for (const model::Level& level : change.bids) book.bids.Apply(level);
    for (const model::Level& level : change.asks) book.asks.Apply(level);
  }
  return Checksum(book);
}

void WholeFrame(benchmark::State& state, Product product) {
  const FrameSeries& series = Series(product);
  FramePipeline pipeline(product, series);
  // Grows what is reused; from here on the state is steady.
  for (const std::string& frame : series.frames) pipeline.Handle(frame);
  if (Checksum(pipeline.book()) != ExpectedBook(series)) {
    state.SkipWithError("the book is wrong");
    return;
  }
  std::size_t next = 0;
  std::uint64_t allocations = 0;
  std::uint64_t frames = 0;
  pipeline.Rewind();
  std::uint64_t begin = Allocations();
  for (auto _ : state) {
    if (next == kFrames) {
      state.PauseTiming();
      allocations += Allocations() - begin;
      frames += next;
      next = 0;
      pipeline.Rewind();
      begin = Allocations();
      state.ResumeTiming();
    }
    if (!pipeline.Handle(series.frames[next++])) {
      state.SkipWithError("a frame was not applied");
      return;
    }
  }
  allocations += Allocations() - begin;
  frames += next;
  state.counters["allocations"] =
      static_cast<double>(allocations) / static_cast<double>(std::max<std::uint64_t>(frames, 1));
}

BENCHMARK_CAPTURE(ParseAlone, spot, Product::kSpot);
BENCHMARK_CAPTURE(ParseAlone, futures, Product::kFutures);
BENCHMARK_CAPTURE(ParseAndNormalise, spot, Product::kSpot);
BENCHMARK_CAPTURE(ParseAndNormalise, futures, Product::kFutures);
BENCHMARK_CAPTURE(ParseFloor, spot, Product::kSpot);
BENCHMARK_CAPTURE(ParseFloor, futures, Product::kFutures);
BENCHMARK_CAPTURE(ParseNlohmann, spot, Product::kSpot);
BENCHMARK_CAPTURE(ParseNlohmann, futures, Product::kFutures);
BENCHMARK_CAPTURE(WholeFrame, spot, Product::kSpot);
BENCHMARK_CAPTURE(WholeFrame, futures, Product::kFutures);

}  // namespace
}  // namespace switchyard::bench
