#include "services/router/status_service.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <string>
#include <utility>

#include "common/status/status.h"
#include "services/process/unary_call.h"
#include "services/router/backend_status.h"
#include "services/router/finished_writer.h"
#include "services/router/status_watch.h"
#include "switchyard/status/v1/status_service.grpc.pb.h"

namespace switchyard::router {
namespace {

using grpc::CallbackServerContext;
using status::v1::GetCapabilitiesRequest;
using status::v1::GetCapabilitiesResponse;
using status::v1::GetStatusRequest;
using status::v1::GetStatusResponse;
using status::v1::WatchStatusRequest;

constexpr char kVersion[] = "switchyard-router 1";

using Base = status::v1::StatusService::WithRawCallbackMethod_WatchStatus<
    status::v1::StatusService::CallbackService>;

class Service final : public Base {
 public:
  explicit Service(const ServiceContext& context)
      : context_(context), started_(context.clock.Now()) {}

  grpc::ServerUnaryReactor* GetCapabilities(CallbackServerContext* client,
                                            const GetCapabilitiesRequest* request,
                                            GetCapabilitiesResponse* response) override {
    const auto call = process::UnaryCall::Create();
    if (absl::Status status = CheckExchange(request->exchange()); !status.ok()) {
      call->End(status);
      return call.get();
    }
    context_.capabilities.Get(request->exchange(), ScatterDeadline(*client),
                              [caller = context_.gate.CallerOf(*client), call,
                               response](CapabilityCache::Answers answers) {
                                if (!call->Claim()) return;
                                for (auto& [exchange, answer] : answers) {
                                  if (!caller.MayOnExchange(common::v1::ROLE_READ, exchange)) {
                                    continue;
                                  }
                                  if (answer.ok()) {
                                    *response->add_capabilities() = *std::move(answer);
                                    continue;
                                  }
                                  status::v1::ExchangeError& error = *response->add_errors();
                                  error.set_exchange(exchange);
                                  *error.mutable_status() = ToProto(answer.status());
                                }
                                call->Answer(absl::OkStatus());
                              });
    return call.get();
  }

  grpc::ServerUnaryReactor* GetStatus(CallbackServerContext* client,
                                      const GetStatusRequest* request,
                                      GetStatusResponse* response) override {
    const auto call = process::UnaryCall::Create();
    if (absl::Status status = CheckExchange(request->exchange()); !status.ok()) {
      call->End(status);
      return call.get();
    }
    AskStatuses(
        context_.backends, context_.queries, request->exchange(), ScatterDeadline(*client),
        [this, caller = context_.gate.CallerOf(*client), call, response](BackendStatuses statuses) {
          if (!call->Claim()) return;
          KeepGranted(caller, &statuses);
          for (auto& status : statuses.statuses) {
            *response->add_statuses() = std::move(status);
          }
          for (auto& error : statuses.errors) *response->add_errors() = std::move(error);
          response->set_start_time_ns(started_.value);
          response->set_version(kVersion);
          call->Answer(absl::OkStatus());
        });
    return call.get();
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchStatus(CallbackServerContext* client,
                                                          const grpc::ByteBuffer* bytes) override {
    WatchStatusRequest request;
    if (!Parse(*bytes, &request)) {
      return FinishedWriter(InvalidField("request", "not a WatchStatusRequest"));
    }
    if (absl::Status status = CheckExchange(request.exchange()); !status.ok()) {
      return FinishedWriter(status);
    }
    return StartStatusWatch(context_, context_.gate.CallerOf(*client), request);
  }

 private:
  // Empty = all.
  absl::Status CheckExchange(const std::string& exchange) const {
    return exchange.empty() ? absl::OkStatus() : context_.backends.CheckExchange(exchange);
  }

  const ServiceContext context_;
  const TimeNs started_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeStatusService(const ServiceContext& context) {
  return std::make_unique<Service>(context);
}

}  // namespace switchyard::router
