#include "exchanges/gateio/websocket/stall_watch.h"

#include <chrono>
#include <utility>

namespace switchyard::exchanges::gateio {
namespace {

// Trades younger than this, at the moment of the check, may still be under way.
constexpr std::chrono::seconds kTradeGrace{2};
// Trades older than this are from before the silence.
constexpr std::chrono::seconds kTradeWindow{6};
// Tickers come once a second.
constexpr std::chrono::milliseconds kCatchUp{1'200};

}  // namespace

StallWatch::Seen& StallWatch::Get(model::InstrumentId instrument) {
  if (seen_.size() <= instrument.value) seen_.resize(instrument.value + 1);
  return seen_[instrument.value];
}

void StallWatch::OnQuote(model::InstrumentId instrument, const model::Quote& quote) {
  Seen& seen = Get(instrument);
  seen.bid = quote.bid;
  seen.ask = quote.ask;
  ++seen.quotes;
}

void StallWatch::OnTicker(model::InstrumentId instrument, const model::Ticker& ticker) {
  Seen& seen = Get(instrument);
  seen.last_price = ticker.last_price;
  ++seen.tickers;
}

// A trade that the stream should have told, or that should have moved a candle, proves it dead.
void StallWatch::CheckTrades(const exchange::StreamKey& key) {
  const TimeNs asked = clock_.Now();
  reads_.trades(key.instrument, [this, key, asked](absl::StatusOr<model::TradesPage> page) {
    if (!page.ok() || !hooks_.is_confirmed(key)) return;
    const RecentTrades& recent = hooks_.recent_trades(key.instrument);
    for (const model::Trade& trade : page->trades) {
      if (trade.exchange_time > asked - kTradeWindow && trade.exchange_time < asked - kTradeGrace &&
          !recent.Contains(trade.trade_id)) {
        hooks_.stalled(key);
        return;
      }
    }
  });
}

void StallWatch::CheckQuote(const exchange::StreamKey& key) {
  reads_.book(key.instrument, [this, key](absl::StatusOr<BookSnapshot> book) {
    if (!book.ok() || !hooks_.is_confirmed(key)) return;
    const Seen& seen = Get(key.instrument);
    const model::Level bid = book->bids.empty() ? model::Level() : book->bids.front();
    const model::Level ask = book->asks.empty() ? model::Level() : book->asks.front();
    if (bid.price != seen.bid.price || ask.price != seen.ask.price) Suspect(key, &Seen::quotes);
  });
}

// Where the stream has told no price yet, the price of the check before stands in.
void StallWatch::CheckTicker(const exchange::StreamKey& key) {
  reads_.ticker(key.instrument, [this, key](absl::StatusOr<model::Ticker> ticker) {
    if (!ticker.ok() || !hooks_.is_confirmed(key)) return;
    Seen& seen = Get(key.instrument);
    const std::optional<Decimal> known = seen.last_price ? seen.last_price : seen.checked_price;
    seen.checked_price = ticker->last_price;
    if (known && ticker->last_price && *known != *ticker->last_price) Suspect(key, &Seen::tickers);
  });
}

void StallWatch::Suspect(const exchange::StreamKey& key, Count count) {
  std::unique_ptr<exchange::Timer>& timer = suspects_[key];
  if (timer == nullptr) timer = std::make_unique<exchange::Timer>(thread_);
  timer->Start(kCatchUp, [this, key, count, told = Get(key.instrument).*count] {
    if (hooks_.is_confirmed(key) && Get(key.instrument).*count == told) hooks_.stalled(key);
  });
}

}  // namespace switchyard::exchanges::gateio
