#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/exchange/market_data_client.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "common/time/time.h"
#include "exchanges/lighter/errors.h"
#include "exchanges/lighter/private/auth_tokens.h"
#include "exchanges/lighter/private/private_frame.h"
#include "exchanges/lighter/private/private_subscriptions.h"
#include "exchanges/lighter/private/transaction_messages.h"

namespace switchyard::exchanges::lighter {

struct PrivateSocketOptions {
  std::string exchange, account;
  std::int64_t account_index = 0;
  std::vector<Channel> channels;
  std::chrono::nanoseconds rollover{0};  // 0 = only where the token ends
  // So long a socket that was replaced still waits for answers to transactions.
  std::chrono::nanoseconds linger = std::chrono::seconds(6);
};

// What a private half hears of its socket, on the connection thread.
struct PrivateSocketHooks {
  // Every channel is confirmed; what happened before may have been missed.
  std::function<void()> ready;
  // From now on frames may be missed, or one could not be read. Only between `ready` and the next
  // one, which always comes.
  std::function<void(const absl::Status& why)> lost;
  // A snapshot or an update of a channel.
  std::function<void(const PrivateFrame& frame, TimeNs received)> frame;
  // Transactions go to this socket from now on; it takes no more answers. Numbers begin at 1.
  std::function<void(std::uint64_t socket)> opened;
  std::function<void(std::uint64_t socket, const absl::Status& why)> closed;
  std::function<void(std::uint64_t socket, TransactionReply reply)> reply;
};

// The private WebSocket of one account: opens a socket, subscribes to its channels with a token,
// answers pings, reconnects by the transport's policy, and before the token or the exchange's day
// ends opens a new socket with a new token (new one first, so that an event may be told twice and
// none is missed). What happens to a subscription whose token has ended is not documented: so none
// lives so long. Transactions need no subscription and go out as soon as a socket is open.
//
// `Transport` opens sessions: `Session<Lane>` as exchange::BasicSocketSession, made by
// `Open(number, lane)`. Connection thread.
template <typename Transport>
class BasicPrivateSocket {
 public:
  // `tokens` and `clock` (ours) outlive it.
  BasicPrivateSocket(Transport transport, AuthTokens& tokens, const Clock& clock,
                     PrivateSocketOptions options, PrivateSocketHooks hooks)
      : transport_(std::move(transport)),
        tokens_(tokens),
        clock_(clock),
        options_(std::move(options)),
        hooks_(std::move(hooks)) {}

  // Connects, and stays connected until destroyed.
  void Open() { OpenLane(); }
  // Asks again for what was not answered, renews, ends what was replaced. Every 100 ms or so.
  void Tick();
  // Hands a frame to this socket. False: nothing was written.
  bool Write(std::uint64_t socket, std::string text);
  // A frame that could not be read, by the parser or by a handler: what it told has to be read
  // again, so the stream counts as lost and found.
  void OnMalformed(const absl::Status& why) {
    if (!ready_) return;  // what `ready` says covers it
    hooks_.lost(why);
    hooks_.ready();
  }

  bool ready() const { return ready_; }
  std::vector<exchange::ConnectionStatus> Status() const {
    std::vector<exchange::ConnectionStatus> out;
    for (const auto& lane : lanes_) out.push_back(lane->Status());
    return out;
  }

  // One socket with what it is subscribed to. Its session calls it.
  class Lane {
   public:
    using Session = typename Transport::template Session<Lane>;

    Lane(BasicPrivateSocket& owner, std::uint64_t number)
        : owner_(owner), number_(number), subscriptions_(owner.options_.channels) {}

    std::string PingFrame(TimeNs) { return R"({"type":"ping"})"; }
    template <typename S>
    void OnSessionOpen(S&) {
      subscriptions_ = PrivateSubscriptions(owner_.options_.channels);
      token_ = 0;
      owner_.hooks_.opened(number_);
      Pump();
    }
    template <typename S>
    void OnSessionFrame(S&, std::string_view frame, TimeNs received) {
      owner_.OnFrame(*this, frame, received);
    }
    template <typename S>
    void OnSessionBatchEnd(S&) {}
    template <typename S>
    void OnSessionClosed(S&, const absl::Status& why) {
      confirmed_ = false;
      owner_.hooks_.closed(number_, why);
      owner_.OnLaneClosed(why);
    }

   private:
    friend class BasicPrivateSocket;

    exchange::ConnectionStatus Status() const {
      exchange::ConnectionStatus status = session_->Status();
      status.subscriptions = static_cast<std::uint32_t>(subscriptions_.confirmed());
      return status;
    }
    void Pump();

    BasicPrivateSocket& owner_;
    const std::uint64_t number_;
    PrivateSubscriptions subscriptions_;
    std::unique_ptr<Session> session_;
    std::uint64_t token_ = 0;  // its generation, of the first subscription
    bool confirmed_ = false;
    bool retired_ = false;
    std::chrono::nanoseconds retired_at_{0};
  };

 private:
  void OpenLane();
  void OnFrame(Lane& lane, std::string_view text, TimeNs received);
  void OnRefusal(Lane& lane, const PrivateFrame& frame);
  void OnLaneReady(Lane& lane);
  void OnLaneClosed(const absl::Status& why);

