#pragma once

#include <grpc/grpc.h>

namespace switchyard::rpc {

// What servers and channels of ours agree on. `set(name, value)` takes a channel argument.
template <typename SetArgument>
void SetSharedArguments(SetArgument set) {
  // Without probing and with little read-ahead, a reader that stopped holds 0.3 MB at the sender
  // instead of 15 (measured on gRPC 1.51).
  set(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  set(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'535);
  // Error details, forwarded metadata and certificates fit; the default of 8 KiB is tight.
  set(GRPC_ARG_MAX_METADATA_SIZE, 32 << 10);
  // Idle connections are kept too: a stream of a quiet market is idle.
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

}  // namespace switchyard::rpc
