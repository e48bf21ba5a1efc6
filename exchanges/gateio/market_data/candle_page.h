#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "exchanges/gateio/rest/rest_request.h"

// What both products share about lists of candles: intervals, bounds and pages.
namespace switchyard::exchanges::gateio {

// Open times of one page, [from, to), and the end of the whole query, Unix seconds.
struct CandleRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t end = 0;
  std::int64_t now = 0;
  std::uint32_t interval_seconds = 0;
};

struct CandlePage {
  RestRequest request;
  CandleRange range;
};

// The range of a page. Its token is the open time at which it begins.
// Errors: InvalidArgument (interval not offered, page token).
absl::StatusOr<CandleRange> RangeOf(const exchange::CandlesQuery& query, TimeNs now);

// The page's request: `path` with the symbol under `symbol_name`. Gate.io's bounds are both
// inclusive, and exclude a limit.
CandlePage RequestOf(std::string_view path, std::string_view symbol_name, std::string_view symbol,
                     const CandleRange& range);

// Sorts, drops what lies outside of `range`, marks as closed what had ended at `now`, and gives the
// next page's token.
model::CandlesPage PageOf(std::vector<model::Candle> candles, const CandleRange& range);

}  // namespace switchyard::exchanges::gateio
