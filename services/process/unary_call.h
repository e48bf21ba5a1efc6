#pragma once

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/status/grpc_status.h"

namespace switchyard::process {

// One unary call from its request to its one answer, whoever is first to give it: a reply from
// another thread or the client's cancellation. Shared by gRPC (until the call is over) and by the
// reply that is awaited, so that a late reply finds a live object and is dropped.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  static std::shared_ptr<UnaryCall> Create() {
    auto call = std::make_shared<UnaryCall>();
    call->held_by_grpc_ = call;
    return call;
  }

  // True for exactly one caller, who then must call Answer. Until that Answer the request and the
  // response are alive; whoever gets false must touch neither.
  bool Claim() { return !claimed_.exchange(true, std::memory_order_acq_rel); }
  void Answer(const absl::Status& status) { Finish(ToGrpcStatus(status)); }

  // Ends the call, unless it has ended.
  void End(const absl::Status& status) {
    if (Claim()) Answer(status);
  }

 private:
  void OnCancel() override { End(absl::CancelledError("cancelled by the client")); }
  void OnDone() override {
    // The last reference may go here, and this object with it.
    const std::shared_ptr<UnaryCall> last = std::move(held_by_grpc_);
  }

  std::atomic<bool> claimed_{false};
  std::shared_ptr<UnaryCall> held_by_grpc_;
};

}  // namespace switchyard::process
