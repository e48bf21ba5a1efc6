#include "services/router/router_metrics.h"

#include <utility>

namespace switchyard::router {
namespace {

constexpr std::array<const char*, 17> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};
constexpr std::size_t kUnknown = 2;

}  // namespace

MethodMetrics::MethodMetrics(metrics::Metrics& metrics, std::string method)
    : metrics_(metrics),
      method_(std::move(method)),
      latency_(metrics.AddHistogram("switchyard_router_upstream_seconds",
                                    "Latency of forwarded unary calls, as the router waited.",
                                    {{"method", method_}}, metrics::Buckets::Milliseconds())) {}

void MethodMetrics::CallEnded(int code, std::chrono::nanoseconds latency) {
  latency_.Observe(latency);
  CountEnd(code);
}

void MethodMetrics::CountEnd(int code) {
  const bool known = code >= 0 && static_cast<std::size_t>(code) < kCodeNames.size();
  const std::size_t index = known ? static_cast<std::size_t>(code) : kUnknown;
  metrics::Counter* counter = calls_[index].load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads may both come here: the registry answers them with the same counter.
    counter = &metrics_.AddCounter("switchyard_router_forwarded_calls_total",
                                   "Forwarded calls by the code that the client got.",
                                   {{"method", method_}, {"code", kCodeNames[index]}});
    calls_[index].store(counter, std::memory_order_release);
  }
  counter->Increment();
}

RouterMetrics::RouterMetrics(metrics::Metrics& metrics)
    : registry(metrics),
      upstream_reconnects(metrics.AddCounter(
          "switchyard_router_upstream_reconnects_total",
          "Upstream streams that were opened again after the backend had been lost.")),
      forwarded_messages(metrics.AddCounter("switchyard_router_forwarded_messages_total",
                                            "Stream messages passed on to clients.")),
      forwarded_bytes(metrics.AddCounter("switchyard_router_forwarded_bytes_total",
                                         "Bytes of the stream messages passed on to clients.")),
      backend_lost_events(metrics.AddCounter("switchyard_router_backend_lost_events_total",
                                             "STALE events with reason BACKEND_LOST sent.")),
      slow_reader_disconnects(metrics.AddCounter(
          "switchyard_router_slow_reader_disconnects_total",
          "Client streams that a backend ended because their reader was too slow.")),
      open_streams(metrics.AddGauge("switchyard_router_open_streams",
                                    "Client streams that are forwarded now.")) {}

}  // namespace switchyard::router
