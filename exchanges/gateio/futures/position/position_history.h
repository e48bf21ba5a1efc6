#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "common/model/market_data.h"
#include "exchanges/gateio/order/order_reports.h"
#include "exchanges/gateio/rest/rest_request.h"
#include "switchyard/position/v1/liquidation.pb.h"
#include "switchyard/position/v1/position.pb.h"

// What happened to positions: funding, liquidations, auto-deleveraging. Pure; any thread. Errors of
// decoders: Internal, MALFORMED_EXCHANGE_MESSAGE.
namespace switchyard::exchanges::gateio::futures {

// Entries of contracts that `table` lacks keep the exchange's own symbol.
// Source: API v4, "Futures", account_book, type `fund`.
absl::StatusOr<exchange::Page<position::v1::FundingPayment>> DecodeFunding(
    const std::string& body, const model::InstrumentTable& table,
    const exchange::HistoryQuery& query);

// The two lists of ListLiquidations, each read from its own offset.
struct LiquidationOffsets {
  std::int64_t liquidates = 0;
  std::int64_t auto_deleverages = 0;

  // "3.5". Empty = from the start. Errors: InvalidArgument, INVALID_PAGE_TOKEN.
  static absl::StatusOr<LiquidationOffsets> Parse(const std::string& page_token);
  std::string ToToken() const;
};
// `path`: paths::kFuturesLiquidates or kFuturesAutoDeleverages; `contract` empty = all.
RestRequest LiquidationsRequest(std::string_view path, std::string_view contract,
                                const exchange::HistoryQuery& query, std::int64_t offset);

// One page of both, newest first. Bodies are of the two requests at `offsets`.
absl::StatusOr<exchange::Page<position::v1::Liquidation>> MergeLiquidations(
    const std::string& liquidates, const std::string& auto_deleverages, const Origin& origin,
    const exchange::HistoryQuery& query, const LiquidationOffsets& offsets);

}  // namespace switchyard::exchanges::gateio::futures
