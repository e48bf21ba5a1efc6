#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "common/metrics/metrics.h"

namespace switchyard::router {

// Forwarded calls of one method. Any thread.
class MethodMetrics {
 public:
  MethodMetrics(metrics::Metrics& metrics, std::string method);

  // `code` is the gRPC code that the client got; `latency` the backend's.
  void CallEnded(int code, std::chrono::nanoseconds latency);
  // A stream, or a call that was refused before it was forwarded.
  void CountEnd(int code);

 private:
  metrics::Metrics& metrics_;
  const std::string method_;
  metrics::Histogram& latency_;
  // By code; added when first seen, so that a method shows only the codes that it had.
  std::array<std::atomic<metrics::Counter*>, 17> calls_{};
};

// The router's own figures. Lives as long as the router; any thread.
struct RouterMetrics {
  explicit RouterMetrics(metrics::Metrics& metrics);

  metrics::Metrics& registry;
  metrics::Counter& upstream_reconnects;
  metrics::Counter& forwarded_messages;
  metrics::Counter& forwarded_bytes;
  metrics::Counter& backend_lost_events;
  metrics::Counter& slow_reader_disconnects;
  metrics::Gauge& open_streams;
};

}  // namespace switchyard::router
