#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/market_data_client.h"
#include "common/stream/event_stream.h"

namespace switchyard::testing {

// Everything offered, depths 5, 20 and 50, candles of 60 s and 300 s.
exchange::Capabilities FullCapabilities(std::string_view exchange);

// Nothing offered.
exchange::Capabilities NoCapabilities(std::string_view exchange);

// A perpetual or spot instrument with tick 0.1, step 0.001 (price scale 1, quantity scale 3).
model::Instrument MakeInstrument(std::string_view exchange, std::string_view symbol,
                                 std::uint32_t id);

// An exchange made of canned answers. By default it has BTC-USDT, ETH-USDT and BTC-USDT-PERP and
// answers every call at once on the caller's thread. Any thread.
class FakeMarketDataClient final : public exchange::MarketDataClient, public stream::TopicOwner {
 public:
  explicit FakeMarketDataClient(const exchange::Capabilities& capabilities);

  // Canned answers; set before the calls that they are for.
  absl::StatusOr<model::BookView> book;
  absl::StatusOr<model::Quote> quote;
  absl::StatusOr<model::TradesPage> trades;
  absl::StatusOr<model::CandlesPage> candles;
  absl::StatusOr<model::TickersReply> tickers;
  absl::StatusOr<model::FundingRatesReply> funding_rates;
  absl::StatusOr<model::FundingRatesReply> funding_history;
  // Statuses of Subscribe's grants by symbol; OK where absent.
  std::map<std::string, absl::Status> grant_errors;

  // What was asked last.
  exchange::BookQuery last_book;
  exchange::QuoteQuery last_quote;
  exchange::TradesQuery last_trades;
  exchange::CandlesQuery last_candles;
  exchange::FundingHistoryQuery last_funding_history;
  std::vector<std::string> last_symbols;

  // While held, replies wait for Release.
  void Hold();
  void Release();
  // Blocks until `count` replies are held.
  void WaitForHeld(std::size_t count);

  // Instruments are unknown until they are asked for: instruments() is null.
  void ForgetInstruments();
  void SetInstruments(absl::StatusOr<std::shared_ptr<const model::InstrumentTable>> table);

  void SetStatus(exchange::ClientStatus status);

  // Sends one event of a topic to all its readers.
  void Publish(const std::string& symbol, exchange::Channel channel, std::uint64_t sequence);
  // How many streams read anything, and how many topics they read together.
  std::size_t ReaderCount() const;
  std::size_t TopicCount() const;
  // Blocks until exactly `count` streams read.
  void WaitForReaders(std::size_t count);

  int started() const { return started_; }
  int stopped() const { return stopped_; }

  const exchange::Capabilities& capabilities() const override { return capabilities_; }
  void Start() override { ++started_; }
  void Stop() override;
  std::shared_ptr<const model::InstrumentTable> instruments() const override;
  void LoadInstruments(
      exchange::Reply<std::shared_ptr<const model::InstrumentTable>> reply) override;
  void GetOrderBook(exchange::BookQuery query, exchange::Reply<model::BookView> reply) override;
  void GetQuote(exchange::QuoteQuery query, exchange::Reply<model::Quote> reply) override;
  void ListTrades(exchange::TradesQuery query, exchange::Reply<model::TradesPage> reply) override;
  void ListCandles(exchange::CandlesQuery query,
                   exchange::Reply<model::CandlesPage> reply) override;
  void ListTickers(std::vector<std::string> symbols,
                   exchange::Reply<model::TickersReply> reply) override;
  void ListFundingRates(std::vector<std::string> symbols,
                        exchange::Reply<model::FundingRatesReply> reply) override;
  void ListFundingRateHistory(exchange::FundingHistoryQuery query,
                              exchange::Reply<model::FundingRatesReply> reply) override;
  void Subscribe(std::vector<exchange::TopicRequest> topics,
                 std::shared_ptr<stream::EventStream> stream,
                 exchange::Reply<std::vector<exchange::TopicGrant>> reply) override;
  void Unsubscribe(std::shared_ptr<stream::EventStream> stream) override;
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override;
  void Refresh(std::shared_ptr<stream::EventStream> stream,
               std::vector<stream::TopicId> topics) override;

 private:
  using TopicKey = std::pair<std::string, exchange::Channel>;

  // Runs `answer` now, or at Release.
  void Deliver(std::function<void()> answer);
  stream::TopicId IdOf(const TopicKey& key);
  stream::EncodedEvent Encode(const TopicKey& key, std::uint64_t sequence) const;

  const exchange::Capabilities capabilities_;
  int started_ = 0;
  int stopped_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  bool held_ = false;
  std::vector<std::function<void()>> waiting_;
  bool instruments_forgotten_ = false;
  absl::StatusOr<std::shared_ptr<const model::InstrumentTable>> instruments_;
  exchange::ClientStatus status_;
  std::map<std::shared_ptr<stream::EventStream>, std::vector<TopicKey>> readers_;
  std::map<TopicKey, stream::TopicId> topic_ids_;
};

}  // namespace switchyard::testing
