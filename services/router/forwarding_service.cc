#include "services/router/forwarding_service.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/support/byte_buffer.h>

#include <utility>

#include "services/router/stream_forwarder.h"

namespace switchyard::router {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::CallbackServerStreamingHandler;
using grpc::internal::CallbackUnaryHandler;
using grpc::internal::MethodHandler;
using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

struct ForwardingService::Entry {
  Entry(const google::protobuf::MethodDescriptor& descriptor, const ForwardedService& service,
        const ForwardingContext& context)
      : method(descriptor),
        metrics(context.metrics.registry, method.short_name),
        served{method, service, context.backends, context.default_deadline, metrics, context.gate},
        streams{context.backends, context.registry, context.metrics,
                metrics,          context.clock,    context.gate} {}

  const ForwardedMethod method;
  MethodMetrics metrics;
  const ServedMethod served;
  const StreamContext streams;
};

ForwardingService::ForwardingService(const ForwardedService& service,
                                     const ForwardingContext& context) {
  for (int i = 0; i < service.descriptor->method_count(); ++i) {
    Entry& entry = *entries_.emplace_back(
        std::make_unique<Entry>(*service.descriptor->method(i), service, context));
    const bool streams = entry.method.server_streaming;
    AddMethod(new RpcServiceMethod(entry.method.path.c_str(),
                                   streams ? RpcMethod::SERVER_STREAMING : RpcMethod::NORMAL_RPC,
                                   nullptr));
    MarkMethodRawCallback(i, streams ? MakeStreamHandler(entry) : MakeUnaryHandler(entry));
  }
}

ForwardingService::~ForwardingService() = default;

MethodHandler* ForwardingService::MakeUnaryHandler(const Entry& entry) {
  return new CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
      [&entry](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
        return ForwardUnary(entry.served, context, request, response);
      });
}

MethodHandler* ForwardingService::MakeStreamHandler(const Entry& entry) {
  const bool spans_exchanges = entry.served.service.component == "market_data";
  return new CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
      [&entry, spans_exchanges](CallbackServerContext* context, const ByteBuffer* request) {
        return spans_exchanges ? StartMarketDataStream(entry.streams, *context, *request)
                               : ForwardStream(entry.served, entry.streams, *context, *request);
      });
}

}  // namespace switchyard::router
