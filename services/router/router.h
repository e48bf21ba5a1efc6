#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"
#include "common/time/time.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::router {

// The router of a process: the backends' four services forwarded, RouterService, StatusService,
// health and reflection behind one gRPC server. Start and stop it from one thread; it serves from
// gRPC's.
class Router {
 public:
  // `config` as LoadConfig makes it. `metrics` and `clock` must outlive the router.
  // Errors: InvalidArgument naming the field (no backends, a certificate that cannot serve, ...);
  // Unavailable (port in use).
  static absl::StatusOr<std::unique_ptr<Router>> Start(const config::v1::RouterConfig& config,
                                                       metrics::Metrics& metrics,
                                                       const Clock& clock);
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  ~Router();

  // Of the first address; 0 for a unix socket.
  int port() const;
  // 0 without health_listen.
  int health_port() const;

  // Ends streams with UNAVAILABLE (SHUTTING_DOWN), lets unary calls finish until `grace` has
  // passed, then cancels them. Idempotent.
  void Shutdown(std::chrono::milliseconds grace);

 private:
  struct Parts;
  explicit Router(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace switchyard::router
