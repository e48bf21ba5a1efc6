#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/exchange/market_data_client.h"
#include "google/protobuf/repeated_field.h"
#include "switchyard/common/v1/values.pb.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"

// From a request's fields to what a client is asked for. Pure. Errors are InvalidArgument and name
// the field; other reasons are stated.
namespace switchyard::market_data {

// Most entries of any list and of any page.
inline constexpr std::uint32_t kMaxListed = 1'000;
// Levels a side where a request names no depth.
inline constexpr std::uint32_t kDefaultDepth = 10;

// Errors: DEPTH_NOT_OFFERED beyond the deepest.
absl::StatusOr<std::uint32_t> ParseDepth(std::uint32_t depth,
                                         const exchange::Capabilities& capabilities);
// Errors: DEPTH_NOT_OFFERED where the interval is not among the offered.
absl::Status CheckInterval(std::uint32_t interval_seconds,
                           const exchange::Capabilities& capabilities);

absl::StatusOr<exchange::AllowedSources> ParseAllowedSources(
    const google::protobuf::RepeatedField<int>& sources);
// 0 = 1 s, more is cut to 1 s.
absl::StatusOr<std::chrono::nanoseconds> ParseMaxAge(std::int64_t max_age_ns);
// 0 = `standard`.
absl::StatusOr<std::uint32_t> ParsePageSize(std::uint32_t page_size, std::uint32_t standard);

absl::Status CheckSymbol(std::string_view symbol);
// Errors: REQUEST_TOO_LARGE beyond kMaxListed.
absl::Status CheckSymbols(const google::protobuf::RepeatedPtrField<std::string>& symbols);
// Both inclusive bounds may be 0 = open.
absl::Status CheckTimes(std::int64_t start_time_ns, std::int64_t end_time_ns);

absl::StatusOr<model::Side> ParseSide(common::v1::Side side);
absl::StatusOr<Decimal> ParseQuantity(std::string_view quantity);
absl::Status CheckKind(common::v1::InstrumentKind kind);

// Names the instrument and its exchange: NotFound, UNKNOWN_INSTRUMENT.
absl::Status UnknownInstrument(std::string_view exchange, std::string_view symbol);

absl::StatusOr<exchange::BookQuery> ParseQuery(const marketdata::v1::GetOrderBookRequest& request,
                                               const exchange::Capabilities& capabilities);
// The deepest book: what a quantity costs is read from it.
absl::StatusOr<exchange::BookQuery> ParseQuery(const marketdata::v1::GetOrderPriceRequest& request,
                                               const exchange::Capabilities& capabilities);
absl::StatusOr<exchange::QuoteQuery> ParseQuery(
    const marketdata::v1::GetBestBidOfferRequest& request);
// Also INVALID_PAGE_TOKEN.
absl::StatusOr<exchange::TradesQuery> ParseQuery(const marketdata::v1::ListTradesRequest& request);
absl::StatusOr<exchange::CandlesQuery> ParseQuery(const marketdata::v1::ListCandlesRequest& request,
                                                  const exchange::Capabilities& capabilities);
absl::StatusOr<exchange::FundingHistoryQuery> ParseQuery(
    const marketdata::v1::ListFundingRateHistoryRequest& request);

}  // namespace switchyard::market_data
