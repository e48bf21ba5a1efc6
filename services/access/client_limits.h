#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::access {

// What one client may take, see ClientLimitsConfig.
struct Limits {
  std::uint32_t max_streams = 100;
  std::uint32_t max_requests_per_second = 1'000;
  std::uint32_t max_request_bytes = 1u << 20;
};

// What `config` gives over `fallback`. `field` is where it stands.
// Errors: InvalidArgument, naming the field.
absl::StatusOr<Limits> ToLimits(const config::v1::ClientLimitsConfig& config,
                                const std::string& field, const Limits& fallback);

// Counts what each client has taken:
//   switchyard_client_calls_total{principal}                 begun
//   switchyard_client_streams{principal}                     open
//   switchyard_client_refused_total{principal,limit}         streams, requests or bytes
// Clients without a principal share an empty label. Any thread; must outlive its streams.
class ClientCounts {
 public:
  // One client: a principal, or an address.
  struct Client {
    std::string_view key;
    std::string_view principal;  // empty for an address
    const Limits& limits;
  };

  explicit ClientCounts(metrics::Metrics& metrics) : metrics_(metrics) {}
  ClientCounts(const ClientCounts&) = delete;
  ClientCounts& operator=(const ClientCounts&) = delete;

  // A call begins at `now` (steady). A stream that was let in must be given back by EndStream with
  // the same key.
  // Errors: ResourceExhausted: RATE_LIMITED with a retry delay, SUBSCRIPTION_LIMIT (streams),
  // REQUEST_TOO_LARGE.
  absl::Status Begin(const Client& client, std::size_t request_bytes, bool is_stream,
                     std::chrono::nanoseconds now);
  void EndStream(std::string_view key);

 private:
  struct Metered {
    metrics::Counter* calls;
    metrics::Gauge* streams;
    metrics::Counter* refused_streams;
    metrics::Counter* refused_requests;
    metrics::Counter* refused_bytes;
  };
  struct Count {
    Metered metered;
    std::uint32_t streams = 0;
    // When the calls begun so far have been spread out at the allowed rate.
    std::chrono::nanoseconds spread_until{0};
  };

  // All below: mutex_ held.
  Count* FindLocked(const Client& client, std::chrono::nanoseconds now);
  Metered MeterLocked(std::string_view principal);
  void ForgetIdleLocked(std::chrono::nanoseconds now);

  metrics::Metrics& metrics_;
  std::mutex mutex_;
  std::map<std::string, Count, std::less<>> counts_;
  std::chrono::nanoseconds forgotten_at_{0};
};

}  // namespace switchyard::access
