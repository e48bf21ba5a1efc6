#include "exchanges/gateio/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>

#include "common/json/json.h"
#include "common/retry/retry_after.h"

namespace switchyard::exchanges::gateio {
namespace {

using absl::StatusCode;
namespace reason = common::v1;

constexpr std::string_view kGeneral = "API v4, Error Handling";
constexpr std::string_view kSpot = "API v4, Error Handling, spot";
constexpr std::string_view kFutures = "API v4, Error Handling, futures";
constexpr std::string_view kWallet = "API v4, Error Handling, withdrawal";

constexpr auto kInvalid = StatusCode::kInvalidArgument;
constexpr auto kRefused = StatusCode::kFailedPrecondition;
constexpr auto kDenied = StatusCode::kPermissionDenied;
constexpr auto kNoAccess = StatusCode::kUnauthenticated;
constexpr auto kAbsent = StatusCode::kNotFound;
constexpr auto kExists = StatusCode::kAlreadyExists;
constexpr auto kFault = StatusCode::kUnavailable;
constexpr auto kLimited = StatusCode::kResourceExhausted;

constexpr ErrorRow kTable[] = {
    {"ACCOUNT_EXCEPTION", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kWallet},
    {"ACCOUNT_LOCKED", kDenied, reason::ERROR_REASON_KEY_PERMISSION, kGeneral},
    {"ADDRESS_NOT_USED", kRefused, reason::ERROR_REASON_ADDRESS_NOT_ALLOWED, kWallet},
    {"AMEND_WITH_STOP", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kFutures},
    {"AMOUNT_TOO_LITTLE", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kSpot},
    {"AMOUNT_TOO_MUCH", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kSpot},
    {"API_WITHDRAW_DISABLED", kDenied, reason::ERROR_REASON_KEY_PERMISSION, kWallet},
    {"AUTHENTICATION_FAILED", kNoAccess, reason::ERROR_REASON_BAD_KEY, kGeneral},
    {"BAD_REQUEST", kInvalid, reason::ERROR_REASON_UNSPECIFIED, kGeneral},
    {"BALANCE_NOT_ENOUGH", kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kSpot},
    {"CLIENT_ID_NOT_FOUND", kAbsent, reason::ERROR_REASON_UNKNOWN_ORDER, kSpot},
    {"CONTRACT_IN_DELISTING", kRefused, reason::ERROR_REASON_MARKET_CLOSED, kFutures},
    {"CONTRACT_NOT_FOUND", kAbsent, reason::ERROR_REASON_UNKNOWN_INSTRUMENT, kFutures},
    {"CONTRACT_NO_COUNTER", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kFutures},
    {"DUPLICATE_REQUEST", kExists, reason::ERROR_REASON_REQUEST_ID_REUSED, kWallet},
    {"FORBIDDEN", kDenied, reason::ERROR_REASON_KEY_PERMISSION, kGeneral},
    {"FUTURES_BALANCE_NOT_ENOUGH", kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kWallet},
    {"INCREASE_POSITION", kRefused, reason::ERROR_REASON_REDUCE_ONLY_WOULD_INCREASE, kFutures},
    {"INSUFFICIENT_AVAILABLE", kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kFutures},
    {"INTERNAL", kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kGeneral},
    {"INVALID_ARGUMENT", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kGeneral},
    {"INVALID_CLIENT_ORDER_ID", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kWallet},
    {"INVALID_CONTENT_TYPE", kInvalid, reason::ERROR_REASON_UNSPECIFIED, kGeneral},
    {"INVALID_CREDENTIALS", kNoAccess, reason::ERROR_REASON_BAD_KEY, kGeneral},
    {"INVALID_CURRENCY", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kSpot},
    {"INVALID_CURRENCY_PAIR", kAbsent, reason::ERROR_REASON_UNKNOWN_INSTRUMENT, kSpot},
    {"INVALID_KEY", kNoAccess, reason::ERROR_REASON_BAD_KEY, kGeneral},
    {"INVALID_PARAM_VALUE", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kGeneral},
    {"INVALID_PRECISION", kInvalid, reason::ERROR_REASON_NOT_REPRESENTABLE, kSpot},
    {"INVALID_PROTOCOL", kInvalid, reason::ERROR_REASON_UNSPECIFIED, kGeneral},
    {"INVALID_REQUEST_BODY", kInvalid, reason::ERROR_REASON_UNSPECIFIED, kGeneral},
    {"INVALID_SIGNATURE", kNoAccess, reason::ERROR_REASON_BAD_SIGNATURE, kGeneral},
    {"INVALID_WITHDRAW_CANCEL_STATUS", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kWallet},
    {"INVALID_WITHDRAW_ID", kAbsent, reason::ERROR_REASON_UNSPECIFIED, kWallet},
    {"IP_FORBIDDEN", kDenied, reason::ERROR_REASON_KEY_PERMISSION, kGeneral},
    {"LEVERAGE_TOO_HIGH", kInvalid, reason::ERROR_REASON_LEVERAGE_NOT_ALLOWED, kFutures},
    {"LEVERAGE_TOO_LOW", kInvalid, reason::ERROR_REASON_LEVERAGE_NOT_ALLOWED, kFutures},
    {"LIQUIDATE_IMMEDIATELY", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kFutures},
    {"MARGIN_BALANCE_EXCEPTION", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kWallet},
    {"MARGIN_BALANCE_NOT_ENOUGH", kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kFutures},
    {"MARGIN_TRANSFER_FAILED", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kWallet},
    {"METHOD_NOT_ALLOWED", kInvalid, reason::ERROR_REASON_UNSPECIFIED, kGeneral},
    {"MISSING_REQUIRED_HEADER", kNoAccess, reason::ERROR_REASON_BAD_KEY, kGeneral},
    {"MISSING_REQUIRED_PARAM", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kGeneral},
    {"MIXED_ACCOUNT_TYPE", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kSpot},
    {"NOT_ACCEPTABLE", kInvalid, reason::ERROR_REASON_UNSPECIFIED, kGeneral},
    {"NOT_FOUND", kAbsent, reason::ERROR_REASON_UNSPECIFIED, kGeneral},
    {"NO_CHANGE", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kSpot},
    {"ORDER_CANCELLED", kRefused, reason::ERROR_REASON_ORDER_FINISHED, kSpot},
    {"ORDER_CLOSED", kRefused, reason::ERROR_REASON_ORDER_FINISHED, kSpot},
    {"ORDER_EXISTS", kExists, reason::ERROR_REASON_CLIENT_ORDER_ID_REUSED, kWallet},
    {"ORDER_FINISHED", kRefused, reason::ERROR_REASON_ORDER_FINISHED, kFutures},
    {"ORDER_FOK", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kFutures},
    {"ORDER_NOT_FOUND", kAbsent, reason::ERROR_REASON_UNKNOWN_ORDER, kSpot},
    {"ORDER_NOT_OWNED", kAbsent, reason::ERROR_REASON_UNKNOWN_ORDER, kFutures},
    {"ORDER_PENDING", kRefused, reason::ERROR_REASON_SETTING_LOCKED, kFutures},
    {"ORDER_POC_IMMEDIATE", kRefused, reason::ERROR_REASON_POST_ONLY_WOULD_CROSS, kFutures},
    {"POC_FILL_IMMEDIATELY", kRefused, reason::ERROR_REASON_POST_ONLY_WOULD_CROSS, kSpot},
    {"POSITION_CROSS_MARGIN", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kFutures},
    {"POSITION_DUAL_MODE", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kFutures},
    {"POSITION_EMPTY", kAbsent, reason::ERROR_REASON_UNKNOWN_POSITION, kFutures},
    {"POSITION_HOLDING", kRefused, reason::ERROR_REASON_SETTING_LOCKED, kFutures},
    {"POSITION_IN_CLOSE", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kFutures},
    {"POSITION_IN_LIQUIDATION", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kFutures},
    {"POSITION_NOT_FOUND", kAbsent, reason::ERROR_REASON_UNKNOWN_POSITION, kFutures},
    {"PRICE_OVER_BANKRUPT", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kFutures},
    {"PRICE_OVER_LIQUIDATION", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kFutures},
    {"PRICE_THRESHOLD_EXCEEDED", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kSpot},
    {"PRICE_TOO_DEVIATED", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kFutures},
    {"QUANTITY_NOT_ENOUGH", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kSpot},
    {"READ_ONLY", kDenied, reason::ERROR_REASON_KEY_PERMISSION, kGeneral},
    {"REDUCE_EXCEEDED", kRefused, reason::ERROR_REASON_REDUCE_ONLY_WOULD_INCREASE, kFutures},
    {"REMOVE_TOO_MUCH", kRefused, reason::ERROR_REASON_INSUFFICIENT_FUNDS, kFutures},
    {"REPEATED_CREATION", kExists, reason::ERROR_REASON_CLIENT_ORDER_ID_REUSED, kSpot},
    {"REQUEST_EXPIRED", kNoAccess, reason::ERROR_REASON_BAD_TIMESTAMP, kGeneral},
    {"RISK_LIMIT_EXCEEDED", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kFutures},
    {"RISK_LIMIT_NOT_MULTIPLE", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kFutures},
    {"RISK_LIMIT_TOO_HIGH", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kFutures},
    {"RISK_LIMIT_TOO_LOW", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kFutures},
    {"SERVER_ERROR", kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kGeneral},
    {"SIZE_TOO_LARGE", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kFutures},
    {"SIZE_TOO_SMALL", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kFutures},
    {"SUB_ACCOUNT_LOCKED", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kWallet},
    {"SUB_ACCOUNT_NOT_FOUND", kAbsent, reason::ERROR_REASON_UNSPECIFIED, kWallet},
    {"SUB_ACCOUNT_TRANSFER_FAILED", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kWallet},
    {"TOO_BUSY", kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kGeneral},
    {"TOO_FAST", kLimited, reason::ERROR_REASON_RATE_LIMITED, kGeneral},
    {"TOO_MANY_ORDERS", kRefused, reason::ERROR_REASON_ORDER_REJECTED, kSpot},
    {"TOO_MANY_REQUESTS", kLimited, reason::ERROR_REASON_RATE_LIMITED, kGeneral},
    {"TOO_MUCH_FUTURES_AVAILABLE", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kWallet},
    {"USER_NOT_FOUND", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kFutures},
    {"WITHDRAWAL_OVER_LIMIT", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kWallet},
};
static_assert(std::is_sorted(std::begin(kTable), std::end(kTable),
                             [](const ErrorRow& a, const ErrorRow& b) {
                               return a.label < b.label;
                             }));

// Withdrawals are held back for so long; other limits that give no time count windows of 10 s.
constexpr std::chrono::nanoseconds kTooFastPause = std::chrono::seconds(10);
constexpr std::chrono::nanoseconds kDefaultPause = std::chrono::seconds(1);
// A reset further away is a clock that differs, not a limit of Gate.io's.
constexpr std::chrono::nanoseconds kLongestPause = std::chrono::seconds(60);
constexpr std::size_t kLongestText = 256;

const ErrorRow* FindLabel(std::string_view label) {
  const auto* const row = std::lower_bound(
      std::begin(kTable), std::end(kTable), label,
      [](const ErrorRow& entry, std::string_view wanted) { return entry.label < wanted; });
  return row != std::end(kTable) && row->label == label ? row : nullptr;
}

struct Refusal {
  std::string label, text;
};

// Nullopt where `body` is not Gate.io's form of an error.
std::optional<Refusal> ReadRefusal(std::string_view body) {
  const absl::StatusOr<json::Json> parsed = json::Parse(body);
  if (!parsed.ok() || !parsed->is_object()) return std::nullopt;
  Refusal refusal;
  const auto label = json::RequireString(*parsed, "label");
  if (!label.ok()) return std::nullopt;
  refusal.label = label->substr(0, kLongestText);
  for (const char* const name : {"message", "detail"}) {
    const auto text = json::RequireString(*parsed, name);
    if (!text.ok() || text->empty()) continue;
    refusal.text = text->substr(0, kLongestText);
    break;
  }
  return refusal;
}

// What a status class means where no label tells more.
ErrorRow ClassOf(int http_status) {
  switch (http_status) {
    case 401:
      return {"", kNoAccess, reason::ERROR_REASON_BAD_KEY, kGeneral};
    case 403:
      return {"", kDenied, reason::ERROR_REASON_KEY_PERMISSION, kGeneral};
    case 404:
      return {"", kAbsent, reason::ERROR_REASON_UNSPECIFIED, kGeneral};
    case kAddressRefused:
    case 429:
      return {"", kLimited, reason::ERROR_REASON_RATE_LIMITED, kGeneral};
    default:
      break;
  }
  if (http_status >= 400 && http_status < 500) {
    return {"", kInvalid, reason::ERROR_REASON_UNSPECIFIED, kGeneral};
  }
  return {"", kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kGeneral};
}

// Gate.io's own header; 0 where it is absent or means nothing.
std::chrono::nanoseconds ResetPause(const net::HttpResponse& response, TimeNs now) {
  const std::string* const header = response.FindHeader("X-Gate-RateLimit-Reset-Timestamp");
  if (header == nullptr) return {};
  std::int64_t stamp = 0;
  const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), stamp);
  if (error != std::errc() || end != header->data() + header->size()) return {};
  const std::optional<TimeNs> reset = ResetTime(stamp);
  if (!reset || *reset <= now) return {};
  return std::min(*reset - now, kLongestPause);
}

