#include "common/exchange/repair_pace.h"

#include <algorithm>

#include "common/status/status.h"

namespace switchyard::exchange {

std::chrono::nanoseconds RepairPace::OnBreak(std::chrono::nanoseconds now) {
  const bool repeated = last_break_ && now - *last_break_ < options_.pause;
  last_break_ = now;
  return repeated ? options_.pause : std::chrono::nanoseconds(0);
}

std::chrono::nanoseconds RepairPace::OnFailure(const absl::Status& why) {
  const std::chrono::nanoseconds doubled =
      delay_.count() == 0 ? options_.first_retry : std::min(delay_ * 2, options_.longest_retry);
  delay_ = std::max(doubled, RetryAfterOf(why).value_or(std::chrono::nanoseconds(0)));
  return delay_;
}

std::chrono::nanoseconds RepairPace::AtLeast(std::chrono::nanoseconds delay) {
  delay_ = std::max(delay_, delay);
  return delay_;
}

bool RepairPace::TakeRefresh(const model::Book& book, std::chrono::nanoseconds now) {
  if (!IsShort(book.bids) && !IsShort(book.asks)) return false;
  if (last_refresh_ && now - *last_refresh_ < options_.pause) return false;
  last_refresh_ = now;
  return true;
}

bool RepairPace::IsShort(const model::BookSide& side) const {
  return side.bounded() && side.size() < options_.depth;
}

}  // namespace switchyard::exchange
