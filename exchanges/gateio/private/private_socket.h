#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
  // From now on pushes may be missed, or one could not be read. Only between `ready` and the next
  // one, which always comes.
  std::function<void(const absl::Status& why)> lost;
  // The exchange refused a signature's time, or the key. Set by PrivateConnection.
  std::function<void()> clock_refused = [] {};
};

// The private WebSocket of one account: opens a socket, logs in to the WebSocket API, subscribes to
// the bound channels (each subscription signed for itself), pings, reconnects by the policy, renews
// the socket before the exchange cuts it (new one first, so that a push may be told twice), and
// routes pushes to the handlers bound by house name. Connection thread.
class PrivateSocket {
 public:
  using Handler = std::function<void(const PrivateDelivery&)>;
  struct Parts {
    exchange::IoThread& thread;
    const ServerClock& clock;
    metrics::Metrics& metrics;
    const Auth& auth;
  };

  // `parts` and `options` outlive it.
  PrivateSocket(Parts parts, const PrivateOptions& options, PrivateSocketHooks hooks);
  ~PrivateSocket();

  // Routes every push of a channel ("futures.positions") to `handler` and has it subscribed for all
  // markets. Before Open. Errors: as exchange::ChannelTable.
  absl::Status Bind(std::string_view channel, Handler handler);

  // Connects, and stays connected until destroyed.
  void Open();
  // The numeric user id, once known.
  void SetUserId(std::string user_id);
  bool knows_user_id() const { return !user_id_.empty(); }

  // Sends a request of the WebSocket API (`channel` as on the wire, `param` JSON text), which the
  // exchange shall refuse where it comes later than the command timeout; `done` comes exactly once.
  // `what` says in errors what was attempted. False: no socket is open and logged in, or none took
  // the frame; nothing was written and `done` is not called.
  bool Request(std::string_view channel, std::string_view param, std::string what,
               const ApiRequests::Done& done);
  // Settles all requests under way, at the end.
  void CloseRequests() { api_.Close(); }

  // A push that could not be read, by the parser or by a handler: what it told has to be read
  // again, so the stream counts as lost and found.
  void OnMalformed(const absl::Status& why);

  bool ready() const { return ready_; }
  std::vector<exchange::ConnectionStatus> Status() const;

  // For the message handler base.
  struct Arrival {
    PrivateDelivery delivery;
    PrivateLane& lane;
  };
  static exchange::PrivateMessage Detect(const std::optional<wire::PrivateFrame>& frame);
  void OnOrderUpdate(const Arrival& arrival) { Dispatch(arrival); }
  void OnExecutionReport(const Arrival& arrival) { Dispatch(arrival); }
  void OnBalanceUpdate(const Arrival& arrival) { Dispatch(arrival); }
  void OnPositionUpdate(const Arrival& arrival) { Dispatch(arrival); }
  void OnLogin(const Arrival& arrival);
  void OnAnswer(const Arrival& arrival);
  void OnPong(const Arrival&) {}

 private:
  friend class PrivateLane;
  struct Names {
    static constexpr std::size_t kChannels = static_cast<std::size_t>(Channel::kTriggerOrders) + 1;
    Product product;
    std::optional<std::size_t> ChannelIndex(std::string_view house) const;
    // Every binding is for all markets.
    static std::optional<std::uint32_t> InstrumentIndex(std::string_view) { return std::nullopt; }
  };

  void Dispatch(const Arrival& arrival);
  void OnFrame(PrivateLane& lane, std::string_view frame, TimeNs received);
  void OnLaneReady(PrivateLane& lane);
  void OnLaneClosed(PrivateLane& lane, const absl::Status& why);
  void OpenLane();
  PrivateLane* LoggedIn() const;
  void Renew();
  void Tick();

  const Parts parts_;
  const PrivateOptions& options_;
  const PrivateSocketHooks hooks_;
  const Names names_;
  exchange::PrivateMessageHandlerBase<PrivateSocket> messages_;
  exchange::ChannelTable<Names, PrivateDelivery> handlers_;
  std::vector<Channel> channels_;
  std::string user_id_;
  ApiRequests api_;
  std::optional<wire::PrivateFrame> frame_;  // the one being handled
  // The newest last. Earlier ones are retired once it is ready, and end when nothing waits on them.
  std::vector<std::unique_ptr<PrivateLane>> lanes_;
  exchange::Timer timer_;
  std::uint64_t lanes_opened_ = 0;
  bool ready_ = false;
};

}  // namespace switchyard::exchanges::gateio