// What a header asks for, or the usual pause of its kind where none does.
std::chrono::nanoseconds PauseOf(std::string_view label, const net::HttpResponse& response,
                                 TimeNs now) {
  std::chrono::nanoseconds asked = ResetPause(response, now);
  if (const std::string* const header = response.FindHeader("Retry-After"); header != nullptr) {
    const auto wait = retry::ParseRetryAfter(*header, now);
    asked = std::max(asked, wait.value_or(std::chrono::nanoseconds(0)));
  }
  if (asked.count() > 0) return asked;
  return label == "TOO_FAST" ? kTooFastPause : kDefaultPause;
}

absl::Status Make(const ErrorRow& row, std::string_view message, std::string_view exchange_code,
                  std::string_view exchange_message) {
  ErrorMetadata metadata;
  if (!exchange_code.empty()) metadata["exchange_code"] = exchange_code;
  if (!exchange_message.empty()) metadata["exchange_message"] = exchange_message;
  return MakeError(row.code, row.reason, message, metadata);
}

// What a code of the WebSocket means; `message` tells some apart.
ErrorRow SocketCode(std::int64_t code, std::string_view message) {
  switch (code) {
    case 1:
      return {"", kInvalid, reason::ERROR_REASON_UNSPECIFIED, kGeneral};
    case 2:
      if (message.starts_with("unknown ")) {
        return {"", kAbsent, reason::ERROR_REASON_UNKNOWN_INSTRUMENT, kGeneral};
      }
      if (message.starts_with("Alert sub ")) {
        return {"", kExists, reason::ERROR_REASON_UNSPECIFIED, kGeneral};
      }
      return {"", kInvalid, reason::ERROR_REASON_INVALID_FIELD, kGeneral};
    case 3:
      return {"", kFault, reason::ERROR_REASON_EXCHANGE_FAULT, kGeneral};
    case 4:
    case 6:
    case 11:
      return {"", kNoAccess, reason::ERROR_REASON_BAD_KEY, kGeneral};
    case 211:
    case 212:
    case 311:
      return {"", kLimited, reason::ERROR_REASON_RATE_LIMITED, kGeneral};
    default:
      return {"", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kGeneral};
  }
}

}  // namespace

