#pragma once

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "common/metrics/metrics.h"
#include "common/model/market_data.h"

namespace switchyard::market_data {

// How long reads took, by exchange and by the path that served them. Any thread.
class ReadMetrics {
 public:
  explicit ReadMetrics(metrics::Metrics& metrics) : metrics_(metrics) {}

  // Before serving.
  void AddExchange(std::string_view exchange);
  // `exchange` was added.
  void Observe(std::string_view exchange, model::Source source, std::chrono::nanoseconds latency);

 private:
  static constexpr std::size_t kSources = 3;

  metrics::Metrics& metrics_;
  std::map<std::string, std::array<metrics::Histogram*, kSources>, std::less<>> histograms_;
};

}  // namespace switchyard::market_data
