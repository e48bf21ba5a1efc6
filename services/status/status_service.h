#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/stream/event_stream.h"
#include "services/process/service_context.h"
#include "services/process/unary_call.h"
#include "services/status/status_board.h"
#include "switchyard/status/v1/status_service.grpc.pb.h"

namespace switchyard::status {

// StatusService of one process. Called by gRPC's threads and the ticker; outlives the server and,
// as the owner of WatchStatus's topics (one per subject), every stream.
class StatusService final : public v1::StatusService::WithRawCallbackMethod_WatchStatus<
                                v1::StatusService::CallbackService>,
                            public stream::TopicOwner {
 public:
  // `board` and what `context` refers to must outlive this object.
  StatusService(const process::ServiceContext& context, const StatusBoard& board);

  // Sends what changed, or is due, to the watches; for Ticker.
  void Tick(std::chrono::nanoseconds steady_now);

  void Refresh(std::shared_ptr<stream::EventStream> stream,
               std::vector<stream::TopicId> topics) override;

 private:
  using Context = grpc::CallbackServerContext;
  using StreamPtr = std::shared_ptr<stream::EventStream>;

  // One open WatchStatus.
  struct Watch {
    StreamPtr stream;
    std::chrono::nanoseconds interval;
    std::chrono::nanoseconds last_full;
    struct Seen {
      std::size_t subject;
      std::uint64_t version;
    };
    std::vector<Seen> seen;
  };

  grpc::ServerUnaryReactor* GetCapabilities(Context* context,
                                            const v1::GetCapabilitiesRequest* request,
                                            v1::GetCapabilitiesResponse* response) override;
  grpc::ServerUnaryReactor* GetStatus(Context* context, const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchStatus(Context* context,
                                                          const grpc::ByteBuffer* request) override;

  // Subjects of one exchange, or all where it is empty. Errors: InvalidArgument, UNKNOWN_EXCHANGE.
  absl::StatusOr<std::vector<std::size_t>> Select(const std::string& exchange) const;
  v1::ExchangeStatus StatusOf(std::size_t subject, const exchange::ClientStatus& status) const;
  stream::EncodedEvent Encode(std::size_t subject, const exchange::ClientStatus& status) const;
  // mutex_ held.
  void Send(Watch& watch, std::chrono::nanoseconds steady_now);

  const process::ExchangeClients& clients_;
  process::OpenStreams& streams_;
  process::Ticker& ticker_;
  const Clock& clock_;
  const StatusBoard& board_;
  const TimeNs start_time_;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Watch>> watches_;  // guarded by mutex_
};

}  // namespace switchyard::status
