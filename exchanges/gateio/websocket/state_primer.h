#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "common/exchange/io_thread.h"
#include "common/exchange/subscription_set.h"
#include "exchanges/gateio/market_data/book_snapshot.h"
#include "exchanges/gateio/utils/converters.h"
#include "exchanges/gateio/websocket/stall_watch.h"

namespace switchyard::exchanges::gateio {

// The best bid and offer of a book.
model::Quote QuoteOf(const BookSnapshot& book, const Units& units, model::Source source);

// Best bids and offers, tickers and candles are told when they change: behind a reconnect a quiet
// market would leave its topics STALE, a new subscription without a first snapshot, and candles
// that closed meanwhile would be missing. So what a confirmed subscription does not tell is read
// once, from the kept book or over REST, and again until either has told it. Connection thread.
class StatePrimer {
 public:
  struct Hooks {
    std::function<bool(const exchange::StreamKey&)> is_confirmed;
    // A topic that the stream serves has no state that lasts, or misses some of what was before.
    std::function<bool(const exchange::StreamKey&)> needs_state;
    // The top of the kept book; none where it is not valid.
    std::function<std::optional<BookSnapshot>(model::InstrumentId)> kept_book;
    std::function<Units(model::InstrumentId)> units;
    // What to ask REST for.
    std::function<exchange::CandlesQuery(const exchange::StreamKey&)> missing_candles;
    // Publishes what was read. False where it is older than what was told.
    std::function<bool(model::InstrumentId, const model::Quote&)> publish_quote;
    std::function<void(model::InstrumentId, const model::Ticker&)> publish_ticker;
    // False where more is to be read.
    std::function<bool(const exchange::StreamKey&, const model::CandlesPage&)> publish_candles;
  };

  // `pause`: between two attempts, unless the limits ask for more. All outlive it.
  StatePrimer(exchange::IoThread& thread, const SocketReads& reads, Hooks hooks,
              std::chrono::nanoseconds pause = std::chrono::seconds(1))
      : thread_(thread), reads_(reads), hooks_(std::move(hooks)), pause_(pause) {}

  // The exchange carries the stream from now on, or something new is wanted of it.
  void OnConfirmed(const exchange::StreamKey& key);
  // The stream was found dead on a live socket: its next confirmation proves nothing, only data.
  void OnStalled(const exchange::StreamKey& key) { stalled_.insert(key); }
  // The stream tells something that waits for what was before.
  void OnWaiting(const exchange::StreamKey& key) {
    if (stalled_.erase(key) > 0 && !IsDone(key)) Read(key);
  }
  // Its socket is gone, or nobody wants it any more.
  void Forget(const exchange::StreamKey& key) {
    stalled_.erase(key);
    retries_.erase(key);
    reads_of_.erase(key);
  }

 private:
  static bool IsState(const exchange::StreamKey& key);
  void Read(const exchange::StreamKey& key);
  void ReadCandles(const exchange::StreamKey& key);
  void ReadQuote(const exchange::StreamKey& key);
  void Publish(const exchange::StreamKey& key, const BookSnapshot& book, model::Source source);
  void Retry(const exchange::StreamKey& key, const absl::Status& why);
  // Makes a reply that hears of what it asked for alone: not of an answer that comes behind the
  // loss of its socket, nor where the stream was quicker. Failures are tried again.
  template <typename T, typename Use>
  exchange::Reply<T> Ask(const exchange::StreamKey& key, Use use);
  bool IsDone(const exchange::StreamKey& key) const {
    return !hooks_.is_confirmed(key) || !hooks_.needs_state(key);
  }

  exchange::IoThread& thread_;
  const SocketReads& reads_;
  const Hooks hooks_;
  const std::chrono::nanoseconds pause_;
  std::set<exchange::StreamKey> stalled_;
  std::map<exchange::StreamKey, std::uint64_t> reads_of_;  // the number of the latest
  std::uint64_t last_read_ = 0;
  std::map<exchange::StreamKey, std::unique_ptr<exchange::Timer>> retries_;
};

}  // namespace switchyard::exchanges::gateio
