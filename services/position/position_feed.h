#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "common/exchange/position_client.h"
#include "common/stream/event_stream.h"
#include "common/time/time.h"
#include "services/accounts/state_topic.h"
#include "switchyard/position/v1/position.pb.h"

namespace switchyard::position {

// The positions of one account as its client tells them, and the streams that read them. Streams
// that want changes of the mark price equally often share a topic. Any thread; outlives the client
// that tells it and every stream that reads it.
class PositionFeed final : public exchange::PositionListener, public stream::TopicOwner {
 public:
  PositionFeed(std::string exchange, std::string account, const Clock& clock);

  // The stream gets the present state, if there is one, and all changes.
  void Attach(const std::shared_ptr<stream::EventStream>& stream,
              std::chrono::milliseconds mark_interval);
  // Idempotent.
  void Detach(const std::shared_ptr<stream::EventStream>& stream);
  // Sends the positions whose mark price has moved, where their time has come. About every 100 ms.
  void Tick(std::chrono::nanoseconds steady_now);

  std::uint32_t readers() const;

  void OnSnapshot(const std::vector<v1::Position>& positions) override;
  void OnChange(const std::vector<v1::Position>& positions) override;
  void OnMark(const std::vector<v1::Position>& positions) override;
  void OnStale(model::StaleReason reason) override;

  void Refresh(std::shared_ptr<stream::EventStream> stream,
               std::vector<stream::TopicId> topics) override;

 private:
  // Symbol, side, the exchange's own id: ordered as answers are.
  using Key = std::tuple<std::string, common::v1::PositionSide, std::string>;
  struct Held {
    v1::Position position;
    std::chrono::nanoseconds told_at;  // steady; the ages in `position` are of then
  };
  struct Topic {
    accounts::StateTopic<v1::PositionEvent> state;
    std::set<Key> moved;  // marks that this topic has not told
    std::chrono::nanoseconds marks_told_at{0};
  };

  static Key KeyOf(const v1::Position& position);

  // All below: mutex_ held.
  void Hold(const v1::Position& position);
  void AddAged(const Held& held, v1::PositionEvent& event) const;
  v1::PositionEvent WholeState() const;

  const std::string exchange_, account_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // guards what follows; a stream's lock is taken inside it
  std::map<Key, Held> positions_;
  bool valid_ = false;
  model::StaleReason stale_reason_ = model::StaleReason::kUnspecified;
  bool told_ = false;  // a snapshot or a reason why there is none
  std::map<std::chrono::milliseconds, Topic> topics_;
  stream::TopicId next_topic_ = 1;
};

}  // namespace switchyard::position
