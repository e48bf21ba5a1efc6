#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/net/websocket_client.h"
#include "common/retry/backoff.h"
#include "common/retry/retry_after.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// An exchange's way to stay connected, as data.
struct ConnectionPolicy {
  net::WebSocketOptions socket;
  retry::Reconnect reconnect;
  // Pings in the exchange's own words are sent this often; 0 = none.
  std::chrono::nanoseconds ping_interval = std::chrono::seconds(5);
  // Without any message for this long the socket is dead.
  std::chrono::nanoseconds receive_timeout = std::chrono::seconds(10);
  // Never sooner than this after a failed attempt, whatever the backoff says.
  std::chrono::nanoseconds attempt_floor = std::chrono::milliseconds(100);
};

// What a session's owner does with it. All on the session's thread.
template <typename Owner, typename Session>
concept SessionOwner = requires(Owner& owner, Session& session, std::string_view frame,
                                const absl::Status& why, TimeNs now) {
  { owner.PingFrame(now) } -> std::convertible_to<std::string>;
  owner.OnSessionOpen(session);
  owner.OnSessionFrame(session, frame, now);
  owner.OnSessionBatchEnd(session);
  owner.OnSessionClosed(session, why);
};

// The life of one socket: connect, ping, watch, reconnect. Knows nothing of what it carries.
// Written once for all exchanges; lives on one IoThread. The owner outlives it, and destroys it on
// that thread, outside its callbacks.
template <typename Owner, typename TimerType>
class BasicSocketSession {
 public:
  // `random` spreads the attempts to reconnect. Errors: InvalidArgument, from the socket's options.
  static absl::StatusOr<std::unique_ptr<BasicSocketSession>> Create(
      IoThread& thread, const Clock& clock, std::string name, ConnectionPolicy policy, Owner& owner,
      retry::RandomBits random = retry::SystemRandom()) {
    auto session = std::unique_ptr<BasicSocketSession>(new BasicSocketSession(
        thread, clock, std::move(name), std::move(policy), owner, std::move(random)));
    auto socket = net::WebSocketClient::Create(thread.io(), session->policy_.socket,
                                               net::CallbacksFor(session.get()));
    if (!socket.ok()) return socket.status();
    session->socket_ = *std::move(socket);
    return session;
  }

  // Connects, and stays connected until destroyed.
  void Open() { Connect(); }
  // Cuts the connection; the owner hears of it, and the next attempt follows the policy.
  void Restart(int close_code = 1000) { socket_->Close(close_code); }

  // Errors: as net::WebSocketClient::Send.
  absl::Status Send(std::string text) { return socket_->Send(std::move(text)); }

  bool is_open() const { return state_ == ConnectionState::kSubscribing || ready(); }
  bool ready() const { return state_ == ConnectionState::kReady; }
  // The owner says when all that it wants is confirmed, and when it is not any more.
  void SetReady(bool ready) {
    if (is_open() && ready != this->ready()) {
      SetState(ready ? ConnectionState::kReady : ConnectionState::kSubscribing);
    }
  }
  std::chrono::nanoseconds opened_at() const { return opened_at_; }
  std::chrono::nanoseconds last_message_at() const { return last_message_at_; }
  const std::string& name() const { return name_; }

  ConnectionStatus Status() const {
    const std::chrono::nanoseconds now = clock_.Steady();
    ConnectionStatus status;
    status.name = name_;
    status.state = state_;
    status.since = since_;
    if (is_open()) status.uptime = now - opened_at_;
    if (last_message_at_.count() != 0) status.last_message_age = now - last_message_at_;
    status.reconnects = reconnects_;
    status.last_error = last_error_;
    return status;
  }

