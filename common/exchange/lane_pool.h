#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/exchange/lane_options.h"
#include "common/exchange/socket_session.h"
#include "common/exchange/subscription_set.h"

namespace switchyard::exchange {

// Subscriptions of one exchange spread over as many sockets as its limit asks for. A lane is one
// socket with what it carries. Connects on the first demand. Connection thread.
//
// The owner provides, besides PingFrame and SubscriptionFrame(request, now): OnFrame(lane, frame,
// received), which tells the lane what it learns; OnBatchEnd; OnOpened, a socket; OnReady, a socket
// carries all that it should; OnConfirmed(key), the exchange carries it from now on;
// OnRefused(key, why); OnLost(keys, why), with their socket; OnSilent(key).
template <typename Owner>
class LanePool {
 public:
  class Lane {
   public:
    // What the exchange answered. `id` is the request's.
    void OnAnswer(std::int64_t id, const absl::Status& status) {
      const auto request = subscriptions_.OnAnswer(id, !status.ok(), pool_.clock_.Steady());
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
      return subscriptions_.OnData(key, session_->last_message_at());
    }
    // The exchange is about to cut this socket.
    void Replace() { replace_ = true; }
    SubscriptionSet& subscriptions() { return subscriptions_; }
    const std::string& name() const { return session_->name(); }

    // Called by the session.
    std::string PingFrame(TimeNs now) { return pool_.owner_.PingFrame(now); }
    void OnSessionOpen(SocketSession<Lane>&) {
      pool_.owner_.OnOpened();
      Pump();
    }
    void OnSessionFrame(SocketSession<Lane>&, std::string_view frame, TimeNs received) {
      pool_.owner_.OnFrame(*this, frame, received);
    }
    void OnSessionBatchEnd(SocketSession<Lane>&) { pool_.owner_.OnBatchEnd(); }
    void OnSessionClosed(SocketSession<Lane>&, const absl::Status& why) {
      subscriptions_.OnDisconnected();
      replace_ = false;
      std::vector<StreamKey> lost = subscriptions_.wanted();
      std::erase_if(lost,
                    [this](const StreamKey& key) { return pool_.IsCarriedBeside(*this, key); });
      if (!lost.empty() || subscriptions_.size() == 0) pool_.owner_.OnLost(lost, why);
    }

   private:
    friend class LanePool;
    Lane(LanePool& pool)
        : pool_(pool), subscriptions_(pool.options_.pace, pool.options_.answer_timeout) {}

    void Pump() {
      if (!session_->is_open()) return;
      while (const auto request = subscriptions_.Next(pool_.clock_.Steady())) {
        const absl::Status sent =
            session_->Send(pool_.owner_.SubscriptionFrame(*request, pool_.clock_.Now()));
        if (!sent.ok()) break;  // overdue later, and then asked again
      }
      const bool was_ready = session_->ready();
      session_->SetReady(subscriptions_.settled());
      if (!was_ready && session_->ready()) pool_.owner_.OnReady();
    }

    LanePool& pool_;
    SubscriptionSet subscriptions_;
    std::unique_ptr<SocketSession<Lane>> session_;
    Lane* successor_of_ = nullptr;
    bool replace_ = false;
    int overdue_ = 0;  // rounds of unanswered requests in a row
  };

  LanePool(IoThread& thread, const Clock& clock, LaneOptions options, Owner& owner)
      : thread_(thread),
        clock_(clock),
        options_(std::move(options)),
        owner_(owner),
        timer_(thread) {
    ScheduleTick();
  }

