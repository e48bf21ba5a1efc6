#include "services/order/ledger/order_log.h"

#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/order/crash_point/crash_point.h"

namespace switchyard::order {
namespace {

// One page of the journal for a stream that catches up; below what a stream may queue.
constexpr std::uint32_t kPageRows = 256;
constexpr std::size_t kPageBytes = 128 * 1024;

}  // namespace

OrderLog::OrderLog(std::string exchange, std::string account, journal::Journal& journal,
                   exchange::IoThread& reader, const Clock& clock, std::uint64_t last_sequence)
    : exchange_(std::move(exchange)),
      account_(std::move(account)),
      journal_(journal),
      reader_(reader),
      clock_(clock),
      last_sequence_(last_sequence) {}

stream::EncodedEvent OrderLog::Encode(const journal::EventRow& row) const {
  v1::OrderEvent event;
  if (!event.ParseFromString(row.event)) {
    log::Error("journal_row_unreadable",
               {{"exchange", exchange_}, {"account", account_}, {"sequence", row.sequence}});
  }
  event.set_commit_time_ns(row.commit_time.value);
  event.set_publish_time_ns(clock_.Now().value);
  return stream::EncodedEvent::Encode(event);
}

void OrderLog::Publish(std::vector<journal::EventRow> rows) {
  if (rows.empty()) return;
  PassCrashPoint(CrashPoint::kBeforePublish);
  {
    const std::lock_guard lock(mutex_);
    last_sequence_ = rows.back().sequence;
    std::vector<stream::EncodedEvent> encoded;
    for (auto& [id, follower] : followers_) {
      if (!follower.live) continue;
      for (std::size_t i = encoded.size(); i < rows.size(); ++i) {
        encoded.push_back(Encode(rows[i]));
      }
      for (const stream::EncodedEvent& event : encoded) follower.stream->Push(event, Topic());
      follower.last = last_sequence_;
      follower.stream->Flush();
    }
  }
  PassCrashPoint(CrashPoint::kAfterPublish);
}

void OrderLog::Fail(const absl::Status& why) {
  const std::lock_guard lock(mutex_);
  failure_ = why;
  for (auto& [id, follower] : followers_) follower.stream->Finish(why);
}

void OrderLog::Recovered() {
  const std::lock_guard lock(mutex_);
  failure_ = absl::OkStatus();
}

common::v1::JournalPosition OrderLog::position() const {
  common::v1::JournalPosition position;
  position.set_epoch(journal_.epoch());
  const std::lock_guard lock(mutex_);
  position.set_sequence(last_sequence_);
  return position;
}

void OrderLog::Follow(std::uint64_t id, const std::shared_ptr<stream::EventStream>& stream,
                      const std::optional<common::v1::JournalPosition>& resume_from) {
  const std::lock_guard lock(mutex_);
  if (!failure_.ok()) {
    stream->Finish(failure_);
    return;
  }
  Follower& follower = followers_[id];
  follower.stream = stream;
  follower.last = last_sequence_;
  follower.live = true;
  if (!resume_from.has_value()) return;
  // A row that this journal does not have yet was lost by a power cut, or is another journal's.
  if (resume_from->epoch() != journal_.epoch() || resume_from->sequence() > last_sequence_) {
    PushGap(follower, common::v1::STALE_REASON_JOURNAL_CHANGED, *resume_from, last_sequence_,
            clock_.Now());
    follower.stream->Flush();
    return;
  }
  follower.last = resume_from->sequence();
  follower.live = follower.last == last_sequence_;
  if (!follower.live) reader_.Post([this, id] { FeedPage(id); });
}

void OrderLog::OnDrained(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = followers_.find(id);
  if (found == followers_.end() || found->second.live) return;
  reader_.Post([this, id] { FeedPage(id); });
}

void OrderLog::Unfollow(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  followers_.erase(id);
}

void OrderLog::FeedPage(std::uint64_t id) {
  std::uint64_t after = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = followers_.find(id);
    if (found == followers_.end() || found->second.live) return;
    after = found->second.last;
  }
  const auto rows = journal_.WithStore(
      [&](journal::Store& store) { return store.ReadEvents(after, kPageRows, kPageBytes); });

  const std::lock_guard lock(mutex_);
  const auto found = followers_.find(id);
  // Only this thread moves a follower that is not live.
  if (found == followers_.end()) return;
  Follower& follower = found->second;
  if (!rows.ok()) {
    follower.stream->Finish(rows.status());
    return;
  }
  if (!rows->empty() && rows->front().sequence != after + 1) {
    common::v1::JournalPosition from;
    from.set_epoch(journal_.epoch());
    from.set_sequence(after);
    PushGap(follower, common::v1::STALE_REASON_JOURNAL_TRUNCATED, from, rows->front().sequence - 1,
            rows->front().commit_time);
  }
  for (const journal::EventRow& row : *rows) {
    // Committed, but Publish has not come to it: it will tell it, or the next page.
    if (row.sequence > last_sequence_) break;
    follower.stream->Push(Encode(row), Topic());
    follower.last = row.sequence;
  }
  follower.live = follower.last == last_sequence_;
  follower.stream->Flush();
}

void OrderLog::PushGap(Follower& follower, common::v1::StaleReason reason,
                       const common::v1::JournalPosition& from, std::uint64_t goes_on_after,
                       TimeNs to) {
  v1::OrderEvent event;
  event.set_exchange(exchange_);
  event.set_account(account_);
  event.set_epoch(journal_.epoch());
  event.set_sequence(goes_on_after);
  event.set_publish_time_ns(clock_.Now().value);
  v1::JournalGap& gap = *event.mutable_gap();
  gap.set_reason(reason);
  *gap.mutable_from_position() = from;
  gap.set_to_time_ns(to.value);
  follower.stream->Push(stream::EncodedEvent::Encode(event), Topic());
  follower.last = goes_on_after;
}

}  // namespace switchyard::order
