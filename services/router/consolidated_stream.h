#pragma once

#include "services/router/service_context.h"
#include "switchyard/router/v1/router_service.pb.h"

namespace grpc {
class ByteBuffer;
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace switchyard::router {

// One StreamConsolidatedBook stream. It reads the legs' books as any client would, from this
// router's own StreamMarketData, and so knows nothing of backends: a lost one is a STALE leg. Legs
// of a BaseLeg whose exchange could not be looked up are added when its backend comes.
// Returns the call's reactor, which deletes itself.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartConsolidatedStream(
    const ServiceContext& context, const access::Caller& caller,
    const v1::StreamConsolidatedBookRequest& request);

}  // namespace switchyard::router
