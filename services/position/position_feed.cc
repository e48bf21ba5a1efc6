#include "services/position/position_feed.h"

#include <algorithm>
#include <utility>

#include "common/decimal/decimal.h"
#include "services/accounts/ages.h"

namespace switchyard::position {
namespace {

using accounts::Streams;

bool IsFlat(const v1::Position& position) {
  const auto size = Decimal::Parse(position.size().value());
  return size.ok() && size->is_zero();
}

}  // namespace

PositionFeed::PositionFeed(std::string exchange, std::string account, const Clock& clock)
    : exchange_(std::move(exchange)), account_(std::move(account)), clock_(clock) {}

PositionFeed::Key PositionFeed::KeyOf(const v1::Position& position) {
  return {position.symbol(), position.position_side(), position.exchange_position_id()};
}

void PositionFeed::Hold(const v1::Position& position) {
  positions_.insert_or_assign(KeyOf(position), Held{position, clock_.Steady()});
}

void PositionFeed::AddAged(const Held& held, v1::PositionEvent& event) const {
  v1::Position& added = *event.add_positions();
  added = held.position;
  accounts::AddAge(clock_.Steady() - held.told_at, added);
  event.set_receive_time_ns(std::max(event.receive_time_ns(), held.position.receive_time_ns()));
  event.set_exchange_time_ns(std::max(event.exchange_time_ns(), held.position.exchange_time_ns()));
}

v1::PositionEvent PositionFeed::WholeState() const {
  v1::PositionEvent event;
  for (const auto& [key, held] : positions_) AddAged(held, event);
  return event;
}

void PositionFeed::Attach(const std::shared_ptr<stream::EventStream>& stream,
                          std::chrono::milliseconds mark_interval) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    // One that ended meanwhile has been detached already and would stay attached for good.
    if (stream->finished()) return;
    auto found = topics_.find(mark_interval);
    if (found == topics_.end()) {
      found = topics_
                  .try_emplace(mark_interval,
                               Topic{{*this, next_topic_++, exchange_, account_, clock_}, {}})
                  .first;
      Topic& topic = found->second;
      topic.marks_told_at = clock_.Steady();
      // Where a topic with readers would stand by now.
      if (valid_) {
        topic.state.Snapshot({}, pushed);
      } else if (told_) {
        topic.state.Stale(stale_reason_, pushed);
      }
    }
    found->second.state.Attach(stream, WholeState(), pushed);
  }
  accounts::FlushAll(pushed);
}

void PositionFeed::Detach(const std::shared_ptr<stream::EventStream>& stream) {
  const std::lock_guard lock(mutex_);
  for (auto topic = topics_.begin(); topic != topics_.end();) {
    topic->second.state.Detach(stream);
    topic = topic->second.state.has_readers() ? std::next(topic) : topics_.erase(topic);
  }
}

void PositionFeed::Tick(std::chrono::nanoseconds steady_now) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [interval, topic] : topics_) {
      if (topic.moved.empty() || steady_now - topic.marks_told_at < interval) continue;
      topic.marks_told_at = steady_now;
      v1::PositionEvent event;
      for (const Key& key : topic.moved) {
        const auto held = positions_.find(key);
        if (held != positions_.end()) AddAged(held->second, event);
      }
      topic.moved.clear();
      if (!event.positions().empty()) topic.state.Delta(std::move(event), pushed);
    }
  }
  accounts::FlushAll(pushed);
}

std::uint32_t PositionFeed::readers() const {
  const std::lock_guard lock(mutex_);
  std::uint32_t count = 0;
  for (const auto& [interval, topic] : topics_) count += topic.state.reader_count();
  return count;
}

void PositionFeed::OnSnapshot(const std::vector<v1::Position>& positions) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    positions_.clear();
    for (const v1::Position& position : positions) {
      if (!IsFlat(position)) Hold(position);
    }
    valid_ = told_ = true;
    for (auto& [interval, topic] : topics_) {
      topic.moved.clear();
      topic.state.Snapshot(WholeState(), pushed);
    }
  }
  accounts::FlushAll(pushed);
}

void PositionFeed::OnChange(const std::vector<v1::Position>& positions) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    if (!valid_) return;  // the snapshot that follows has it
    v1::PositionEvent event;
    for (const v1::Position& position : positions) {
      AddAged({position, clock_.Steady()}, event);
      if (IsFlat(position)) {
        positions_.erase(KeyOf(position));
      } else {
        Hold(position);
      }
      for (auto& [interval, topic] : topics_) topic.moved.erase(KeyOf(position));
    }
    for (auto& [interval, topic] : topics_) topic.state.Delta(event, pushed);
  }
  accounts::FlushAll(pushed);
}

void PositionFeed::OnMark(const std::vector<v1::Position>& positions) {
  const std::lock_guard lock(mutex_);
  if (!valid_) return;
  for (const v1::Position& position : positions) {
    const Key key = KeyOf(position);
    if (!positions_.contains(key)) continue;  // closed meanwhile
    Hold(position);
    for (auto& [interval, topic] : topics_) topic.moved.insert(key);
  }
}

void PositionFeed::OnStale(model::StaleReason reason) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    valid_ = false;
    told_ = true;
    stale_reason_ = reason;
    for (auto& [interval, topic] : topics_) {
      topic.moved.clear();
      topic.state.Stale(reason, pushed);
    }
  }
  accounts::FlushAll(pushed);
}

void PositionFeed::Refresh(std::shared_ptr<stream::EventStream> stream,
                           std::vector<stream::TopicId> topics) {
  Streams pushed;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [interval, topic] : topics_) {
      if (std::find(topics.begin(), topics.end(), topic.state.id()) == topics.end()) continue;
      topic.state.Refresh(stream, WholeState(), pushed);
    }
  }
  accounts::FlushAll(pushed);
}

}  // namespace switchyard::position
