#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/book_desk_options.h"
#include "common/exchange/book_sequencer.h"
#include "exchanges/gateio/market_data/book_snapshot.h"
#include "exchanges/gateio/utils/converters.h"
#include "exchanges/gateio/wire.h"

namespace switchyard::exchanges::gateio {

// Which of Gate.io's book channels feeds the books.
enum class BookFeed : std::uint8_t {
  kUpdates100ms,  // order_book_update, best 100 levels
  kUpdates20ms,   // order_book_update, best 20 levels
  kStream50,      // obu, 50 levels, 20 ms
  kStream400,     // obu, 400 levels, 100 ms
};

// What a feed maintains.
struct FeedTraits {
  std::string_view name;  // in the configuration
  std::string_view interval;
  std::uint32_t levels = 0;
  bool is_stream = false;
};
const FeedTraits& TraitsOf(BookFeed feed);
// How books of the feed are kept.
exchange::BookDeskOptions DeskOptionsOf(const std::string& exchange, BookFeed feed);
// Errors: InvalidArgument, listing the names.
absl::StatusOr<BookFeed> ParseBookFeed(std::string_view name);

// The rule of order_book_update and obu.
// Source: Spot WebSocket v4 and Futures WebSocket v4, "How to maintain local order book".
struct SequenceRule {
  // The first update applied must hold the snapshot's id + 1.
  static exchange::Continuity AfterSnapshot(const exchange::UpdateRange& range,
                                            std::uint64_t current) {
    if (range.last < current + 1) return exchange::Continuity::kOld;
    return range.first <= current + 1 ? exchange::Continuity::kNext : exchange::Continuity::kGap;
  }
  // Every later one must follow without a hole. Sizes are absolute, so an order_book_update that
  // overlaps what was applied (a frame sent twice, two sockets side by side) is as good as one that
  // begins exactly; obu allows neither and asks for a new subscription.
  static exchange::Continuity AfterUpdate(const exchange::UpdateRange& range,
                                          std::uint64_t current) {
    if (!range.exact) return AfterSnapshot(range, current);
    return range.first == current + 1 ? exchange::Continuity::kNext : exchange::Continuity::kGap;
  }
};
static_assert(exchange::SequenceRule<SequenceRule>);

// A frame in house words. `change` is overwritten; its memory is reused. False where a level does
// not fit the instrument's scales exactly. `is_stream`: it came by obu.
bool ToChange(const wire::BookUpdate& update, bool is_stream, const Units& units, TimeNs received,
              exchange::BookChange& change);

// A REST snapshot in house words. `levels` is the limit that was asked for.
exchange::BookChange ToChange(const BookSnapshot& snapshot, std::size_t levels, TimeNs received);

}  // namespace switchyard::exchanges::gateio
