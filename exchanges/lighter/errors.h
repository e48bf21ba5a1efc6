#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "common/net/http_message.h"
#include "common/status/status.h"
#include "common/time/time.h"

// The one place where Lighter's refusals become ours. Pure; any thread.
namespace switchyard::exchanges::lighter {

// Codes that decide what happens next.
inline constexpr std::int64_t kOk = 200;
inline constexpr std::int64_t kInvalidNonce = 21'104;
inline constexpr std::int64_t kNotSubscribed = 30'002;
inline constexpr std::int64_t kAlreadySubscribed = 30'003;

struct ErrorRow {
  std::int64_t exchange_code = 0;
  absl::StatusCode code = absl::StatusCode::kUnknown;
  ErrorReason reason{};
  std::string_view section;  // of Lighter's page "Data Structures, Constants and Errors"
};

// Sorted by code: what our requests can be answered. The set is open: an unknown code counts as a
// refusal of the command, or by its HTTP status.
std::span<const ErrorRow> ErrorTable();

// A refusal with a business code, on REST or on the WebSocket. Rate limits carry a retry delay: the
// usual pause, as the WebSocket states none. `what` says what was attempted; `message` is cut.
// Codes 29500 and 29501 (internal error, timeout) are Unavailable: to a transaction that was sent
// they mean an unknown outcome, which the caller knows and this does not.
absl::Status FromCode(std::string_view what, std::int64_t code, std::string_view message);

// An answer whose status is not 2xx, to a request that changes nothing: a 5xx is Unavailable. 429,
// 405 and rate codes carry a retry delay: that of `Retry-After`, or the usual pause. Bodies that
// are not Lighter's error form are cut, never echoed whole. `now` is the wall clock.
absl::Status FromRest(std::string_view what, const net::HttpResponse& response, TimeNs now);

// The exchange's own code that a status was made from; nullopt where there was none.
std::optional<std::int64_t> ExchangeCodeOf(const absl::Status& status);

}  // namespace switchyard::exchanges::lighter
