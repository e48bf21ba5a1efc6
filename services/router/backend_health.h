#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include "services/router/backend_status.h"

namespace switchyard::router {

// What the router's own grpc.health.v1 says of each backend, by "exchange/component": SERVING when
// it is connected and says itself that it is ready. A backend that has no StatusService counts as
// ready while it is connected. Any thread; must outlive its questions.
class BackendHealth {
 public:
  using SetServing = std::function<void(const std::string& name, bool serving)>;

  // Both outlive it. `set_serving` may be called from any thread, also with what is known already.
  BackendHealth(const Backends& backends, BackendQueries& queries, SetServing set_serving)
      : backends_(backends), queries_(queries), set_serving_(std::move(set_serving)) {}

  // Asks all of them once a second.
  void Tick(std::chrono::nanoseconds steady_now);
  // A connection came or went: what went is NOT_SERVING at once, what came is asked at once.
  void OnBackendChange();

 private:
  void Ask();
  void OnStatuses(const BackendStatuses& statuses);

  const Backends& backends_;
  BackendQueries& queries_;
  const SetServing set_serving_;

  std::mutex mutex_;  // guards all below
  std::chrono::nanoseconds next_round_{0};
  bool asking_ = false;
  bool ask_again_ = false;
};

}  // namespace switchyard::router
