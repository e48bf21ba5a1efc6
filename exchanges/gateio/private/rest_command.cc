#include "exchanges/gateio/private/rest_command.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/errors.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandFate;

// The transport's own word that no byte was written.
bool WasNotWritten(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted ||
         status.code() == absl::StatusCode::kInvalidArgument;
}

CommandOutcome SettleWithoutAnswer(std::string_view what, const absl::Status& error) {
  CommandOutcome out;
  const std::string message(error.message());
  if (!WasNotWritten(error)) {
    out.status = OutcomeUnknown(what, message);
    return out;
  }
  out.fate = CommandFate::kNotSent;
  out.status =
      MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                fmt::format("{}: not sent: {}", what, message));
  return out;
}

}  // namespace

absl::Status OutcomeUnknown(std::string_view what, std::string_view why) {
  return MakeError(absl::StatusCode::kUnknown, common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
                   fmt::format("{}: sent, outcome unknown: {}", what, why));
}

CommandOutcome SettleCommand(std::string_view what, absl::StatusOr<net::HttpResponse> response,
                             TimeNs now, std::chrono::nanoseconds steady) {
  if (!response.ok()) return SettleWithoutAnswer(what, response.status());
  CommandOutcome out;
  out.limit = ReportedLimit(*response, now, steady);
  if (response->status >= 200 && response->status < 300) {
    out.fate = CommandFate::kConfirmed;
    out.body = std::move(response->body);
    return out;
  }
  absl::Status refusal = FromRest(what, *response, now);
  // Faults, also those told with a status below 500, may have struck after the command took effect.
  if (refusal.code() == absl::StatusCode::kUnavailable) {
    out.status = OutcomeUnknown(what, std::string(refusal.message()));
    return out;
  }
  out.fate = CommandFate::kRefused;
  if (refusal.code() == absl::StatusCode::kResourceExhausted) {
    out.retry_after = RetryAfterOf(refusal);
  }
  out.status = std::move(refusal);
  return out;
}

net::HttpRequest ToExpiringRequest(const RestRequest& request, TimeNs expiry) {
  net::HttpRequest http = ToHttpRequest(request);
  http.headers.emplace_back("x-gate-exptime", fmt::to_string(expiry.Millis()));
  return http;
}

}  // namespace switchyard::exchanges::gateio
