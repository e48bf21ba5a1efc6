#pragma once

#include <chrono>

#include "services/access/gate.h"
#include "services/router/backends.h"
#include "services/router/forwarded_methods.h"
#include "services/router/router_metrics.h"

namespace grpc {
class ByteBuffer;
class CallbackServerContext;
class ServerUnaryReactor;
}  // namespace grpc

namespace switchyard::router {

// A method as the router serves it. Lives as long as the router.
struct ServedMethod {
  const ForwardedMethod& method;
  const ForwardedService& service;
  const Backends& backends;
  // Given to calls that come without a deadline.
  std::chrono::milliseconds default_deadline;
  MethodMetrics& metrics;
  const access::Gate& gate;
};

// Forwards one call without decoding it. Deadline, cancellation and allowed metadata go along; the
// answer comes back byte for byte. Returns the call's reactor, which deletes itself. Any thread.
grpc::ServerUnaryReactor* ForwardUnary(const ServedMethod& served,
                                       grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request, grpc::ByteBuffer* response);

// The backend that a request belongs to.
// Errors: those of ScanRoutingFields and Backends::Find; PermissionDenied (NOT_GRANTED) where the
// contract states no role for the method.
absl::StatusOr<const Backend*> Route(const ServedMethod& served, const grpc::ByteBuffer& request);

}  // namespace switchyard::router
