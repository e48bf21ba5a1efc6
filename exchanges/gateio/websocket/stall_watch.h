#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/recent_trades.h"
#include "common/exchange/subscription_set.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/market_data/book_snapshot.h"

namespace switchyard::exchanges::gateio {

// Reads over REST; replies come on the connection thread, later.
struct SocketReads {
  std::function<void(model::InstrumentId, exchange::Reply<BookSnapshot>)> book;
  std::function<void(model::InstrumentId, exchange::Reply<model::TradesPage>)> trades;
  std::function<void(model::InstrumentId, exchange::Reply<model::Ticker>)> ticker;
  // The query's symbol is filled in.
  std::function<void(model::InstrumentId, exchange::CandlesQuery,
                     exchange::Reply<model::CandlesPage>)>
      candles;
};

// Prices of the best bid and offer; 0 = an empty side.
struct TopPrices {
  std::int64_t bid = 0;
  std::int64_t ask = 0;
  friend constexpr bool operator==(const TopPrices&, const TopPrices&) = default;
};
TopPrices TopOf(const BookSnapshot& book);

// What trades read at `asked` say of a stream that has been silent for longer than they are old;
// trades that may still be under way say nothing.
// One of them should have been told by the stream of trades.
bool ShowsUntoldTrade(const model::TradesPage& page, TimeNs asked,
                      const exchange::RecentTrades& told);
// One of them should have moved a candle.
bool ShowsTrade(const model::TradesPage& page, TimeNs asked);
// One of them should have moved the last price.
bool ShowsPriceMove(const model::TradesPage& page, TimeNs asked);

// Decides whether a silent stream is a quiet market or a dead one: asks REST, and where REST has
// moved and the stream, after a moment to catch up, has not, it is dead. Books have a check of
// their own (exchange::BookDesk). Connection thread.
template <typename TimerType>
class BasicStallWatch {
 public:
  struct Hooks {
    std::function<bool(const exchange::StreamKey&)> is_confirmed;
    std::function<void(const exchange::StreamKey&)> stalled;
    std::function<const exchange::RecentTrades&(model::InstrumentId)> recent_trades;
  };

  BasicStallWatch(exchange::IoThread& thread, const Clock& clock, const SocketReads& reads,
                  Hooks hooks)
      : thread_(thread), clock_(clock), reads_(reads), hooks_(std::move(hooks)) {}

  // What the streams tell.
  void OnQuote(model::InstrumentId instrument, const model::Quote& quote) {
    Seen& seen = Get(instrument);
    seen.top = {quote.bid.price, quote.ask.price};
    ++seen.quotes;
  }
  void OnTicker(model::InstrumentId instrument, const model::Ticker& ticker) {
    Seen& seen = Get(instrument);
    seen.last_price = ticker.last_price;
    ++seen.tickers;
  }

  // A stream of trades has been silent, or one of candles, which trades move.
  void CheckTrades(const exchange::StreamKey& key);
  // A stream of best bids and offers has been silent.
  void CheckQuote(const exchange::StreamKey& key) { LookAtQuote(key, /*again=*/true); }
  // A stream of tickers has been silent.
  void CheckTicker(const exchange::StreamKey& key);
  // Nobody wants the stream any more.
  void Forget(const exchange::StreamKey& key);

