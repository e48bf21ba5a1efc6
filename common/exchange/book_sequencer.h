#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "common/model/book.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// The exchange's sequence numbers on one book message.
struct UpdateRange {
  std::uint64_t first = 0;     // inclusive
  std::uint64_t last = 0;      // inclusive
  std::uint64_t previous = 0;  // `last` of the message before, where the exchange tells it
  bool exact = false;          // nothing may overlap: it begins right behind its predecessor
};

// One book message in house words, whichever exchange it came from. Reused from frame to frame.
struct BookChange {
  UpdateRange range;
  TimeNs exchange_time{}, receive_time{};
  // Replaces the book instead of changing it.
  bool full = false;
  // A full message that may have been cut at its depth.
  bool cut = false;
  // Where not 0: the exchange tells every level that enters its best `window` levels; farther ones
  // are not maintained.
  std::uint32_t window = 0;
  // Best first where `full`; quantity 0 removes otherwise.
  std::vector<model::Level> bids, asks;

  void Clear() {
    range = {};
    exchange_time = receive_time = {};
    full = cut = false;
    window = 0;
    bids.clear();
    asks.clear();
  }
};

// How a message's numbers stand to the book's.
enum class Continuity : std::uint8_t { kOld, kNext, kGap };

// An exchange's rule. `current` is the number that the book stands at.
template <typename R>
concept SequenceRule = requires(const UpdateRange& range, std::uint64_t current) {
  // For the first message behind a snapshot with number `current`.
  { R::AfterSnapshot(range, current) } -> std::same_as<Continuity>;
  // For every later one.
  { R::AfterUpdate(range, current) } -> std::same_as<Continuity>;
};

// What became of a message.
enum class BookResult : std::uint8_t {
  kApplied,   // the book is valid and changed
  kReplaced,  // the book is valid and was replaced as a whole
  kIgnored,   // older than the book
  kBuffered,  // waits for a snapshot
  kTooOld,    // the snapshot ends before the buffered messages begin: fetch another
  kGap,       // messages are missing or the numbers have begun anew: the book is invalid and waits
              // for a snapshot
  kCrossed,   // the message crosses the book: as kGap
};

// Keeps one book in step with its exchange: buffers, aligns with a snapshot, replays, then checks
// every message before it touches either side. Connection thread.
template <SequenceRule Rule>
class BookSequencer {
 public:
  // Messages kept while a snapshot is under way; the oldest goes when there are more.
  static constexpr std::size_t kMaxBuffered = 4'096;

  BookResult OnChange(const BookChange& change) {
    if (change.full) {
      // Whatever waited for a snapshot is older.
      buffered_.clear();
      return Replace(change);
    }
    if (!live_) return Buffer(change);
    if (refreshing_) Buffer(change);
    return ApplyNext(change);
  }

  // A snapshot that was asked for after the subscription was confirmed.
  BookResult OnSnapshot(const BookChange& snapshot) {
    std::size_t next = 0;
    while (next < buffered_.size() &&
           Rule::AfterSnapshot(buffered_[next].range, snapshot.range.last) == Continuity::kOld) {
      ++next;
    }
    if (next < buffered_.size() &&
        Rule::AfterSnapshot(buffered_[next].range, snapshot.range.last) == Continuity::kGap) {
      return BookResult::kTooOld;
    }
    // A quiet renewal never takes the book back in time.
    if (refreshing_ && next == buffered_.size() && snapshot.range.last < current_) {
      return BookResult::kTooOld;
    }
    if (const BookResult loaded = Replace(snapshot); loaded != BookResult::kReplaced) return loaded;
    first_after_snapshot_ = true;
    const std::deque<BookChange> replay = std::move(buffered_);
    buffered_.clear();
    for (std::size_t i = next; i < replay.size(); ++i) {
      const BookResult result = ApplyNext(replay[i]);
      if (result == BookResult::kCrossed) return result;
      if (result == BookResult::kGap) {
        // Those behind the hole still follow one another: a later snapshot may bridge to them.
        buffered_.insert(buffered_.end(), replay.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                         replay.end());
        return result;
      }
    }
    return BookResult::kReplaced;
  }

