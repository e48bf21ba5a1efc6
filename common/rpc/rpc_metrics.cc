#include "common/rpc/rpc_metrics.h"

#include <grpcpp/support/interceptor.h>
#include <grpcpp/support/server_interceptor.h>
#include <grpcpp/support/status.h>

#include <array>
#include <map>
#include <mutex>
#include <utility>

namespace switchyard::rpc {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerInterceptorFactoryInterface;
using grpc::experimental::ServerRpcInfo;
using std::chrono::steady_clock;

constexpr std::array<const char*, 17> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};
constexpr std::size_t kUnknown = grpc::StatusCode::UNKNOWN;

// Methods beyond these share the label "other": a forwarder passes on names that clients invent.
constexpr std::size_t kMaxMethods = 512;
constexpr std::string_view kOtherMethods = "other";

// Sees only the end of its unary call; message bytes are never touched.
class UnaryInterceptor final : public Interceptor {
 public:
  UnaryInterceptor(RpcMetrics& metrics, const char* method) : metrics_(metrics), method_(method) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      metrics_.CallEnded(method_, batch->GetSendStatus().error_code(),
                         steady_clock::now() - started_);
    }
    batch->Proceed();
  }

 private:
  RpcMetrics& metrics_;
  const char* const method_;
  const steady_clock::time_point started_ = steady_clock::now();
};

class InterceptorFactory final : public ServerInterceptorFactoryInterface {
 public:
  explicit InterceptorFactory(RpcMetrics& metrics) : metrics_(metrics) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    if (info->type() != ServerRpcInfo::Type::UNARY) return nullptr;
    return new UnaryInterceptor(metrics_, info->method());  // gRPC owns it
  }

 private:
  RpcMetrics& metrics_;
};

}  // namespace

struct RpcMetrics::Method {
  // By code; made when a code is first seen.
  std::array<std::atomic<metrics::Counter*>, kCodeNames.size()> ended{};
  // Made at the first call, so that a stream has no empty histogram and a unary call no stream
  // count.
  std::once_flag unary_once;
  metrics::Histogram* seconds = nullptr;
  std::once_flag stream_once;
  metrics::Counter* streams_started = nullptr;
  metrics::Gauge* streams_active = nullptr;
  metrics::Labels labels;
};

struct RpcMetrics::State {
  explicit State(metrics::Metrics& registry) : registry(registry) {}

  metrics::Metrics& registry;
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<Method>, std::less<>> methods;
};

RpcMetrics::RpcMetrics(metrics::Metrics& metrics) : state_(std::make_unique<State>(metrics)) {}
RpcMetrics::~RpcMetrics() = default;

RpcMetrics::Method& RpcMetrics::Find(std::string_view name) {
  const std::lock_guard lock(state_->mutex);
  auto found = state_->methods.find(name);
  if (found == state_->methods.end() && state_->methods.size() >= kMaxMethods) {
    name = kOtherMethods;
    found = state_->methods.find(name);
  }
  if (found != state_->methods.end()) return *found->second;
  auto& method = state_->methods[std::string(name)];
  method = std::make_unique<Method>();
  method->labels = {{"method", std::string(name)}};
  return *method;
}

void RpcMetrics::CountEnd(Method& method, int code) {
  const auto in_range = code >= 0 && code < static_cast<int>(kCodeNames.size());
  const std::size_t index = in_range ? static_cast<std::size_t>(code) : kUnknown;
  metrics::Counter* counter = method.ended[index].load(std::memory_order_acquire);
  if (counter == nullptr) {
    metrics::Labels labels = method.labels;
    labels["code"] = kCodeNames[index];
    // Adding twice gives the same counter, so two threads may race here.
    counter = &state_->registry.AddCounter("switchyard_grpc_calls_total",
                                           "Calls and streams that ended, by status.", labels);
    method.ended[index].store(counter, std::memory_order_release);
  }
  counter->Increment();
}

void RpcMetrics::CallEnded(std::string_view name, int code, std::chrono::nanoseconds latency) {
  Method& method = Find(name);
  CountEnd(method, code);
  std::call_once(method.unary_once, [&] {
    method.seconds = &state_->registry.AddHistogram(
        "switchyard_grpc_call_seconds", "Unary calls, from request to status.", method.labels,
        metrics::Buckets::Microseconds());
  });
  method.seconds->Observe(latency);
}

void RpcMetrics::AddStreamSeries(Method& method) {
  std::call_once(method.stream_once, [&] {
    method.streams_started = &state_->registry.AddCounter("switchyard_grpc_streams_started_total",
                                                          "Streams that began.", method.labels);
    method.streams_active = &state_->registry.AddGauge("switchyard_grpc_streams_active",
                                                       "Streams under way.", method.labels);
  });
}

void RpcMetrics::StreamStarted(std::string_view name) {
  Method& method = Find(name);
  AddStreamSeries(method);
  method.streams_started->Increment();
  method.streams_active->Add(1);
}

void RpcMetrics::StreamEnded(std::string_view name, int code) {
  Method& method = Find(name);
  CountEnd(method, code);
  AddStreamSeries(method);
  method.streams_active->Add(-1);
}

std::unique_ptr<ServerInterceptorFactoryInterface> RpcMetrics::MakeInterceptorFactory() {
  return std::make_unique<InterceptorFactory>(*this);
}

}  // namespace switchyard::rpc
