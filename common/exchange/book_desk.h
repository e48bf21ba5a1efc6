#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/book_desk_counters.h"
#include "common/exchange/book_desk_options.h"
#include "common/exchange/book_sequencer.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/published_books.h"
#include "common/exchange/topic_board.h"
#include "common/log/log.h"
#include "common/status/status.h"

namespace switchyard::exchange {

// All books of one exchange client: keeps each in step with the exchange (subscribe, buffer,
// snapshot, replay), publishes what is valid, says so when it is not, and repairs only what is
// broken. Connection thread.
template <SequenceRule Rule>
class BookDesk {
 public:
  BookDesk(IoThread& thread, const Clock& clock, BookDeskOptions options, TopicBoard& board,
           PublishedBooks& published, BookDeskCounters counters, BookDeskHooks hooks)
      : thread_(thread),
        clock_(clock),
        options_(std::move(options)),
        board_(board),
        published_(published),
        counters_(counters),
        hooks_(std::move(hooks)) {}

  // The exchange carries the book from now on.
  void OnConfirmed(model::InstrumentId instrument) {
    Desk& desk = Get(instrument);
    desk.wanted = true;
    if (desk.sequencer.live() || options_.stream_has_snapshots) return;
    RequestSnapshot(instrument, desk);
  }

  void OnChange(model::InstrumentId instrument, const BookChange& change) {
    Desk& desk = Get(instrument);
    if (!desk.wanted) return;
    switch (desk.sequencer.OnChange(change)) {
      case BookResult::kApplied:
      case BookResult::kReplaced:
        Publish(instrument, desk, change);
        break;
      case BookResult::kGap:
        counters_.gaps.Increment();
        Break(instrument, desk, model::StaleReason::kSequenceGap);
        break;
      case BookResult::kCrossed:
        counters_.crossed.Increment();
        Break(instrument, desk, model::StaleReason::kCrossedBook);
        break;
      case BookResult::kBuffered:
        // Changes without the whole book before them: it may have been lost.
        if (options_.stream_has_snapshots) RequestWholeBook(instrument, desk, options_.pause);
        break;
      default:
        break;  // older than the book
    }
  }

  // A message of this book could not be read: what it held is missing now.
  void OnMalformed(model::InstrumentId instrument) {
    counters_.malformed.Increment();
    Desk& desk = Get(instrument);
    if (!desk.wanted) return;
    desk.sequencer.Reset();
    Break(instrument, desk, model::StaleReason::kMalformedUpdate);
  }

  // The subscription is gone, for the time being.
  void OnLost(model::InstrumentId instrument, model::StaleReason reason) {
    Desk& desk = Get(instrument);
    ++desk.generation;
    desk.requested = false;
    desk.retry = {};
    desk.sequencer.Reset();
    MarkStale(instrument, desk, reason);
  }

  // Nobody wants the book any more.
  void Drop(model::InstrumentId instrument) {
    OnLost(instrument, model::StaleReason::kUnsubscribed);
    desks_[instrument.value]->wanted = false;
  }

  // The stream is silent: a quiet market, or a dead stream. A snapshot that is ahead of the book,
  // and stays so, decides.
  void OnSilent(model::InstrumentId instrument) {
    Desk& desk = Get(instrument);
    if (!desk.wanted) return;
    if (!desk.sequencer.live()) {
      if (options_.stream_has_snapshots) Stall(instrument);
      return;  // a snapshot is being asked for already
    }
    hooks_.read_snapshot(instrument, [this, instrument, generation = desk.generation](
                                         absl::StatusOr<BookChange> snapshot) {
      if (!snapshot.ok()) return;  // checked again after the next silence
      Desk& checked = Get(instrument);
      if (checked.generation != generation || !checked.sequencer.live()) return;
      if (checked.sequencer.current() >= snapshot->range.last) return;
      checked.check_timer.Start(options_.catch_up, [this, instrument, last = snapshot->range.last] {
        Desk& late = Get(instrument);
        if (late.sequencer.live() && late.sequencer.current() < last) Stall(instrument);
      });
    });
  }

