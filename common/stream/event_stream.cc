#include "common/stream/event_stream.h"

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/slice.h>

#include <vector>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"

namespace switchyard::stream {
namespace {

// Bounds of one message, see StreamMarketDataResponse.
constexpr std::size_t kMaxEventsPerMessage = 64;
constexpr std::size_t kMaxBytesPerMessage = 256 * 1024;

}  // namespace

// Passes gRPC's calls on to the stream; holds gRPC's own reference to it.
class EventStream::Reactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit Reactor(std::shared_ptr<EventStream> stream) : stream_(std::move(stream)) {}

  void Write(const grpc::Slice* slices, std::size_t count, bool more_follow) {
    // Must live until OnWriteDone.
    message_ = grpc::ByteBuffer(slices, count);
    grpc::WriteOptions options;
    if (more_follow) options.set_buffer_hint();
    StartWrite(&message_, options);
  }

  // Events of the next message, and that message.
  void Add(const EncodedEvent& event) { slices_.emplace_back(event.slice(), grpc::Slice::ADD_REF); }
  void WriteAdded(bool more_follow) {
    Write(slices_.data(), slices_.size(), more_follow);
    slices_.clear();
  }

  void OnWriteDone(bool ok) override { stream_->OnWriteDone(ok); }
  void OnCancel() override { stream_->Finish(absl::CancelledError("cancelled by the client")); }
  void OnDone() override {
    // First: its lock orders the other callbacks, which have taken it too, before the deletion.
    stream_->OnEnd();
    delete this;
  }

 private:
  std::shared_ptr<EventStream> stream_;
  // Kept from message to message. Not an array for the largest one: to make and destroy an empty
  // slice costs 0.2 us, so 64 of them more than all other work on a message.
  std::vector<grpc::Slice> slices_;
  grpc::ByteBuffer message_;
};

EventStream::EventStream(StreamOptions options, StreamCounters& counters, const Clock& clock,
                         std::function<void()> on_end)
    : options_(std::move(options)),
      counters_(counters),
      clock_(clock),
      on_end_(std::move(on_end)) {}

