#pragma once

#include <grpcpp/impl/codegen/service_type.h>

#include <chrono>
#include <memory>
#include <vector>

#include "services/access/gate.h"
#include "services/router/market_data_stream.h"
#include "services/router/unary_forwarder.h"

namespace switchyard::router {

// What every ForwardingService needs; all of it lives as long as the router.
struct ForwardingContext {
  const Backends& backends;
  StreamRegistry& registry;
  RouterMetrics& metrics;
  const Clock& clock;
  std::chrono::milliseconds default_deadline;
  const access::Gate& gate;
};

// One service of the backends as the router's server knows it: every method by its name, taking and
// giving bytes. Made from the service's descriptor, so that the contract's next method needs no
// code here; being registered by name, it is also what reflection lists.
class ForwardingService final : public grpc::Service {
 public:
  ForwardingService(const ForwardedService& service, const ForwardingContext& context);
  ~ForwardingService() override;

 private:
  struct Entry;
  // gRPC takes ownership.
  static grpc::internal::MethodHandler* MakeUnaryHandler(const Entry& entry);
  static grpc::internal::MethodHandler* MakeStreamHandler(const Entry& entry);

  // Addresses are stable: gRPC keeps pointers to the names.
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace switchyard::router
