#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/exchange/io_thread.h"
#include "common/stream/event_stream.h"
#include "common/time/time.h"
#include "services/order/journal/journal.h"
#include "switchyard/common/v1/values.pb.h"
#include "switchyard/order/v1/order_events.pb.h"

namespace switchyard::order {

// The committed events of one account, told to every StreamOrderEvents of it, in order and without
// a hole. A stream that resumes is fed from the journal, a page each time it has written the last
// one, until it has caught up; from then on it gets each event as it is committed, and ends with
// SLOW_READER when it cannot keep up. Any thread; outlives every stream that follows.
class OrderLog final : public stream::TopicOwner {
 public:
  // What `resume_from` asks for is read on `reader`. `last_sequence` is committed already.
  OrderLog(std::string exchange, std::string account, journal::Journal& journal,
           exchange::IoThread& reader, const Clock& clock, std::uint64_t last_sequence);

  // Rows that go on where the last ones ended. The journal's thread.
  void Publish(std::vector<journal::EventRow> rows);
  // Ends every stream, and all that come: the journal commits nothing more.
  void Fail(const absl::Status& why);
  // It does again, and what it could not was published.
  void Recovered();

  // The last row that was published: all up to it is committed.
  common::v1::JournalPosition position() const;

  // Begins to tell `stream` what follows `resume_from`, or what is committed from now on. Its
  // options have on_drained call OnDrained with the same id.
  void Follow(std::uint64_t id, const std::shared_ptr<stream::EventStream>& stream,
              const std::optional<common::v1::JournalPosition>& resume_from);
  void OnDrained(std::uint64_t id);
  void Unfollow(std::uint64_t id);
  std::uint64_t NextId() { return next_id_.fetch_add(1); }

  // Never asked: events are not conflated.
  void Refresh(std::shared_ptr<stream::EventStream>, std::vector<stream::TopicId>) override {}

 private:
  struct Follower {
    std::shared_ptr<stream::EventStream> stream;
    std::uint64_t last = 0;  // row that it has, or that is queued for it
    bool live = false;       // has all that is published
  };

  // The next page of a follower that has not caught up. Reader's thread.
  void FeedPage(std::uint64_t id);
  // mutex_ held.
  void PushGap(Follower& follower, common::v1::StaleReason reason,
               const common::v1::JournalPosition& from, std::uint64_t goes_on_after, TimeNs to);
  stream::EncodedEvent Encode(const journal::EventRow& row) const;
  stream::TopicRef Topic() {
    return {.owner = this, .id = 1, .slow_reader = stream::SlowReader::kDisconnect};
  }

  const std::string exchange_, account_;
  journal::Journal& journal_;
  exchange::IoThread& reader_;
  const Clock& clock_;
  std::atomic<std::uint64_t> next_id_{1};

  mutable std::mutex mutex_;  // guards what follows; taken before a stream's
  std::uint64_t last_sequence_;
  std::map<std::uint64_t, Follower> followers_;
  absl::Status failure_;
};

}  // namespace switchyard::order
