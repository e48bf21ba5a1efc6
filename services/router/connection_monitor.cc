#include "services/router/connection_monitor.h"

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "common/log/log.h"

namespace switchyard::router {
namespace {

// A wait for a state change cannot be cancelled, so each is short enough for the shutdown.
constexpr std::chrono::milliseconds kLongestWait{100};

}  // namespace

struct ConnectionMonitor::State {
  OnChange on_change;
  grpc::CompletionQueue queue;
  std::atomic<bool> stopping{false};
  // Waits under way, one a connection. The monitor's thread, once it runs.
  std::size_t waits = 0;
  std::thread thread;

  // Tells what the state is now and waits for the next one.
  void Look(BackendConnection& connection) {
    // true: connects an idle channel.
    const grpc_connectivity_state now = connection.channel()->GetState(true);
    if (connection.StateSeen(now)) {
      log::Info(connection.ready() ? "backend_ready" : "backend_lost",
                {{"address", connection.address()}});
      on_change(connection);
    }
    connection.channel()->NotifyOnStateChange(now, std::chrono::system_clock::now() + kLongestWait,
                                              &queue, &connection);
  }

  // Ends once stopping and every wait has ended: a queue that is shut down takes no new one.
  void Run() {
    void* tag = nullptr;
    bool changed = false;
    while (waits > 0 && queue.Next(&tag, &changed)) {
      if (stopping.load()) {
        --waits;
      } else {
        Look(*static_cast<BackendConnection*>(tag));
      }
    }
  }
};

ConnectionMonitor::ConnectionMonitor(
    const std::vector<std::shared_ptr<BackendConnection>>& connections, OnChange on_change)
    : state_(std::make_unique<State>()) {
  state_->on_change = std::move(on_change);
  state_->waits = connections.size();
  for (const auto& connection : connections) state_->Look(*connection);
  state_->thread = std::thread([this] { state_->Run(); });
}

ConnectionMonitor::~ConnectionMonitor() {
  state_->stopping.store(true);
  state_->thread.join();
  state_->queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (state_->queue.Next(&tag, &ok)) {
  }
}

}  // namespace switchyard::router
