#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/market_data_proto.h"
#include "common/stream/event_stream.h"
#include "common/time/time.h"
#include "switchyard/common/v1/values.pb.h"

namespace switchyard::accounts {

// Streams that were pushed to while a lock was held, to be flushed without it: a flush may ask the
// topic's owner for fresh snapshots.
using Streams = std::vector<std::shared_ptr<stream::EventStream>>;
inline void FlushAll(const Streams& streams) {
  for (const auto& each : streams) each->Flush();
}

// One topic of a state stream other than market data: its readers, epoch and sequence. Event is
// position.v1.PositionEvent or account.v1.AccountEvent; content is given by the owner, heads are
// filled here, and each event is encoded once for all readers. Not thread-safe: its owner's lock
// guards it.
template <typename Event>
class StateTopic {
 public:
  // The topic (exchange, account). `owner` refreshes by `id`.
  StateTopic(stream::TopicOwner& owner, stream::TopicId id, std::string exchange,
             std::string account, const Clock& clock)
      : ref_{&owner, id, stream::SlowReader::kConflate},
        exchange_(std::move(exchange)),
        account_(std::move(account)),
        clock_(clock),
        // Wall time makes epochs of a restarted process differ from those of the one before.
        epoch_(static_cast<std::uint64_t>(clock.Now().value)) {}

  stream::TopicId id() const { return ref_.id; }
  bool has_readers() const { return !readers_.empty(); }
  std::uint32_t reader_count() const { return static_cast<std::uint32_t>(readers_.size()); }

  // A new reader is told the state at once; nothing where there is none yet.
  // `content` is the whole state.
  void Attach(const std::shared_ptr<stream::EventStream>& stream, Event content, Streams& pushed) {
    readers_.push_back(stream);
    Tell(stream, std::move(content), /*fresh=*/false, pushed);
  }
  void Detach(const std::shared_ptr<stream::EventStream>& stream) { std::erase(readers_, stream); }

  void Snapshot(Event content, Streams& pushed) {
    if (state_ != State::kValid) {
      ++epoch_;
      sequence_ = 0;
      state_ = State::kValid;
    }
    Deliver(common::v1::STATE_EVENT_KIND_SNAPSHOT, std::move(content), pushed);
  }
  // Only while valid.
  void Delta(Event content, Streams& pushed) {
    if (state_ == State::kValid) {
      Deliver(common::v1::STATE_EVENT_KIND_DELTA, std::move(content), pushed);
    }
  }
  // Tells once until the next snapshot.
  void Stale(model::StaleReason reason, Streams& pushed) {
    stale_reason_ = reason;
    if (std::exchange(state_, State::kStale) == State::kStale) return;
    Deliver(common::v1::STATE_EVENT_KIND_STALE, StaleContent(), pushed);
  }
  // What a slow reader gets in place of what was dropped for it.
  void Refresh(const std::shared_ptr<stream::EventStream>& stream, Event content, Streams& pushed) {
    if (std::find(readers_.begin(), readers_.end(), stream) == readers_.end()) return;
    Tell(stream, std::move(content), /*fresh=*/true, pushed);
  }

 private:
  enum class State : std::uint8_t { kEmpty, kValid, kStale };

  Event StaleContent() const {
    Event event;
    event.set_reason(exchange::ToProto(stale_reason_));
    event.set_receive_time_ns(clock_.Now().value);
    return event;
  }

  stream::EncodedEvent Encode(common::v1::StateEventKind kind, Event event) const {
    event.set_exchange(exchange_);
    event.set_account(account_);
    event.set_kind(kind);
    event.set_epoch(epoch_);
    event.set_sequence(sequence_);
    event.set_publish_time_ns(clock_.Now().value);
    return stream::EncodedEvent::Encode(event);
  }

  // The next event, to all readers.
  void Deliver(common::v1::StateEventKind kind, Event content, Streams& pushed) {
    ++sequence_;
    if (readers_.empty()) return;
    const stream::EncodedEvent event = Encode(kind, std::move(content));
    for (const auto& reader : readers_) {
      reader->Push(event, ref_);
      pushed.push_back(reader);
    }
  }

  // Where the topic stands, to one reader.
  void Tell(const std::shared_ptr<stream::EventStream>& stream, Event content, bool fresh,
            Streams& pushed) {
    if (state_ == State::kEmpty) return;
    const bool stale = state_ == State::kStale;
    const stream::EncodedEvent event =
        stale ? Encode(common::v1::STATE_EVENT_KIND_STALE, StaleContent())
              : Encode(common::v1::STATE_EVENT_KIND_SNAPSHOT, std::move(content));
    fresh ? stream->PushFresh(event, ref_) : stream->Push(event, ref_);
    pushed.push_back(stream);
  }

  const stream::TopicRef ref_;
  const std::string exchange_, account_;
  const Clock& clock_;
  std::vector<std::shared_ptr<stream::EventStream>> readers_;
  State state_ = State::kEmpty;
  std::uint64_t epoch_;
  std::uint64_t sequence_ = 0;
  model::StaleReason stale_reason_ = model::StaleReason::kUnspecified;
};

}  // namespace switchyard::accounts
