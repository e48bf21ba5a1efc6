#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "common/rpc/client_channel.h"
#include "common/time/time.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace switchyard::router {

// One address that backends are reached by, and what was seen of it. Shared by all backends that
// name the address. Lives as long as the router and its last call; any thread.
class BackendConnection : public std::enable_shared_from_this<BackendConnection> {
 public:
  // `address` is host:port, unix:/path or dns:///name:port.
  BackendConnection(std::string address, const Clock& clock, const rpc::ChannelOptions& channel);
  BackendConnection(const BackendConnection&) = delete;
  BackendConnection& operator=(const BackendConnection&) = delete;
  ~BackendConnection();

  const std::string& address() const { return address_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // As last seen by the ConnectionMonitor; false before.
  bool ready() const { return ready_.load(std::memory_order_acquire); }
  // The first attempt has not ended yet, so that waiting for it is worth while.
  bool undecided() const { return undecided_.load(std::memory_order_acquire); }
  // How often it became ready again after having been lost.
  std::uint64_t reconnects() const { return reconnects_.load(std::memory_order_relaxed); }

  // The channel's state (a grpc_connectivity_state) was seen. True when ready() changed.
  bool StateSeen(int connectivity_state);

  // A call failed without having reached the backend, for the status.
  void FailureSeen(const std::string& error);

  // Named `backend`.
  status::v1::ConnectionStatus Status() const;

 private:
  const std::string address_;
  const Clock& clock_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> undecided_{true};
  std::atomic<std::uint64_t> reconnects_{0};

  mutable std::mutex mutex_;
  status::v1::ConnectionState state_ = status::v1::CONNECTION_STATE_IDLE;
  TimeNs since_;
  std::chrono::nanoseconds connected_at_{0};
  bool was_ready_ = false;
  std::string last_error_;
};

}  // namespace switchyard::router
