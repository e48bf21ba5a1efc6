#pragma once

#include "common/time/time.h"
#include "services/access/gate.h"
#include "services/router/backends.h"
#include "services/router/router_metrics.h"
#include "services/router/stream_registry.h"

namespace grpc {
class ByteBuffer;
class CallbackServerContext;
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace switchyard::router {

// What client streams need; all of it lives as long as the router.
struct StreamContext {
  const Backends& backends;
  StreamRegistry& registry;
  RouterMetrics& metrics;
  MethodMetrics& method_metrics;
  const Clock& clock;
  const access::Gate& gate;
};

// MarketDataService/StreamMarketData over all exchanges. The request is parsed once and split by
// exchange; each part is one upstream stream of which the event messages are passed on unparsed.
// The acknowledgement and the heartbeats are the router's own.
//
// - At most one message of each upstream waits here, and the next one is read only when that one
//   was handed to gRPC: a slow client makes the services conflate.
// - Losing a backend ends nothing: the client gets STALE (BACKEND_LOST, epoch 0, sequence 0) for
//   each topic, then fresh snapshots once the backend is back. An exchange whose backend is not
//   there when the client comes is acknowledged as accepted (with the asked depth) and is STALE at
//   once.
// - A backend whose stream says nothing, not even a heartbeat, within 10 s is lost too, although
//   its connection stands.
// - A backend that ends its stream for the client's slowness (SLOW_READER) ends the client's.
//
// Returns the call's reactor, which deletes itself. Any thread.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartMarketDataStream(
    const StreamContext& context, const grpc::CallbackServerContext& client,
    const grpc::ByteBuffer& request);

}  // namespace switchyard::router