 private:
  // Tickers come once a second, best bids and offers at once.
  static constexpr std::chrono::milliseconds kTickerCatchUp{1'200};
  static constexpr std::chrono::milliseconds kQuoteCatchUp{500};
  // Where nothing is known to compare with, REST is asked a second time after this.
  static constexpr std::chrono::milliseconds kSecondLook{500};

  struct Seen {
    // As the stream or, where that told nothing since, the last check told them.
    std::optional<TopPrices> top;
    std::optional<Decimal> last_price;
    // Told by the stream so far.
    std::uint64_t quotes = 0;
    std::uint64_t tickers = 0;
  };
  using Count = std::uint64_t Seen::*;

  Seen& Get(model::InstrumentId instrument) {
    if (seen_.size() <= instrument.value) seen_.resize(instrument.value + 1);
    return seen_[instrument.value];
  }
  void LookAtQuote(const exchange::StreamKey& key, bool again);
  // Reads trades; the stream is dead where `proof(page, asked)` holds.
  template <typename Proof>
  void Judge(const exchange::StreamKey& key, Proof proof);
  // REST has moved: the stream is stalled unless it tells something in a moment.
  void Suspect(const exchange::StreamKey& key, Count count, std::chrono::nanoseconds catch_up);
  // Whether the answer to a read that was asked when the stream had told `told` says something.
  bool IsNews(const exchange::StreamKey& key, Count count, std::uint64_t told) {
    return hooks_.is_confirmed(key) && Get(key.instrument).*count == told;
  }
  TimerType& TimerOf(const exchange::StreamKey& key) {
    std::unique_ptr<TimerType>& timer = timers_[key];
    if (timer == nullptr) timer = std::make_unique<TimerType>(thread_);
    return *timer;
  }

  exchange::IoThread& thread_;
  const Clock& clock_;
  const SocketReads& reads_;
  const Hooks hooks_;
  std::vector<Seen> seen_;  // by instrument
  std::map<exchange::StreamKey, std::unique_ptr<TimerType>> timers_;
};

template <typename TimerType>
void BasicStallWatch<TimerType>::CheckTrades(const exchange::StreamKey& key) {
  if (static_cast<Channel>(key.channel) == Channel::kCandles) return Judge(key, ShowsTrade);
  Judge(key, [this, key](const model::TradesPage& page, TimeNs asked) {
    return ShowsUntoldTrade(page, asked, hooks_.recent_trades(key.instrument));
  });
}

template <typename TimerType>
void BasicStallWatch<TimerType>::CheckTicker(const exchange::StreamKey& key) {
  if (!Get(key.instrument).last_price) return Judge(key, ShowsPriceMove);
  reads_.ticker(key.instrument, [this, key, told = Get(key.instrument).tickers](
                                    const absl::StatusOr<model::Ticker>& ticker) {
    if (!ticker.ok() || !ticker->last_price || !IsNews(key, &Seen::tickers, told)) return;
    Seen& seen = Get(key.instrument);
    const auto before = std::exchange(seen.last_price, ticker->last_price);
    if (before != seen.last_price) Suspect(key, &Seen::tickers, kTickerCatchUp);
  });
}

template <typename TimerType>
void BasicStallWatch<TimerType>::LookAtQuote(const exchange::StreamKey& key, bool again) {
  reads_.book(key.instrument, [this, key, again, told = Get(key.instrument).quotes](
                                  const absl::StatusOr<BookSnapshot>& book) {
    if (!book.ok() || !IsNews(key, &Seen::quotes, told)) return;
    Seen& seen = Get(key.instrument);
    const auto before = std::exchange(seen.top, TopOf(*book));
    if (before && before != seen.top) {
      Suspect(key, &Seen::quotes, kQuoteCatchUp);
    } else if (!before && again) {
      TimerOf(key).Start(kSecondLook, [this, key] { LookAtQuote(key, /*again=*/false); });
    }
  });
}

template <typename TimerType>
template <typename Proof>
void BasicStallWatch<TimerType>::Judge(const exchange::StreamKey& key, Proof proof) {
  reads_.trades(key.instrument, [this, key, proof = std::move(proof), asked = clock_.Now()](
                                    const absl::StatusOr<model::TradesPage>& page) {
    if (page.ok() && hooks_.is_confirmed(key) && proof(*page, asked)) hooks_.stalled(key);
  });
}

template <typename TimerType>
void BasicStallWatch<TimerType>::Suspect(const exchange::StreamKey& key, Count count,
                                         std::chrono::nanoseconds catch_up) {
  TimerOf(key).Start(catch_up, [this, key, count, told = Get(key.instrument).*count] {
    if (IsNews(key, count, told)) hooks_.stalled(key);
  });
}

template <typename TimerType>
void BasicStallWatch<TimerType>::Forget(const exchange::StreamKey& key) {
  timers_.erase(key);
  const auto channel = static_cast<Channel>(key.channel);
  // What was told before says nothing of a later subscription.
  if (channel == Channel::kBookTicker) Get(key.instrument).top.reset();
  if (channel == Channel::kTickers) Get(key.instrument).last_price.reset();
}

using StallWatch = BasicStallWatch<exchange::Timer>;

}  // namespace switchyard::exchanges::gateio