  // Forgets the book; messages are buffered from now on.
  void Reset() {
    live_ = refreshing_ = false;
    buffered_.clear();
    book_.Clear();
  }
  // Keeps serving the book, and keeps messages for a snapshot that is to renew it.
  void BeginRefresh() { refreshing_ = live_; }

  bool live() const { return live_; }
  bool refreshing() const { return refreshing_; }
  const model::Book& book() const { return book_; }
  std::uint64_t current() const { return current_; }
  std::size_t buffered() const { return buffered_.size(); }

 private:
  BookResult Buffer(const BookChange& change) {
    // Numbers that go back are of another count: the exchange has begun anew, or what was kept
    // before is of another book. No snapshot would ever reach from there to here.
    if (!buffered_.empty() && change.range.last < buffered_.back().range.last) {
      if (IsBuffered(change.range)) return BookResult::kBuffered;  // a stream repeats itself
      buffered_.clear();
    }
    if (buffered_.size() == kMaxBuffered) buffered_.pop_front();
    buffered_.push_back(change);
    return BookResult::kBuffered;
  }

  bool IsBuffered(const UpdateRange& range) const {
    return std::ranges::any_of(buffered_, [&range](const BookChange& kept) {
      return kept.range.first == range.first && kept.range.last == range.last;
    });
  }

  BookResult Replace(const BookChange& full) {
    const bool sorted =
        book_.bids.Load(full.bids, full.cut) && book_.asks.Load(full.asks, full.cut);
    if (!sorted || book_.crossed()) return Invalidate(BookResult::kCrossed);
    current_ = full.range.last;
    live_ = true;
    refreshing_ = false;
    first_after_snapshot_ = false;
    last_old_ = 0;
    return BookResult::kReplaced;
  }

  BookResult ApplyNext(const BookChange& change) {
    const Continuity continuity = first_after_snapshot_
                                      ? Rule::AfterSnapshot(change.range, current_)
                                      : Rule::AfterUpdate(change.range, current_);
    // A stream repeats a message now and then. Old ones that rise are another thing: its numbers
    // have begun anew, and once they reach those of the book they would pass for its successors.
    const bool restarted = continuity == Continuity::kOld && !first_after_snapshot_ &&
                           last_old_ != 0 && change.range.first > last_old_;
    if (continuity == Continuity::kOld && !restarted) {
      last_old_ = change.range.last;
      return BookResult::kIgnored;
    }
    last_old_ = 0;
    if (continuity == Continuity::kGap || restarted) {
      const BookResult result = Invalidate(BookResult::kGap);
      // It may be the first that a coming snapshot bridges to.
      Buffer(change);
      return result;
    }
    if (change.window != 0) {
      book_.bids.ClearBoundary();
      book_.asks.ClearBoundary();
    }
    for (const model::Level& level : change.bids) book_.bids.Apply(level);
    for (const model::Level& level : change.asks) book_.asks.Apply(level);
    if (book_.crossed()) return Invalidate(BookResult::kCrossed);
    if (change.window != 0) {
      book_.bids.Truncate(change.window, /*bounded=*/false);
      book_.asks.Truncate(change.window, /*bounded=*/false);
    }
    first_after_snapshot_ = false;
    current_ = change.range.last;
    return BookResult::kApplied;
  }

  BookResult Invalidate(BookResult why) {
    Reset();
    return why;
  }

  bool live_ = false;
  bool refreshing_ = false;
  bool first_after_snapshot_ = false;
  // Where the latest message ended if it was old; 0 = it was not.
  std::uint64_t last_old_ = 0;
  std::uint64_t current_ = 0;
  model::Book book_;
  std::deque<BookChange> buffered_;
};

}  // namespace switchyard::exchange
