#include "common/exchange/book_handover.h"

#include <utility>
#include <vector>

namespace switchyard::exchange {

BookHandover::BookHandover(const Clock& clock, Hooks hooks)
    : clock_(clock), hooks_(std::move(hooks)) {}

void BookHandover::Keep(model::InstrumentId instrument, const BookChange& change) {
  std::deque<BookChange>& kept = books_[instrument].kept;
  // A whole book makes everything before it needless.
  if (change.full) kept.clear();
  if (kept.size() == kMostFrames) kept.pop_front();
  kept.push_back(change);
}

void BookHandover::OnFrame(model::InstrumentId instrument, BookChange& change) {
  auto found = books_.find(instrument);
  if (found == books_.end() || hooks_.in_rollover(instrument)) {
    hooks_.apply(instrument, change);
    return;
  }
  if (!found->second.switched_at) Switch(instrument, found->second);
  found = books_.find(instrument);
  if (found == books_.end()) {
    hooks_.apply(instrument, change);
  } else if (Continue(instrument, change, *found->second.switched_at)) {
    books_.erase(instrument);
  }
}

void BookHandover::Finish() {
  std::vector<model::InstrumentId> done;
  for (const auto& [instrument, book] : books_) {
    if (!book.switched_at && !hooks_.in_rollover(instrument)) done.push_back(instrument);
    // A quiet book: whatever comes now is no laggard.
    if (book.switched_at && clock_.Steady() - *book.switched_at > kMostLag) {
      done.push_back(instrument);
    }
  }
  for (const model::InstrumentId instrument : done) {
    const auto found = books_.find(instrument);
    if (found == books_.end()) continue;
    if (found->second.switched_at) {
      books_.erase(found);
    } else {
      Switch(instrument, found->second);
    }
  }
}

void BookHandover::Switch(model::InstrumentId instrument, Book& book) {
  const std::chrono::nanoseconds now = clock_.Steady();
  book.switched_at = now;
  // Taken out first: applying them may end the demand, and the entry with it.
  std::deque<BookChange> kept = std::exchange(book.kept, {});
  bool continued = false;
  for (BookChange& change : kept) {
    if (continued) {
      hooks_.apply(instrument, change);
    } else {
      continued = Continue(instrument, change, now);
    }
  }
  if (continued) books_.erase(instrument);
}

bool BookHandover::Continue(model::InstrumentId instrument, BookChange& change,
                            std::chrono::nanoseconds since) {
  const std::optional<std::uint64_t> current = hooks_.current(instrument);
  const bool old = current && change.range.last <= *current;
  if (old && clock_.Steady() - since <= kMostLag) return false;
  if (current && !old) change.range.exact = false;
  hooks_.apply(instrument, change);
  return true;
}

}  // namespace switchyard::exchange
