#include "tests/bench/chain/reader.h"

#include <utility>

#include "tests/bench/chain/process.h"

namespace switchyard::bench {
namespace {

using marketdata::v1::EVENT_KIND_DELTA;
using marketdata::v1::EVENT_KIND_SNAPSHOT;
using marketdata::v1::EVENT_KIND_STALE;

constexpr std::int64_t kPatienceNs = 20'000'000'000;
// The simulator's stamps begin anew so often.
constexpr std::int64_t kStampPeriodUs = 100'000'000;

}  // namespace

Reader::Reader(Options options)
    : options_(std::move(options)),
      stub_(marketdata::v1::MarketDataService::NewStub(options_.channel)) {
  stub_->async()->StreamMarketData(&context_, &options_.request, this);
  // Cancel reads again from outside of a reaction.
  if (options_.stuck) AddHold();
  StartRead(&message_);
  StartCall();
}

Reader::~Reader() {
  Cancel();
  Wait(kPatienceNs, [this] { return done_; });
}

// The end of a call is learnt by reading.
void Reader::Cancel() {
  context_.TryCancel();
  if (!options_.stuck) return;
  bool read = false;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(canceled_, true)) return;
    read = parked_;
  }
  if (read) StartRead(&message_);
  RemoveHold();
}

template <typename Condition>
bool Reader::Wait(std::int64_t timeout_ns, Condition condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), condition);
}

void Reader::AwaitEvents(std::uint64_t count) {
  {
    const std::lock_guard lock(mutex_);
    waited_events_ = count;
  }
  const bool came = Wait(kPatienceNs, [this] { return all_events_ >= waited_events_ || done_; });
  const std::lock_guard lock(mutex_);
  waited_events_ = 0;
  if (!came || done_) Fail("a stream carries nothing: " + status_.error_message());
}

void Reader::AwaitAcknowledgement() {
  if (!Wait(kPatienceNs, [this] { return acknowledged_ || done_; })) Fail("no acknowledgement");
}

bool Reader::AwaitResumption(std::int64_t timeout_ns) {
  return Wait(timeout_ns, [this] { return report_.resumed_at != 0; });
}

void Reader::SetWindow(Window window, std::size_t expected_events) {
  const std::lock_guard lock(mutex_);
  window_ = window;
  report_.latencies.reserve(expected_events);
}

ReaderReport Reader::Finish() {
  Cancel();
  Wait(kPatienceNs, [this] { return done_; });
  const std::lock_guard lock(mutex_);
  if (status_.error_code() != grpc::StatusCode::CANCELLED &&
      status_.error_code() != grpc::StatusCode::OK) {
    Fail("a stream ended: " + status_.error_message());
  }
  return std::move(report_);
}

void Reader::OnReadDone(bool ok) {
  if (!ok) return;
  {
    const std::lock_guard lock(mutex_);
    TakeLocked(SteadyNs());
    parked_ = options_.stuck && all_events_ > 0 && !canceled_;
    if (parked_) return;
  }
  StartRead(&message_);
}

void Reader::OnDone(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  status_ = status;
  done_ = true;
  changed_.notify_all();
}

void Reader::TakeLocked(std::int64_t now) {
  if (message_.has_acknowledgement()) {
    acknowledged_ = true;
    changed_.notify_all();
  }
  // The floor's marker of a new socket.
  if (message_.has_heartbeat() && message_.heartbeat().publish_time_ns() == 1) {
    report_.interrupted_at = now;
  }
  if (message_.events().empty()) return;
  if (now >= window_.begin && now < window_.end) ++report_.messages;
  for (const marketdata::v1::MarketDataEvent& event : message_.events()) {
    TakeEventLocked(event, now);
  }
  all_events_ += static_cast<std::uint64_t>(message_.events_size());
  if (waited_events_ != 0 && all_events_ >= waited_events_) changed_.notify_all();
}

void Reader::TakeEventLocked(const marketdata::v1::MarketDataEvent& event, std::int64_t now) {
  if (event.kind() == EVENT_KIND_STALE) {
    report_.interrupted_at = now;
  } else if (report_.interrupted_at != 0 && report_.resumed_at == 0) {
    report_.resumed_at = now;
    changed_.notify_all();
  }
  if (options_.check_sequence) CheckSequenceLocked(event);
  const std::int64_t stamp = StampOf(event);
  const std::int64_t now_us = now / 1'000;
  const std::int64_t stamp_us = now_us - (now_us - stamp) % kStampPeriodUs;
  // Levels that were the best some time ago keep an older stamp.
  const bool fresh = stamp > 0 && stamp < kStampPeriodUs && stamp_us > last_stamp_us_;
  if (fresh) last_stamp_us_ = stamp_us;
  if (now < window_.begin || now >= window_.end) return;
  ++report_.events;
  if (event.kind() == EVENT_KIND_SNAPSHOT) ++report_.snapshots;
  if (fresh && report_.latencies.size() < report_.latencies.capacity()) {
    report_.latencies.push_back(now - stamp_us * 1'000);
  }
}

void Reader::CheckSequenceLocked(const marketdata::v1::MarketDataEvent& event) {
  Position& position = positions_[event.symbol()];
  const bool follows = event.epoch() == position.epoch && event.sequence() == position.sequence + 1;
  if (event.kind() == EVENT_KIND_DELTA && !follows) ++report_.holes;
  position = {event.epoch(), event.sequence()};
}

// Microseconds; 0 = none.
std::int64_t Reader::StampOf(const marketdata::v1::MarketDataEvent& event) const {
  if (options_.place == StampPlace::kEpoch) return static_cast<std::int64_t>(event.epoch());
  const marketdata::v1::OrderBookLevels& book = event.order_book();
  for (const std::int64_t quantity : book.bid_quantity_mantissas()) {
    if (quantity == 0) continue;
    std::int64_t stamp = quantity;
    for (int i = book.quantity_exponent(); i < 0; ++i) stamp /= 10;
    return stamp;
  }
  return 0;
}

}  // namespace switchyard::bench
