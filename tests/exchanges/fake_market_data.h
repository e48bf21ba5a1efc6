#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/exchange/market_data_client.h"

namespace switchyard::exchanges {

// A market data client that has instruments and nothing else.
class FakeMarketData final : public exchange::MarketDataClient {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;
  template <typename T>
  using Reply = exchange::Reply<T>;

  explicit FakeMarketData(Table table) : table_(std::move(table)) {}

  const exchange::Capabilities& capabilities() const override { return capabilities_; }
  void Start() override {}
  void Stop() override {}
  Table instruments() const override { return table_; }
  void LoadInstruments(Reply<Table> reply) override {
    if (table_ == nullptr) return reply(absl::UnavailableError("no instruments"));
    reply(table_);
  }
  void GetOrderBook(exchange::BookQuery, Reply<model::BookView> reply) override { No(reply); }
  void GetQuote(exchange::QuoteQuery, Reply<model::Quote> reply) override { No(reply); }
  void ListTrades(exchange::TradesQuery, Reply<model::TradesPage> reply) override { No(reply); }
  void ListCandles(exchange::CandlesQuery, Reply<model::CandlesPage> reply) override { No(reply); }
  void ListTickers(std::vector<std::string>, Reply<model::TickersReply> reply) override {
    No(reply);
  }
  void ListFundingRates(std::vector<std::string>, Reply<model::FundingRatesReply> reply) override {
    No(reply);
  }
  void ListFundingRateHistory(exchange::FundingHistoryQuery,
                              Reply<model::FundingRatesReply> reply) override {
    No(reply);
  }
  void Subscribe(std::vector<exchange::TopicRequest>, std::shared_ptr<stream::EventStream>,
                 Reply<std::vector<exchange::TopicGrant>> reply) override {
    No(reply);
  }
  void Unsubscribe(std::shared_ptr<stream::EventStream>) override {}
  void GetStatus(Reply<exchange::ClientStatus> reply) override { No(reply); }

 private:
  template <typename T>
  static void No(const Reply<T>& reply) {
    reply(absl::UnimplementedError("not asked of this one"));
  }

  const Table table_;
  const exchange::Capabilities capabilities_;
};

}  // namespace switchyard::exchanges
