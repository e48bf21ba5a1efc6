#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/stream/encoded_event.h"
#include "common/time/time.h"

namespace grpc {
class ByteBuffer;
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace switchyard::stream {

class EventStream;

// Numbers a topic within its owner.
using TopicId = std::uint64_t;

// Whoever publishes topics: asked for fresh snapshots when a slow reader can be written to again.
// Outlives every stream that it pushed to.
class TopicOwner {
 public:
  virtual ~TopicOwner() = default;
  // Pushes one event per topic (a snapshot; a GAP where a topic has no state) with
  // EventStream::PushFresh. Any thread; the work happens on the owner's own thread.
  virtual void Refresh(std::shared_ptr<EventStream> stream, std::vector<TopicId> topics) = 0;
};

enum class SlowReader : std::uint8_t { kConflate, kDisconnect };

// What a topic needs of its readers.
struct TopicRef {
  TopicOwner* owner = nullptr;
  TopicId id = 0;
  // What happens to this topic's events when a stream whose policy is unset is full.
  SlowReader slow_reader = SlowReader::kConflate;
};

// When an event is handed to its readers: taken once, however many they are.
struct PushTime {
  std::chrono::nanoseconds steady{0};
  // What the event is about begins here; of what a slow reader misses, the earliest is told to it.
  TimeNs from{};
};

struct StreamOptions {
  // Unset = each topic's own.
  std::optional<SlowReader> slow_reader = std::nullopt;
  std::chrono::milliseconds heartbeat_interval{5'000};
  // Bounds of what waits for the reader.
  std::size_t max_queued_events = 1'024;
  std::size_t max_queued_bytes = 256 * 1024;
  // Called after each write that leaves nothing queued, on a gRPC thread, no lock held: whoever
  // reads a long log for this stream paces itself by it. Unset = nobody does.
  std::function<void()> on_drained{};
};

// Counters of all streams of a process, for metrics. Any thread.
struct StreamCounters {
  std::atomic<std::uint64_t> delivered_events{0};
  std::atomic<std::uint64_t> written_messages{0};
  std::atomic<std::uint64_t> conflated_events{0};
  std::atomic<std::uint64_t> slow_reader_disconnects{0};
  std::atomic<std::int64_t> open_streams{0};
};

// One client's stream: a bounded queue in front of a gRPC writer. Pushed to by connection threads,
// written to by whichever thread finds it idle, never blocking either. Lives as shared_ptr: the
// gRPC reactor holds one, every topic that it reads another, so that an event under way may outlive
// the call. Its mutex guards {queue, writing, finished}; StartWrite and Finish are called holding
// it and never after finished.
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  // `on_end` runs once, on a gRPC thread, when the call is over.
  static std::shared_ptr<EventStream> Create(StreamOptions options, StreamCounters& counters,
                                             const Clock& clock, std::function<void()> on_end);

  // The reactor that a raw callback method returns to gRPC; deletes itself. Call once. Sends
  // initial metadata at once.
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StartReactor();

  // The acknowledgement (a serialised response message holding field 2): always the first message;
  // events that arrive before it wait. Call once.
  void Acknowledge(const google::protobuf::MessageLite& response);

  // Queues an event. Nothing is written before Flush. Over the bound: conflates or ends the stream.
  void Push(const EncodedEvent& event, const TopicRef& topic, const PushTime& time);
  void Push(const EncodedEvent& event, const TopicRef& topic) { Push(event, topic, Now()); }
  // Queues the event that Refresh asked for; events of the topic flow again behind it.
  void PushFresh(const EncodedEvent& event, const TopicRef& topic);
  // Where what is withheld of a topic begins; not given where nothing is.
  TimeNs WithheldFrom(const TopicRef& topic);
  // Writes what is queued if nothing is being written; else it goes when that is done.
  void Flush();

  // Sends a heartbeat if the last one is an interval old, on busy streams too: it tells their lag.
  // Any thread; about every 100 ms.
  void Tick(std::chrono::nanoseconds steady_now);

  // Ends the call. What is queued is dropped. Idempotent.
  void Finish(const absl::Status& status);
  bool finished() const { return finished_flag_.load(std::memory_order_relaxed); }
  // What Finish was called with; meaningful in `on_end`.
  absl::StatusCode finish_code() const { return finish_code_.load(std::memory_order_relaxed); }

  // Called by a FlushList, see there: true when the caller must flush.
  bool MarkForFlush() { return !marked_.exchange(true); }
  void UnmarkForFlush() { marked_.store(false); }

 private:
  class Reactor;
  struct Queued {
    EncodedEvent event;
    TopicRef topic;
    PushTime time;
  };
  // A topic whose events are withheld until the owner pushes a fresh one.
  struct Dirty {
    TopicRef topic;
    TimeNs from;             // where what is withheld begins
    bool requested = false;  // Refresh was called and has not pushed yet
  };
  using TopicKey = std::pair<TopicOwner*, TopicId>;

  EventStream(StreamOptions options, StreamCounters& counters, const Clock& clock,
              std::function<void()> on_end);

  PushTime Now() const { return {clock_.Steady(), clock_.Now()}; }

  // All below: mutex_ held.
  void PushLocked(const EncodedEvent& event, const TopicRef& topic, const PushTime& time);
  void WriteNextLocked();
  void WriteBatchLocked();
  void WriteHeartbeatLocked();
  bool OverBoundLocked() const;
  void MakeRoomLocked();
  SlowReader PolicyFor(const TopicRef& topic) const;
  void FinishLocked(const absl::Status& status);
  // mutex_ not held: asks owners for snapshots of dirty topics, once each.
  void RequestRefreshes();

  void OnWriteDone(bool ok);
  void OnEnd();

  const StreamOptions options_;
  StreamCounters& counters_;
  const Clock& clock_;
  std::function<void()> on_end_;
  std::atomic<bool> marked_{false};
  std::atomic<bool> finished_flag_{false};
  std::atomic<absl::StatusCode> finish_code_{absl::StatusCode::kOk};

  std::mutex mutex_;
  Reactor* reactor_ = nullptr;  // null before StartReactor and once the call is over
  std::deque<Queued> queue_;
  std::size_t queued_bytes_ = 0;
  std::map<TopicKey, Dirty> dirty_;
  std::string acknowledgement_;
  bool acknowledged_ = false;  // acknowledgement_ is set or was sent
  bool heartbeat_due_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::uint64_t conflated_ = 0;
  bool last_write_hinted_ = false;
  std::chrono::nanoseconds last_heartbeat_{0};
  absl::Status early_finish_;  // Finish came before StartReactor
};

// Streams that one connection thread has pushed to since its last flush: each is written once per
// burst of frames. That thread only.
class FlushList {
 public:
  void Add(const std::shared_ptr<EventStream>& stream) {
    if (stream->MarkForFlush()) streams_.push_back(stream);
  }
  void FlushAll();

 private:
  std::vector<std::shared_ptr<EventStream>> streams_;
};

}  // namespace switchyard::stream
