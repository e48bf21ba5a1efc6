#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "common/exchange/market_data_client.h"
#include "common/metrics/metrics.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// How reads were served, for status and metrics. Any thread.
class ClientStatistics {
 public:
  ClientStatistics(metrics::Metrics& metrics, const std::string& exchange);

  void Read(model::Source source, std::chrono::nanoseconds took);
  // REST served a read because memory could not.
  void Fallback() { fallbacks_.Increment(); }
  void Fill(ClientStatus& status) const;

 private:
  static constexpr std::size_t kSources = 3;
  struct Latency {
    std::atomic<std::int64_t> max{0};
    metrics::Histogram* histogram = nullptr;
  };
  std::array<Latency, kSources> latencies_;
  metrics::Counter& fallbacks_;
};

// What the exchange's REST side last answered. Any thread.
class RestStatus {
 public:
  // `heard` gets every answer's status too, on the thread of the call.
  explicit RestStatus(std::function<void(const absl::Status&)> heard) : heard_(std::move(heard)) {}

  void Answered(const absl::Status& status);
  ConnectionStatus Get(const Clock& clock) const;

 private:
  const std::function<void(const absl::Status&)> heard_;
  mutable std::mutex mutex_;
  ConnectionState state_ = ConnectionState::kIdle;
  TimeNs since_, last_answer_;
  std::string last_error_;
};

}  // namespace switchyard::exchange
