#include "exchanges/lighter/websocket/order_book.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace switchyard::exchanges::lighter {
namespace {

bool ToLevels(const std::vector<wire::Level>& from, const Units& units, bool whole,
              std::vector<model::Level>& to) {
  for (const wire::Level& wire : from) {
    model::Level level;
    if (!ToLevel(wire, units, &level)) return false;
    // No order has that price. Source: lighter.md, section 2.3.
    if (level.price == 0 || (whole && level.quantity == 0)) continue;
    to.push_back(level);
  }
  return true;
}

bool HasTwice(const std::vector<model::Level>& levels) {
  return std::ranges::adjacent_find(levels, {}, &model::Level::price) != levels.end();
}

}  // namespace

exchange::BookDeskOptions DeskOptionsOf(const std::string& exchange) {
  exchange::BookDeskOptions options;
  options.exchange = exchange;
  options.stream_has_snapshots = true;
  return options;
}

bool ToChange(const wire::OrderBook& book, bool whole, const Units& units, TimeNs exchange_time,
              TimeNs received, exchange::BookChange& change) {
  change.Clear();
  if (!whole && (!book.has_begin_nonce || book.begin_nonce > book.nonce)) return false;
  change.range = {whole ? 0 : book.begin_nonce + 1, book.nonce, 0, /*exact=*/true};
  change.exchange_time = exchange_time;
  change.receive_time = received;
  change.full = whole;
  if (!ToLevels(book.bids, units, whole, change.bids) ||
      !ToLevels(book.asks, units, whole, change.asks)) {
    return false;
  }
  if (!whole) return true;
  // The wire does not promise an order; books are loaded best first.
  std::ranges::sort(change.bids, std::greater(), &model::Level::price);
  std::ranges::sort(change.asks, {}, &model::Level::price);
  return !HasTwice(change.bids) && !HasTwice(change.asks);
}

}  // namespace switchyard::exchanges::lighter
