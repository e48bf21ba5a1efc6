#include "tests/services/market_data/fake_market_data_client.h"

#include <algorithm>

#include "switchyard/marketdata/v1/events.pb.h"

namespace switchyard::testing {
namespace {

using exchange::Path;

constexpr std::uint32_t kDepths[] = {5, 20, 50};
constexpr std::uint32_t kIntervals[] = {60, 300};
constexpr int kPriceScale = 1;
constexpr int kQuantityScale = 3;

std::shared_ptr<const model::InstrumentTable> StandardInstruments(std::string_view exchange) {
  std::vector<model::Instrument> instruments;
  for (const char* symbol : {"BTC-USDT-PERP", "BTC-USDT", "ETH-USDT"}) {
    instruments.push_back(MakeInstrument(exchange, symbol, instruments.size()));
  }
  return *model::InstrumentTable::Create(std::move(instruments), SystemClock().Now());
}

Decimal MustParse(std::string_view text) { return *Decimal::Parse(text); }

}  // namespace

exchange::Capabilities FullCapabilities(std::string_view exchange) {
  exchange::Capabilities capabilities;
  for (const exchange::RpcEntry& entry : exchange::RpcEntries()) {
    if (entry.rpc.starts_with("MarketDataService/")) capabilities.*entry.path = Path::kRest;
  }
  for (const exchange::ChannelEntry& entry : exchange::ChannelEntries()) {
    capabilities.*entry.path = Path::kWebSocket;
  }
  capabilities.exchange = exchange;
  capabilities.api_version = "v9";
  capabilities.book_depths = kDepths;
  capabilities.candle_interval_seconds = kIntervals;
  return capabilities;
}

exchange::Capabilities NoCapabilities(std::string_view exchange) {
  exchange::Capabilities capabilities;
  capabilities.exchange = exchange;
  return capabilities;
}

model::Instrument MakeInstrument(std::string_view exchange, std::string_view symbol,
                                 std::uint32_t id) {
  model::Instrument instrument;
  instrument.id = {id};
  instrument.exchange = exchange;
  instrument.symbol = symbol;
  instrument.base = symbol.substr(0, symbol.find('-'));
  instrument.quote = "USDT";
  instrument.exchange_symbol = "x" + std::string(symbol);
  instrument.tick = MustParse("0.1");
  instrument.step = MustParse("0.001");
  instrument.min_notional = MustParse("5");
  instrument.price_scale = kPriceScale;
  instrument.quantity_scale = kQuantityScale;
  if (symbol.ends_with("-PERP")) {
    instrument.kind = model::InstrumentKind::kPerpetual;
    instrument.direction = model::ContractDirection::kLinear;
    instrument.settle = "USDT";
    instrument.funding_interval_seconds = 4 * 3600;
  }
  return instrument;
}

FakeMarketDataClient::FakeMarketDataClient(const exchange::Capabilities& capabilities)
    : capabilities_(capabilities), instruments_(StandardInstruments(capabilities.exchange)) {
  book = model::BookView{.bids = {{1000, 2000}, {999, 5000}},
                         .asks = {{1002, 1000}, {1003, 3000}},
                         .price_scale = kPriceScale,
                         .quantity_scale = kQuantityScale,
                         .age = std::chrono::milliseconds(3),
                         .exchange_time = 77,
                         .exchange_sequence = 9};
  quote = model::Quote{.bid = {1000, 2000},
                       .ask = {1002, 1000},
                       .price_scale = kPriceScale,
                       .quantity_scale = kQuantityScale,
                       .age = std::chrono::milliseconds(4),
                       .exchange_time = 78,
                       .exchange_sequence = 10};
  trades = model::TradesPage{.trades = {{.trade_id = "t2",
                                         .taker_side = model::Side::kSell,
                                         .price = 1001,
                                         .quantity = 250,
                                         .exchange_time = 79}},
                             .price_scale = kPriceScale,
                             .quantity_scale = kQuantityScale,
                             .next_page_token = {}};
  model::Candle candle;
  candle.open_time = TimeNs::FromSeconds(60);
  candle.interval_seconds = 60;
  candle.open = candle.high = candle.low = candle.close = MustParse("100.1");
  candle.base_volume = MustParse("7");
  candle.closed = true;
  candles = model::CandlesPage{.candles = {candle}, .next_page_token = {}};
  model::TickersReply all;
  for (const char* symbol : {"BTC-USDT", "BTC-USDT-PERP", "ETH-USDT"}) {
    model::Ticker ticker;
    ticker.symbol = symbol;
    ticker.last_price = MustParse("100.5");
    all.tickers.push_back(ticker);
  }
  tickers = all;
  model::FundingRate rate;
  rate.symbol = "BTC-USDT-PERP";
  rate.rate = MustParse("0.0001");
  rate.interval_seconds = 4 * 3600;
  funding_rates = model::FundingRatesReply{.rates = {rate}, .next_page_token = {}};
  rate.kind = model::FundingRateKind::kLast;
  funding_history = model::FundingRatesReply{.rates = {rate}, .next_page_token = {}};
}

void FakeMarketDataClient::Hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void FakeMarketDataClient::Release() {
  std::vector<std::function<void()>> answers;
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
    answers.swap(waiting_);
  }
  for (const auto& answer : answers) answer();
}

