#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/router/service_context.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"
#include "switchyard/router/v1/router_service.pb.h"
#include "switchyard/status/v1/status_service.pb.h"

// Questions to several exchanges at once, for RouterService. Each `done` runs once, on a gRPC
// thread or in the call.
namespace switchyard::router {

struct FundingRates {
  std::vector<marketdata::v1::FundingRate> rates;
  // An exchange that has no perpetuals is no error.
  std::vector<status::v1::ExchangeError> errors;
};

// All pages of ListFundingRates of the given exchanges; none = all that are granted to the caller.
void AskFundingRates(const ServiceContext& context, const std::set<std::string>& exchanges,
                     const BackendQueries::Asking& asking,
                     std::function<void(FundingRates rates)> done);

// Resolves the legs, then asks for all books and merges them.
// Errors: those of ResolveLegs.
void AskConsolidatedBook(const ServiceContext& context,
                         const v1::GetConsolidatedBookRequest& request,
                         const BackendQueries::Asking& asking,
                         std::function<void(absl::StatusOr<v1::GetConsolidatedBookResponse>)> done);

}  // namespace switchyard::router
