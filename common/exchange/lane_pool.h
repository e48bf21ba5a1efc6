#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/lane.h"
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
template <typename Owner, template <typename> class Session = SocketSession,
          typename TimerType = Timer>
class LanePool {
 public:
  using Lane = exchange::Lane<LanePool, Session>;

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
      found->second->Want(key);
      return absl::OkStatus();
    }
    const auto free = std::ranges::find_if(lanes_, [this](const auto& lane) {
      return lane->predecessor() == nullptr &&
             lane->subscriptions().size() < options_.max_subscriptions;
    });
    Lane* lane = free == lanes_.end() ? nullptr : free->get();
    if (lane == nullptr) {
      auto opened = OpenLane();
      if (!opened.ok()) return opened.status();
      lane = *opened;
    }
    by_key_[key] = lane;
    lane->Want(key);
    if (Lane* successor = SuccessorOf(*lane)) successor->Want(key);
    return absl::OkStatus();
  }

  void Unwant(const StreamKey& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    Lane* lane = found->second;
    by_key_.erase(found);
    lane->Unwant(key);
    if (Lane* successor = SuccessorOf(*lane)) successor->Unwant(key);
  }

  // Gets a stuck subscription moving: asks for it anew or, soon stuck again, opens a new socket.
  void Renew(const StreamKey& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    if (found->second->state().StuckAgain(key, clock_.Steady())) {
      found->second->session().Restart();
    } else {
      found->second->Renew(key);
    }
  }
  // Unsubscribes and subscribes on the same socket: the exchange then sends its first frame again.
  void Resubscribe(const StreamKey& key) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) found->second->Renew(key);
  }

  // A socket carries the key.
  bool IsConfirmed(const StreamKey& key) const {
    const auto found = by_key_.find(key);
    return found != by_key_.end() && (found->second->subscriptions().IsConfirmed(key) ||
                                      IsCarriedBeside(*found->second, key));
  }

  // The key is carried, and a second socket is about to take over: a planned rollover.
  bool InRollover(const StreamKey& key) const {
    const auto found = by_key_.find(key);
    return found != by_key_.end() && found->second->subscriptions().IsConfirmed(key) &&
           SuccessorOf(*found->second) != nullptr;
  }

  // Every wanted subscription is confirmed (also true while there is none).
  bool ready() const {
    return std::ranges::all_of(lanes_, [](const auto& lane) {
      return lane->predecessor() != nullptr || lane->subscriptions().size() == 0 ||
             lane->session().ready();
    });
  }
  // At least one socket is open.
  bool connected() const {
    return std::ranges::any_of(lanes_, [](const auto& lane) { return lane->session().is_open(); });
  }
  std::vector<ConnectionStatus> Status() const {
    std::vector<ConnectionStatus> all;
    for (const auto& lane : lanes_) {
      all.push_back(lane->session().Status());
      all.back().subscriptions = static_cast<std::uint32_t>(lane->subscriptions().confirmed());
    }
    return all;
  }

 private:
  friend Lane;

  absl::StatusOr<Lane*> OpenLane() {
    auto lane = Lane::Create(*this, options_.name + "-" + std::to_string(next_lane_++));
    if (!lane.ok()) return lane.status();
    lanes_.push_back(*std::move(lane));
    lanes_.back()->session().Open();
    return lanes_.back().get();
  }

  Lane* SuccessorOf(const Lane& lane) const {
    for (const auto& each : lanes_) {
      if (each->predecessor() == &lane) return each.get();
    }
    return nullptr;
  }
  // Whether the other lane of a rollover carries the key already: it is then not lost with this
  // one, and would not be confirmed a second time.
  bool IsCarriedBeside(const Lane& lane, const StreamKey& key) const {
    const Lane* other = lane.predecessor() != nullptr ? lane.predecessor() : SuccessorOf(lane);
    return other != nullptr && other->subscriptions().IsConfirmed(key);
  }

  void ScheduleTick() {
    timer_.Start(options_.tick, [this] {
      Tick();
      ScheduleTick();
    });
  }

  void Tick() {
    const std::chrono::nanoseconds now = clock_.Steady();
    // By index: a rollover adds a lane.
    for (std::size_t i = 0; i < lanes_.size(); ++i) CheckLane(*lanes_[i], now);
    FinishRollovers();
    owner_.OnBatchEnd();
  }

  void CheckLane(Lane& lane, std::chrono::nanoseconds now) {
    if (!lane.session().is_open()) return;
    if (!lane.state().CheckAnswers(now)) {
      lane.session().Restart();
      return;
    }
    lane.subscriptions().RetryRefused(now, options_.refusal_pause);
    lane.Pump();
    for (const StreamKey& key : lane.subscriptions().TakeSilent(now, options_.silence)) {
      owner_.OnSilent(key);
    }
    if (lane.predecessor() == nullptr && SuccessorOf(lane) == nullptr &&
        lane.state().TakeReplacement(lane.session().opened_at(), now)) {
      Succeed(lane);
    }
  }

  // Opens a new socket beside an old one.
  void Succeed(Lane& lane) {
    auto successor = OpenLane();
    if (!successor.ok()) return;  // not twice: the options have passed once
    (*successor)->Succeed(&lane);
    for (const StreamKey& key : lane.subscriptions().wanted()) (*successor)->Want(key);
  }

  // A successor that carries everything takes its predecessor's place.
  void FinishRollovers() {
    for (const auto& lane : lanes_) {
      Lane* predecessor = lane->predecessor();
      if (predecessor == nullptr || !lane->session().ready()) continue;
      if (!lane->subscriptions().CarriesAllOf(predecessor->subscriptions())) continue;
      lane->Succeed(nullptr);
      for (auto& [key, carrier] : by_key_) {
        if (carrier == predecessor) carrier = lane.get();
      }
      std::erase_if(lanes_, [&](const auto& each) { return each.get() == predecessor; });
      return;  // the list has changed; others at the next tick
    }
    CloseIdleLanes();
  }

  // Idle lanes go, one stays so that the next demand finds a connection.
  void CloseIdleLanes() {
    auto idle = static_cast<std::size_t>(std::ranges::count_if(
        lanes_, [](const auto& lane) { return lane->subscriptions().size() == 0; }));
    std::erase_if(lanes_, [&](const auto& lane) {
      return lane->subscriptions().size() == 0 && lane->subscriptions().settled() &&
             lane->predecessor() == nullptr && SuccessorOf(*lane) == nullptr && idle-- > 1;
    });
  }

  IoThread& thread_;
  const Clock& clock_;
  const LaneOptions options_;
  Owner& owner_;
  TimerType timer_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::map<StreamKey, Lane*> by_key_;
  std::uint64_t next_lane_ = 0;
};

}  // namespace switchyard::exchange
