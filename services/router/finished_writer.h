#pragma once

#include "absl/status/status.h"

namespace grpc {
class ByteBuffer;
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace switchyard::router {

// A stream that is refused before it began. The reactor deletes itself. Any thread.
grpc::ServerWriteReactor<grpc::ByteBuffer>* FinishedWriter(const absl::Status& status);

}  // namespace switchyard::router