std::span<const ErrorRow> ErrorTable() { return kTable; }

std::optional<TimeNs> ResetTime(std::int64_t stamp) {
  // REST answers carry seconds, the socket's carry milliseconds: the magnitude tells.
  constexpr std::int64_t kLastSeconds = 9'000'000'000;
  constexpr std::int64_t kLastMillis = 9'000'000'000'000;
  if (stamp <= 0 || stamp > kLastMillis) return std::nullopt;
  return stamp <= kLastSeconds ? TimeNs::FromSeconds(stamp) : TimeNs::FromMillis(stamp);
}

absl::Status FromRest(std::string_view what, const net::HttpResponse& response, TimeNs now) {
  const std::optional<Refusal> refusal = ReadRefusal(response.body);
  ErrorRow row = ClassOf(response.status);
  std::string message;
  if (refusal) {
    if (const ErrorRow* const known = FindLabel(refusal->label)) row = *known;
    message =
        fmt::format("{}: HTTP {}, {}: {}", what, response.status, refusal->label, refusal->text);
  } else {
    // Not Gate.io's own words: whatever stands in between answered.
    if (row.code != kLimited) row = ClassOf(500);
    message = fmt::format("{}: HTTP {} with {} bytes that are not Gate.io's error form", what,
                          response.status, response.body.size());
  }
  const absl::Status status = refusal ? Make(row, message, refusal->label, refusal->text)
                                      : Make(row, message, fmt::to_string(response.status), "");
  if (row.code != kLimited) return status;
  return WithRetryAfter(status, PauseOf(refusal ? refusal->label : "", response, now));
}

