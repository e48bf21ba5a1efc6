#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/router/service_context.h"
#include "switchyard/router/v1/router_service.pb.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace switchyard::router {

// An account that a request means. An empty name: nobody told the names; the services of the
// exchange take it for their only account, and refuse it where they have several.
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
    // Nullopt: the table could not be asked, so the services themselves will say.
    std::optional<status::v1::ExchangeCapabilities> capabilities;

    bool MayOffer(std::string_view rpc) const {
      return !capabilities || Offers(*capabilities, rpc);
    }
  };
  // Ordered by exchange, then account; each once. Never empty.
  std::vector<Target> targets;
  // Selectors without a target: not offered, or without an account.
  std::vector<status::v1::ExchangeError> errors;
};

// Which of the selected accounts may be offered at least one of `rpcs`. A selector without account
// means every account of its exchange, no selectors every account of every exchange; exchanges that
// have none, or none of the RPCs, are then left out silently. Finding out takes a part of the time
// until `deadline`, so that one backend that does not answer keeps nothing from the others. `done`
// runs once, on a gRPC thread or in this call. Errors: InvalidArgument (UNKNOWN_EXCHANGE,
// INVALID_FIELD, REQUEST_TOO_LARGE; UNKNOWN_ACCOUNT where no account is left); Unimplemented
// (NOT_IN_CAPABILITIES) where every table was asked and none offers it.
void FindOfferedTargets(const ServiceContext& context, const AccountSelectors& selectors,
                        std::vector<std::string> rpcs, const BackendQueries::Asking& asking,
                        std::function<void(absl::StatusOr<OfferedTargets> targets)> done);

}  // namespace switchyard::router
