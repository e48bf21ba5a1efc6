#include "services/router/unary_forwarder.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/time/time.h"
#include "services/access/routing_fields.h"
#include "services/router/upstream_call.h"

namespace switchyard::router {
namespace {

class UnaryForwarder final : public grpc::ServerUnaryReactor {
 public:
  UnaryForwarder(const ServedMethod& served, const Backend& backend)
      : served_(served), backend_(backend), connection_(backend.Pick()) {}

  void Start(const grpc::CallbackServerContext& client, const grpc::ByteBuffer* request,
             grpc::ByteBuffer* response) {
    for (const auto& [name, value] : AllowedMetadata(client, served_.gate)) {
      upstream_.AddMetadata(name, value);
    }
    CopyDeadline(client, served_.default_deadline, upstream_);
    started_ = SystemClock().Steady();
    opened_.store(true, std::memory_order_release);
    grpc::GenericStub(connection_.channel())
        .UnaryCall(&upstream_, served_.method.path, {}, request, response,
                   [this](const grpc::Status& status) { OnAnswer(status); });
  }

  // gRPC keeps this object until OnDone, and the upstream's answer (here: CANCELLED) comes before.
  void OnCancel() override { upstream_.TryCancel(); }
  void OnDone() override { delete this; }

 private:
  void OnAnswer(const grpc::Status& upstream) {
    opened_.load(std::memory_order_acquire);
    const bool may_have_reached = MayHaveReachedBackend(upstream_, upstream);
    if (!may_have_reached) connection_.FailureSeen(upstream.error_message());
    const grpc::Status status = ClientStatus(upstream, served_.method, backend_, may_have_reached);
    served_.metrics.CallEnded(status.error_code(), SystemClock().Steady() - started_);
    // Nothing of this object may be touched after Finish.
    Finish(status);
  }

  const ServedMethod& served_;
  const Backend& backend_;
  BackendConnection& connection_;
  grpc::ClientContext upstream_;
  std::chrono::nanoseconds started_{0};
  // Orders what Start wrote before what OnAnswer reads, where the thread sanitizer can see it.
  std::atomic<bool> opened_{false};
};

}  // namespace

absl::StatusOr<const Backend*> Route(const ServedMethod& served, const grpc::ByteBuffer& request) {
  if (served.method.role == common::v1::ROLE_UNSPECIFIED) {
    return MakeError(absl::StatusCode::kPermissionDenied, common::v1::ERROR_REASON_NOT_GRANTED,
                     fmt::format("{} has no role that may call it", served.method.short_name));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const access::RoutingFields fields,
                              access::ScanRoutingFields(request, served.service.routed_by));
  return served.backends.Find(fields.exchange, served.service.component);
}

grpc::ServerUnaryReactor* ForwardUnary(const ServedMethod& served,
                                       grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) {
  const absl::StatusOr<const Backend*> backend = Route(served, *request);
  if (!backend.ok()) {
    const grpc::Status status = ToGrpcStatus(backend.status());
    served.metrics.CountEnd(status.error_code());
    grpc::ServerUnaryReactor* refused = context->DefaultReactor();
    refused->Finish(status);
    return refused;
  }
  auto* forwarder = new UnaryForwarder(served, **backend);
  forwarder->Start(*context, request, response);
  return forwarder;
}

}  // namespace switchyard::router
