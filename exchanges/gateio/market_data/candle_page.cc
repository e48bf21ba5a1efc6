#include "exchanges/gateio/market_data/candle_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/market_data/page_token.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio {
namespace {

// The answer's largest number of candles, of the product that gives fewer. Source: API v4.
constexpr std::int64_t kMostCandles = 1'000;

// Whole seconds, rounded to the future: an exclusive end within a second still includes it.
std::int64_t CeilSeconds(TimeNs time) { return TimeNs(time.value + 999'999'999).Seconds(); }

}  // namespace

absl::StatusOr<CandleRange> RangeOf(const exchange::CandlesQuery& query, TimeNs now) {
  if (IntervalText(query.interval_seconds).empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_DEPTH_NOT_OFFERED,
                     fmt::format("no candles of {} s are offered", query.interval_seconds));
  }
  const std::int64_t step = query.interval_seconds;
  const std::int64_t size =
      std::clamp<std::int64_t>(query.page_size == 0 ? 100 : query.page_size, 1, kMostCandles);
  CandleRange range;
  range.interval_seconds = query.interval_seconds;
  range.now = now.Seconds();
  range.end = range.now + 1;
  if (query.end.given()) range.end = std::min(range.end, CeilSeconds(query.end));
  if (!query.page_token.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(range.from, ParsePageToken(query.page_token));
  } else if (query.start.given()) {
    range.from = CeilSeconds(query.start);
  } else {
    // Holds `size` open times, however the exchange aligns them.
    range.from = range.end - size * step;
  }
  range.to = std::min(range.from + size * step, range.end);
  return range;
}

CandlePage RequestOf(std::string_view path, std::string_view symbol_name, std::string_view symbol,
                     const CandleRange& range) {
  CandlePage page;
  page.range = range;
  page.request.path = path;
  page.request.limit = path;
  page.request.query = {
      {symbol_name, std::string(symbol)},
      {"interval", std::string(IntervalText(range.interval_seconds))},
      {"from", fmt::to_string(range.from)},
      {"to", fmt::to_string(std::max(range.from, range.to - 1))},
  };
  return page;
}

model::CandlesPage PageOf(std::vector<model::Candle> candles, const CandleRange& range) {
  const auto outside = [&](const model::Candle& candle) {
    const std::int64_t open = candle.open_time.Seconds();
    return open < range.from || open >= range.to;
  };
  std::erase_if(candles, outside);
  std::sort(candles.begin(), candles.end(), [](const model::Candle& a, const model::Candle& b) {
    return a.open_time < b.open_time;
  });
  for (model::Candle& candle : candles) {
    candle.closed =
        candle.closed || candle.open_time.Seconds() + range.interval_seconds <= range.now;
  }
  model::CandlesPage page;
  page.candles = std::move(candles);
  if (range.to < range.end) page.next_page_token = fmt::to_string(range.to);
  return page;
}

}  // namespace switchyard::exchanges::gateio
