#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "services/simulator/exchange.h"
#include "services/simulator/faults/fault_table.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace switchyard::simulator::control {

// What commands act upon; touched on the I/O thread only. All must outlive the service.
struct ControlTargets {
  boost::asio::io_context& io;
  faults::FaultTable& faults;
  std::vector<Exchange*> exchanges;
  // Called when the set of faults has changed.
  std::function<void()> apply_faults;
};

// SimulatorService: each call is posted to the I/O thread and finished there, so the server must be
// shut down before that thread ends.
std::unique_ptr<grpc::Service> MakeControlService(ControlTargets targets);

}  // namespace switchyard::simulator::control
