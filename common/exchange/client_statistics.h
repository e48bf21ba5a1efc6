#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

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
  void Answered(const absl::Status& status);
  ConnectionStatus Get(const Clock& clock) const;

 private:
  mutable std::mutex mutex_;
  ConnectionState state_ = ConnectionState::kIdle;
  TimeNs since_, last_answer_;
  std::string last_error_;
};

}  // namespace switchyard::exchange
