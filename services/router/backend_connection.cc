#include "services/router/backend_connection.h"

#include <grpcpp/channel.h>

#include <utility>

namespace switchyard::router {
namespace {

// `unix:/path` as `unix:///path`: the same socket, but spelt unlike the transport's own name for
// its peer, so that a call's peer tells whether the call ever got a transport (unary_forwarder.cc).
std::string ChannelTarget(const std::string& address) {
  constexpr std::string_view kUnix = "unix:/";
  if (!address.starts_with(kUnix) || address.starts_with("unix://")) return address;
  return "unix://" + address.substr(kUnix.size() - 1);
}

status::v1::ConnectionState FromConnectivity(int state) {
  switch (state) {
    case GRPC_CHANNEL_READY:
      return status::v1::CONNECTION_STATE_SERVING;
    case GRPC_CHANNEL_CONNECTING:
      return status::v1::CONNECTION_STATE_CONNECTING;
    case GRPC_CHANNEL_TRANSIENT_FAILURE:
      return status::v1::CONNECTION_STATE_BACKOFF;
    case GRPC_CHANNEL_SHUTDOWN:
      return status::v1::CONNECTION_STATE_DOWN;
    default:
      return status::v1::CONNECTION_STATE_IDLE;
  }
}

}  // namespace

BackendConnection::BackendConnection(std::string address, const Clock& clock,
                                     const rpc::ChannelOptions& channel)
    : address_(std::move(address)),
      clock_(clock),
      channel_(rpc::MakeChannel(ChannelTarget(address_), channel)),
      since_(clock.Now()) {}

BackendConnection::~BackendConnection() = default;

bool BackendConnection::StateSeen(int connectivity_state) {
  const bool ready = connectivity_state == GRPC_CHANNEL_READY;
  const std::lock_guard lock(mutex_);
  const status::v1::ConnectionState state = FromConnectivity(connectivity_state);
  if (state != state_) {
    state_ = state;
    since_ = clock_.Now();
  }
  if (ready || connectivity_state == GRPC_CHANNEL_TRANSIENT_FAILURE) undecided_.store(false);
  if (ready == ready_.load(std::memory_order_relaxed)) return false;
  if (ready) {
    connected_at_ = clock_.Steady();
    last_error_.clear();
    if (std::exchange(was_ready_, true)) reconnects_.fetch_add(1, std::memory_order_relaxed);
  }
  ready_.store(ready, std::memory_order_release);
  return true;
}

void BackendConnection::FailureSeen(const std::string& error) {
  const std::lock_guard lock(mutex_);
  if (!ready_.load(std::memory_order_relaxed)) last_error_ = error;
}

status::v1::ConnectionStatus BackendConnection::Status() const {
  const std::lock_guard lock(mutex_);
  status::v1::ConnectionStatus status;
  status.set_name("backend");
  status.set_state(state_);
  status.set_since_time_ns(since_.value);
  status.set_last_message_age_ns(-1);
  status.set_reconnects(reconnects());
  if (ready_.load(std::memory_order_relaxed)) {
    status.set_uptime_ns((clock_.Steady() - connected_at_).count());
  } else {
    status.set_last_error(last_error_.empty() ? "not connected to " + address_ : last_error_);
  }
  return status;
}

}  // namespace switchyard::router
