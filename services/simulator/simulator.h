#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/simulator/options.h"

namespace switchyard::simulator {

// All simulated exchanges and the service that commands them. Owns its threads: one for the
// exchanges, gRPC's own for commands.
class Simulator {
 public:
  // Listens on every port, starts the threads and writes the endpoints file.
  // Errors: Unavailable, a port is in use; InvalidArgument, a bad address, certificate or
  // recording; Internal, a file cannot be written.
  static absl::StatusOr<std::unique_ptr<Simulator>> Create(const Options& options);
  // Closes every connection and ends the threads.
  virtual ~Simulator() = default;

  // Port of gateio and gateio_futures.
  virtual std::uint16_t port() const = 0;
  virtual std::uint16_t lighter_port() const = 0;
  virtual std::uint16_t grpc_port() const = 0;
  // 0 = no metrics are served.
  virtual std::uint16_t metrics_port() const = 0;
  // What the endpoints file holds.
  virtual std::string EndpointsJson() const = 0;
};

}  // namespace switchyard::simulator