std::shared_ptr<EventStream> EventStream::Create(StreamOptions options, StreamCounters& counters,
                                                 const Clock& clock, std::function<void()> on_end) {
  return std::shared_ptr<EventStream>(
      new EventStream(std::move(options), counters, clock, std::move(on_end)));
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EventStream::StartReactor() {
  const std::lock_guard lock(mutex_);
  reactor_ = new Reactor(shared_from_this());
  counters_.open_streams.fetch_add(1, std::memory_order_relaxed);
  last_heartbeat_ = clock_.Steady();
  // First of all: a buffer hint on a stream's first message would otherwise hold it back for good.
  reactor_->StartSendInitialMetadata();
  if (finished_) {
    reactor_->Finish(ToGrpcStatus(early_finish_));
  } else {
    WriteNextLocked();
  }
  return reactor_;
}

void EventStream::Acknowledge(const google::protobuf::MessageLite& response) {
  const std::lock_guard lock(mutex_);
  if (finished_ || acknowledged_) return;
  acknowledgement_ = response.SerializeAsString();
  acknowledged_ = true;
  WriteNextLocked();
}

void EventStream::Push(const EncodedEvent& event, const TopicRef& topic, const PushTime& time) {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  if (!dirty_.empty() && dirty_.contains({topic.owner, topic.id})) {
    ++conflated_;
    counters_.conflated_events.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  PushLocked(event, topic, time);
  if (OverBoundLocked()) MakeRoomLocked();
}

void EventStream::PushFresh(const EncodedEvent& event, const TopicRef& topic) {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  const auto dirty = dirty_.find({topic.owner, topic.id});
  if (dirty == dirty_.end()) return;
  if (OverBoundLocked()) {
    // Others came first; asked for again when these are written.
    dirty->second.requested = false;
    return;
  }
  // Should this one be withheld as well, the span that it tells begins where it did.
  const PushTime time{clock_.Steady(), dirty->second.from};
  dirty_.erase(dirty);
  PushLocked(event, topic, time);
}

TimeNs EventStream::WithheldFrom(const TopicRef& topic) {
  const std::lock_guard lock(mutex_);
  const auto dirty = dirty_.find({topic.owner, topic.id});
  return dirty == dirty_.end() ? TimeNs() : dirty->second.from;
}

void EventStream::Flush() {
  {
    const std::lock_guard lock(mutex_);
    WriteNextLocked();
  }
  RequestRefreshes();
}

void EventStream::Tick(std::chrono::nanoseconds steady_now) {
  const std::lock_guard lock(mutex_);
  if (finished_ || reactor_ == nullptr) return;
  if (steady_now - last_heartbeat_ < options_.heartbeat_interval) return;
  last_heartbeat_ = steady_now;
  heartbeat_due_ = true;
  WriteNextLocked();
}

void EventStream::Finish(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  FinishLocked(status);
}

void EventStream::PushLocked(const EncodedEvent& event, const TopicRef& topic,
                             const PushTime& time) {
  queued_bytes_ += event.size();
  queue_.push_back({event, topic, time});
}

bool EventStream::OverBoundLocked() const {
  return queue_.size() > options_.max_queued_events || queued_bytes_ > options_.max_queued_bytes;
}

SlowReader EventStream::PolicyFor(const TopicRef& topic) const {
  return options_.slow_reader.value_or(topic.slow_reader);
}

// Forgets every queued event that a fresh one can replace. What is still too much ends the stream.
void EventStream::MakeRoomLocked() {
  std::deque<Queued> kept;
  std::size_t kept_bytes = 0;
  for (Queued& queued : queue_) {
    if (PolicyFor(queued.topic) == SlowReader::kConflate) {
      // The queue is in order: the first is the earliest.
      dirty_.try_emplace({queued.topic.owner, queued.topic.id},
                         Dirty{queued.topic, queued.time.from});
      ++conflated_;
      counters_.conflated_events.fetch_add(1, std::memory_order_relaxed);
    } else {
      kept_bytes += queued.event.size();
      kept.push_back(std::move(queued));
    }
  }
  queue_ = std::move(kept);
  queued_bytes_ = kept_bytes;
  if (OverBoundLocked()) {
    counters_.slow_reader_disconnects.fetch_add(1, std::memory_order_relaxed);
    FinishLocked(MakeError(absl::StatusCode::kResourceExhausted,
                           common::v1::ERROR_REASON_SLOW_READER,
                           "the reader is too slow for a stream that does not conflate"));
  }
}

void EventStream::WriteNextLocked() {
  if (writing_ || finished_ || reactor_ == nullptr || !acknowledged_) return;
  if (!acknowledgement_.empty()) {
    writing_ = true;
    last_write_hinted_ = false;
    const grpc::Slice slice(acknowledgement_);
    acknowledgement_.clear();
    reactor_->Write(&slice, 1, /*more_follow=*/false);
  } else if (heartbeat_due_ || (queue_.empty() && last_write_hinted_)) {
    // The second case: what the hint promised was conflated away, and the hinted message would stay
    // unsent without a successor.
    WriteHeartbeatLocked();
  } else if (!queue_.empty()) {
    WriteBatchLocked();
  }
}

void EventStream::WriteBatchLocked() {
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (!queue_.empty() && count < kMaxEventsPerMessage &&
         (count == 0 || bytes + queue_.front().event.size() <= kMaxBytesPerMessage)) {
    bytes += queue_.front().event.size();
    reactor_->Add(queue_.front().event);
    ++count;
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  writing_ = true;
  last_write_hinted_ = !queue_.empty();
  counters_.delivered_events.fetch_add(count, std::memory_order_relaxed);
  counters_.written_messages.fetch_add(1, std::memory_order_relaxed);
  reactor_->WriteAdded(last_write_hinted_);
}

void EventStream::WriteHeartbeatLocked() {
  // Every stream's response has its heartbeat in field 3, so any of them encodes it.
  marketdata::v1::StreamMarketDataResponse response;
  common::v1::Heartbeat& heartbeat = *response.mutable_heartbeat();
  heartbeat.set_publish_time_ns(clock_.Now().value);
  heartbeat.set_queued_events(static_cast<std::uint32_t>(queue_.size()));
  heartbeat.set_conflated_events(conflated_);
  if (!queue_.empty()) {
    heartbeat.set_queue_lag_ns((clock_.Steady() - queue_.front().time.steady).count());
  }
  heartbeat_due_ = false;
  writing_ = true;
  last_write_hinted_ = false;
  const grpc::Slice slice(response.SerializeAsString());
  reactor_->Write(&slice, 1, /*more_follow=*/false);
}

void EventStream::FinishLocked(const absl::Status& status) {
  if (finished_) return;
  finished_ = true;
  finish_code_.store(status.code(), std::memory_order_relaxed);
  finished_flag_.store(true, std::memory_order_relaxed);
  queue_.clear();
  queued_bytes_ = 0;
  dirty_.clear();
  if (reactor_ != nullptr) {
    reactor_->Finish(ToGrpcStatus(status));
  } else {
    early_finish_ = status;
  }
}

void EventStream::RequestRefreshes() {
  std::map<TopicOwner*, std::vector<TopicId>> wanted;
  {
    const std::lock_guard lock(mutex_);
    // While a write is under way the reader has not caught up: a snapshot would age in the queue.
    if (dirty_.empty() || writing_ || finished_) return;
    for (auto& [key, dirty] : dirty_) {
      if (std::exchange(dirty.requested, true)) continue;
      wanted[key.first].push_back(key.second);
    }
  }
  for (auto& [owner, topics] : wanted) owner->Refresh(shared_from_this(), std::move(topics));
}

void EventStream::OnWriteDone(bool ok) {
  bool drained = false;
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok) {
      FinishLocked(absl::CancelledError("the client is gone"));
      return;
    }
    WriteNextLocked();
    drained = !writing_ && !finished_;
  }
  RequestRefreshes();
  if (drained && options_.on_drained) options_.on_drained();
}

void EventStream::OnEnd() {
  {
    const std::lock_guard lock(mutex_);
    reactor_ = nullptr;
    finished_ = true;
    finished_flag_.store(true, std::memory_order_relaxed);
    queue_.clear();
    dirty_.clear();
  }
  counters_.open_streams.fetch_sub(1, std::memory_order_relaxed);
  if (on_end_) on_end_();
}

void FlushList::FlushAll() {
  for (const std::shared_ptr<EventStream>& stream : streams_) {
    // Cleared first: a push that comes now marks it anew, for whoever pushes.
    stream->UnmarkForFlush();
    stream->Flush();
  }
  streams_.clear();
}

}  // namespace switchyard::stream
