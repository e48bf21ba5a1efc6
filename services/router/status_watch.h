#pragma once

#include "services/router/service_context.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace grpc {
class ByteBuffer;
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace switchyard::router {

// One WatchStatus stream: all statuses at the interval, and those that changed when a backend comes
// or goes. One round of questions at a time. Returns the call's reactor, which deletes itself.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartStatusWatch(
    const ServiceContext& context, const access::Caller& caller,
    const status::v1::WatchStatusRequest& request);

}  // namespace switchyard::router
