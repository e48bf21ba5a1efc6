#include "services/process/open_streams.h"

#include <utility>

#include "common/status/status.h"

namespace switchyard::process {
namespace {

absl::Status ShuttingDown() {
  return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_SHUTTING_DOWN,
                   "the process is shutting down");
}

}  // namespace

OpenStreams::OpenStreams(const Clock& clock, metrics::Metrics& metrics)
    : clock_(clock), rpc_metrics_(metrics) {
  const auto count = [&](std::string_view name, std::string_view help,
                         const std::atomic<std::uint64_t>& counter) {
    exported_counters_.push_back(metrics.AddCallbackCounter(name, help, {}, [&counter] {
      return static_cast<double>(counter.load(std::memory_order_relaxed));
    }));
  };
  count("switchyard_stream_events_total", "Events written to clients' streams.",
        counters_.delivered_events);
  count("switchyard_stream_messages_total", "Messages written to clients' streams.",
        counters_.written_messages);
  count("switchyard_stream_conflated_events_total",
        "Events replaced by a fresh snapshot for a slow reader.", counters_.conflated_events);
  count("switchyard_stream_slow_reader_disconnects_total",
        "Streams ended as their reader was slow.", counters_.slow_reader_disconnects);
  exported_counters_.push_back(
      metrics.AddCallbackGauge("switchyard_streams_open", "Open client streams.", {}, [this] {
        return static_cast<double>(counters_.open_streams.load(std::memory_order_relaxed));
      }));
}

std::shared_ptr<stream::EventStream> OpenStreams::Open(const stream::StreamOptions& options,
                                                       const std::string& method, OnEnd on_end) {
  rpc_metrics_.StreamStarted(method);
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  auto stream = stream::EventStream::Create(
      options, counters_, clock_,
      [this, id, method, on_end = std::move(on_end)] { End(id, method, on_end); });
  streams_.emplace(id, stream);
  if (shutting_down_) stream->Finish(ShuttingDown());
  return stream;
}

void OpenStreams::End(std::uint64_t id, const std::string& method, const OnEnd& on_end) {
  std::shared_ptr<stream::EventStream> stream;
  {
    const std::lock_guard lock(mutex_);
    stream = std::move(streams_.extract(id).mapped());
  }
  rpc_metrics_.StreamEnded(method, static_cast<int>(stream->finish_code()));
  on_end(stream);
}

std::vector<std::shared_ptr<stream::EventStream>> OpenStreams::All() {
  std::vector<std::shared_ptr<stream::EventStream>> all;
  const std::lock_guard lock(mutex_);
  all.reserve(streams_.size());
  for (const auto& [id, stream] : streams_) all.push_back(stream);
  return all;
}

void OpenStreams::Tick(std::chrono::nanoseconds steady_now) {
  for (const auto& stream : All()) stream->Tick(steady_now);
}

void OpenStreams::Shutdown() {
  {
    const std::lock_guard lock(mutex_);
    shutting_down_ = true;
  }
  for (const auto& stream : All()) stream->Finish(ShuttingDown());
}

}  // namespace switchyard::process