  bool wanted(model::InstrumentId instrument) const {
    return instrument.value < desks_.size() && desks_[instrument.value] != nullptr &&
           desks_[instrument.value]->wanted;
  }
  // Null where the book is not valid.
  const model::Book* valid_book(model::InstrumentId instrument) const {
    if (instrument.value >= desks_.size() || desks_[instrument.value] == nullptr) return nullptr;
    const Desk& desk = *desks_[instrument.value];
    return desk.sequencer.live() ? &desk.sequencer.book() : nullptr;
  }

  std::uint32_t valid_books() const { return Count(true); }
  std::uint32_t stale_books() const { return Count(false); }
  std::uint64_t gaps() const { return counters_.gaps.value(); }
  std::uint64_t resyncs() const { return counters_.resyncs.value(); }

 private:
  struct Desk {
    explicit Desk(IoThread& thread) : retry_timer(thread), check_timer(thread) {}
    BookSequencer<Rule> sequencer;
    std::shared_ptr<PublishedBook> published;
    bool wanted = false;
    bool requested = false;            // a snapshot is under way or waits for its turn
    std::uint64_t generation = 0;      // answers to earlier ones are dropped
    std::chrono::nanoseconds retry{};  // next delay; 0 = none failed yet
    std::chrono::nanoseconds last_break{};
    std::chrono::nanoseconds last_refresh{};
    Timer retry_timer;
    Timer check_timer;
  };

  Desk& Get(model::InstrumentId instrument) {
    if (instrument.value >= desks_.size()) desks_.resize(instrument.value + 1);
    std::unique_ptr<Desk>& desk = desks_[instrument.value];
    if (desk == nullptr) {
      desk = std::make_unique<Desk>(thread_);
      desk->published = published_.GetOrCreate(instrument);
    }
    return *desk;
  }

  std::uint32_t Count(bool live) const {
    return static_cast<std::uint32_t>(std::ranges::count_if(desks_, [live](const auto& desk) {
      return desk != nullptr && desk->wanted && desk->sequencer.live() == live;
    }));
  }

  void Publish(model::InstrumentId instrument, Desk& desk, const BookChange& change) {
    const model::Book& book = desk.sequencer.book();
    desk.published->Publish(book,
                            {change.exchange_time, change.receive_time, desk.sequencer.current()},
                            clock_.Steady());
    EventStamp stamp;
    stamp.exchange_time = change.exchange_time;
    stamp.receive_time = change.receive_time;
    stamp.exchange_sequence = desk.sequencer.current();
    board_.PublishBook(instrument, book, stamp);
    if (NeedsRefresh(book.bids) || NeedsRefresh(book.asks)) Refresh(instrument, desk);
  }

  bool NeedsRefresh(const model::BookSide& side) const {
    return side.bounded() && side.size() < options_.depth;
  }

  // The book has lost levels at its far end, where nothing is known: a new snapshot brings them
  // back while the book stays valid.
  void Refresh(model::InstrumentId instrument, Desk& desk) {
    if (options_.stream_has_snapshots || desk.requested) return;
    const std::chrono::nanoseconds now = clock_.Steady();
    if (desk.last_refresh.count() != 0 && now - desk.last_refresh < options_.pause) return;
    desk.last_refresh = now;
    desk.sequencer.BeginRefresh();
    RequestSnapshot(instrument, desk);
  }

  void MarkStale(model::InstrumentId instrument, Desk& desk, model::StaleReason reason) {
    desk.published->Invalidate();
    board_.PublishStale({instrument, Channel::kOrderBook, 0}, reason, clock_.Now());
  }

