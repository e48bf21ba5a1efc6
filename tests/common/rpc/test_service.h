#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "switchyard/status/v1/status_service.grpc.pb.h"

namespace switchyard::rpc {

// A service for the tests of this folder: a unary call that answers as told and a stream that sends
// as many messages as told and then stays open until its client goes.
class TestService final : public status::v1::StatusService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const status::v1::GetStatusRequest* request,
                                      status::v1::GetStatusResponse* response) override;
  grpc::ServerWriteReactor<status::v1::WatchStatusResponse>* WatchStatus(
      grpc::CallbackServerContext* context, const status::v1::WatchStatusRequest* request) override;

  // Set before the calls that they are for.
  grpc::Status answer;
  // When set, takes over the finishing of unary calls.
  std::function<void(grpc::ServerUnaryReactor*)> hold;
  int messages_per_stream = 1;

  // The client's address in the last unary call.
  std::string last_peer;
  std::atomic<int> streams_done{0};
};

// The status of one GetStatus over `channel`. `prepare` may change the context.
grpc::Status CallGetStatus(
    const std::shared_ptr<grpc::Channel>& channel,
    const std::function<void(grpc::ClientContext&)>& prepare = [](grpc::ClientContext&) {});

// One call without generated code: bytes to bytes. A stream works too while it takes one message
// and gives one.
grpc::Status CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request, std::string* response);

inline constexpr char kGetStatus[] = "/switchyard.status.v1.StatusService/GetStatus";
inline constexpr char kWatchStatus[] = "/switchyard.status.v1.StatusService/WatchStatus";

}  // namespace switchyard::rpc
