#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "services/access/gate.h"
#include "services/router/backends.h"
#include "services/router/forwarded_methods.h"

namespace grpc {
class CallbackServerContext;
class ClientContext;
class Status;
}  // namespace grpc

// What every call to a backend has in common. Any thread.
namespace switchyard::router {

// What a client may tell the backends: `traceparent` and `x-request-id`, together at most 2 KiB,
// and who the client is, as the gate knows it. Nothing else crosses the router, above all no
// `x-switchyard-*` of the client's own.
using ForwardedMetadata = std::vector<std::pair<std::string, std::string>>;
ForwardedMetadata AllowedMetadata(const grpc::CallbackServerContext& client,
                                  const access::Gate& gate);

// The client's deadline, or `fallback` from now where it gave none.
void CopyDeadline(const grpc::CallbackServerContext& from, std::chrono::milliseconds fallback,
                  grpc::ClientContext& to);

// Of a call that has ended, with `status`: false only when it provably never got as far as a
// connection to a backend.
bool MayHaveReachedBackend(const grpc::ClientContext& context, const grpc::Status& status);

// The backend's last word on what a stream asked for; any other end may pass and is tried again.
bool IsFinalRefusal(const grpc::Status& status);

// What the client is told for what the backend (or the transport to it) answered:
// - a method with effects that may have reached the backend and ended without the backend's word
//   that nothing was sent: UNKNOWN, ORDER_OUTCOME_UNKNOWN;
// - no connection: UNAVAILABLE, BACKEND_UNAVAILABLE;
// - all else untouched, details included, cut to what a trailer may hold.
grpc::Status ClientStatus(const grpc::Status& upstream, const ForwardedMethod& method,
                          const Backend& backend, bool may_have_reached);

}  // namespace switchyard::router
