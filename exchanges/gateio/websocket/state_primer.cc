#include "exchanges/gateio/websocket/state_primer.h"

#include <algorithm>
#include <cstdint>
#include <utility>

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
  const Channel channel = ChannelOf(key);
  return channel == Channel::kBookTicker || channel == Channel::kTickers ||
         channel == Channel::kCandles;
}

void StatePrimer::OnConfirmed(const exchange::StreamKey& key) {
  if (IsState(key) && !stalled_.contains(key) && !IsDone(key)) Read(key);
}

template <typename T, typename Use>
exchange::Reply<T> StatePrimer::Ask(const exchange::StreamKey& key, Use use) {
  const std::uint64_t number = reads_of_[key] = ++last_read_;
  return [this, key, number, use = std::move(use)](const absl::StatusOr<T>& answer) {
    const auto latest = reads_of_.find(key);
    if (latest == reads_of_.end() || latest->second != number || IsDone(key)) return;
    if (!answer.ok()) return Retry(key, answer.status());
    use(*answer);
  };
}

void StatePrimer::Read(const exchange::StreamKey& key) {
  switch (ChannelOf(key)) {
    case Channel::kTickers:
      reads_.ticker(key.instrument, Ask<model::Ticker>(key, [this, key](const model::Ticker& read) {
                      hooks_.publish_ticker(key.instrument, read);
                    }));
      break;
    case Channel::kCandles:
      ReadCandles(key);
      break;
    default:
      ReadQuote(key);
      break;
  }
}

void StatePrimer::ReadCandles(const exchange::StreamKey& key) {
  reads_.candles(key.instrument, hooks_.missing_candles(key),
                 Ask<model::CandlesPage>(key, [this, key](const model::CandlesPage& page) {
                   if (!hooks_.publish_candles(key, page)) ReadCandles(key);
                 }));
}

void StatePrimer::ReadQuote(const exchange::StreamKey& key) {
  if (const auto kept = hooks_.kept_book(key.instrument)) {
    return Publish(key, *kept, model::Source::kWebSocket);
  }
  reads_.book(key.instrument, Ask<BookSnapshot>(key, [this, key](const BookSnapshot& book) {
                Publish(key, book, model::Source::kRest);
              }));
}

void StatePrimer::Publish(const exchange::StreamKey& key, const BookSnapshot& book,
                          model::Source source) {
  const model::Quote quote = QuoteOf(book, hooks_.units(key.instrument), source);
  // A book may be behind the best bid and offer, which are told more often.
  if (!hooks_.publish_quote(key.instrument, quote)) Retry(key, absl::OkStatus());
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
