#include "services/access/client_limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/status.h"

namespace switchyard::access {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

// The server takes no larger request.
constexpr std::uint32_t kMostRequestBytes = 4u << 20;
// More are strangers' addresses; those that are idle are forgotten.
constexpr std::size_t kMaxClients = 10'000;
// A stream ends when its owner says so: nothing better is known.
constexpr seconds kStreamRetry{1};

absl::Status Exhausted(ErrorReason reason, const std::string& message) {
  return MakeError(absl::StatusCode::kResourceExhausted, reason, message);
}

std::uint32_t Given(bool has, std::uint32_t value, std::uint32_t fallback) {
  return has && value != 0 ? value : fallback;
}

}  // namespace

absl::StatusOr<Limits> ToLimits(const config::v1::ClientLimitsConfig& config,
                                const std::string& field, const Limits& fallback) {
  Limits limits;
  limits.max_streams = Given(config.has_max_streams(), config.max_streams(), fallback.max_streams);
  limits.max_requests_per_second =
      Given(config.has_max_requests_per_second(), config.max_requests_per_second(),
            fallback.max_requests_per_second);
  limits.max_request_bytes =
      Given(config.has_max_request_bytes(), config.max_request_bytes(), fallback.max_request_bytes);
  if (limits.max_request_bytes > kMostRequestBytes) {
    return InvalidField(
        field + ".max_request_bytes",
        fmt::format("{} is more than {}", limits.max_request_bytes, kMostRequestBytes));
  }
  return limits;
}

absl::Status ClientCounts::Begin(const Client& client, std::size_t request_bytes, bool is_stream,
                                 nanoseconds now) {
  const std::lock_guard lock(mutex_);
  Count* const found = FindLocked(client, now);
  if (found == nullptr) {
    return WithRetryAfter(Exhausted(common::v1::ERROR_REASON_RATE_LIMITED,
                                    "too many clients at once without a principal"),
                          kStreamRetry);
  }
  Count& count = *found;
  const Limits& limits = client.limits;
  if (request_bytes > limits.max_request_bytes) {
    count.metered.refused_bytes->Increment();
    return Exhausted(common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
                     fmt::format("the request has {} bytes; this client may send {}", request_bytes,
                                 limits.max_request_bytes));
  }
  const nanoseconds step = nanoseconds(seconds(1)) / limits.max_requests_per_second;
  const nanoseconds spread = std::max(count.spread_until, now);
  // As many as a second allows may come at once.
  const nanoseconds ahead = spread + step - now - seconds(1);
  if (ahead > nanoseconds(0)) {
    count.metered.refused_requests->Increment();
    return WithRetryAfter(Exhausted(common::v1::ERROR_REASON_RATE_LIMITED,
                                    fmt::format("this client may begin {} calls per second",
                                                limits.max_requests_per_second)),
                          ahead);
  }
  if (is_stream && count.streams >= limits.max_streams) {
    count.metered.refused_streams->Increment();
    return WithRetryAfter(
        Exhausted(common::v1::ERROR_REASON_SUBSCRIPTION_LIMIT,
                  fmt::format("this client may have {} streams open", limits.max_streams)),
        kStreamRetry);
  }
  count.spread_until = spread + step;
  count.metered.calls->Increment();
  if (is_stream) {
    ++count.streams;
    count.metered.streams->Add(1);
  }
  return absl::OkStatus();
}

void ClientCounts::EndStream(std::string_view key) {
  const std::lock_guard lock(mutex_);
  // One with a stream is never forgotten.
  Count& count = counts_.find(key)->second;
  --count.streams;
  count.metered.streams->Add(-1);
}

ClientCounts::Count* ClientCounts::FindLocked(const Client& client, nanoseconds now) {
  const auto found = counts_.find(client.key);
  if (found != counts_.end()) return &found->second;
  if (counts_.size() >= kMaxClients) ForgetIdleLocked(now);
  if (counts_.size() >= kMaxClients && client.principal.empty()) return nullptr;
  Count& count = counts_[std::string(client.key)];
  count.metered = MeterLocked(client.principal);
  return &count;
}

ClientCounts::Metered ClientCounts::MeterLocked(std::string_view principal) {
  const metrics::Labels labels = {{"principal", std::string(principal)}};
  const auto refused = [&](const char* limit) {
    metrics::Labels of_limit = labels;
    of_limit["limit"] = limit;
    return &metrics_.AddCounter("switchyard_client_refused_total",
                                "Calls refused by a limit of their client.", of_limit);
  };
  return {
      &metrics_.AddCounter("switchyard_client_calls_total", "Calls that clients began.", labels),
      &metrics_.AddGauge("switchyard_client_streams", "Streams that clients have open.", labels),
      refused("streams"), refused("requests"), refused("bytes")};
}

// At most once a second, however many strangers knock.
void ClientCounts::ForgetIdleLocked(nanoseconds now) {
  if (now - forgotten_at_ < seconds(1)) return;
  forgotten_at_ = now;
  std::erase_if(counts_, [&](const auto& entry) {
    return entry.second.streams == 0 && entry.second.spread_until <= now;
  });
}

}  // namespace switchyard::access
