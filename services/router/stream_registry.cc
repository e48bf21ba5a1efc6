#include "services/router/stream_registry.h"

#include <algorithm>

#include "common/status/status.h"

namespace switchyard::router {
namespace {

absl::Status ShuttingDown() {
  return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_SHUTTING_DOWN,
                   "the router is shutting down");
}

}  // namespace

void StreamRegistry::Add(const std::shared_ptr<LiveStream>& stream) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      streams_.push_back(stream);
      return;
    }
  }
  stream->Finish(ShuttingDown());
}

// Also forgets the ones that are gone.
std::vector<std::shared_ptr<LiveStream>> StreamRegistry::Streams() {
  std::vector<std::shared_ptr<LiveStream>> live;
  const std::lock_guard lock(mutex_);
  live.reserve(streams_.size());
  std::erase_if(streams_, [&live](const std::weak_ptr<LiveStream>& weak) {
    std::shared_ptr<LiveStream> stream = weak.lock();
    if (!stream) return true;
    live.push_back(std::move(stream));
    return false;
  });
  return live;
}

void StreamRegistry::Tick(std::chrono::nanoseconds steady_now) {
  for (const auto& stream : Streams()) stream->Tick(steady_now);
}

void StreamRegistry::OnBackendChange() {
  for (const auto& stream : Streams()) stream->OnBackendChange();
}

void StreamRegistry::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  for (const auto& stream : Streams()) stream->Finish(ShuttingDown());
}

}  // namespace switchyard::router
