#pragma once

#include "services/router/service_context.h"
#include "switchyard/router/v1/router_service.pb.h"

namespace grpc {
class ByteBuffer;
class CallbackServerContext;
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace switchyard::router {

// One StreamPrivateEvents stream: one upstream stream per account and channel (PrivateSelection).
// Losing a backend ends nothing: a state topic becomes STALE and begins anew with a SNAPSHOT; a log
// goes on after the last row passed on, or, where no row was passed on yet, says by a GAP that rows
// may be missing: also one whose backend, or whose account, first came after the client was
// acknowledged. A slow reader's state topics are begun anew; its logs end the stream
// (SLOW_READER). UNIMPLEMENTED where no subscription is offered by its exchange's capability table.
// Returns the call's reactor, which deletes itself.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartPrivateStream(
    const ServiceContext& context, const grpc::CallbackServerContext& client,
    const v1::StreamPrivateEventsRequest& request);

}  // namespace switchyard::router
