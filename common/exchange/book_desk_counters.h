#pragma once

#include <string>

#include "common/metrics/metrics.h"

namespace switchyard::exchange {

// What the books of one exchange count; references live as long as the Metrics.
struct BookDeskCounters {
  metrics::Counter& gaps;
  metrics::Counter& crossed;
  metrics::Counter& malformed;
  metrics::Counter& resyncs;
  metrics::Counter& stalls;

  static BookDeskCounters Make(metrics::Metrics& metrics, const std::string& exchange);
};

}  // namespace switchyard::exchange
