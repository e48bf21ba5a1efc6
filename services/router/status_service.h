#pragma once

#include <memory>

#include "services/router/service_context.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace switchyard::router {

// The router's StatusService: asks all backends and merges their answers; those that did not answer
// are listed as errors. Each status also has the router's own connection to the backend.
std::unique_ptr<grpc::Service> MakeStatusService(const ServiceContext& context);

}  // namespace switchyard::router
