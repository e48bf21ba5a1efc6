#pragma once

#include <grpcpp/impl/service_type.h>

#include <deque>

#include "services/access/gate.h"
#include "services/access/methods.h"

namespace google::protobuf {
class ServiceDescriptor;
}  // namespace google::protobuf

namespace switchyard::access {

// A service as it is, each call of which passes a gate before its handler exists. gRPC knows no
// such place: an interceptor cannot refuse a call, and a metadata processor sees no request. So
// this registers the same methods and passes what gRPC hands to them on to the service's own
// handlers, or refuses it.
class GuardedService final : public grpc::Service {
 public:
  // `service` has the descriptor's methods, in its order, by the callback API. Both it and `gate`
  // must outlive the server.
  GuardedService(grpc::Service& service, const google::protobuf::ServiceDescriptor& descriptor,
                 Gate& gate);

 private:
  std::deque<Method> methods_;  // gRPC keeps pointers to their paths
};

}  // namespace switchyard::access
