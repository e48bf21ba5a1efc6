#pragma once

#include <array>

namespace switchyard::metrics {

// One number about this process, under the name that Prometheus's own clients use.
struct ProcessMetric {
  const char* name;
  const char* help;
  bool is_counter;
  // 0 where /proc cannot be read. Any thread.
  double (*read)();
};

// Source: Prometheus, "Writing client libraries", process metrics.
extern const std::array<ProcessMetric, 7> kProcessMetrics;

}  // namespace switchyard::metrics
