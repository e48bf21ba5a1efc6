#include "exchanges/gateio/rest/rest_reader.h"

#include <fmt/format.h>

#include "exchanges/gateio/errors.h"

namespace switchyard::exchanges::gateio {

absl::Status ReadAccount::Admit(const RestRequest& request) {
  const std::chrono::nanoseconds now = clock_.Steady();
  const retry::Permission permission = limiter_.Acquire(request.limit, request.priority, now);
  if (permission.granted) return absl::OkStatus();
  absl::Status refused =
      MakeError(absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED,
                fmt::format("{}: not sent, the limit of this endpoint is used up", request.path));
  if (permission.next_at == retry::Permission::kNever) return refused;
  return WithRetryAfter(std::move(refused), permission.next_at - now);
}

absl::StatusOr<std::string> ReadAccount::Settle(const std::string& what, std::string_view limit,
                                                absl::StatusOr<net::HttpResponse> response) {
  if (!response.ok()) {
    const absl::Status& error = response.status();
    const bool late = error.code() == absl::StatusCode::kDeadlineExceeded;
    // A read changes nothing, so an answer that broke off is no more than a failed attempt.
    const bool lost = error.code() == absl::StatusCode::kUnavailable ||
                      error.code() == absl::StatusCode::kUnknown;
    if (!late && !lost) return error;
    return MakeError(late ? absl::StatusCode::kDeadlineExceeded : absl::StatusCode::kUnavailable,
                     late ? common::v1::ERROR_REASON_EXCHANGE_TIMEOUT
                          : common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                     fmt::format("{}: {}", what, std::string(error.message())));
  }
  const TimeNs now = clock_.Now();
  const std::chrono::nanoseconds steady = clock_.Steady();
  const retry::Reported reported = ReportedLimit(*response, now, steady);
  if (reported.remaining || reported.limit) limiter_.Correct(limit, reported, steady);
  if (response->status >= 200 && response->status < 300) return std::move(response->body);
  absl::Status error = FromRest(what, *response, now);
  const auto pause = RetryAfterOf(error);
  if (pause && response->status == kAddressRefused) {
    limiter_.BlockAllUntil(steady + *pause);
  } else if (pause && error.code() == absl::StatusCode::kResourceExhausted) {
    limiter_.BlockUntil(limit, steady + *pause);
  }
  return error;
}

}  // namespace switchyard::exchanges::gateio
