#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "exchanges/gateio/futures/market_data/funding_adapter.h"
#include "exchanges/gateio/market_data/book_snapshot.h"
#include "exchanges/gateio/market_data/candle_page.h"
#include "exchanges/gateio/market_data/market_data_manager.h"
#include "exchanges/gateio/rest/rest_request.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio::futures {

// USDT-margined futures market data over REST, as spot::MarketData. Source: API v4, "Futures".
struct MarketData {
  // Gate.io has one clock for both products.
  static RestRequest ServerTimeRequest();
  static absl::StatusOr<TimeNs> DecodeServerTime(const std::string& body);

  static RestRequest InstrumentsRequest();
  static absl::StatusOr<std::vector<model::Instrument>> DecodeInstruments(const std::string& body);

  static RestRequest OrderBookRequest(std::string_view contract, std::uint32_t depth);
  static absl::StatusOr<BookSnapshot> DecodeOrderBook(const std::string& body, const Units& units);

  static absl::StatusOr<RestRequest> TradesRequest(std::string_view contract,
                                                   const exchange::TradesQuery& query);
  static absl::StatusOr<model::TradesPage> DecodeTrades(const std::string& body, const Units& units,
                                                        const exchange::TradesQuery& query);

  static absl::StatusOr<CandlePage> CandlesRequest(std::string_view contract,
                                                   const exchange::CandlesQuery& query, TimeNs now);
  static absl::StatusOr<model::CandlesPage> DecodeCandles(const std::string& body,
                                                          const model::Instrument& instrument,
                                                          const CandleRange& range);

  static RestRequest TickersRequest(const std::vector<const model::Instrument*>& wanted);
  static absl::StatusOr<model::TickersReply> DecodeTickers(
      const std::string& body, const model::InstrumentTable& table,
      const std::vector<const model::Instrument*>& wanted, TimeNs receive_time);
};

// Adds what only perpetuals have.
template <RestTransport Rest>
class MarketDataManager final : public gateio::MarketDataManager<MarketData, Rest> {
 public:
  using gateio::MarketDataManager<MarketData, Rest>::MarketDataManager;

  // The running interval's rates of `symbols`, or of all where it is empty; ordered by symbol. From
  // the contracts, which alone carry interval and next payment.
  // Errors: besides the reader's, NotFound (a symbol that is not in the table).
  void ListFundingRates(const std::vector<std::string>& symbols,
                        exchange::Reply<model::FundingRatesReply> reply) {
    auto wanted = this->Select(symbols);
    if (!wanted.ok()) return reply(wanted.status());
    this->reader().template Read<model::FundingRatesReply>(
        FundingAdapter::RatesRequest(*wanted),
        [this, table = this->instruments(), wanted = *wanted](const std::string& body) {
          return FundingAdapter::DecodeRates(body, *table, wanted, this->reader().clock().Now());
        },
        std::move(reply));
  }

  // Errors: besides the reader's, InvalidArgument (page token).
  void ListFundingRateHistory(const model::Instrument& instrument,
                              const exchange::FundingHistoryQuery& query,
                              exchange::Reply<model::FundingRatesReply> reply) {
    auto request = FundingAdapter::HistoryRequest(instrument.exchange_symbol, query);
    if (!request.ok()) return reply(request.status());
    this->reader().template Read<model::FundingRatesReply>(
        *request,
        [this, instrument, query](const std::string& body) {
          return FundingAdapter::DecodeHistory(body, instrument, query,
                                               this->reader().clock().Now());
        },
        std::move(reply));
  }
};

}  // namespace switchyard::exchanges::gateio::futures
