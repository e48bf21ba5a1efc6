#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "common/net/http_message.h"
#include "common/status/status.h"
#include "common/time/time.h"

// The one place where Gate.io's refusals become ours. Pure; any thread.
namespace switchyard::exchanges::gateio {

// The status of an address that went on asking beyond its limit. Gate.io does not name it; what
// stands in front of an exchange uses it.
inline constexpr int kAddressRefused = 418;

struct ErrorRow {
  std::string_view label;
  absl::StatusCode code;
  ErrorReason reason;
  std::string_view section;  // of Gate.io's documentation
};

// Sorted by label. The set is open: an unknown label counts by its HTTP status alone.
std::span<const ErrorRow> ErrorTable();

// The moment of a rate limit's reset, from its header or field: seconds or milliseconds.
std::optional<TimeNs> ResetTime(std::int64_t stamp);

// An answer whose status is not 2xx, to a request that changes nothing: a 5xx is Unavailable (for
// an order that was sent it means an unknown outcome, which the caller knows and this does not).
// 429, 418 and rate labels carry a retry delay: the longer one of
// `X-Gate-RateLimit-Reset-Timestamp` and `Retry-After`, where present. `what` says what was
// attempted. Bodies that are not Gate.io's error form are cut, never echoed whole. `now` is the
// wall clock.
absl::Status FromRest(std::string_view what, const net::HttpResponse& response, TimeNs now);

// A refusal on the WebSocket. `message` may be JSON text of the REST form (label and message).
// Source: Spot WebSocket v4, "Error"; code 4, 6 and 11 are authentication.
absl::Status FromWebSocketError(std::string_view what, std::int64_t code, std::string_view message);

// A refusal of the WebSocket API, which has a REST answer's status and label, or a code of the
// WebSocket in the label's place. `reset` is the moment at which a limit ends, by the clock of
// `now`; nullopt where the answer does not say.
absl::Status FromApiError(std::string_view what, int http_status, std::string_view label,
                          std::string_view message, std::optional<TimeNs> reset, TimeNs now);

}  // namespace switchyard::exchanges::gateio
