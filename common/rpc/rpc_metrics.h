#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "common/metrics/metrics.h"

namespace grpc::experimental {
class ServerInterceptorFactoryInterface;
}  // namespace grpc::experimental

namespace switchyard::rpc {

// Calls by method and code, and their latency:
//   switchyard_grpc_calls_total{method,code}       unary calls and ended streams
//   switchyard_grpc_call_seconds{method}           unary calls
//   switchyard_grpc_streams_started_total{method}
//   switchyard_grpc_streams_active{method}
//
// Unary calls are seen by an interceptor. A stream never has one: gRPC 1.51 then takes an extra
// turn through the completion queue for every batch, that is for every message. A stream's reactor
// says itself that it started and ended. Any thread; must outlive its server.
class RpcMetrics {
 public:
  explicit RpcMetrics(metrics::Metrics& metrics);
  RpcMetrics(const RpcMetrics&) = delete;
  RpcMetrics& operator=(const RpcMetrics&) = delete;
  ~RpcMetrics();

  // `method` is "/package.Service/Method"; `code` a gRPC status code.
  void CallEnded(std::string_view method, int code, std::chrono::nanoseconds latency);
  void StreamStarted(std::string_view method);
  void StreamEnded(std::string_view method, int code);

  // For ServerBuilder.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeInterceptorFactory();

 private:
  struct Method;
  Method& Find(std::string_view name);
  void CountEnd(Method& method, int code);
  void AddStreamSeries(Method& method);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace switchyard::rpc
