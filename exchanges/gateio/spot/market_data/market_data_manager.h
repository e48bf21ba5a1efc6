#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "exchanges/gateio/market_data/book_snapshot.h"
#include "exchanges/gateio/market_data/candle_page.h"
#include "exchanges/gateio/market_data/market_data_manager.h"
#include "exchanges/gateio/rest/rest_request.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio::spot {

// Spot market data over REST: what to ask, and how to read the answer. Pure; any thread. Decoders'
// errors are Internal, MALFORMED_EXCHANGE_MESSAGE. Source: API v4, "Spot".
struct MarketData {
  static RestRequest ServerTimeRequest();
  static absl::StatusOr<TimeNs> DecodeServerTime(const std::string& body);

  static RestRequest InstrumentsRequest();
  // Ids are not given yet. A pair that cannot be read is left out; an answer of which none can is
  // an error.
  static absl::StatusOr<std::vector<model::Instrument>> DecodeInstruments(const std::string& body);

  // With id.
  static RestRequest OrderBookRequest(std::string_view pair, std::uint32_t depth);
  static absl::StatusOr<BookSnapshot> DecodeOrderBook(const std::string& body, const Units& units);

  // The page token is the id of the oldest trade so far. Errors: InvalidArgument (page token).
  static absl::StatusOr<RestRequest> TradesRequest(std::string_view pair,
                                                   const exchange::TradesQuery& query);
  static absl::StatusOr<model::TradesPage> DecodeTrades(const std::string& body, const Units& units,
                                                        const exchange::TradesQuery& query);

  // Errors: InvalidArgument (interval, page token).
  static absl::StatusOr<CandlePage> CandlesRequest(std::string_view pair,
                                                   const exchange::CandlesQuery& query, TimeNs now);
  static absl::StatusOr<model::CandlesPage> DecodeCandles(const std::string& body,
                                                          const model::Instrument& instrument,
                                                          const CandleRange& range);

  // One pair is asked for alone, several or none (= all) by the whole list.
  static RestRequest TickersRequest(const std::vector<const model::Instrument*>& wanted);
  // Pairs that are not in `table` are left out.
  static absl::StatusOr<model::TickersReply> DecodeTickers(
      const std::string& body, const model::InstrumentTable& table,
      const std::vector<const model::Instrument*>& wanted, TimeNs receive_time);
};

// The spot manager has no more than both products share.
template <RestTransport Rest>
using MarketDataManager = gateio::MarketDataManager<MarketData, Rest>;

}  // namespace switchyard::exchanges::gateio::spot
