#pragma once

#include <memory>

#include "services/router/service_context.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace switchyard::router {

// RouterService: what spans exchanges. A scatter answers with what came and lists what did not.
// What no exchange's capability table offers is UNIMPLEMENTED.
std::unique_ptr<grpc::Service> MakeRouterService(const ServiceContext& context);

}  // namespace switchyard::router
