#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/instrument_catalogue.h"
#include "common/exchange/market_data_client.h"
#include "exchanges/gateio/market_data/book_snapshot.h"
#include "exchanges/gateio/rest/rest_reader.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio {

// The REST half of market data, written once for both products. `Protocol` (spot::MarketData,
// futures::MarketData) has one pair of pure functions a read: what to ask, how to read the answer.
// Owns the instruments. Lives on the transport's thread; replies come there.
template <typename Protocol, RestTransport Rest>
class MarketDataManager {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;

  // `reader` outlives it.
  explicit MarketDataManager(RestReader<Rest>& reader) : reader_(reader) {}

  // Null before the first load.
  const Table& instruments() const { return catalogue_.table(); }

  // Loads the instruments again; ids stay (exchange::InstrumentCatalogue). If that fails the
  // earlier table stays and the reply is the error.
  void LoadInstruments(exchange::Reply<Table> reply) {
    reader_.template Read<Table>(
        Protocol::InstrumentsRequest(),
        [this](const std::string& body) -> absl::StatusOr<Table> {
          SWITCHYARD_ASSIGN_OR_RETURN(std::vector<model::Instrument> loaded,
                                      Protocol::DecodeInstruments(body));
          return catalogue_.Update(std::move(loaded), reader_.clock().Now());
        },
        std::move(reply));
  }

  // The exchange's clock, for the offset of ours.
  void ReadServerTime(exchange::Reply<TimeNs> reply) {
    reader_.template Read<TimeNs>(Protocol::ServerTimeRequest(), &Protocol::DecodeServerTime,
                                  std::move(reply));
  }

  // At least `depth` levels a side where the book has them, with the id for its updates. kUrgent
  // for the recovery of a book.
  void ReadOrderBook(const model::Instrument& instrument, std::uint32_t depth,
                     exchange::Reply<BookSnapshot> reply,
                     retry::Priority priority = retry::Priority::kNormal) {
    const Units units = UnitsOf(instrument);
    RestRequest request = Protocol::OrderBookRequest(instrument.exchange_symbol, depth);
    request.priority = priority;
    reader_.template Read<BookSnapshot>(
        request,
        [units](const std::string& body) { return Protocol::DecodeOrderBook(body, units); },
        std::move(reply));
  }

  // Errors: besides the reader's, InvalidArgument (page token).
  void ListTrades(const model::Instrument& instrument, const exchange::TradesQuery& query,
                  exchange::Reply<model::TradesPage> reply) {
    auto request = Protocol::TradesRequest(instrument.exchange_symbol, query);
    if (!request.ok()) return reply(request.status());
    reader_.template Read<model::TradesPage>(
        *request,
        [units = UnitsOf(instrument), query](const std::string& body) {
          return Protocol::DecodeTrades(body, units, query);
        },
        std::move(reply));
  }

  // Errors: besides the reader's, InvalidArgument (interval, page token).
  void ListCandles(const model::Instrument& instrument, const exchange::CandlesQuery& query,
                   exchange::Reply<model::CandlesPage> reply) {
    auto page = Protocol::CandlesRequest(instrument.exchange_symbol, query, reader_.clock().Now());
    if (!page.ok()) return reply(page.status());
    reader_.template Read<model::CandlesPage>(
        page->request,
        [instrument, range = page->range](const std::string& body) {
          return Protocol::DecodeCandles(body, instrument, range);
        },
        std::move(reply));
  }

  // Those of `symbols`, or all where it is empty; ordered by symbol.
  // Errors: besides the reader's, NotFound (a symbol that is not in the table).
  void ListTickers(const std::vector<std::string>& symbols,
                   exchange::Reply<model::TickersReply> reply) {
    auto wanted = Select(symbols);
    if (!wanted.ok()) return reply(wanted.status());
    reader_.template Read<model::TickersReply>(
        Protocol::TickersRequest(*wanted),
        [this, table = instruments(), wanted = *wanted](const std::string& body) {
          return Protocol::DecodeTickers(body, *table, wanted, reader_.clock().Now());
        },
        std::move(reply));
  }

 protected:
  // The instruments of `symbols`; none where it is empty.
  absl::StatusOr<std::vector<const model::Instrument*>> Select(
      const std::vector<std::string>& symbols) const {
    return exchange::SelectInstruments(instruments().get(), symbols);
  }
  RestReader<Rest>& reader() { return reader_; }

 private:
  RestReader<Rest>& reader_;
  exchange::InstrumentCatalogue catalogue_;
};

}  // namespace switchyard::exchanges::gateio
