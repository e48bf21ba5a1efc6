#include "services/market_data/read_metrics.h"

namespace switchyard::market_data {
namespace {

constexpr std::array<std::string_view, 3> kSourceNames = {"websocket", "cache", "rest"};

}  // namespace

void ReadMetrics::AddExchange(std::string_view exchange) {
  auto& by_source = histograms_[std::string(exchange)];
  for (std::size_t i = 0; i < kSources; ++i) {
    by_source[i] = &metrics_.AddHistogram(
        "switchyard_read_seconds", "Time from a read's request to its answer, by source.",
        {{"exchange", std::string(exchange)}, {"source", std::string(kSourceNames[i])}},
        metrics::Buckets::Microseconds());
  }
}

void ReadMetrics::Observe(std::string_view exchange, model::Source source,
                          std::chrono::nanoseconds latency) {
  const auto found = histograms_.find(exchange);
  if (found != histograms_.end()) {
    found->second[static_cast<std::size_t>(source)]->Observe(latency);
  }
}

}  // namespace switchyard::market_data
