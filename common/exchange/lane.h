#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/exchange/lane_state.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/subscription_set.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// One socket with what it carries. Belongs to its pool, lives on its thread. `Session` is
// SocketSession, or a stand-in with the same members.
template <typename Pool, template <typename> class Session>
class Lane {
 public:
  // `pool` outlives it. Errors: InvalidArgument, from the socket's options.
  static absl::StatusOr<std::unique_ptr<Lane>> Create(Pool& pool, std::string name) {
    auto lane = std::unique_ptr<Lane>(new Lane(pool));
    auto session = Session<Lane>::Create(pool.thread_, pool.clock_, std::move(name),
                                         pool.options_.connection, *lane);
    if (!session.ok()) return session.status();
    lane->session_ = *std::move(session);
    return lane;
  }

  // What the exchange answered. `id` is the request's.
  void OnAnswer(std::int64_t id, const absl::Status& status) {
    const auto request = subscriptions().OnAnswer(id, !status.ok(), pool_.clock_.Steady());
    if (request && request->action == SubscriptionSet::Action::kSubscribe) {
      if (status.ok()) {
        pool_.owner_.OnConfirmed(request->key);
      } else if (!pool_.IsCarriedBeside(*this, request->key)) {
        pool_.owner_.OnRefused(request->key, status);
      }
    }
    Pump();
  }
  // Data came for a key. False where nobody wants it.
  bool OnData(const StreamKey& key) {
    return subscriptions().OnData(key, session_->last_message_at());
  }
  // The exchange is about to cut this socket.
  void Replace() { state_.Replace(); }
  SubscriptionSet& subscriptions() { return state_.subscriptions(); }
  const SubscriptionSet& subscriptions() const { return state_.subscriptions(); }
  const std::string& name() const { return session_->name(); }

  // Called by the session.
  std::string PingFrame(TimeNs now) { return pool_.owner_.PingFrame(now); }
  void OnSessionOpen(Session<Lane>&) {
    pool_.owner_.OnOpened();
    Pump();
  }
  void OnSessionFrame(Session<Lane>&, std::string_view frame, TimeNs received) {
    pool_.owner_.OnFrame(*this, frame, received);
  }
  void OnSessionBatchEnd(Session<Lane>&) { pool_.owner_.OnBatchEnd(); }
  void OnSessionClosed(Session<Lane>&, const absl::Status& why) {
    state_.OnClosed();
    std::vector<StreamKey> lost = subscriptions().wanted();
    std::erase_if(lost, [this](const StreamKey& key) { return pool_.IsCarriedBeside(*this, key); });
    if (!lost.empty() || subscriptions().size() == 0) pool_.owner_.OnLost(lost, why);
  }

  // Called by the pool.
  LaneState& state() { return state_; }
  Session<Lane>& session() { return *session_; }
  const Session<Lane>& session() const { return *session_; }
  // Takes over from `predecessor` as soon as it carries everything; null: has done so.
  void Succeed(Lane* predecessor) { predecessor_ = predecessor; }
  Lane* predecessor() const { return predecessor_; }

  void Want(const StreamKey& key) {
    subscriptions().Want(key);
    Pump();
  }
  void Unwant(const StreamKey& key) {
    state_.Unwant(key);
    Pump();
  }
  // Unsubscribes and subscribes anew.
  void Renew(const StreamKey& key) {
    subscriptions().Renew(key);
    Pump();
  }
  // Sends what may go now.
  void Pump() {
    if (!session_->is_open()) return;
    while (const auto request = subscriptions().Next(pool_.clock_.Steady())) {
      const absl::Status sent =
          session_->Send(pool_.owner_.SubscriptionFrame(*request, pool_.clock_.Now()));
      if (!sent.ok()) break;  // overdue later, and then asked again
    }
    const bool was_ready = session_->ready();
    session_->SetReady(subscriptions().settled());
    if (!was_ready && session_->ready()) pool_.owner_.OnReady();
  }

 private:
  explicit Lane(Pool& pool) : pool_(pool), state_(pool.options_) {}

  Pool& pool_;
  LaneState state_;
  std::unique_ptr<Session<Lane>> session_;
  Lane* predecessor_ = nullptr;
};

}  // namespace switchyard::exchange
