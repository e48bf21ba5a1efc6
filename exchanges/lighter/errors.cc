#include "exchanges/lighter/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <string>

#include "common/json/json.h"
#include "common/retry/retry_after.h"

namespace switchyard::exchanges::lighter {
namespace {

using absl::StatusCode;
namespace reason = common::v1;

constexpr std::string_view kAccount = "Account";
constexpr std::string_view kCollateral = "Collateral";
constexpr std::string_view kTx = "Tx";
constexpr std::string_view kOrderBook = "OrderBook";
constexpr std::string_view kOrder = "Order";
constexpr std::string_view kAsset = "Asset";
constexpr std::string_view kCandles = "Candlestick";
constexpr std::string_view kLimits = "RateLimit";
constexpr std::string_view kGeneral = "General Errors";
constexpr std::string_view kSocket = "Websocket";

constexpr auto kInvalid = StatusCode::kInvalidArgument;
constexpr auto kRefused = StatusCode::kFailedPrecondition;
constexpr auto kDenied = StatusCode::kPermissionDenied;
constexpr auto kNoAccess = StatusCode::kUnauthenticated;
constexpr auto kAbsent = StatusCode::kNotFound;
constexpr auto kExists = StatusCode::kAlreadyExists;
constexpr auto kFault = StatusCode::kUnavailable;
constexpr auto kLimited = StatusCode::kResourceExhausted;

constexpr ErrorRow kTable[] = {
    {20'001, kNoAccess, reason::ERROR_REASON_BAD_KEY, kAccount},
    {21'100, kAbsent, reason::ERROR_REASON_UNKNOWN_ACCOUNT, kAccount},
    {21'101, kNoAccess, reason::ERROR_REASON_BAD_KEY, kAccount},
    {21'102, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'103, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'104, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kAccount},
    {21'105, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kAccount},
    {21'106, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'107, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'108, kNoAccess, reason::ERROR_REASON_BAD_KEY, kAccount},
    {21'109, kNoAccess, reason::ERROR_REASON_BAD_KEY, kAccount},
    {21'110, kNoAccess, reason::ERROR_REASON_BAD_KEY, kAccount},
    {21'111, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kAccount},
    {21'112, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kAccount},
    {21'113, kInvalid, reason::ERROR_REASON_LEVERAGE_NOT_ALLOWED, kAccount},
    {21'116, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'117, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'118, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'119, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'120, kNoAccess, reason::ERROR_REASON_BAD_SIGNATURE, kAccount},
    {21'121, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'122, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kAccount},
    {21'123, kDenied, reason::ERROR_REASON_KEY_PERMISSION, kAccount},
    {21'124, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'126, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kAccount},
    {21'128, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'131, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'132, kRefused, reason::ERROR_REASON_SETTING_LOCKED, kAccount},
    {21'133, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kAccount},
    {21'134, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAccount},
    {21'136, kNoAccess, reason::ERROR_REASON_BAD_KEY, kAccount},
    {21'137, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kAccount},
    {21'146, kDenied, reason::ERROR_REASON_KEY_PERMISSION, kAccount},
    {21'149, kDenied, reason::ERROR_REASON_KEY_PERMISSION, kAccount},
    {21'300, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kCollateral},
    {21'301, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kCollateral},
    {21'302, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kCollateral},
    {21'303, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kCollateral},
    {21'304, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kCollateral},
    {21'305, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kCollateral},
    {21'500, kAbsent, reason::ERROR_REASON_UNSPECIFIED, kTx},
    {21'501, kInvalid, reason::ERROR_REASON_UNSPECIFIED, kTx},
    {21'502, kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kTx},
    {21'503, kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kTx},
    {21'504, kNoAccess, reason::ERROR_REASON_BAD_SIGNATURE, kTx},
    {21'505, kInvalid, reason::ERROR_REASON_UNSPECIFIED, kTx},
    {21'506, kLimited, reason::ERROR_REASON_RATE_LIMITED, kTx},
    {21'507, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kTx},
    {21'508, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kTx},
    {21'511, kDenied, reason::ERROR_REASON_KEY_PERMISSION, kTx},
    {21'513, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kTx},
    {21'514, kInvalid, reason::ERROR_REASON_REQUEST_TOO_LARGE, kTx},
    {21'515, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kTx},
    {21'600, kAbsent, reason::ERROR_REASON_UNKNOWN_ORDER, kOrderBook},
    {21'601, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrderBook},
    {21'602, kAbsent, reason::ERROR_REASON_UNKNOWN_INSTRUMENT, kOrderBook},
    {21'603, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrderBook},
    {21'605, kRefused, reason::ERROR_REASON_MARKET_CLOSED, kOrderBook},
    {21'613, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrderBook},
    {21'614, kAbsent, reason::ERROR_REASON_UNKNOWN_POSITION, kOrderBook},
    {21'615, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrderBook},
    {21'616, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrderBook},
    {21'618, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrderBook},
    {21'619, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrderBook},
    {21'621, kAbsent, reason::ERROR_REASON_UNKNOWN_INSTRUMENT, kOrderBook},
    {21'700, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'701, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'702, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'703, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'704, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'705, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'706, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'707, kAbsent, reason::ERROR_REASON_UNKNOWN_ORDER, kOrder},
    {21'708, kAbsent, reason::ERROR_REASON_UNKNOWN_ORDER, kOrder},
    {21'709, kRefused, reason::ERROR_REASON_ORDER_FINISHED, kOrder},
    {21'710, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'711, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'712, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kOrder},
    {21'713, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'714, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'715, kAbsent, reason::ERROR_REASON_UNKNOWN_ORDER, kOrder},
    {21'717, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'718, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'719, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'720, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'721, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'722, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'723, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kOrder},
    {21'727, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'728, kExists, reason::ERROR_REASON_CLIENT_ORDER_ID_REUSED, kOrder},
    {21'729, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'730, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kOrder},
    {21'731, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kOrder},
    {21'732, kRefused, reason::ERROR_REASON_REDUCE_ONLY_WOULD_INCREASE, kOrder},
    {21'733, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'734, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'735, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'736, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kOrder},
    {21'737, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kOrder},
    {21'738, kRefused, reason::ERROR_REASON_REDUCE_ONLY_WOULD_INCREASE, kOrder},
    {21'739, kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kOrder},
    {21'740, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'741, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'742, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'743, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'744, kRefused, reason::ERROR_REASON_ORDER_REJECTED, kOrder},
    {21'745, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kOrder},
    {21'801, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAsset},
    {21'802, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAsset},
    {21'804, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAsset},
    {21'805, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAsset},
    {21'807, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAsset},
    {21'808, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAsset},
    {21'809, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kAsset},
    {22'400, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kCandles},
    {22'401, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kCandles},
    {22'402, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kCandles},
    {22'403, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kCandles},
    {23'000, kLimited, reason::ERROR_REASON_RATE_LIMITED, kLimits},
    {23'001, kLimited, reason::ERROR_REASON_SUBSCRIPTION_LIMIT, kLimits},
    {23'002, kLimited, reason::ERROR_REASON_SUBSCRIPTION_LIMIT, kLimits},
    {23'003, kLimited, reason::ERROR_REASON_RATE_LIMITED, kLimits},
    {23'004, kLimited, reason::ERROR_REASON_RATE_LIMITED, kLimits},
    {29'404, kAbsent, reason::ERROR_REASON_UNSPECIFIED, kGeneral},
    {29'500, kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kGeneral},
    {29'501, kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kGeneral},
    {30'000, kInvalid, reason::ERROR_REASON_UNSPECIFIED, kSocket},
    {30'001, kInvalid, reason::ERROR_REASON_UNSPECIFIED, kSocket},
    {30'002, kAbsent, reason::ERROR_REASON_UNSPECIFIED, kSocket},
    {30'003, kExists, reason::ERROR_REASON_UNSPECIFIED, kSocket},
    {30'004, kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kSocket},
    {30'005, kInvalid, reason::ERROR_REASON_INVALID_FIELD, kSocket},
    {30'006, kInvalid, reason::ERROR_REASON_UNSPECIFIED, kSocket},
    {30'007, kInvalid, reason::ERROR_REASON_UNSPECIFIED, kSocket},
    {30'008, kDenied, reason::ERROR_REASON_KEY_PERMISSION, kSocket},
    {30'009, kLimited, reason::ERROR_REASON_RATE_LIMITED, kSocket},
    {30'010, kLimited, reason::ERROR_REASON_RATE_LIMITED, kSocket},
    {30'011, kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kSocket},
    {30'012, kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kSocket},
};
static_assert(std::ranges::is_sorted(kTable, {}, &ErrorRow::exchange_code));

// Limits count rolling minutes: so long, a sixth of one comes free again.
constexpr std::chrono::nanoseconds kDefaultPause = std::chrono::seconds(10);
constexpr std::size_t kLongestText = 256;

const ErrorRow* FindCode(std::int64_t code) {
  const auto* const row = std::ranges::lower_bound(kTable, code, {}, &ErrorRow::exchange_code);
  return row != std::end(kTable) && row->exchange_code == code ? row : nullptr;
}

// What a status means where no code tells more.
ErrorRow ClassOf(int http_status) {
  switch (http_status) {
    case 401:
      return {0, kNoAccess, reason::ERROR_REASON_BAD_KEY, kGeneral};
    case 403:
      return {0, kDenied, reason::ERROR_REASON_KEY_PERMISSION, kGeneral};
    case 404:
      return {0, kAbsent, reason::ERROR_REASON_UNSPECIFIED, kGeneral};
    case 405:  // seen instead of 429
    case 429:
      return {0, kLimited, reason::ERROR_REASON_RATE_LIMITED, kLimits};
    default:
      break;
  }
  if (http_status >= 400 && http_status < 500) {
    return {0, kInvalid, reason::ERROR_REASON_UNSPECIFIED, kGeneral};
  }
  return {0, kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kGeneral};
}

struct Refusal {
  std::int64_t code = 0;
  std::string text;
};

// Nullopt where `body` is not Lighter's form of an error.
std::optional<Refusal> ReadRefusal(std::string_view body) {
  const absl::StatusOr<json::Json> parsed = json::Parse(body);
  if (!parsed.ok() || !parsed->is_object()) return std::nullopt;
  const auto code = json::RequireInt64(*parsed, "code");
  if (!code.ok()) return std::nullopt;
  const auto text = json::OptionalString(*parsed, "message");
  return Refusal{*code, text.ok() && *text ? (*text)->substr(0, kLongestText) : std::string()};
}

// Nullopt where the code is not in the table. Answers of 2025 have the HTTP status in the place of
// the business code.
std::optional<ErrorRow> RowOf(std::int64_t code, std::string_view message) {
  if (code == 400 && message.find("invalid nonce") != std::string_view::npos) code = kInvalidNonce;
  if (const ErrorRow* const known = FindCode(code)) return *known;
  return std::nullopt;
}

absl::Status Make(const ErrorRow& row, std::string_view what, std::int64_t code,
                  std::string_view text) {
  return MakeError(
      row.code, row.reason, what,
      {{"exchange_code", fmt::to_string(code)}, {"exchange_message", std::string(text)}});
}

}  // namespace

std::span<const ErrorRow> ErrorTable() { return kTable; }

absl::Status FromCode(std::string_view what, std::int64_t code, std::string_view message) {
  const std::string_view text = message.substr(0, kLongestText);
  const ErrorRow row =
      RowOf(code, text)
          .value_or(ErrorRow{0, kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kGeneral});
  const absl::Status status = Make(row, fmt::format("{}: {}: {}", what, code, text), code, text);
  return row.code == kLimited ? WithRetryAfter(status, kDefaultPause) : status;
}

absl::Status FromRest(std::string_view what, const net::HttpResponse& response, TimeNs now) {
  const std::optional<Refusal> refusal = ReadRefusal(response.body);
  ErrorRow row = ClassOf(response.status);
  absl::Status status;
  if (refusal) {
    row = RowOf(refusal->code, refusal->text).value_or(row);
    status = Make(
        row,
        fmt::format("{}: HTTP {}, {}: {}", what, response.status, refusal->code, refusal->text),
        refusal->code, refusal->text);
  } else {
    // Not Lighter's own words: whatever stands in between answered.
    if (row.code != kLimited) row = ClassOf(500);
    status = Make(row,
                  fmt::format("{}: HTTP {} with {} bytes that are not Lighter's error form", what,
                              response.status, response.body.size()),
                  response.status, "");
  }
  if (row.code != kLimited) return status;
  const std::string* const header = response.FindHeader("Retry-After");
  const auto asked = header == nullptr ? std::nullopt : retry::ParseRetryAfter(*header, now);
  return WithRetryAfter(status, asked && asked->count() > 0 ? *asked : kDefaultPause);
}

std::optional<std::int64_t> ExchangeCodeOf(const absl::Status& status) {
  const ErrorMetadata metadata = MetadataOf(status);
  const auto found = metadata.find("exchange_code");
  if (found == metadata.end()) return std::nullopt;
  const std::string& text = found->second;
  std::int64_t code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return code;
}

}  // namespace switchyard::exchanges::lighter
