#include "services/access/interceptors.h"

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/interceptor.h>
#include <grpcpp/support/server_interceptor.h>

#include <string_view>

#include "common/status/grpc_status.h"
#include "services/access/gate.h"

namespace switchyard::access {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerInterceptorFactoryInterface;
using grpc::experimental::ServerRpcInfo;

constexpr std::string_view kReflection = "/grpc.reflection.";

class AnswerInterceptor final : public Interceptor {
 public:
  AnswerInterceptor(Gate& gate, const grpc::ServerContextBase& context)
      : gate_(gate), context_(context) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      gate_.Answered(context_, FromGrpcStatus(batch->GetSendStatus()));
    }
    batch->Proceed();
  }

 private:
  Gate& gate_;
  const grpc::ServerContextBase& context_;
};

class ReflectionInterceptor final : public Interceptor {
 public:
  ReflectionInterceptor(Gate& gate, const grpc::ServerContextBase& context)
      : gate_(gate), context_(context) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE) &&
        batch->GetRecvMessage() != nullptr && !Caller().ok()) {
      // An empty question is answered by an error.
      static_cast<google::protobuf::Message*>(batch->GetRecvMessage())->Clear();
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS) &&
        !Caller().ok()) {
      batch->ModifySendStatus(ToGrpcStatus(Caller()));
    }
    batch->Proceed();
  }

 private:
  absl::Status Caller() const { return gate_.Identify(context_).status(); }

  Gate& gate_;
  const grpc::ServerContextBase& context_;
};

class Factory final : public ServerInterceptorFactoryInterface {
 public:
  explicit Factory(Gate& gate) : gate_(gate) {}

  // gRPC owns what is returned.
  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    if (info->type() == ServerRpcInfo::Type::UNARY) {
      return new AnswerInterceptor(gate_, *info->server_context());
    }
    if (std::string_view(info->method()).starts_with(kReflection)) {
      return new ReflectionInterceptor(gate_, *info->server_context());
    }
    return nullptr;
  }

 private:
  Gate& gate_;
};

}  // namespace

std::unique_ptr<ServerInterceptorFactoryInterface> MakeInterceptors(Gate& gate) {
  return std::make_unique<Factory>(gate);
}

}  // namespace switchyard::access
