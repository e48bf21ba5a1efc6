#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/router/backend_query.h"
#include "services/router/backends.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace switchyard::router {

// The accounts that the backends have configured, as they tell in GetStatus. They are constant
// while a process lives, so a backend is asked again only when its connection has changed. What it
// told last is kept while it does not answer, so that each of its accounts can be named in an
// error. Any thread; must outlive its questions.
class AccountNames {
 public:
  // Ordered, each once.
  using Names = std::vector<std::string>;
  // Nullopt: no backend has told yet.
  using ByExchange = std::map<std::string, std::optional<Names>>;

  // Both outlive it.
  AccountNames(const Backends& backends, BackendQueries& queries)
      : backends_(backends), queries_(queries) {}

  // The accounts that any of the components has configured, by exchange: every exchange asked for
  // has an entry. `done` runs once, on a gRPC thread or in this call; what is not known by the
  // deadline is answered as it was told last.
  void Get(const std::set<std::string>& exchanges, const std::set<std::string>& components,
           BackendQueries::Deadline deadline, std::function<void(ByExchange names)> done);

  // As told last; asks nobody.
  std::optional<Names> Known(const std::string& exchange, const std::string& component) const;

  // A connection came or went: asks whoever has not told since.
  void OnBackendChange() { AskSilent(); }
  // Once a second, the same.
  void Tick(std::chrono::nanoseconds steady_now);

 private:
  struct Entry {
    std::optional<Names> names;
    // By which connection they were told, and which life of it.
    const BackendConnection* connection = nullptr;
    std::uint64_t reconnects = 0;
    bool asking = false;
  };

  bool IsCurrent(const Backend& backend) const;
  std::optional<Names> NamesOf(const Backend& backend) const;
  void AskSilent();
  void Ask(const Backend& backend, BackendQueries::Deadline deadline, std::function<void()> done);
  void Learn(const Backend& backend, const BackendConnection& connection, std::uint64_t reconnects,
             const status::v1::GetStatusResponse& answer);

  const Backends& backends_;
  BackendQueries& queries_;
  mutable std::mutex mutex_;  // guards all below
  std::map<const Backend*, Entry> entries_;
  std::chrono::nanoseconds next_round_{0};
};

// The error of `exchange` (an id, or words) without an account: InvalidArgument, UNKNOWN_ACCOUNT.
absl::Status NoAccount(std::string_view exchange);

}  // namespace switchyard::router
