#include "exchanges/lighter/rest/rest_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/status.h"
#include "exchanges/lighter/errors.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr int kMostAttempts = 3;
constexpr std::chrono::nanoseconds kFirstPause = std::chrono::milliseconds(200);
// An attempt with less time than this is not made.
constexpr std::chrono::nanoseconds kShortestAttempt = std::chrono::milliseconds(500);

}  // namespace

absl::Status ReadAccount::Admit(const RestRequest& request) {
  const std::chrono::nanoseconds now = clock_.Steady();
  const retry::Permission permission = limiter_.Acquire(kRestLimit, request.priority, now);
  if (permission.granted) return absl::OkStatus();
  absl::Status refused =
      MakeError(absl::StatusCode::kResourceExhausted, common::v1::ERROR_REASON_RATE_LIMITED,
                fmt::format("{}: not sent, the limit of requests is used up", request.path));
  if (permission.next_at == retry::Permission::kNever) return refused;
  return WithRetryAfter(std::move(refused), permission.next_at - now);
}

absl::StatusOr<std::string> ReadAccount::Settle(const std::string& what,
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
  if (response->status >= 200 && response->status < 300) return std::move(response->body);
  absl::Status error = FromRest(what, *response, clock_.Now());
  const auto pause = RetryAfterOf(error);
  if (pause && error.code() == absl::StatusCode::kResourceExhausted) {
    limiter_.BlockUntil(kRestLimit, clock_.Steady() + *pause);
  }
  return error;
}

std::optional<std::chrono::nanoseconds> ReadAccount::NextAttempt(
    const absl::Status& why, int failures, std::chrono::nanoseconds left) const {
  // A limit that is used up is not asked again by itself: whoever reads decides how long to wait.
  if (why.code() != absl::StatusCode::kUnavailable || failures >= kMostAttempts) {
    return std::nullopt;
  }
  const std::chrono::nanoseconds pause = kFirstPause * (1 << (failures - 1));
  if (left - pause < kShortestAttempt) return std::nullopt;
  return pause;
}

}  // namespace switchyard::exchanges::lighter
