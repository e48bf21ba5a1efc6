#include "exchanges/gateio/websocket/order_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "common/status/status.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::array<FeedTraits, 4> kFeeds = {{
    {"order_book_update_100ms", "100ms", 100, false},
    {"order_book_update_20ms", "20ms", 20, false},
    {"obu_50", "20ms", 50, true},
    {"obu_400", "100ms", 400, true},
}};

bool ToLevels(const std::vector<wire::Level>& from, const Units& units,
              std::vector<model::Level>& to) {
  to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!ToLevel(from[i], units, &to[i])) return false;
  }
  return true;
}

// The wire does not promise an order in a full frame; books are loaded best first.
void SortBestFirst(exchange::BookChange& change) {
  const auto higher = [](const model::Level& a, const model::Level& b) {
    return a.price > b.price;
  };
  const auto lower = [](const model::Level& a, const model::Level& b) { return a.price < b.price; };
  if (!std::ranges::is_sorted(change.bids, higher)) std::ranges::sort(change.bids, higher);
  if (!std::ranges::is_sorted(change.asks, lower)) std::ranges::sort(change.asks, lower);
}

}  // namespace

const FeedTraits& TraitsOf(BookFeed feed) { return kFeeds[static_cast<std::size_t>(feed)]; }

exchange::BookDeskOptions DeskOptionsOf(const std::string& exchange, BookFeed feed) {
  exchange::BookDeskOptions options;
  options.exchange = exchange;
  options.depth = std::min<std::size_t>(options.depth, TraitsOf(feed).levels);
  options.stream_has_snapshots = TraitsOf(feed).is_stream;
  return options;
}

absl::StatusOr<BookFeed> ParseBookFeed(std::string_view name) {
  if (name.empty()) return BookFeed::kUpdates100ms;
  std::string names;
  for (std::size_t i = 0; i < kFeeds.size(); ++i) {
    if (kFeeds[i].name == name) return static_cast<BookFeed>(i);
    names += fmt::format("{}{}", i == 0 ? "" : ", ", kFeeds[i].name);
  }
  return InvalidField("options.book_feed", fmt::format("'{}' is none of {}", name, names));
}

bool ToChange(const wire::BookUpdate& update, bool is_stream, const Units& units, TimeNs received,
              exchange::BookChange& change) {
  change.range = {update.first_id, update.last_id, 0, is_stream};
  change.exchange_time = update.time;
  change.receive_time = received;
  change.full = update.full;
  change.cut = update.full;
  change.window = 0;
  // Newer frames name the depth that they are about: levels that enter it are told, levels that
  // have left it are not maintained any more. Frames without it (as recorded in 2021) tell every
  // level.
  if (!update.level.empty()) {
    std::from_chars(update.level.data(), update.level.data() + update.level.size(), change.window);
  }
  if (!ToLevels(update.bids, units, change.bids) || !ToLevels(update.asks, units, change.asks)) {
    return false;
  }
  if (change.full) {
    SortBestFirst(change);
    // A frame of a named depth is whole within it, and what enters later is told.
    change.cut = change.window == 0;
  }
  return true;
}

exchange::BookChange ToChange(const BookSnapshot& snapshot, std::size_t levels, TimeNs received) {
  exchange::BookChange change;
  change.range = {snapshot.id, snapshot.id, 0, false};
  change.exchange_time = snapshot.time;
  change.receive_time = received;
  change.full = true;
  change.bids = snapshot.bids;
  change.asks = snapshot.asks;
  change.cut = std::max(change.bids.size(), change.asks.size()) >= levels;
  SortBestFirst(change);
  return change;
}

}  // namespace switchyard::exchanges::gateio
