#include "exchanges/gateio/websocket/state_primer.h"

#include <algorithm>

#include "common/status/status.h"
#include "exchanges/gateio/channels.h"

namespace switchyard::exchanges::gateio {
namespace {

Channel ChannelOf(const exchange::StreamKey& key) { return static_cast<Channel>(key.channel); }

}  // namespace

model::Quote QuoteOf(const BookSnapshot& book, const Units& units, model::Source source) {
  model::Quote quote;
  if (!book.bids.empty()) quote.bid = book.bids.front();
  if (!book.asks.empty()) quote.ask = book.asks.front();
  quote.price_scale = units.price_scale;
  quote.quantity_scale = units.quantity_scale;
  quote.source = source;
  quote.exchange_time = book.time;
  quote.exchange_sequence = book.id;
  return quote;
}

bool StatePrimer::IsState(const exchange::StreamKey& key) {
  return ChannelOf(key) == Channel::kBookTicker || ChannelOf(key) == Channel::kTickers;
}

void StatePrimer::OnConfirmed(const exchange::StreamKey& key) {
  if (IsState(key) && !stalled_.contains(key) && !IsDone(key)) Read(key);
}

void StatePrimer::Read(const exchange::StreamKey& key) {
  if (ChannelOf(key) == Channel::kTickers) {
    reads_.ticker(key.instrument, [this, key](const absl::StatusOr<model::Ticker>& ticker) {
      if (IsDone(key)) return;
      if (!ticker.ok()) return Retry(key, ticker.status());
      hooks_.publish_ticker(key.instrument, *ticker);
    });
    return;
  }
  const auto publish = [this, key](const BookSnapshot& book, model::Source source) {
    hooks_.publish_quote(key.instrument, QuoteOf(book, hooks_.units(key.instrument), source));
  };
  if (const auto kept = hooks_.kept_book(key.instrument)) {
    publish(*kept, model::Source::kWebSocket);
    return;
  }
  reads_.book(key.instrument, [this, key, publish](const absl::StatusOr<BookSnapshot>& book) {
    if (IsDone(key)) return;
    if (!book.ok()) return Retry(key, book.status());
    publish(*book, model::Source::kRest);
  });
}

void StatePrimer::Retry(const exchange::StreamKey& key, const absl::Status& why) {
  const std::chrono::nanoseconds wait = std::max(pause_, RetryAfterOf(why).value_or(pause_));
  std::unique_ptr<exchange::Timer>& timer = retries_[key];
  if (timer == nullptr) timer = std::make_unique<exchange::Timer>(thread_);
  timer->Start(wait, [this, key] {
    if (!IsDone(key)) Read(key);
  });
}

}  // namespace switchyard::exchanges::gateio