  // The chain is broken: tells everybody, then repairs this book alone.
  void Break(model::InstrumentId instrument, Desk& desk, model::StaleReason reason) {
    MarkStale(instrument, desk, reason);
    counters_.resyncs.Increment();
    const std::chrono::nanoseconds now = clock_.Steady();
    const bool repeated = desk.last_break.count() != 0 && now - desk.last_break < options_.pause;
    desk.last_break = now;
    if (options_.stream_has_snapshots) {
      RequestWholeBook(instrument, desk, repeated ? options_.pause : std::chrono::nanoseconds(0));
      return;
    }
    // An exchange that keeps sending crossed books must not be asked without end.
    if (reason == model::StaleReason::kCrossedBook && repeated) {
      desk.retry = std::max(desk.retry, options_.pause);
      Retry(instrument, desk);
      return;
    }
    RequestSnapshot(instrument, desk);
  }

  void Stall(model::InstrumentId instrument) {
    counters_.stalls.Increment();
    log::Warning("book_stalled",
                 {{"exchange", options_.exchange}, {"instrument", instrument.value}});
    OnLost(instrument, model::StaleReason::kStalled);
    hooks_.renew(instrument);
  }

  void RequestWholeBook(model::InstrumentId instrument, Desk& desk,
                        std::chrono::nanoseconds delay) {
    if (std::exchange(desk.requested, true)) return;
    desk.retry_timer.Start(delay, [this, instrument, generation = desk.generation] {
      Desk& asked = Get(instrument);
      if (asked.generation != generation) return;
      asked.requested = false;
      if (!asked.sequencer.live()) hooks_.resubscribe(instrument);
    });
  }

  void RequestSnapshot(model::InstrumentId instrument, Desk& desk) {
    if (std::exchange(desk.requested, true)) return;
    Send(instrument, desk);
  }

  void Send(model::InstrumentId instrument, Desk& desk) {
    hooks_.read_snapshot(instrument, [this, instrument, generation = desk.generation](
                                         absl::StatusOr<BookChange> snapshot) {
      Desk& answered = Get(instrument);
      if (answered.generation != generation || !answered.wanted) return;
      answered.requested = false;
      // A frame that held the whole book came first.
      if (answered.sequencer.live() && !answered.sequencer.refreshing()) return;
      OnSnapshot(instrument, answered, snapshot);
    });
  }

  void OnSnapshot(model::InstrumentId instrument, Desk& desk,
                  absl::StatusOr<BookChange>& snapshot) {
    if (!snapshot.ok()) {
      const auto wait = RetryAfterOf(snapshot.status());
      desk.retry =
          std::max(options_.NextDelay(desk.retry), wait.value_or(std::chrono::nanoseconds(0)));
      Retry(instrument, desk);
      return;
    }
    switch (desk.sequencer.OnSnapshot(*snapshot)) {
      case BookResult::kReplaced:
        desk.retry = {};
        Publish(instrument, desk, *snapshot);
        return;
      case BookResult::kCrossed:
        counters_.crossed.Increment();
        MarkStale(instrument, desk, model::StaleReason::kCrossedBook);
        break;
      case BookResult::kGap:
        counters_.gaps.Increment();
        break;
      default:
        break;  // too old: the next one will be newer
    }
    desk.retry = options_.NextDelay(desk.retry);
    Retry(instrument, desk);
  }

  void Retry(model::InstrumentId instrument, Desk& desk) {
    desk.requested = true;
    desk.retry_timer.Start(desk.retry, [this, instrument, generation = desk.generation] {
      Desk& retried = Get(instrument);
      if (retried.generation == generation && retried.wanted) Send(instrument, retried);
    });
  }

  IoThread& thread_;
  const Clock& clock_;
  const BookDeskOptions options_;
  TopicBoard& board_;
  PublishedBooks& published_;
  BookDeskCounters counters_;
  const BookDeskHooks hooks_;
  std::vector<std::unique_ptr<Desk>> desks_;
};

}  // namespace switchyard::exchange
