#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "common/exchange/book_desk_counters.h"
#include "common/exchange/book_desk_options.h"
#include "common/exchange/book_publisher.h"
#include "common/exchange/book_sequencer.h"
#include "common/exchange/io_thread.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/published_books.h"
#include "common/exchange/repair_pace.h"
#include "common/exchange/topic_board.h"
#include "common/log/log.h"

namespace switchyard::exchange {

// What a book desk works with; the references outlive it.
struct BookDeskParts {
  IoThread& thread;
  const Clock& clock;
  TopicBoard& board;
  PublishedBooks& published;
  BookDeskCounters counters;
};

// All books of one exchange client: keeps each in step with the exchange (subscribe, buffer,
// snapshot, replay), publishes what is valid, says so when it is not, and repairs only what is
// broken. Connection thread.
template <SequenceRule Rule, typename TimerType = Timer>
class BookDesk {
 public:
  BookDesk(BookDeskParts parts, BookDeskOptions options, BookDeskHooks hooks)
      : thread_(parts.thread),
        clock_(parts.clock),
        options_(std::move(options)),
        board_(parts.board),
        published_(parts.published),
        counters_(parts.counters),
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
    desk.pace.Reset();
    desk.sequencer.Reset();
    desk.publisher.MarkStale(reason);
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
      checked.check_timer.Start(options_.catch_up,
                                [this, instrument, generation, last = snapshot->range.last] {
                                  Desk& late = Get(instrument);
                                  if (late.generation != generation || !late.sequencer.live())
                                    return;
                                  if (late.sequencer.current() < last) Stall(instrument);
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
    Desk(IoThread& thread, const BookDeskOptions& options, BookPublisher publisher)
        : publisher(std::move(publisher)),
          pace(options),
          retry_timer(thread),
          check_timer(thread) {}
    BookSequencer<Rule> sequencer;
    BookPublisher publisher;
    RepairPace pace;
    bool wanted = false;
    bool requested = false;        // a snapshot is under way or waits for its turn
    bool outdated = false;         // it was asked for before something was lost
    std::uint64_t generation = 0;  // answers to earlier ones are dropped
    TimerType retry_timer;
    TimerType check_timer;
  };

  Desk& Get(model::InstrumentId instrument) {
    if (instrument.value >= desks_.size()) desks_.resize(instrument.value + 1);
    std::unique_ptr<Desk>& desk = desks_[instrument.value];
    if (desk == nullptr) {
      desk = std::make_unique<Desk>(thread_, options_,
                                    BookPublisher(instrument, clock_, board_, published_));
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
    desk.publisher.Publish(book, desk.sequencer.current(), change);
    // A new snapshot brings back what was lost while the book stays valid.
    if (options_.stream_has_snapshots || desk.requested) return;
    if (!desk.pace.TakeRefresh(book, clock_.Steady())) return;
    desk.sequencer.BeginRefresh();
    RequestSnapshot(instrument, desk);
  }

  // The chain is broken: tells everybody, then repairs this book alone.
  void Break(model::InstrumentId instrument, Desk& desk, model::StaleReason reason) {
    desk.publisher.MarkStale(reason);
    counters_.resyncs.Increment();
    // Behind a hole the buffer tells whether a snapshot is too old; otherwise nothing does.
    desk.outdated = reason != model::StaleReason::kSequenceGap;
    const std::chrono::nanoseconds delay = desk.pace.OnBreak(clock_.Steady());
    if (options_.stream_has_snapshots) {
      RequestWholeBook(instrument, desk, delay);
    } else if (reason == model::StaleReason::kCrossedBook && delay.count() > 0) {
      // An exchange that keeps sending crossed books must not be asked without end.
      Retry(instrument, desk, desk.pace.AtLeast(delay));
    } else {
      RequestSnapshot(instrument, desk);
    }
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
    desk.outdated = false;
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
    if (!snapshot.ok() || desk.outdated) {
      return Retry(instrument, desk, desk.pace.OnFailure(snapshot.status()));
    }
    switch (desk.sequencer.OnSnapshot(*snapshot)) {
      case BookResult::kReplaced:
        desk.pace.Reset();
        Publish(instrument, desk, *snapshot);
        return;
      case BookResult::kCrossed:
        counters_.crossed.Increment();
        desk.publisher.MarkStale(model::StaleReason::kCrossedBook);
        break;
      case BookResult::kGap:
        counters_.gaps.Increment();
        break;
      default:
        break;  // too old: the next one will be newer
    }
    Retry(instrument, desk, desk.pace.OnFailure(absl::OkStatus()));
  }

  void Retry(model::InstrumentId instrument, Desk& desk, std::chrono::nanoseconds delay) {
    desk.requested = true;
    desk.retry_timer.Start(delay, [this, instrument, generation = desk.generation] {
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
