#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/subscription_set.h"
#include "exchanges/gateio/market_data/book_snapshot.h"
#include "exchanges/gateio/websocket/recent_trades.h"

namespace switchyard::exchanges::gateio {

// Reads over REST; replies come on the connection thread, later.
struct SocketReads {
  std::function<void(model::InstrumentId, exchange::Reply<BookSnapshot>)> book;
  std::function<void(model::InstrumentId, exchange::Reply<model::TradesPage>)> trades;
  std::function<void(model::InstrumentId, exchange::Reply<model::Ticker>)> ticker;
};

// Decides whether a silent stream is a quiet market or a dead one: asks REST, and where REST has
// moved and the stream, after a moment to catch up, has not, it is dead. Books have a check of
// their own (exchange::BookDesk). Connection thread.
class StallWatch {
 public:
  struct Hooks {
    std::function<bool(const exchange::StreamKey&)> is_confirmed;
    std::function<void(const exchange::StreamKey&)> stalled;
    std::function<const RecentTrades&(model::InstrumentId)> recent_trades;
  };

  StallWatch(exchange::IoThread& thread, const Clock& clock, const SocketReads& reads, Hooks hooks)
      : thread_(thread), clock_(clock), reads_(reads), hooks_(std::move(hooks)) {}

  // What the streams tell.
  void OnQuote(model::InstrumentId instrument, const model::Quote& quote);
  void OnTicker(model::InstrumentId instrument, const model::Ticker& ticker);

  // A stream of trades or candles, of best bids and offers, or of tickers has been silent.
  void CheckTrades(const exchange::StreamKey& key);
  void CheckQuote(const exchange::StreamKey& key);
  void CheckTicker(const exchange::StreamKey& key);
  // Nobody wants the stream any more.
  void Forget(const exchange::StreamKey& key) { suspects_.erase(key); }

 private:
  struct Seen {
    std::optional<Decimal> last_price;     // told by the stream
    std::optional<Decimal> checked_price;  // told by the last check
    model::Level bid, ask;
    std::uint64_t tickers = 0;  // told so far
    std::uint64_t quotes = 0;
  };
  using Count = std::uint64_t Seen::*;

  Seen& Get(model::InstrumentId instrument);
  // REST has moved: the stream is stalled unless it tells something in a moment.
  void Suspect(const exchange::StreamKey& key, Count count);

  exchange::IoThread& thread_;
  const Clock& clock_;
  const SocketReads& reads_;
  const Hooks hooks_;
  std::vector<Seen> seen_;  // by instrument
  std::map<exchange::StreamKey, std::unique_ptr<exchange::Timer>> suspects_;
};

}  // namespace switchyard::exchanges::gateio
