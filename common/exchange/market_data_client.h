#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/capabilities.h"
#include "common/model/market_data.h"

namespace switchyard::stream {
class EventStream;
}  // namespace switchyard::stream

namespace switchyard::exchange {

// Receives the answer of a read, exactly once, on any thread (also on the caller's, before the call
// returns, when memory serves it). Must not block.
template <typename T>
using Reply = std::function<void(absl::StatusOr<T>)>;

// Channels of market data, as marketdata.v1.Channel (a test pins the numbers).
enum class Channel : std::uint8_t {
  kOrderBook = 1,
  kBestBidOffer = 2,
  kTrades = 3,
  kTicker = 4,
  kCandles = 5,
  kMarkPrice = 6,
  kFundingRate = 7,
};

// The capability table's entry of a channel.
inline const ChannelEntry& ChannelEntryOf(Channel channel) {
  // Entries are in the order of the channels' numbers (a test pins it).
  return ChannelEntries()[static_cast<std::size_t>(channel) - 1];
}

// Which paths may serve a read.
struct AllowedSources {
  bool websocket = true;
  bool cache = true;
  bool rest = true;
};

struct BookQuery {
  std::string symbol;
  std::uint32_t depth = 10;  // levels a side
  AllowedSources allowed;
  std::chrono::nanoseconds max_age = std::chrono::seconds(1);  // of a cached answer
};

struct QuoteQuery {
  std::string symbol;
  AllowedSources allowed;
  std::chrono::nanoseconds max_age = std::chrono::seconds(1);  // of a cached answer
};

struct TradesQuery {
  std::string symbol;
  std::uint32_t page_size = 100;
  std::string page_token;
};

struct CandlesQuery {
  std::string symbol;
  std::uint32_t interval_seconds = 60;
  TimeNs start, end;  // 0 = not bounded
  std::uint32_t page_size = 100;
  std::string page_token;
};

struct FundingHistoryQuery {
  std::string symbol;
  TimeNs start, end;
  std::uint32_t page_size = 100;
  std::string page_token;
};

// One topic asked for by a stream.
struct TopicRequest {
  std::string symbol;
  Channel channel = Channel::kOrderBook;
  std::uint32_t depth = 0;             // kOrderBook; 0 = 10
  std::uint32_t interval_seconds = 0;  // kCandles
};

// What became of it.
struct TopicGrant {
  absl::Status status;
  std::uint32_t granted_depth = 0;  // kOrderBook
};

enum class ConnectionState : std::uint8_t {
  kIdle = 1,
  kConnecting = 2,
  kSubscribing = 3,
  kReady = 4,
  kBackoff = 5,
  kDown = 6,
};

struct ConnectionStatus {
  std::string name;
  ConnectionState state = ConnectionState::kIdle;
  TimeNs since;
  std::chrono::nanoseconds uptime{0};
  std::chrono::nanoseconds last_message_age{-1};  // -1 = none yet
  std::uint64_t reconnects = 0;
  std::uint32_t subscriptions = 0;
  std::string last_error;
};

struct LimitHeadroom {
  std::string name;
  std::uint32_t remaining = 0;
  std::uint32_t limit = 0;
  std::uint32_t window_ms = 0;
};

struct ReadLatency {
  model::Source source = model::Source::kRest;
  std::uint64_t count = 0;
  std::chrono::nanoseconds total{0};
  std::chrono::nanoseconds max{0};
};

struct ClientStatus {
  bool ready = false;
  std::vector<ConnectionStatus> connections;
  std::uint64_t resyncs = 0;
  std::uint64_t gaps = 0;
  std::uint64_t rest_fallbacks = 0;
  std::uint32_t valid_books = 0;
  std::uint32_t stale_books = 0;
  std::chrono::nanoseconds clock_offset{0};
  std::vector<ReadLatency> read_latencies;
  std::vector<LimitHeadroom> limits;
};

// The public half of one exchange, as services see it. Calls come from any thread. Errors are those
// of style.md's table; a read that the capability table lacks answers Unimplemented.
class MarketDataClient {
 public:
  virtual ~MarketDataClient() = default;

  virtual const Capabilities& capabilities() const = 0;

  // Begins to load instruments and to connect. Once.
  virtual void Start() = 0;
  // Ends everything; returns when its threads have ended. Streams get no further event. Once.
  virtual void Stop() = 0;

  // Null until the first load has succeeded. Never blocks.
  virtual std::shared_ptr<const model::InstrumentTable> instruments() const = 0;
  // The table, loaded first if there is none yet.
  virtual void LoadInstruments(Reply<std::shared_ptr<const model::InstrumentTable>> reply) = 0;

  virtual void GetOrderBook(BookQuery query, Reply<model::BookView> reply) = 0;
  virtual void GetQuote(QuoteQuery query, Reply<model::Quote> reply) = 0;
  virtual void ListTrades(TradesQuery query, Reply<model::TradesPage> reply) = 0;
  virtual void ListCandles(CandlesQuery query, Reply<model::CandlesPage> reply) = 0;
  // All symbols where `symbols` is empty.
  virtual void ListTickers(std::vector<std::string> symbols, Reply<model::TickersReply> reply) = 0;
  virtual void ListFundingRates(std::vector<std::string> symbols,
                                Reply<model::FundingRatesReply> reply) = 0;
  virtual void ListFundingRateHistory(FundingHistoryQuery query,
                                      Reply<model::FundingRatesReply> reply) = 0;

  // Attaches a stream to topics; `reply` has one grant per request, in order. Events may reach the
  // stream before the reply. A refused topic does not touch the others.
  virtual void Subscribe(std::vector<TopicRequest> topics,
                         std::shared_ptr<stream::EventStream> stream,
                         Reply<std::vector<TopicGrant>> reply) = 0;
  // Detaches the stream from everything. Idempotent.
  virtual void Unsubscribe(std::shared_ptr<stream::EventStream> stream) = 0;

  virtual void GetStatus(Reply<ClientStatus> reply) = 0;
};

}  // namespace switchyard::exchange
