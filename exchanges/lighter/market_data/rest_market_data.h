#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "common/model/market_data.h"
#include "exchanges/lighter/market_data/market_index.h"
#include "exchanges/lighter/rest/rest_request.h"

// Market data over REST: what to ask, how to read the answer. Pure; any thread. Decoding errors are
// those of ParseAnswer. Source: lighter.md, sections 1.2 and 1.3.
namespace switchyard::exchanges::lighter {

// A book from REST. It has no number that pushes continue (`id` is 0) and no time. Mantissas at the
// instrument's scales, best first.
struct BookSnapshot {
  std::uint64_t id = 0;
  TimeNs time;
  std::vector<model::Level> bids, asks;
};

// Open times of one page of candles, [from, to), and the end of the whole query, Unix seconds.
struct CandleRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t end = 0;
  std::int64_t now = 0;
  std::uint32_t interval_seconds = 0;
};

// One page of funding payments, [from, to), Unix seconds, newest first.
struct FundingRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool more = false;  // the query may reach further back
};

struct MarketData {
  // Whole seconds are told: the middle of the second is taken.
  static RestRequest ServerTimeRequest();
  static absl::StatusOr<TimeNs> DecodeServerTime(const std::string& body);

  // The answer has single orders, 250 a side at most: they are summed per price, and the last price
  // of a side that was cut, of which orders may be missing, is left out.
  static RestRequest OrderBookRequest(const model::Instrument& instrument);
  static absl::StatusOr<BookSnapshot> DecodeOrderBook(const std::string& body, const Units& units);

  // The newest 100; there are no further pages. Errors: InvalidArgument (page token).
  static absl::StatusOr<RestRequest> TradesRequest(const model::Instrument& instrument,
                                                   const exchange::TradesQuery& query);
  static absl::StatusOr<model::TradesPage> DecodeTrades(const std::string& body,
                                                        const model::Instrument& instrument);

  // Errors: InvalidArgument (interval not offered, page token).
  static absl::StatusOr<CandleRange> RangeOf(const exchange::CandlesQuery& query, TimeNs now);
  static RestRequest CandlesRequest(const model::Instrument& instrument, const CandleRange& range);
  static absl::StatusOr<model::CandlesPage> DecodeCandles(const std::string& body,
                                                          const model::Instrument& instrument,
                                                          const CandleRange& range);

  // Of one market where `wanted` is one, of all otherwise.
  static RestRequest TickersRequest(const std::vector<const model::Instrument*>& wanted);
  // Those in `markets` and, unless it is empty, in `wanted`; ordered by symbol.
  static absl::StatusOr<model::TickersReply> DecodeTickers(
      const std::string& body, const MarketIndex& markets,
      const std::vector<const model::Instrument*>& wanted, TimeNs receive_time);

  // The running hour's rates. Lighter tells them for 8 hours; an eighth is that of the hour, which
  // is the interval in which it pays.
  static RestRequest FundingRatesRequest();
  static absl::StatusOr<model::FundingRatesReply> DecodeFundingRates(
      const std::string& body, const MarketIndex& markets,
      const std::vector<const model::Instrument*>& wanted, TimeNs receive_time);

  // Errors: InvalidArgument (page token).
  static absl::StatusOr<FundingRange> RangeOf(const exchange::FundingHistoryQuery& query,
                                              TimeNs now);
  static RestRequest FundingHistoryRequest(const model::Instrument& instrument,
                                           const FundingRange& range);
  static absl::StatusOr<model::FundingRatesReply> DecodeFundingHistory(
      const std::string& body, const model::Instrument& instrument, const FundingRange& range,
      TimeNs receive_time);
};

}  // namespace switchyard::exchanges::lighter
