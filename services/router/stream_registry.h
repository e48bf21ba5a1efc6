#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/status.h"

namespace switchyard::router {

// A client's stream as the registry sees it. Any thread.
class LiveStream {
 public:
  virtual ~LiveStream() = default;
  // About every 100 ms: heartbeats, attempts to reach a backend again.
  virtual void Tick(std::chrono::nanoseconds steady_now) = 0;
  // A backend became ready or was lost.
  virtual void OnBackendChange() {}
  // Ends the call. Idempotent.
  virtual void Finish(const absl::Status& status) = 0;
};

// All open streams of the router. Any thread.
class StreamRegistry {
 public:
  StreamRegistry() = default;
  StreamRegistry(const StreamRegistry&) = delete;
  StreamRegistry& operator=(const StreamRegistry&) = delete;

  // Held weakly. After Close the stream is finished at once.
  void Add(const std::shared_ptr<LiveStream>& stream);
  // For process::Ticker.
  void Tick(std::chrono::nanoseconds steady_now);
  void OnBackendChange();
  // Ends all streams, with UNAVAILABLE (SHUTTING_DOWN), and all that come later.
  void Close();

 private:
  std::vector<std::shared_ptr<LiveStream>> Streams();

  std::mutex mutex_;
  std::vector<std::weak_ptr<LiveStream>> streams_;
  bool closed_ = false;
};

}  // namespace switchyard::router
