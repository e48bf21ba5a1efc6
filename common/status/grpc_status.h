#pragma once

#include "absl/status/status.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace switchyard {

// The one place where a status becomes a gRPC status: same numeric code, the details as a
// google.rpc.Status in `grpc-status-details-bin`. Message at most 512 bytes, details at most 2 KiB
// (a larger trailer kills every stream on the same connection): metadata goes before the reason.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The way back, with reason, metadata and retry delay.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace switchyard
