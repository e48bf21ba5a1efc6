#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/rpc/rpc_metrics.h"
#include "common/stream/event_stream.h"
#include "common/time/time.h"

namespace switchyard::process {

// All client streams of a process: gives them their heartbeats, counts them, ends them at shutdown.
// Outlives the server. Any thread.
class OpenStreams {
 public:
  using OnEnd = std::function<void(const std::shared_ptr<stream::EventStream>&)>;

  OpenStreams(const Clock& clock, metrics::Metrics& metrics);
  OpenStreams(const OpenStreams&) = delete;
  OpenStreams& operator=(const OpenStreams&) = delete;

  // A stream of `method` ("/package.Service/Method"). `on_end` runs once, when its call is over.
  // During shutdown the stream is one that has ended already.
  std::shared_ptr<stream::EventStream> Open(const stream::StreamOptions& options,
                                            const std::string& method, OnEnd on_end);

  // Heartbeats; for Ticker.
  void Tick(std::chrono::nanoseconds steady_now);
  // Ends all streams, and all that come later, with UNAVAILABLE (SHUTTING_DOWN).
  void Shutdown();

 private:
  void End(std::uint64_t id, const std::string& method, const OnEnd& on_end);
  std::vector<std::shared_ptr<stream::EventStream>> All();

  const Clock& clock_;
  rpc::RpcMetrics rpc_metrics_;
  stream::StreamCounters counters_;
  std::vector<metrics::Metrics::Callback> exported_counters_;

  std::mutex mutex_;  // guards what follows
  // Kept alive from Open to the end of the call: the end needs the stream to detach it.
  std::map<std::uint64_t, std::shared_ptr<stream::EventStream>> streams_;
  std::uint64_t next_id_ = 0;
  bool shutting_down_ = false;
};

}  // namespace switchyard::process
