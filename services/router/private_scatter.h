#pragma once

#include "services/router/service_context.h"
#include "switchyard/router/v1/router_service.pb.h"

namespace grpc {
class CallbackServerContext;
class ServerUnaryReactor;
}  // namespace grpc

// What spans accounts. Which exchanges take part is asked from their capability tables: where none
// offers it, the call is UNIMPLEMENTED. Each returns the call's reactor. Any thread.
namespace switchyard::router {

grpc::ServerUnaryReactor* AskPortfolio(const ServiceContext& context,
                                       const grpc::CallbackServerContext& client,
                                       const v1::GetPortfolioRequest& request,
                                       v1::GetPortfolioResponse* response);

// An account that was asked and did not answer has status UNKNOWN (ORDER_OUTCOME_UNKNOWN).
grpc::ServerUnaryReactor* AskCancelEverything(const ServiceContext& context,
                                              const grpc::CallbackServerContext& client,
                                              const v1::CancelEverythingRequest& request,
                                              v1::CancelEverythingResponse* response);

}  // namespace switchyard::router