void FakeMarketDataClient::WaitForHeld(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.size() >= count; });
}

void FakeMarketDataClient::Deliver(std::function<void()> answer) {
  {
    const std::lock_guard lock(mutex_);
    if (held_) {
      waiting_.push_back(std::move(answer));
      changed_.notify_all();
      return;
    }
  }
  answer();
}

void FakeMarketDataClient::ForgetInstruments() {
  const std::lock_guard lock(mutex_);
  instruments_forgotten_ = true;
}

void FakeMarketDataClient::SetInstruments(
    absl::StatusOr<std::shared_ptr<const model::InstrumentTable>> table) {
  const std::lock_guard lock(mutex_);
  instruments_ = std::move(table);
}

void FakeMarketDataClient::SetStatus(exchange::ClientStatus status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

stream::TopicId FakeMarketDataClient::IdOf(const TopicKey& key) {
  return topic_ids_.try_emplace(key, topic_ids_.size() + 1).first->second;
}

stream::EncodedEvent FakeMarketDataClient::Encode(const TopicKey& key,
                                                  std::uint64_t sequence) const {
  marketdata::v1::MarketDataEvent event;
  event.set_exchange(std::string(capabilities_.exchange));
  event.set_symbol(key.first);
  event.set_channel(static_cast<marketdata::v1::Channel>(key.second));
  event.set_kind(marketdata::v1::EVENT_KIND_SNAPSHOT);
  event.set_epoch(1);
  event.set_sequence(sequence);
  return stream::EncodedEvent::Encode(event);
}

void FakeMarketDataClient::Publish(const std::string& symbol, exchange::Channel channel,
                                   std::uint64_t sequence) {
  const TopicKey key{symbol, channel};
  std::vector<std::shared_ptr<stream::EventStream>> streams;
  stream::TopicRef topic{.owner = this};
  {
    const std::lock_guard lock(mutex_);
    topic.id = IdOf(key);
    for (const auto& [stream, keys] : readers_) {
      for (const TopicKey& each : keys) {
        if (each == key) streams.push_back(stream);
      }
    }
  }
  const stream::EncodedEvent event = Encode(key, sequence);
  for (const auto& stream : streams) {
    stream->Push(event, topic);
    stream->Flush();
  }
}

std::size_t FakeMarketDataClient::ReaderCount() const {
  const std::lock_guard lock(mutex_);
  return readers_.size();
}

std::size_t FakeMarketDataClient::TopicCount() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [stream, keys] : readers_) count += keys.size();
  return count;
}

void FakeMarketDataClient::WaitForReaders(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return readers_.size() == count; });
}

void FakeMarketDataClient::Stop() {
  ++stopped_;
  Release();
  const std::lock_guard lock(mutex_);
  readers_.clear();
}

std::shared_ptr<const model::InstrumentTable> FakeMarketDataClient::instruments() const {
  const std::lock_guard lock(mutex_);
  return instruments_forgotten_ || !instruments_.ok() ? nullptr : *instruments_;
}

