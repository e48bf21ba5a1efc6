#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "services/router/backend_connection.h"

namespace switchyard::router {

// Keeps every connection of the router connected, also without calls, and tells when one became
// ready or was lost. Owns one thread from Start until it goes.
class ConnectionMonitor {
 public:
  // Called on the monitor's thread.
  using OnChange = std::function<void(const BackendConnection& connection)>;

  // `connections` must outlive the monitor.
  ConnectionMonitor(const std::vector<std::shared_ptr<BackendConnection>>& connections,
                    OnChange on_change);
  ConnectionMonitor(const ConnectionMonitor&) = delete;
  ConnectionMonitor& operator=(const ConnectionMonitor&) = delete;
  // Waits for the thread, at most 100 ms.
  ~ConnectionMonitor();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace switchyard::router
