#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "services/router/backend_query.h"
#include "services/router/backends.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace switchyard::router {

// How all backends are, as they say themselves and as the router sees its connections to them.
struct BackendStatuses {
  // One per exchange and component, ordered; each with the router's own connection, `backend`, as
  // its last. A backend that did not answer is there too, not ready.
  std::vector<status::v1::ExchangeStatus> statuses;
  std::vector<status::v1::ExchangeError> errors;
};

// Leaves to the caller what is granted to him: exchanges, and of them the names of his accounts.
void KeepGranted(const access::Caller& caller, BackendStatuses* statuses);

// Asks all backends of `exchange` (empty = of all). `done` runs once, on a gRPC thread or in this
// call. Any thread.
void AskStatuses(const Backends& backends, BackendQueries& queries, const std::string& exchange,
                 std::chrono::system_clock::time_point deadline,
                 std::function<void(BackendStatuses statuses)> done);

}  // namespace switchyard::router
