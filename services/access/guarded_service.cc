#include "services/access/guarded_service.h"

#include <google/protobuf/descriptor.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/slice.h>

#include <grpcpp/impl/codegen/server_callback_handlers.h>

#include <utility>
#include <vector>

#include "common/status/grpc_status.h"

namespace switchyard::access {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::CallbackServerStreamingHandler;
using grpc::internal::CallbackUnaryHandler;
using grpc::internal::MethodHandler;
using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

// Lets a service's handlers be asked for, which gRPC lets its derived classes do.
struct HandlerAccess : grpc::Service {
  static MethodHandler* Of(grpc::Service& service, int index) {
    constexpr MethodHandler* (grpc::Service::*kGetHandler)(int) = &HandlerAccess::GetHandler;
    return (service.*kGetHandler)(index);
  }
};

// References to the same bytes.
ByteBuffer ViewOf(grpc_byte_buffer* raw) {
  std::vector<grpc::Slice> slices;
  grpc_byte_buffer_reader reader;
  if (raw != nullptr && grpc_byte_buffer_reader_init(&reader, raw) != 0) {
    grpc_slice slice;
    while (grpc_byte_buffer_reader_next(&reader, &slice) != 0) {
      slices.emplace_back(slice, grpc::Slice::STEAL_REF);
    }
    grpc_byte_buffer_reader_destroy(&reader);
  }
  return slices.empty() ? ByteBuffer() : ByteBuffer(slices.data(), slices.size());
}

class RefusedStream final : public grpc::ServerWriteReactor<ByteBuffer> {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

class GuardedHandler final : public MethodHandler {
 public:
  GuardedHandler(MethodHandler& inner, const Method& method, Gate& gate)
      : inner_(inner), method_(method), gate_(gate) {}

  // Keeps the bytes: only RunHandler knows whose they are.
  void* Deserialize(grpc_call* /*call*/, grpc_byte_buffer* request, grpc::Status* /*status*/,
                    void** handler_data) override {
    *handler_data = request;
    return request;
  }

  void RunHandler(const HandlerParameter& parameter) override {
    auto* const raw = static_cast<grpc_byte_buffer*>(parameter.internal_data);
    absl::StatusOr<Gate::Held> held = gate_.Admit(method_, *parameter.server_context, ViewOf(raw));
    if (!held.ok()) return Refuse(parameter, raw, ToGrpcStatus(held.status()));
    if (held->stream_of.empty()) return Pass(inner_, parameter, raw, parameter.call_requester);
    // gRPC calls this once, when the call is over and its reactor has gone.
    Pass(inner_, parameter, raw,
         [&gate = gate_, held = *std::move(held), over = parameter.call_requester] {
           gate.Over(held);
           over();
         });
  }

 private:
  // What gRPC itself does, with a handler of our choice.
  static void Pass(MethodHandler& handler, const HandlerParameter& parameter, grpc_byte_buffer* raw,
                   std::function<void()> over) {
    grpc::Status status = parameter.status;
    void* data = nullptr;
    void* const request = handler.Deserialize(parameter.call->call(), raw, &status, &data);
    handler.RunHandler(HandlerParameter(parameter.call, parameter.server_context, request, status,
                                        data, std::move(over)));
  }

  // Handlers are done with when RunHandler returns; the reactors live on.
  void Refuse(const HandlerParameter& parameter, grpc_byte_buffer* raw,
              const grpc::Status& why) const {
    if (method_.streams) {
      CallbackServerStreamingHandler<ByteBuffer, ByteBuffer> handler(
          [&why](CallbackServerContext*, const ByteBuffer*) { return new RefusedStream(why); });
      return Pass(handler, parameter, raw, parameter.call_requester);
    }
    CallbackUnaryHandler<ByteBuffer, ByteBuffer> handler(
        [&why](CallbackServerContext* context, const ByteBuffer*, ByteBuffer*) {
          grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
          reactor->Finish(why);
          return reactor;
        });
    Pass(handler, parameter, raw, parameter.call_requester);
  }

  MethodHandler& inner_;
  const Method& method_;
  Gate& gate_;
};

}  // namespace

GuardedService::GuardedService(grpc::Service& service,
                               const google::protobuf::ServiceDescriptor& descriptor, Gate& gate) {
  for (int i = 0; i < descriptor.method_count(); ++i) {
    const Method& method = methods_.emplace_back(*descriptor.method(i));
    AddMethod(new RpcServiceMethod(
        method.path.c_str(), method.streams ? RpcMethod::SERVER_STREAMING : RpcMethod::NORMAL_RPC,
        /*handler=*/nullptr));
    MarkMethodRawCallback(i, new GuardedHandler(*HandlerAccess::Of(service, i), method, gate));
  }
}

}  // namespace switchyard::access
