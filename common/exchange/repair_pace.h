#pragma once

#include <chrono>
#include <optional>

#include "absl/status/status.h"
#include "common/exchange/book_desk_options.h"
#include "common/model/book.h"

namespace switchyard::exchange {

// How soon one book may be repaired and renewed. Times are steady. Connection thread.
class RepairPace {
 public:
  // `options` outlives it.
  explicit RepairPace(const BookDeskOptions& options) : options_(options) {}

  // The chain broke. How long its repair waits where such breaks must not be repaired without end:
  // 0 unless the one before is younger than `pause`.
  std::chrono::nanoseconds OnBreak(std::chrono::nanoseconds now);
  // The delay before another try after a snapshot that did not help: doubles, and heeds what `why`
  // asks for.
  std::chrono::nanoseconds OnFailure(const absl::Status& why);
  // The next delay is at least so long.
  std::chrono::nanoseconds AtLeast(std::chrono::nanoseconds delay);
  // The book is whole, or nothing is tried any more.
  void Reset() { delay_ = {}; }

  // Whether the book has lost levels at its far end, where nothing is known, and may be renewed
  // now; it then counts as renewed.
  bool TakeRefresh(const model::Book& book, std::chrono::nanoseconds now);

 private:
  bool IsShort(const model::BookSide& side) const;

  const BookDeskOptions& options_;
  std::chrono::nanoseconds delay_{};  // the last; 0 = none failed yet
  std::optional<std::chrono::nanoseconds> last_break_, last_refresh_;
};

}  // namespace switchyard::exchange
