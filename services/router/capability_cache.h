#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/router/backend_query.h"
#include "services/router/backends.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace switchyard::router {

// What the exchanges offer, as their backends' constant tables say. Kept until a backend comes or
// goes, because its successor may be of another version. Any thread; must outlive its questions.
class CapabilityCache {
 public:
  // One per exchange that was asked for, ordered; an error where no backend answered.
  using Answers =
      std::vector<std::pair<std::string, absl::StatusOr<status::v1::ExchangeCapabilities>>>;

  CapabilityCache(const Backends& backends, BackendQueries& queries)
      : backends_(backends), queries_(queries) {}

  // `exchange` empty = all. `done` runs once, on a gRPC thread or in this call.
  void Get(const std::string& exchange, std::chrono::system_clock::time_point deadline,
           std::function<void(Answers answers)> done);

  void OnBackendChange();

 private:
  void AskOne(const std::string& exchange, std::chrono::system_clock::time_point deadline,
              std::function<void(absl::StatusOr<status::v1::ExchangeCapabilities>)> done);

  const Backends& backends_;
  BackendQueries& queries_;
  std::mutex mutex_;
  std::map<std::string, status::v1::ExchangeCapabilities> known_;
  // Counts OnBackendChange: an answer to an older question is not kept.
  std::uint64_t generation_ = 0;
};

// Whether an RPC ("AccountService/GetAccount") is offered over any path.
bool Offers(const status::v1::ExchangeCapabilities& capabilities, std::string_view rpc);

}  // namespace switchyard::router