void FakeMarketDataClient::LoadInstruments(
    exchange::Reply<std::shared_ptr<const model::InstrumentTable>> reply) {
  Deliver([this, reply = std::move(reply)] {
    std::unique_lock lock(mutex_);
    instruments_forgotten_ = false;
    const auto table = instruments_;
    lock.unlock();
    reply(table);
  });
}

void FakeMarketDataClient::GetOrderBook(exchange::BookQuery query,
                                        exchange::Reply<model::BookView> reply) {
  last_book = std::move(query);
  Deliver([this, reply = std::move(reply)] { reply(book); });
}

void FakeMarketDataClient::GetQuote(exchange::QuoteQuery query,
                                    exchange::Reply<model::Quote> reply) {
  last_quote = std::move(query);
  Deliver([this, reply = std::move(reply)] { reply(quote); });
}

void FakeMarketDataClient::ListTrades(exchange::TradesQuery query,
                                      exchange::Reply<model::TradesPage> reply) {
  last_trades = std::move(query);
  Deliver([this, reply = std::move(reply)] { reply(trades); });
}

void FakeMarketDataClient::ListCandles(exchange::CandlesQuery query,
                                       exchange::Reply<model::CandlesPage> reply) {
  last_candles = std::move(query);
  Deliver([this, reply = std::move(reply)] { reply(candles); });
}

void FakeMarketDataClient::ListTickers(std::vector<std::string> symbols,
                                       exchange::Reply<model::TickersReply> reply) {
  last_symbols = std::move(symbols);
  Deliver([this, reply = std::move(reply)] { reply(tickers); });
}

void FakeMarketDataClient::ListFundingRates(std::vector<std::string> symbols,
                                            exchange::Reply<model::FundingRatesReply> reply) {
  last_symbols = std::move(symbols);
  Deliver([this, reply = std::move(reply)] { reply(funding_rates); });
}

void FakeMarketDataClient::ListFundingRateHistory(exchange::FundingHistoryQuery query,
                                                  exchange::Reply<model::FundingRatesReply> reply) {
  last_funding_history = std::move(query);
  Deliver([this, reply = std::move(reply)] { reply(funding_history); });
}

void FakeMarketDataClient::Subscribe(std::vector<exchange::TopicRequest> topics,
                                     std::shared_ptr<stream::EventStream> stream,
                                     exchange::Reply<std::vector<exchange::TopicGrant>> reply) {
  Deliver([this, topics = std::move(topics), stream = std::move(stream), reply = std::move(reply)] {
    std::vector<exchange::TopicGrant> grants;
    {
      const std::lock_guard lock(mutex_);
      for (const exchange::TopicRequest& topic : topics) {
        const auto error = grant_errors.find(topic.symbol);
        if (error != grant_errors.end()) {
          grants.push_back({.status = error->second});
          continue;
        }
        grants.push_back({.status = absl::OkStatus(), .granted_depth = topic.depth});
        readers_[stream].emplace_back(topic.symbol, topic.channel);
      }
      changed_.notify_all();
    }
    reply(std::move(grants));
  });
}

void FakeMarketDataClient::Unsubscribe(std::shared_ptr<stream::EventStream> stream) {
  const std::lock_guard lock(mutex_);
  readers_.erase(stream);
  changed_.notify_all();
}

void FakeMarketDataClient::GetStatus(exchange::Reply<exchange::ClientStatus> reply) {
  Deliver([this, reply = std::move(reply)] {
    std::unique_lock lock(mutex_);
    const exchange::ClientStatus status = status_;
    lock.unlock();
    reply(status);
  });
}

void FakeMarketDataClient::Refresh(std::shared_ptr<stream::EventStream> stream,
                                   std::vector<stream::TopicId> topics) {
  constexpr std::uint64_t kFreshSequence = 1'000'000;
  for (const stream::TopicId id : topics) {
    TopicKey key;
    {
      const std::lock_guard lock(mutex_);
      const auto found = std::find_if(topic_ids_.begin(), topic_ids_.end(),
                                      [id](const auto& entry) { return entry.second == id; });
      key = found->first;
    }
    stream->PushFresh(Encode(key, kFreshSequence), {.owner = this, .id = id});
  }
  stream->Flush();
}

}  // namespace switchyard::testing
