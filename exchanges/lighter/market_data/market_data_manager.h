#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/instrument_catalogue.h"
#include "common/exchange/market_data_client.h"
#include "common/status/status.h"
#include "exchanges/lighter/market_data/market_rows.h"
#include "exchanges/lighter/market_data/rest_market_data.h"
#include "exchanges/lighter/rest/rest_reader.h"

namespace switchyard::exchanges::lighter {

// The REST half of market data. Owns the instruments. Lives on the transport's thread; replies come
// there. `Reader` is a RestReader. Errors, where not said otherwise, are the reader's.
template <typename Reader>
class MarketDataManager {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;

  // `reader` outlives it.
  MarketDataManager(Reader& reader, std::string exchange, std::string collateral)
      : reader_(reader), exchange_(std::move(exchange)), collateral_(std::move(collateral)) {}

  // Null before the first load.
  const Table& instruments() const { return catalogue_.table(); }

  // Loads the instruments again; ids stay (exchange::InstrumentCatalogue). If that fails the
  // earlier table stays and the reply is the error.
  void LoadInstruments(exchange::Reply<Table> reply) {
    reader_.template Read<Table>(
        MarketsRequest(),
        [this](const std::string& body) -> absl::StatusOr<Table> {
          SWITCHYARD_ASSIGN_OR_RETURN(const auto markets, DecodeMarkets(body));
          SWITCHYARD_ASSIGN_OR_RETURN(auto loaded, ToInstruments(markets, exchange_, collateral_));
          SWITCHYARD_ASSIGN_OR_RETURN(Table table,
                                      catalogue_.Update(std::move(loaded), reader_.clock().Now()));
          markets_.Update(table);
          return table;
        },
        std::move(reply));
  }

  // The exchange's clock, for the offset of ours.
  void ReadServerTime(exchange::Reply<TimeNs> reply) {
    reader_.template Read<TimeNs>(MarketData::ServerTimeRequest(), &MarketData::DecodeServerTime,
                                  std::move(reply));
  }

  // All levels that Lighter tells, whatever the depth. kUrgent to check on a silent stream.
  void ReadOrderBook(const model::Instrument& instrument, std::uint32_t,
                     exchange::Reply<BookSnapshot> reply,
                     retry::Priority priority = retry::Priority::kNormal) {
    RestRequest request = MarketData::OrderBookRequest(instrument);
    request.priority = priority;
    reader_.template Read<BookSnapshot>(
        std::move(request),
        [units = UnitsOf(instrument)](const std::string& body) {
          return MarketData::DecodeOrderBook(body, units);
        },
        std::move(reply));
  }

  // Errors: also InvalidArgument (page token).
  void ListTrades(const model::Instrument& instrument, const exchange::TradesQuery& query,
                  exchange::Reply<model::TradesPage> reply,
                  retry::Priority priority = retry::Priority::kNormal) {
    auto request = MarketData::TradesRequest(instrument, query);
    if (!request.ok()) return reply(request.status());
    request->priority = priority;
    reader_.template Read<model::TradesPage>(
        *std::move(request),
        [instrument](const std::string& body) {
          return MarketData::DecodeTrades(body, instrument);
        },
        std::move(reply));
  }

  // Errors: also InvalidArgument (interval, page token).
  void ListCandles(const model::Instrument& instrument, const exchange::CandlesQuery& query,
                   exchange::Reply<model::CandlesPage> reply) {
    const auto range = MarketData::RangeOf(query, reader_.clock().Now());
    if (!range.ok()) return reply(range.status());
    reader_.template Read<model::CandlesPage>(
        MarketData::CandlesRequest(instrument, *range),
        [instrument, range = *range](const std::string& body) {
          return MarketData::DecodeCandles(body, instrument, range);
        },
        std::move(reply));
  }

  // Those of `symbols`, or all where it is empty; ordered by symbol.
  // Errors: also NotFound (a symbol that is not in the table).
  void ListTickers(const std::vector<std::string>& symbols,
                   exchange::Reply<model::TickersReply> reply,
                   retry::Priority priority = retry::Priority::kNormal) {
    auto wanted = exchange::SelectInstruments(instruments().get(), symbols);
    if (!wanted.ok()) return reply(wanted.status());
    RestRequest request = MarketData::TickersRequest(*wanted);
    request.priority = priority;
    reader_.template Read<model::TickersReply>(
        std::move(request),
        // The table is what `wanted` points into.
        [this, table = instruments(), wanted = *wanted](const std::string& body) {
          return MarketData::DecodeTickers(body, markets_, wanted, reader_.clock().Now());
        },
        std::move(reply));
  }

  // The running hour's rates of `symbols`, or of all where it is empty; ordered by symbol.
  // Errors: also NotFound (a symbol that is not in the table), Unimplemented (a spot market).
  void ListFundingRates(const std::vector<std::string>& symbols,
                        exchange::Reply<model::FundingRatesReply> reply) {
    auto wanted = exchange::SelectInstruments(instruments().get(), symbols);
    if (!wanted.ok()) return reply(wanted.status());
    if (std::ranges::any_of(*wanted, IsSpot)) return reply(NoFunding());
    reader_.template Read<model::FundingRatesReply>(
        MarketData::FundingRatesRequest(),
        [this, table = instruments(), wanted = *wanted](const std::string& body) {
          return MarketData::DecodeFundingRates(body, markets_, wanted, reader_.clock().Now());
        },
        std::move(reply));
  }

  // Errors: also InvalidArgument (page token), Unimplemented (a spot market).
  void ListFundingRateHistory(const model::Instrument& instrument,
                              const exchange::FundingHistoryQuery& query,
                              exchange::Reply<model::FundingRatesReply> reply) {
    if (IsSpot(&instrument)) return reply(NoFunding());
    const auto range = MarketData::RangeOf(query, reader_.clock().Now());
    if (!range.ok()) return reply(range.status());
    reader_.template Read<model::FundingRatesReply>(
        MarketData::FundingHistoryRequest(instrument, *range),
        [this, instrument, range = *range](const std::string& body) {
          return MarketData::DecodeFundingHistory(body, instrument, range, reader_.clock().Now());
        },
        std::move(reply));
  }

 private:
  static bool IsSpot(const model::Instrument* instrument) {
    return instrument->kind == model::InstrumentKind::kSpot;
  }
  absl::Status NoFunding() const {
    return NotInCapabilities(exchange_, "funding of a spot market");
  }

  Reader& reader_;
  const std::string exchange_, collateral_;
  exchange::InstrumentCatalogue catalogue_;
  MarketIndex markets_;
};

}  // namespace switchyard::exchanges::lighter