  Transport transport_;
  AuthTokens& tokens_;
  const Clock& clock_;
  const PrivateSocketOptions options_;
  const PrivateSocketHooks hooks_;
  // The newest last. Earlier ones are retired once it is ready.
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::uint64_t lanes_opened_ = 0;
  bool ready_ = false;
};

template <typename Transport>
void BasicPrivateSocket<Transport>::OpenLane() {
  auto lane = std::make_unique<Lane>(*this, ++lanes_opened_);
  auto session = transport_.Open(lane->number_, *lane);
  if (!session.ok()) {
    log::Error("private_socket_impossible",
               {{"exchange", options_.exchange}, {"error", session.status()}});
    return;
  }
  lane->session_ = *std::move(session);
  lanes_.push_back(std::move(lane));
  lanes_.back()->session_->Open();
}

// Sends the subscription that is due.
template <typename Transport>
void BasicPrivateSocket<Transport>::Lane::Pump() {
  if (!session_->is_open()) return;
  if (const auto channel = subscriptions_.Next(owner_.clock_.Steady())) {
    const auto token = owner_.tokens_.Current();
    if (!token.ok()) return;  // the owner's indexes were checked at the start
    token_ = owner_.tokens_.generation();
    // One that is not taken is overdue later, and then asked for again.
    session_->Send(PrivateSubscribeFrame(*channel, owner_.options_.account_index, *token))
        .IgnoreError();
  }
  if (confirmed_ || !subscriptions_.all_confirmed()) return;
  confirmed_ = true;
  session_->SetReady(true);
  owner_.OnLaneReady(*this);
}

template <typename Transport>
void BasicPrivateSocket<Transport>::OnFrame(Lane& lane, std::string_view text, TimeNs received) {
  const auto frame = ParsePrivateFrame(text);
  if (!frame.ok()) {
    log::Error(
        "private_frame_not_understood",
        {{"exchange", options_.exchange}, {"bytes", text.size()}, {"error", frame.status()}});
    return OnMalformed(frame.status());
  }
  switch (frame->kind) {
    case FrameKind::kPing:
      lane.session_->Send(R"({"type":"pong"})").IgnoreError();
      return;
    case FrameKind::kTransaction:
      return hooks_.reply(lane.number_, *ReadTransactionReply(frame->body));
    case FrameKind::kSnapshot:
    case FrameKind::kUpdate:
      // What a replaced socket says is said by its successor too.
      if (!lane.retired_) hooks_.frame(*frame, received);
      if (lane.subscriptions_.OnSnapshot(frame->channel)) lane.Pump();
      return;
    case FrameKind::kRefusal:
      return OnRefusal(lane, *frame);
    case FrameKind::kConnected:
    case FrameKind::kPong:
    case FrameKind::kUnsubscribed:
    case FrameKind::kUnknown:
      return;
  }
}

// How a token is refused is not documented, so that any refusal gets another one.
template <typename Transport>
void BasicPrivateSocket<Transport>::OnRefusal(Lane& lane, const PrivateFrame& frame) {
  if (frame.code == kAlreadySubscribed) {
    lane.subscriptions_.OnAlreadySubscribed();
    return lane.Pump();
  }
  const auto channel = lane.subscriptions_.OnRefused(clock_.Steady());
  if (channel) tokens_.OnRefused(lane.token_);
  log::Error("private_subscription_refused",
             {{"exchange", options_.exchange},
              {"account", options_.account},
              {"channel", channel ? WireName(*channel) : std::string_view("unknown")},
              {"error", FromCode("subscribe", frame.code, frame.message)}});
}

template <typename Transport>
void BasicPrivateSocket<Transport>::OnLaneReady(Lane& lane) {
  for (const auto& other : lanes_) {
    if (other->number_ >= lane.number_ || other->retired_) continue;
    other->retired_ = true;
    other->retired_at_ = clock_.Steady();
  }
  if (!std::exchange(ready_, true)) hooks_.ready();
}

template <typename Transport>
void BasicPrivateSocket<Transport>::OnLaneClosed(const absl::Status& why) {
  const bool is_carried = std::ranges::any_of(
      lanes_, [](const auto& lane) { return lane->confirmed_ && !lane->retired_; });
  if (!is_carried && std::exchange(ready_, false)) hooks_.lost(why);
}

template <typename Transport>
void BasicPrivateSocket<Transport>::Tick() {
  const std::chrono::nanoseconds now = clock_.Steady();
  std::vector<std::unique_ptr<Lane>> replaced;
  for (auto it = lanes_.begin(); it != lanes_.end();) {
    if (!(*it)->retired_ || now - (*it)->retired_at_ < options_.linger) {
      ++it;
      continue;
    }
    replaced.push_back(std::move(*it));
    it = lanes_.erase(it);
  }
  // Whoever hears of it may write, so the list is whole again by then.
  for (const auto& lane : replaced) {
    hooks_.closed(lane->number_, absl::UnavailableError("the socket was replaced"));
  }
  replaced.clear();
  for (const auto& lane : lanes_) lane->Pump();
  if (lanes_.empty() || !lanes_.back()->confirmed_) return;
  const bool is_old = options_.rollover.count() != 0 &&
                      now - lanes_.back()->session_->opened_at() > options_.rollover;
  if (is_old || tokens_.IsDue()) OpenLane();
}

template <typename Transport>
bool BasicPrivateSocket<Transport>::Write(std::uint64_t socket, std::string text) {
  for (const auto& lane : lanes_) {
    if (lane->number_ == socket) return lane->session_->Send(std::move(text)).ok();
  }
  return false;
}

}  // namespace switchyard::exchanges::lighter
