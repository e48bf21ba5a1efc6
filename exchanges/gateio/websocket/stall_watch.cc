#include "exchanges/gateio/websocket/stall_watch.h"

#include <algorithm>

namespace switchyard::exchanges::gateio {
namespace {

// Trades younger than this, at the moment of the check, may still be under way.
constexpr std::chrono::seconds kTradeGrace{2};
// Candles come every two seconds.
// Source: Spot WebSocket v4, "spot.candlesticks".
constexpr std::chrono::seconds kCandleGrace{3};
// Trades older than this are from before the silence.
constexpr std::chrono::seconds kTradeWindow{6};

bool IsBetween(const model::Trade& trade, TimeNs asked, std::chrono::seconds grace) {
  return trade.exchange_time > asked - kTradeWindow && trade.exchange_time < asked - grace;
}

}  // namespace

TopPrices TopOf(const BookSnapshot& book) {
  return {book.bids.empty() ? 0 : book.bids.front().price,
          book.asks.empty() ? 0 : book.asks.front().price};
}

bool ShowsUntoldTrade(const model::TradesPage& page, TimeNs asked,
                      const exchange::RecentTrades& told) {
  return std::ranges::any_of(page.trades, [&](const model::Trade& trade) {
    return IsBetween(trade, asked, kTradeGrace) && !told.Contains(trade.trade_id);
  });
}

bool ShowsTrade(const model::TradesPage& page, TimeNs asked) {
  return std::ranges::any_of(page.trades, [asked](const model::Trade& trade) {
    return IsBetween(trade, asked, kCandleGrace);
  });
}

bool ShowsPriceMove(const model::TradesPage& page, TimeNs asked) {
  // Newest first: each trade's predecessor stands behind it.
  return std::ranges::adjacent_find(
             page.trades, [asked](const model::Trade& trade, const model::Trade& before) {
               return trade.price != before.price && IsBetween(trade, asked, kTradeGrace);
             }) != page.trades.end();
}

}  // namespace switchyard::exchanges::gateio
