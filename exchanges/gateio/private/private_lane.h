#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/socket_session.h"
#include "common/exchange/subscription_set.h"
#include "exchanges/gateio/private/private_socket.h"

namespace switchyard::exchanges::gateio {

// One socket of PrivateSocket with what it is logged in to and subscribed to. Connection thread.
class PrivateLane {
 public:
  using Session = exchange::SocketSession<PrivateLane>;

  // `number` tells the lanes of `owner` apart. Errors: InvalidArgument, from the socket's options.
  static absl::StatusOr<std::unique_ptr<PrivateLane>> Create(PrivateSocket& owner,
                                                             std::uint64_t number);

  std::uint64_t number() const { return number_; }
  bool logged_in() const { return logged_in_ && session_->is_open(); }
  // Every channel is confirmed.
  bool is_confirmed() const { return confirmed_; }
  bool is_open() const { return session_->is_open(); }
  std::chrono::nanoseconds opened_at() const { return session_->opened_at(); }
  exchange::ConnectionStatus Status() const;
  absl::Status Send(std::string text) { return session_->Send(std::move(text)); }

  // Sends what is due: the login, subscriptions.
  void Pump();
  // Gives up what was not answered and asks again for what was refused.
  void Tick();
  void OnLoginAnswer(bool accepted);
  // The answer to a subscription; older ones have no id and are told by their channel.
  void OnAnswer(std::int64_t id, Channel channel, const absl::Status& status);
  // A later lane has taken over: new requests go there.
  void Retire() { retired_ = true; }
  bool retired() const { return retired_; }

  // Called by the session.
  std::string PingFrame(TimeNs);
  void OnSessionOpen(Session&);
  void OnSessionFrame(Session&, std::string_view frame, TimeNs received) {
    owner_.OnFrame(*this, frame, received);
  }
  void OnSessionBatchEnd(Session&) {}
  void OnSessionClosed(Session&, const absl::Status& why);

 private:
  PrivateLane(PrivateSocket& owner, std::uint64_t number);
  void Login();

  PrivateSocket& owner_;
  const std::uint64_t number_;
  exchange::SubscriptionSet subscriptions_;
  std::map<Channel, std::int64_t> asked_;  // the latest request of each channel
  std::unique_ptr<Session> session_;
  std::chrono::nanoseconds login_sent_at_{0};
  bool login_pending_ = false;
  bool logged_in_ = false;
  bool confirmed_ = false;
  bool retired_ = false;
};

}  // namespace switchyard::exchanges::gateio
