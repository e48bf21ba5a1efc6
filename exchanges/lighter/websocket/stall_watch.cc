#include "exchanges/lighter/websocket/stall_watch.h"

#include <algorithm>

namespace switchyard::exchanges::lighter {
namespace {

// Trades younger than this, at the moment of the check, may still be under way; candles come in
// batches about every 500 ms, so the same holds for them.
constexpr std::chrono::seconds kGrace{2};
// Trades older than this are from before the silence.
constexpr std::chrono::seconds kWindow{6};

bool IsBetween(const model::Trade& trade, TimeNs asked) {
  return trade.exchange_time > asked - kWindow && trade.exchange_time < asked - kGrace;
}

// Quantities too: a level may grow without another price.
bool SameLevel(const std::vector<model::Level>& side, const model::Level& best) {
  return side.empty() ? best.quantity == 0 : side.front() == best;
}

}  // namespace

bool SameTop(const BookSnapshot& book, const model::Level& bid, const model::Level& ask) {
  return SameLevel(book.bids, bid) && SameLevel(book.asks, ask);
}

bool ShowsUntoldTrade(const model::TradesPage& page, TimeNs asked,
                      const exchange::RecentTrades& told) {
  return std::ranges::any_of(page.trades, [&](const model::Trade& trade) {
    return IsBetween(trade, asked) && !told.Contains(trade.trade_id);
  });
}

bool ShowsTrade(const model::TradesPage& page, TimeNs asked) {
  return std::ranges::any_of(
      page.trades, [asked](const model::Trade& trade) { return IsBetween(trade, asked); });
}

}  // namespace switchyard::exchanges::lighter
