#include "common/exchange/client_statistics.h"

namespace switchyard::exchange {
namespace {

constexpr std::string_view kSourceNames[] = {"websocket", "cache", "rest"};

// A refusal is an answer: the exchange was reached.
bool Reached(const absl::Status& status) {
  return status.code() != absl::StatusCode::kUnavailable &&
         status.code() != absl::StatusCode::kDeadlineExceeded &&
         status.code() != absl::StatusCode::kUnknown;
}

}  // namespace

ClientStatistics::ClientStatistics(metrics::Metrics& metrics, const std::string& exchange)
    : fallbacks_(metrics.AddCounter("switchyard_rest_fallbacks_total",
                                    "Reads that REST served because WebSocket could not.",
                                    {{"exchange", exchange}})) {
  for (std::size_t i = 0; i < kSources; ++i) {
    latencies_[i].histogram = &metrics.AddHistogram(
        "switchyard_read_seconds", "Latency of reads by the source that served them.",
        {{"exchange", exchange}, {"source", std::string(kSourceNames[i])}},
        metrics::Buckets::Microseconds());
  }
}

void ClientStatistics::Read(model::Source source, std::chrono::nanoseconds took) {
  Latency& latency = latencies_[static_cast<std::size_t>(source)];
  latency.histogram->Observe(took);
  std::int64_t max = latency.max.load(std::memory_order_relaxed);
  while (took.count() > max &&
         !latency.max.compare_exchange_weak(max, took.count(), std::memory_order_relaxed)) {
  }
}

void ClientStatistics::Fill(ClientStatus& status) const {
  status.rest_fallbacks = fallbacks_.value();
  for (std::size_t i = 0; i < kSources; ++i) {
    const Latency& latency = latencies_[i];
    if (latency.histogram->count() == 0) continue;
    status.read_latencies.push_back(
        {static_cast<model::Source>(i), latency.histogram->count(),
         std::chrono::nanoseconds(latency.histogram->sum()),
         std::chrono::nanoseconds(latency.max.load(std::memory_order_relaxed))});
  }
}

void RestStatus::Answered(const absl::Status& status) {
  if (heard_) heard_(status);
  const TimeNs now = SystemClock().Now();
  const std::lock_guard lock(mutex_);
  const ConnectionState state = Reached(status) ? ConnectionState::kReady : ConnectionState::kDown;
  if (state != state_) since_ = now;
  state_ = state;
  if (Reached(status)) {
    last_answer_ = now;
    last_error_.clear();
  } else {
    last_error_ = std::string(status.message());
  }
}

ConnectionStatus RestStatus::Get(const Clock& clock) const {
  const std::lock_guard lock(mutex_);
  ConnectionStatus status;
  status.name = "rest";
  status.state = state_;
  status.since = since_;
  status.last_error = last_error_;
  if (state_ == ConnectionState::kReady) status.uptime = clock.Now() - since_;
  if (last_answer_.given()) status.last_message_age = clock.Now() - last_answer_;
  return status;
}

}  // namespace switchyard::exchange
