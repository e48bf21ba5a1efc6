#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/exchange/market_data_client.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "common/status/status.h"
#include "common/time/time.h"
#include "exchanges/gateio/market_data/book_snapshot.h"
#include "exchanges/gateio/market_data/candle_page.h"
#include "exchanges/gateio/utils/converters.h"

// What the decoders of REST answers of both products share. Pure; any thread. Errors are Internal,
// MALFORMED_EXCHANGE_MESSAGE.
namespace switchyard::exchanges::gateio {

// `cause` as an error about the answer to `what`.
absl::Status Unreadable(std::string_view what, const absl::Status& cause);

absl::StatusOr<json::Json> ParseBody(std::string_view what, const std::string& body);
// A body that is a list. A single object counts as a list of one: that is how endpoints for one
// symbol answer.
absl::StatusOr<json::Json> ParseList(std::string_view what, const std::string& body);

// The text of a number or string; "" where the field is missing, null or something else.
std::string TextOf(const json::Json& object, const char* field);

// "0.2" percent is 0.002. Nullopt where the field is missing.
absl::StatusOr<std::optional<Decimal>> OptionalPercent(const json::Json& object,
                                                       std::string_view field);

// One side of a book in the order given: [["price","size"],...] or [{"p":"price","s":size},...].
absl::StatusOr<std::vector<model::Level>> ReadSide(const json::Json& answer, const char* side,
                                                   const Units& units);

// GET tickers: those in `table` and, unless it is empty, in `wanted`; ordered by symbol.
absl::StatusOr<model::TickersReply> ReadTickers(const std::string& body,
                                                const model::InstrumentTable& table,
                                                const std::vector<const model::Instrument*>& wanted,
                                                TimeNs receive_time);

// GET trades: newest first and, after a page token, only ids below it. The next page's token is
// given where the exchange sent a full page.
absl::StatusOr<model::TradesPage> ReadTrades(Product product, const std::string& body,
                                             const Units& units,
                                             const exchange::TradesQuery& query);

// GET order_book with id. `time` reads the fields `update` and `current`.
absl::StatusOr<BookSnapshot> ReadOrderBook(std::string_view what, const std::string& body,
                                           const Units& units,
                                           std::optional<TimeNs> (*time)(std::string_view));

// A list of instruments; `read` is a product's reading of one. What cannot be read is left out, so
// that one strange listing does not take all others away; a list of which nothing can is an error.
absl::StatusOr<std::vector<model::Instrument>> ReadInstruments(
    std::string_view what, const std::string& body,
    absl::StatusOr<model::Instrument> (*read)(const json::Json&));

// A list of candles as a page; `read` is a product's reading of one.
template <typename Read>
absl::StatusOr<model::CandlesPage> ReadCandles(std::string_view what, const std::string& body,
                                               const CandleRange& range, Read read) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json list, ParseList(what, body));
  std::vector<model::Candle> candles;
  for (const json::Json& entry : list) {
    absl::StatusOr<model::Candle> candle = read(entry);
    if (!candle.ok()) return Unreadable(what, candle.status());
    candles.push_back(*std::move(candle));
  }
  return PageOf(std::move(candles), range);
}

// Page sizes of the contract: 0 = 100, at most 1000.
std::uint32_t PageSize(std::uint32_t asked);

}  // namespace switchyard::exchanges::gateio
