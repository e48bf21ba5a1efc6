#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/router/service_context.h"
#include "switchyard/router/v1/router_service.pb.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace switchyard::router {

// An account that a request means. An empty name is the only one that its exchange's services have
// configured: the router knows no account names.
struct AccountTarget {
  std::string exchange;
  std::string account;
  friend auto operator<=>(const AccountTarget&, const AccountTarget&) = default;
};

using AccountSelectors = google::protobuf::RepeatedPtrField<v1::AccountSelector>;

// The targets of which the exchange offers something, and what it offers.
struct OfferedTargets {
  struct Target {
    AccountTarget target;
    status::v1::ExchangeCapabilities capabilities;
  };
  // Ordered by exchange, then account; each once.
  std::vector<Target> targets;
  // Named targets that are not offered it, and exchanges whose table could not be asked.
  std::vector<status::v1::ExchangeError> errors;
};

// Which of the selected accounts are offered at least one of `rpcs`. No selectors = the only
// account of every exchange; exchanges without it are then left out silently. `done` runs once, on
// a gRPC thread or in this call. Errors: InvalidArgument (UNKNOWN_EXCHANGE, INVALID_FIELD,
// REQUEST_TOO_LARGE); Unimplemented (NOT_IN_CAPABILITIES) where every table was asked and none
// offers it.
void FindOfferedTargets(const ServiceContext& context, const AccountSelectors& selectors,
                        std::vector<std::string> rpcs,
                        std::chrono::system_clock::time_point deadline,
                        std::function<void(absl::StatusOr<OfferedTargets> targets)> done);

}  // namespace switchyard::router
