#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/recent_trades.h"
#include "common/exchange/subscription_set.h"
#include "common/time/time.h"
#include "exchanges/lighter/channels.h"
#include "exchanges/lighter/market_data/rest_market_data.h"

namespace switchyard::exchanges::lighter {

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

// Whether a book's best levels are those of one read over REST: what stands for its number, which
// REST does not tell.
bool SameTop(const BookSnapshot& book, const model::Level& bid, const model::Level& ask);

// Of trades read at `asked`: whether one that is old enough to have been told, and not older than
// the silence, is not among those that were told.
bool ShowsUntoldTrade(const model::TradesPage& page, TimeNs asked,
                      const exchange::RecentTrades& told);
// The same where trades are not told themselves, but move what is.
bool ShowsTrade(const model::TradesPage& page, TimeNs asked);

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

  // All outlive it.
  BasicStallWatch(exchange::IoThread& thread, const Clock& clock, const SocketReads& reads,
                  Hooks hooks)
      : thread_(thread), clock_(clock), reads_(reads), hooks_(std::move(hooks)) {}

  // What the streams of best levels and of statistics tell.
  void OnQuote(const exchange::StreamKey& key, const model::Quote& quote) {
    Seen& seen = seen_[key];
    seen.bid = quote.bid;
    seen.ask = quote.ask;
    ++seen.told;
  }
  void OnTicker(const exchange::StreamKey& key, const model::Ticker& ticker) {
    Seen& seen = seen_[key];
    seen.last_price = ticker.last_price;
    ++seen.told;
  }

  // A stream has been silent.
  void Check(const exchange::StreamKey& key);
  // Nobody wants the stream any more.
  void Forget(const exchange::StreamKey& key) { seen_.erase(key); }

 private:
  // Batches come every 50 ms, statistics at most once a second.
  static constexpr std::chrono::milliseconds kCatchUp{1'200};

  struct Seen {
    model::Level bid, ask;
    std::optional<Decimal> last_price;
    std::uint64_t told = 0;  // messages so far
    std::unique_ptr<TimerType> timer;
  };

  // Whether the stream is there and has told nothing since it had told `told`.
  bool IsSilent(const exchange::StreamKey& key, std::uint64_t told) {
    return hooks_.is_confirmed(key) && seen_[key].told == told;
  }
  // REST has moved: the stream is stalled unless it tells something in a moment.
  void Suspect(const exchange::StreamKey& key, std::uint64_t told) {
    Seen& seen = seen_[key];
    if (seen.timer == nullptr) seen.timer = std::make_unique<TimerType>(thread_);
    seen.timer->Start(kCatchUp, [this, key, told] {
      if (IsSilent(key, told)) hooks_.stalled(key);
    });
  }
  // Reads trades; the stream is dead where `proof(page)` holds.
  template <typename Proof>
  void Judge(const exchange::StreamKey& key, Proof proof) {
    reads_.trades(key.instrument,
                  [this, key, proof](const absl::StatusOr<model::TradesPage>& page) {
                    if (page.ok() && hooks_.is_confirmed(key) && proof(*page)) {
                      hooks_.stalled(key);
                    }
                  });
  }

  exchange::IoThread& thread_;
  const Clock& clock_;
  const SocketReads& reads_;
  const Hooks hooks_;
  std::map<exchange::StreamKey, Seen> seen_;
};

template <typename TimerType>
void BasicStallWatch<TimerType>::Check(const exchange::StreamKey& key) {
  const TimeNs asked = clock_.Now();
  const std::uint64_t told = seen_[key].told;
  switch (static_cast<Channel>(key.channel)) {
    case Channel::kTrades:
      return Judge(key, [this, key, asked](const model::TradesPage& page) {
        return ShowsUntoldTrade(page, asked, hooks_.recent_trades(key.instrument));
      });
    case Channel::kCandles:
      return Judge(key, [asked](const model::TradesPage& page) { return ShowsTrade(page, asked); });
    case Channel::kTicker:
      return reads_.book(key.instrument,
                         [this, key, told](const absl::StatusOr<BookSnapshot>& book) {
                           if (!book.ok() || !IsSilent(key, told)) return;
                           const Seen& seen = seen_[key];
                           if (!SameTop(*book, seen.bid, seen.ask)) Suspect(key, told);
                         });
    default:
      return reads_.ticker(key.instrument,
                           [this, key, told](const absl::StatusOr<model::Ticker>& ticker) {
                             if (!ticker.ok() || !IsSilent(key, told)) return;
                             if (ticker->last_price != seen_[key].last_price) Suspect(key, told);
                           });
  }
}

using StallWatch = BasicStallWatch<exchange::Timer>;

}  // namespace switchyard::exchanges::lighter