  // Called by the socket.
  void OnOpen() {
    opened_at_ = last_message_at_ = clock_.Steady();
    if (was_open_) ++reconnects_;
    was_open_ = true;
    last_error_.clear();
    backoff_.Connected(opened_at_);
    SetState(ConnectionState::kSubscribing);
    SchedulePing();
    owner_.OnSessionOpen(*this);
  }
  void OnMessage(std::string_view message, bool /*binary*/, std::int64_t receive_time_ns) {
    received_ = true;
    owner_.OnSessionFrame(*this, message, TimeNs{receive_time_ns});
  }
  void OnBatchEnd() {
    if (std::exchange(received_, false)) last_message_at_ = clock_.Steady();
    owner_.OnSessionBatchEnd(*this);
  }
  void OnClose(const absl::Status& why, int close_code, int http_status,
               const net::HttpResponse* refusal) {
    ping_timer_.Cancel();
    const std::chrono::nanoseconds now = clock_.Steady();
    const bool was_connected = is_open();
    last_error_ = std::string(why.message());
    if (close_code != 0) last_error_ += " (close code " + std::to_string(close_code) + ")";
    if (http_status != 0) last_error_ += " (HTTP status " + std::to_string(http_status) + ")";
    std::chrono::nanoseconds delay = backoff_.Failed(now);
    // After a stable connection the first attempt is made at once.
    if (backoff_.failures() > 0) delay = std::max(delay, policy_.attempt_floor);
    delay = std::max(delay, RetryAfter(refusal));
    SetState(backoff_.exhausted() ? ConnectionState::kDown : ConnectionState::kBackoff);
    reconnect_timer_.Start(delay, [this] { Connect(); });
    if (was_connected) owner_.OnSessionClosed(*this, why);
  }

 private:
  BasicSocketSession(IoThread& thread, const Clock& clock, std::string name,
                     ConnectionPolicy policy, Owner& owner, retry::RandomBits random)
      : clock_(clock),
        name_(std::move(name)),
        policy_(std::move(policy)),
        owner_(owner),
        backoff_(policy_.reconnect, std::move(random)),
        reconnect_timer_(thread),
        ping_timer_(thread),
        since_(clock.Now()) {
    static_assert(SessionOwner<Owner, BasicSocketSession>);
  }

  // What a refusal asks for; 0 where it does not.
  std::chrono::nanoseconds RetryAfter(const net::HttpResponse* refusal) const {
    const std::string* text = refusal == nullptr ? nullptr : refusal->FindHeader("Retry-After");
    if (text == nullptr) return {};
    return retry::ParseRetryAfter(*text, clock_.Now()).value_or(std::chrono::nanoseconds(0));
  }

  void SetState(ConnectionState state) {
    if (state == state_) return;
    state_ = state;
    since_ = clock_.Now();
  }

  void Connect() {
    if (state_ != ConnectionState::kDown) SetState(ConnectionState::kConnecting);
    socket_->Connect();
  }

  void SchedulePing() {
    if (policy_.ping_interval.count() == 0) return;
    ping_timer_.Start(policy_.ping_interval, [this] {
      if (clock_.Steady() - last_message_at_ > policy_.receive_timeout) {
        Restart();
        return;
      }
      // A full queue means that the peer does not read: the receive timeout will tell.
      Send(owner_.PingFrame(clock_.Now())).IgnoreError();
      SchedulePing();
    });
  }

  const Clock& clock_;
  const std::string name_;
  const ConnectionPolicy policy_;
  Owner& owner_;
  std::unique_ptr<net::WebSocketClient> socket_;
  retry::Backoff backoff_;
  TimerType reconnect_timer_;
  TimerType ping_timer_;
  ConnectionState state_ = ConnectionState::kIdle;
  TimeNs since_;
  std::chrono::nanoseconds opened_at_{0};
  std::chrono::nanoseconds last_message_at_{0};
  bool received_ = false;
  bool was_open_ = false;
  std::uint64_t reconnects_ = 0;
  std::string last_error_;
};

template <typename Owner>
using SocketSession = BasicSocketSession<Owner, Timer>;

}  // namespace switchyard::exchange
