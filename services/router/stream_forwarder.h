#pragma once

#include "services/router/market_data_stream.h"
#include "services/router/unary_forwarder.h"

namespace switchyard::router {

// A stream of one exchange and account (StreamOrderEvents, StreamPositions, StreamAccount): its
// messages, acknowledgement and heartbeats included, are passed on as they are, one at a time. It
// ends as the backend's stream ends; when the backend is lost, with UNAVAILABLE
// (BACKEND_UNAVAILABLE): the client resumes its log where it stands, or gets a fresh snapshot.
//
// Returns the call's reactor, which deletes itself. Any thread.
grpc::ServerWriteReactor<grpc::ByteBuffer>* ForwardStream(const ServedMethod& served,
                                                          const StreamContext& context,
                                                          const grpc::CallbackServerContext& client,
                                                          const grpc::ByteBuffer& request);

}  // namespace switchyard::router
