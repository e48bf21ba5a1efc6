#include "services/process/table_service.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/method_handler.h>
#include <grpcpp/support/server_callback.h>

#include <grpcpp/impl/codegen/server_callback_handlers.h>

#include "common/status/status.h"
#include "services/process/offered.h"
#include "services/process/unary_call.h"

namespace switchyard::process {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageFactory;
using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

// As the capability table spells it: "OrderService/PlaceOrder".
std::string TableName(const google::protobuf::MethodDescriptor& method) {
  return method.service()->name() + "/" + method.name();
}

std::string TextOf(const Message& message, const char* field) {
  return message.GetReflection()->GetString(message,
                                            message.GetDescriptor()->FindFieldByName(field));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableService>> TableService::Create(
    const google::protobuf::ServiceDescriptor& service, const ServiceContext& context) {
  for (const auto& [id, client] : context.clients.all()) {
    for (int i = 0; i < service.method_count(); ++i) {
      const std::string name = TableName(*service.method(i));
      const absl::Status offered = CheckOffered(client->capabilities(), name);
      if (absl::IsUnimplemented(offered)) continue;
      return offered.ok()
                 ? absl::InternalError(fmt::format(
                       "{} offers {} in its capability table; nothing serves it", id, name))
                 : offered;
    }
  }
  return std::unique_ptr<TableService>(new TableService(service, context));
}

TableService::TableService(const google::protobuf::ServiceDescriptor& service,
                           const ServiceContext& context)
    : clients_(context.clients), streams_(context.streams) {
  for (int i = 0; i < service.method_count(); ++i) {
    const Method& method = *service.method(i);
    method_names_.push_back(fmt::format("/{}/{}", service.full_name(), method.name()));
    method.server_streaming() ? AddStream(i, method) : AddUnary(i, method);
  }
}

// What follows is what protoc's plugin generates for a raw callback method.
void TableService::AddUnary(int index, const Method& method) {
  AddMethod(new RpcServiceMethod(method_names_.back().c_str(), RpcMethod::NORMAL_RPC,
                                 /*handler=*/nullptr));
  MarkMethodRawCallback(
      index, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                 [this, &method](CallbackServerContext*, const ByteBuffer* request, ByteBuffer*) {
                   const auto call = UnaryCall::Create();
                   call->End(Refuse(method, *request));
                   return call.get();
                 }));
}

void TableService::AddStream(int index, const Method& method) {
  const std::string& name = method_names_.back();
  AddMethod(new RpcServiceMethod(name.c_str(), RpcMethod::SERVER_STREAMING, /*handler=*/nullptr));
  MarkMethodRawCallback(
      index, new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                 [this, &method, &name](CallbackServerContext*, const ByteBuffer* request) {
                   const auto stream = streams_.Open({}, name, [](const auto&) {});
                   stream->Finish(Refuse(method, *request));
                   return stream->StartReactor();
                 }));
}

absl::Status TableService::Refuse(const Method& method, const ByteBuffer& request) const {
  const std::unique_ptr<Message> message(
      MessageFactory::generated_factory()->GetPrototype(method.input_type())->New());
  ByteBuffer buffer(request);  // shares the bytes; parsing consumes its own reference
  if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(&buffer, message.get()).ok()) {
    return absl::InvalidArgumentError(
        fmt::format("the request is no {}", method.input_type()->name()));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const exchange::MarketDataClient* client,
                              clients_.Find(TextOf(*message, "exchange")));
  // No accounts are configured in a process without private functions.
  if (const std::string account = TextOf(*message, "account"); !account.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_UNKNOWN_ACCOUNT,
                     fmt::format("no account '{}' is configured", account), {{"field", "account"}});
  }
  const std::string name = TableName(method);
  SWITCHYARD_RETURN_IF_ERROR(CheckOffered(client->capabilities(), name));
  return absl::InternalError(fmt::format("{} is offered but not served", name));
}

}  // namespace switchyard::process
