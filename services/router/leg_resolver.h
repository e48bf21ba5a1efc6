#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/router/service_context.h"
#include "switchyard/router/v1/consolidated_book.pb.h"
#include "switchyard/router/v1/router_service.pb.h"

namespace switchyard::router {

using LegSelectors = google::protobuf::RepeatedPtrField<v1::LegSelector>;

// The legs that selectors stand for.
struct ResolvedLegs {
  // WAITING; or FAILED, with the status, where the exchange says that there is no such instrument.
  // In the order of the selectors, those of one BaseLeg by exchange, then symbol; each leg once.
  std::vector<v1::Leg> legs;
  // One per selector: NotFound (UNKNOWN_INSTRUMENT) where it stands for no leg.
  std::vector<absl::Status> selectors;
  // Exchanges that a BaseLeg could not be looked up on.
  std::vector<status::v1::ExchangeError> errors;
};

// Errors: InvalidArgument: no selectors or more than 32, a missing field, an unknown exchange;
// PermissionDenied: one that is named is not granted to the caller.
absl::Status ValidateSelectors(const LegSelectors& selectors, const Backends& backends,
                               const access::Caller& caller);

// Looks the instruments up at their backends; those of a BaseLeg at those that are granted to the
// caller. Where the backend of an InstrumentLeg is not there,
// the leg is taken as named, its quote currency from the canonical symbol. `done` runs once, on a
// gRPC thread or in this call. `selectors` must be valid.
// Errors: InvalidArgument (REQUEST_TOO_LARGE), more than 32 legs; NotFound (UNKNOWN_INSTRUMENT),
// no leg exists and every exchange answered.
void ResolveLegs(const ServiceContext& context, const LegSelectors& selectors,
                 const BackendQueries::Asking& asking,
                 std::function<void(absl::StatusOr<ResolvedLegs> legs)> done);

}  // namespace switchyard::router
