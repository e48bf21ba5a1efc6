#include "services/market_data/validation.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/status.h"
#include "services/market_data/page_token.h"

namespace switchyard::market_data {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kMaxCacheAge = std::chrono::seconds(1);
constexpr std::uint32_t kDefaultPage = 100;

absl::Status NotOffered(const exchange::Capabilities& capabilities, std::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_DEPTH_NOT_OFFERED,
                   message, {{"exchange", std::string(capabilities.exchange)}});
}

}  // namespace

absl::StatusOr<std::uint32_t> ParseDepth(std::uint32_t depth,
                                         const exchange::Capabilities& capabilities) {
  if (depth == 0) depth = kDefaultDepth;
  const std::uint32_t deepest =
      capabilities.book_depths.empty() ? 0 : capabilities.book_depths.back();
  if (depth <= deepest) return depth;
  return NotOffered(capabilities, fmt::format("depth {} is not offered by {}; its deepest is {}",
                                              depth, capabilities.exchange, deepest));
}

absl::Status CheckInterval(std::uint32_t interval_seconds,
                           const exchange::Capabilities& capabilities) {
  if (interval_seconds == 0) return InvalidField("interval_seconds", "is required");
  const auto offered = capabilities.candle_interval_seconds;
  if (std::find(offered.begin(), offered.end(), interval_seconds) != offered.end()) {
    return absl::OkStatus();
  }
  return NotOffered(capabilities, fmt::format("candles of {} s are not offered by {}",
                                              interval_seconds, capabilities.exchange));
}

absl::StatusOr<exchange::AllowedSources> ParseAllowedSources(
    const google::protobuf::RepeatedField<int>& sources) {
  if (sources.empty()) return exchange::AllowedSources{};
  exchange::AllowedSources allowed{.websocket = false, .cache = false, .rest = false};
  for (const int source : sources) {
    switch (source) {
      case common::v1::SOURCE_WEBSOCKET:
        allowed.websocket = true;
        break;
      case common::v1::SOURCE_CACHE:
        allowed.cache = true;
        break;
      case common::v1::SOURCE_REST:
        allowed.rest = true;
        break;
      default:
        return InvalidField("allowed_sources", fmt::format("{} is no source", source));
    }
  }
  return allowed;
}

absl::StatusOr<nanoseconds> ParseMaxAge(std::int64_t max_age_ns) {
  if (max_age_ns < 0) return InvalidField("max_age_ns", "is negative");
  if (max_age_ns == 0) return kMaxCacheAge;
  return std::min(nanoseconds(max_age_ns), kMaxCacheAge);
}

absl::StatusOr<std::uint32_t> ParsePageSize(std::uint32_t page_size, std::uint32_t standard) {
  if (page_size > kMaxListed) {
    return InvalidField("page_size", fmt::format("{} is more than {}", page_size, kMaxListed));
  }
  return page_size == 0 ? standard : page_size;
}

absl::Status CheckSymbol(std::string_view symbol) {
  return symbol.empty() ? InvalidField("symbol", "is required") : absl::OkStatus();
}

absl::Status CheckSymbols(const google::protobuf::RepeatedPtrField<std::string>& symbols) {
  if (symbols.size() > static_cast<int>(kMaxListed)) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
                     fmt::format("symbols: {} are more than {}", symbols.size(), kMaxListed),
                     {{"field", "symbols"}});
  }
  const bool has_empty = std::any_of(symbols.begin(), symbols.end(),
                                     [](const std::string& symbol) { return symbol.empty(); });
  return has_empty ? InvalidField("symbols", "an entry is empty") : absl::OkStatus();
}

absl::Status CheckTimes(std::int64_t start_time_ns, std::int64_t end_time_ns) {
  if (start_time_ns < 0) return InvalidField("start_time_ns", "is negative");
  if (end_time_ns < 0) return InvalidField("end_time_ns", "is negative");
  if (end_time_ns != 0 && end_time_ns <= start_time_ns) {
    return InvalidField("end_time_ns", "is not after start_time_ns");
  }
  return absl::OkStatus();
}

absl::StatusOr<model::Side> ParseSide(common::v1::Side side) {
  switch (side) {
    case common::v1::SIDE_BUY:
      return model::Side::kBuy;
    case common::v1::SIDE_SELL:
      return model::Side::kSell;
    default:
      return InvalidField("side", "must be BUY or SELL");
  }
}

