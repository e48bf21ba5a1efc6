#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/client_context.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/market_data_reads.h"
#include "common/exchange/published_books.h"

namespace switchyard::exchange {

// The reading half of a market data client: its REST thread and what is read on it, or from memory.
// See ExchangeClientBase.
template <typename Rest>
class ClientReads : public MarketDataClient {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;

  Table instruments() const final { return reads_.store().table(); }
  void LoadInstruments(Reply<Table> reply) final { reads_.LoadInstruments(std::move(reply)); }
  void GetOrderBook(BookQuery query, Reply<model::BookView> reply) final {
    reads_.GetOrderBook(std::move(query), std::move(reply));
  }
  void GetQuote(QuoteQuery query, Reply<model::Quote> reply) final {
    reads_.GetQuote(std::move(query), std::move(reply));
  }
  void ListTrades(TradesQuery query, Reply<model::TradesPage> reply) final {
    reads_.ListTrades(std::move(query), std::move(reply));
  }
  void ListCandles(CandlesQuery query, Reply<model::CandlesPage> reply) final {
    reads_.ListCandles(std::move(query), std::move(reply));
  }
  void ListTickers(std::vector<std::string> symbols, Reply<model::TickersReply> reply) final {
    reads_.ListTickers(std::move(symbols), std::move(reply));
  }
  void ListFundingRates(std::vector<std::string> symbols,
                        Reply<model::FundingRatesReply> reply) final {
    reads_.ListFundingRates(std::move(symbols), std::move(reply));
  }
  void ListFundingRateHistory(FundingHistoryQuery query,
                              Reply<model::FundingRatesReply> reply) final {
    reads_.ListFundingRateHistory(std::move(query), std::move(reply));
  }

 protected:
  // Books are published to readers with `depth` levels a side.
  ClientReads(const std::string& exchange, const ClientContext& context, std::uint32_t depth,
              typename MarketDataReads<Rest>::Hooks hooks)
      : published_(depth),
        rest_thread_(exchange + "-rest"),
        reads_(exchange, context, rest_thread_, published_, std::move(hooks)) {}

  PublishedBooks published_;
  IoThread rest_thread_;
  MarketDataReads<Rest> reads_;
};

}  // namespace switchyard::exchange
