#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/exchange/book_sequencer.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/utils/converters.h"

// Frames for benchmarks: made from a fixed seed, so that every run reads the same bytes.
namespace switchyard::bench {

// One book's life: a snapshot and the frames that follow it without a hole.
struct FrameSeries {
  exchanges::gateio::Units units;
  exchange::BookChange snapshot;
  // As Gate.io writes them; 64 readable bytes lie behind each.
  std::vector<std::string> frames;
  // What the frames say, in house words.
  std::vector<exchange::BookChange> changes;
};

// Frames of 8 bids and 8 asks over a book of 100 levels a side. Their form is that of
// tests/golden/gateio/spot_ws_push.json and futures_ws_push.json, "order_book_update".
FrameSeries MakeSeries(exchanges::gateio::Product product, std::size_t count);

// A repeatable source of numbers; not a good one.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // 0 <= result < bound.
  std::uint64_t Below(std::uint64_t bound) {
    state_ = state_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    return (state_ >> 33) % bound;
  }

 private:
  std::uint64_t state_;
};

// Mixes one number into a checksum.
inline std::uint64_t Mix(std::uint64_t sum, std::int64_t value) {
  return (sum ^ static_cast<std::uint64_t>(value)) * 1'099'511'628'211ULL;
}
std::uint64_t Checksum(const exchange::BookChange& change);
std::uint64_t Checksum(const model::Book& book);

}  // namespace switchyard::bench