absl::StatusOr<Decimal> ParseQuantity(std::string_view quantity) {
  const absl::StatusOr<Decimal> parsed = Decimal::Parse(quantity);
  if (!parsed.ok()) return InvalidField("quantity", std::string(parsed.status().message()));
  if (parsed->is_negative() || parsed->is_zero()) {
    return InvalidField("quantity", "must be greater than 0");
  }
  return *parsed;
}

absl::Status CheckKind(common::v1::InstrumentKind kind) {
  return common::v1::InstrumentKind_IsValid(kind)
             ? absl::OkStatus()
             : InvalidField("kind", fmt::format("{} is no kind", static_cast<int>(kind)));
}

absl::Status UnknownInstrument(std::string_view exchange, std::string_view symbol) {
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                   fmt::format("{} has no instrument '{}'", exchange, symbol),
                   {{"exchange", std::string(exchange)}});
}

absl::StatusOr<exchange::BookQuery> ParseQuery(const marketdata::v1::GetOrderBookRequest& request,
                                               const exchange::Capabilities& capabilities) {
  exchange::BookQuery query;
  query.symbol = request.symbol();
  SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(query.symbol));
  SWITCHYARD_ASSIGN_OR_RETURN(query.depth, ParseDepth(request.depth(), capabilities));
  SWITCHYARD_ASSIGN_OR_RETURN(query.allowed, ParseAllowedSources(request.allowed_sources()));
  SWITCHYARD_ASSIGN_OR_RETURN(query.max_age, ParseMaxAge(request.max_age_ns()));
  return query;
}

absl::StatusOr<exchange::BookQuery> ParseQuery(const marketdata::v1::GetOrderPriceRequest& request,
                                               const exchange::Capabilities& capabilities) {
  exchange::BookQuery query;
  query.symbol = request.symbol();
  SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(query.symbol));
  if (!capabilities.book_depths.empty()) query.depth = capabilities.book_depths.back();
  SWITCHYARD_ASSIGN_OR_RETURN(query.allowed, ParseAllowedSources(request.allowed_sources()));
  SWITCHYARD_ASSIGN_OR_RETURN(query.max_age, ParseMaxAge(request.max_age_ns()));
  return query;
}

absl::StatusOr<exchange::QuoteQuery> ParseQuery(
    const marketdata::v1::GetBestBidOfferRequest& request) {
  exchange::QuoteQuery query;
  query.symbol = request.symbol();
  SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(query.symbol));
  SWITCHYARD_ASSIGN_OR_RETURN(query.allowed, ParseAllowedSources(request.allowed_sources()));
  SWITCHYARD_ASSIGN_OR_RETURN(query.max_age, ParseMaxAge(request.max_age_ns()));
  return query;
}

absl::StatusOr<exchange::TradesQuery> ParseQuery(const marketdata::v1::ListTradesRequest& request) {
  exchange::TradesQuery query;
  query.symbol = request.symbol();
  SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(query.symbol));
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_size, ParsePageSize(request.page_size(), kDefaultPage));
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_token, PagePosition(request));
  return query;
}

absl::StatusOr<exchange::CandlesQuery> ParseQuery(const marketdata::v1::ListCandlesRequest& request,
                                                  const exchange::Capabilities& capabilities) {
  exchange::CandlesQuery query;
  query.symbol = request.symbol();
  query.interval_seconds = request.interval_seconds();
  query.start = request.start_time_ns();
  query.end = request.end_time_ns();
  SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(query.symbol));
  SWITCHYARD_RETURN_IF_ERROR(CheckInterval(query.interval_seconds, capabilities));
  SWITCHYARD_RETURN_IF_ERROR(CheckTimes(request.start_time_ns(), request.end_time_ns()));
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_size, ParsePageSize(request.page_size(), kDefaultPage));
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_token, PagePosition(request));
  return query;
}

absl::StatusOr<exchange::FundingHistoryQuery> ParseQuery(
    const marketdata::v1::ListFundingRateHistoryRequest& request) {
  exchange::FundingHistoryQuery query;
  query.symbol = request.symbol();
  query.start = request.start_time_ns();
  query.end = request.end_time_ns();
  SWITCHYARD_RETURN_IF_ERROR(CheckSymbol(query.symbol));
  SWITCHYARD_RETURN_IF_ERROR(CheckTimes(request.start_time_ns(), request.end_time_ns()));
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_size, ParsePageSize(request.page_size(), kDefaultPage));
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_token, PagePosition(request));
  return query;
}

}  // namespace switchyard::market_data
