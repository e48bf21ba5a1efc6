#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/exchange/channel_table.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/private_message_handler_base.h"
#include "exchanges/gateio/auth.h"
#include "exchanges/gateio/private/api_requests.h"
#include "exchanges/gateio/private/private_frame.h"
#include "exchanges/gateio/private/private_options.h"
#include "exchanges/gateio/private/server_clock.h"

namespace switchyard::exchanges::gateio {

class PrivateLane;

// A private push on its way to the handler of its channel.
struct PrivateDelivery {
  const wire::PrivateFrame& frame;
  TimeNs received;  // our clock
};

// What a private half hears of its socket, on the connection thread.
struct PrivateSocketHooks {
  // Every wanted channel is confirmed; what happened before may have been missed.
  std::function<void()> ready;
  // From now on pushes may be missed, or one could not be read. Follows a `ready`, or `ready` is
  // called anew after it.
  std::function<void(const absl::Status& why)> lost;
};

// The private WebSocket of one account: opens a socket, logs in to the WebSocket API, subscribes to
// the bound channels (each subscription signed for itself), pings, reconnects by the policy, renews
// the socket before the exchange cuts it (new one first), and routes pushes to the handlers bound
// by house name. Connection thread.
class PrivateSocket {
 public:
  using Handler = std::function<void(const PrivateDelivery&)>;
  struct Parts {
    exchange::IoThread& thread;
    const ServerClock& clock;
    metrics::Metrics& metrics;
    const Auth& auth;
  };

  // All of `parts` outlive it.
  PrivateSocket(Parts parts, const PrivateOptions& options, PrivateSocketHooks hooks);
  ~PrivateSocket();

  // Routes every push of a channel ("futures.positions") to `handler` and has it subscribed from
  // the start. Before Open. Errors: as exchange::ChannelTable.
  absl::Status Bind(std::string_view channel, Handler handler);

  // Connects, and stays connected until destroyed.
  void Open();
  // The numeric user id, once known by another way than the configuration.
  void SetUserId(std::string user_id);

  // Requests of the WebSocket API. See ApiRequests.
  ApiRequests& api() { return api_; }
  // Whether requests of the WebSocket API can be written now: open and logged in.
  bool logged_in() const;

  bool ready() const { return ready_; }
  std::vector<exchange::ConnectionStatus> Status() const;

  // For the message handler base and the lanes.
  exchange::PrivateMessage Detect(const wire::PrivateFrame& frame) const;
  struct Arrival;
  void OnOrderUpdate(const Arrival& arrival);
  void OnExecutionReport(const Arrival& arrival);
  void OnBalanceUpdate(const Arrival& arrival);
  void OnPositionUpdate(const Arrival& arrival);
  void OnLogin(const Arrival& arrival);
  void OnAnswer(const Arrival& arrival);
  void OnPong(const Arrival&) {}
  void OnMalformed(const absl::Status& why);

 private:
  friend class PrivateLane;
  struct Names;

  void Dispatch(const Arrival& arrival);
  void OnFrame(PrivateLane& lane, std::string_view frame, TimeNs received);
  void OnLaneReady(PrivateLane& lane);
  void OnLaneClosed(PrivateLane& lane, const absl::Status& why);
  void OpenLane();
  void Tick();

  const Parts parts_;
  const PrivateOptions& options_;
  const PrivateSocketHooks hooks_;
  std::unique_ptr<const Names> names_;
  exchange::PrivateMessageHandlerBase<PrivateSocket> messages_;
  std::unique_ptr<exchange::ChannelTable<Names, PrivateDelivery>> handlers_;
  std::vector<Channel> channels_;
  std::string user_id_;
  ApiRequests api_;
  // The last one carries new requests; earlier ones end when a later one is ready.
  std::vector<std::unique_ptr<PrivateLane>> lanes_;
  exchange::Timer timer_;
  int lanes_opened_ = 0;
  bool ready_ = false;
};

}  // namespace switchyard::exchanges::gateio