absl::Status FromWebSocketError(std::string_view what, std::int64_t code,
                                std::string_view message) {
  const std::optional<Refusal> refusal = ReadRefusal(message);
  ErrorRow row = SocketCode(code, message);
  if (refusal) {
    if (const ErrorRow* const known = FindLabel(refusal->label)) row = *known;
  }
  const std::string text(refusal ? std::string_view(refusal->text)
                                 : message.substr(0, kLongestText));
  const std::string name = refusal ? refusal->label : fmt::to_string(code);
  const absl::Status status = Make(row, fmt::format("{}: {}: {}", what, name, text), name, text);
  return row.code == kLimited ? WithRetryAfter(status, kDefaultPause) : status;
}

absl::Status FromApiError(std::string_view what, int http_status, std::string_view label,
                          std::string_view message, std::optional<TimeNs> reset, TimeNs now) {
  // A label without a status that says more is still an explicit no.
  ErrorRow row = http_status >= 400
                     ? ClassOf(http_status)
                     : ErrorRow{"", kRefused, reason::ERROR_REASON_COMMAND_REFUSED, kGeneral};
  std::int64_t code = 0;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), code);
  if (const ErrorRow* const known = FindLabel(label)) {
    row = *known;
  } else if (error == std::errc() && end == label.data() + label.size()) {
    row = SocketCode(code, message);
  }
  const std::string_view text = message.substr(0, kLongestText);
  const std::string_view name = label.substr(0, kLongestText);
  const absl::Status status =
      Make(row, fmt::format("{}: status {}, {}: {}", what, http_status, name, text), name, text);
  if (row.code != kLimited) return status;
  return WithRetryAfter(
      status, reset && *reset > now ? std::min(*reset - now, kLongestPause) : kDefaultPause);
}

}  // namespace switchyard::exchanges::gateio
