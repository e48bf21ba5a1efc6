#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <string>

#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "common/stream/event_stream.h"
#include "switchyard/common/v1/values.pb.h"

// What the requests and acknowledgements of all state streams of accounts share.
namespace switchyard::accounts {

// Errors: InvalidArgument, not such a message.
template <typename Request>
absl::StatusOr<Request> ParseStreamRequest(const grpc::ByteBuffer& encoded) {
  Request request;
  grpc::ByteBuffer buffer(encoded);  // shares the bytes; parsing consumes its own reference
  if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, Request>(&buffer, &request).ok()) {
    return absl::InvalidArgumentError("the request is no " + request.GetTypeName());
  }
  return request;
}

// Errors: InvalidArgument, an unknown slow_reader_policy.
template <typename Request>
absl::StatusOr<stream::StreamOptions> ParseStreamOptions(const Request& request) {
  stream::StreamOptions options;
  switch (request.slow_reader_policy()) {
    case common::v1::SLOW_READER_POLICY_UNSPECIFIED:
    case common::v1::SLOW_READER_POLICY_CONFLATE:
      options.slow_reader = stream::SlowReader::kConflate;
      break;
    case common::v1::SLOW_READER_POLICY_DISCONNECT:
      options.slow_reader = stream::SlowReader::kDisconnect;
      break;
    default:
      return InvalidField("slow_reader_policy", "is no such policy");
  }
  const std::uint32_t wanted = request.heartbeat_interval_ms();
  if (wanted != 0) {
    options.heartbeat_interval = std::chrono::milliseconds(std::clamp(wanted, 100u, 15'000u));
  }
  return options;
}

// The acknowledgement of a stream without a list of subscriptions: one result, OK.
template <typename Response>
Response Acknowledgement(const stream::StreamOptions& options) {
  Response response;
  common::v1::StreamAcknowledgement& acknowledgement = *response.mutable_acknowledgement();
  acknowledgement.add_results()->mutable_status();
  acknowledgement.set_heartbeat_interval_ms(
      static_cast<std::uint32_t>(options.heartbeat_interval.count()));
  return response;
}

}  // namespace switchyard::accounts