  // Errors: InvalidArgument, from the socket's options.
  absl::Status Want(const StreamKey& key) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      found->second->subscriptions_.Want(key);
      found->second->Pump();
      return absl::OkStatus();
    }
    Lane* lane = nullptr;
    for (const auto& candidate : lanes_) {
      if (candidate->successor_of_ == nullptr &&
          candidate->subscriptions_.size() < options_.max_subscriptions) {
        lane = candidate.get();
        break;
      }
    }
    if (lane == nullptr) {
      auto opened = OpenLane();
      if (!opened.ok()) return opened.status();
      lane = *opened;
    }
    by_key_[key] = lane;
    WantOn(*lane, key);
    if (Lane* successor = SuccessorOf(*lane)) WantOn(*successor, key);
    return absl::OkStatus();
  }

  void Unwant(const StreamKey& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    Lane* lane = found->second;
    by_key_.erase(found);
    renewals_.erase(key);
    for (Lane* each : {lane, SuccessorOf(*lane)}) {
      if (each == nullptr) continue;
      each->subscriptions_.Unwant(key);
      each->Pump();
    }
  }

  // Gets a stuck subscription moving: asks for it anew or, soon stuck again, opens a new socket.
  void Renew(const StreamKey& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    std::chrono::nanoseconds& last = renewals_[key];
    const std::chrono::nanoseconds now = clock_.Steady();
    const bool again = last.count() != 0 && now - last < kStuckAgain;
    last = again ? std::chrono::nanoseconds(0) : now;
    if (again) {
      found->second->session_->Restart();
    } else {
      found->second->subscriptions_.Renew(key);
      found->second->Pump();
    }
  }
  // Unsubscribes and subscribes on the same socket: the exchange then sends its first frame again.
  void Resubscribe(const StreamKey& key) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      found->second->subscriptions_.Renew(key);
      found->second->Pump();
    }
  }

  bool IsConfirmed(const StreamKey& key) const {
    const auto found = by_key_.find(key);
    return found != by_key_.end() && found->second->subscriptions_.IsConfirmed(key);
  }

  // Every wanted subscription is confirmed (also true while there is none).
  bool ready() const {
    return std::ranges::all_of(lanes_, [](const auto& lane) {
      return lane->successor_of_ != nullptr || lane->subscriptions_.size() == 0 ||
             lane->session_->ready();
    });
  }
  // At least one socket is open.
  bool connected() const {
    return std::ranges::any_of(lanes_, [](const auto& lane) { return lane->session_->is_open(); });
  }
  std::vector<ConnectionStatus> Status() const {
    std::vector<ConnectionStatus> all;
    for (const auto& lane : lanes_) {
      all.push_back(lane->session_->Status());
      all.back().subscriptions = static_cast<std::uint32_t>(lane->subscriptions_.confirmed());
    }
    return all;
  }

 private:
  // A subscription that is stuck a second time within this needs more than to be asked for anew.
  static constexpr std::chrono::minutes kStuckAgain{1};

  absl::StatusOr<Lane*> OpenLane() {
    auto lane = std::unique_ptr<Lane>(new Lane(*this));
    auto session = SocketSession<Lane>::Create(thread_, clock_,
                                               options_.name + "-" + std::to_string(next_lane_++),
                                               options_.connection, *lane);
    if (!session.ok()) return session.status();
    lane->session_ = *std::move(session);
    lane->session_->Open();
    lanes_.push_back(std::move(lane));
    return lanes_.back().get();
  }

  void WantOn(Lane& lane, const StreamKey& key) {
    lane.subscriptions_.Want(key);
    lane.session_->SetReady(lane.subscriptions_.settled());
    lane.Pump();
  }

  Lane* SuccessorOf(const Lane& lane) const {
    for (const auto& each : lanes_) {
      if (each->successor_of_ == &lane) return each.get();
    }
    return nullptr;
  }
  // Whether the other lane of a rollover carries the key already: it is then not lost with this
  // one, and would not be confirmed a second time.
  bool IsCarriedBeside(const Lane& lane, const StreamKey& key) const {
    const Lane* other = lane.successor_of_ != nullptr ? lane.successor_of_ : SuccessorOf(lane);
    return other != nullptr && other->subscriptions_.IsConfirmed(key);
  }

  void ScheduleTick() {
    timer_.Start(options_.tick, [this] {
      Tick();
      ScheduleTick();
    });
  }

  void Tick() {
    const std::chrono::nanoseconds now = clock_.Steady();
    for (std::size_t i = 0; i < lanes_.size(); ++i) CheckLane(*lanes_[i], now);
    FinishRollovers();
    owner_.OnBatchEnd();
  }

  void CheckLane(Lane& lane, std::chrono::nanoseconds now) {
    if (!lane.session_->is_open()) return;
    if (lane.subscriptions_.TakeOverdue(now).empty()) {
      if (lane.subscriptions_.settled()) lane.overdue_ = 0;
    } else if (++lane.overdue_ >= 2) {
      // Asked twice without an answer: the socket, not the subscription, is at fault.
      lane.overdue_ = 0;
      lane.session_->Restart();
      return;
    }
    lane.subscriptions_.RetryRefused(now, options_.refusal_pause);
    lane.Pump();
    for (const StreamKey& key : lane.subscriptions_.TakeSilent(now, options_.silence)) {
      owner_.OnSilent(key);
    }
    const bool old =
        options_.rollover.count() != 0 && now - lane.session_->opened_at() > options_.rollover;
    if ((old || lane.replace_) && lane.successor_of_ == nullptr && SuccessorOf(lane) == nullptr) {
      lane.replace_ = false;
      if (auto successor = OpenLane(); successor.ok()) {
        (*successor)->successor_of_ = &lane;
        for (const StreamKey& key : lane.subscriptions_.wanted()) WantOn(**successor, key);
      }
    }
  }

  // A successor that carries everything takes its predecessor's place.
  void FinishRollovers() {
    for (const auto& lane : lanes_) {
      Lane* predecessor = lane->successor_of_;
      if (predecessor == nullptr || !lane->session_->ready()) continue;
      if (!lane->subscriptions_.CarriesAllOf(predecessor->subscriptions_)) continue;
      lane->successor_of_ = nullptr;
      for (auto& [key, carrier] : by_key_) {
        if (carrier == predecessor) carrier = lane.get();
      }
      std::erase_if(lanes_, [&](const auto& each) { return each.get() == predecessor; });
      return;  // the list has changed; others at the next tick
    }
    // Idle lanes go, one stays so that the next demand finds a connection.
    std::size_t idle = static_cast<std::size_t>(std::ranges::count_if(
        lanes_, [](const auto& lane) { return lane->subscriptions_.size() == 0; }));
    std::erase_if(lanes_, [&](const auto& lane) {
      return lane->subscriptions_.size() == 0 && lane->subscriptions_.settled() &&
             lane->successor_of_ == nullptr && SuccessorOf(*lane) == nullptr && idle-- > 1;
    });
  }

  IoThread& thread_;
  const Clock& clock_;
  const LaneOptions options_;
  Owner& owner_;
  Timer timer_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::map<StreamKey, Lane*> by_key_;
  std::map<StreamKey, std::chrono::nanoseconds> renewals_;  // when last, on its socket
  std::uint64_t next_lane_ = 0;
};

}  // namespace switchyard::exchange
