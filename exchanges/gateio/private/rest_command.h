#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "common/net/http_message.h"
#include "common/retry/rate_limiter.h"
#include "common/time/time.h"
#include "exchanges/gateio/rest/rest_request.h"

// Requests over REST that have an effect: orders, settings, transfers.
namespace switchyard::exchanges::gateio {

// What became of one.
struct CommandOutcome {
  exchange::CommandFate fate = exchange::CommandFate::kUnknown;
  absl::Status status;  // as exchange::CommandResult
  std::string body;     // of the answer, where confirmed
  TimeNs submit_time;   // our clock, when it was handed to the transport; 0 = not sent
  // What the answer says about its limit.
  retry::Reported limit;
  std::optional<std::chrono::nanoseconds> retry_after;  // of a rate limit
};

// The fate of a command by what the transport gave back. Pure. `what` says what was attempted;
// `now` is the exchange's clock at the answer, `steady` the steady one.
//   2xx: confirmed. Gate.io's own refusal, 429: refused. Not written (Unavailable,
//   ResourceExhausted, InvalidArgument of net::HttpClient): not sent. All else, 5xx and what is not
//   Gate.io's form among it: unknown, for something between may have passed it on.
CommandOutcome SettleCommand(std::string_view what, absl::StatusOr<net::HttpResponse> response,
                             TimeNs now, std::chrono::nanoseconds steady);

// UNKNOWN with ORDER_OUTCOME_UNKNOWN.
absl::Status OutcomeUnknown(std::string_view what, std::string_view why);

// `request` with the header by which Gate.io refuses it when it arrives after `expiry`, a moment of
// the exchange's clock. Source: API v4, "Request headers", x-gate-exptime.
net::HttpRequest ToExpiringRequest(const RestRequest& request, TimeNs expiry);

}  // namespace switchyard::exchanges::gateio
