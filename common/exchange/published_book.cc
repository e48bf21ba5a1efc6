#include "common/exchange/published_book.h"

#include <algorithm>

namespace switchyard::exchange {
namespace {

void CopyTop(const model::BookSide& side, std::size_t depth, std::vector<model::Level>& levels) {
  const std::size_t count = std::min(depth, side.size());
  levels.resize(count);
  for (std::size_t i = 0; i < count; ++i) levels[i] = side.at(i);
}

}  // namespace

void PublishedBook::Publish(const model::Book& book, const BookStamp& stamp,
                            std::chrono::nanoseconds steady_now) {
  const std::lock_guard lock(mutex_);
  CopyTop(book.bids, depth_, bids_);
  CopyTop(book.asks, depth_, asks_);
  stamp_ = stamp;
  published_at_ = steady_now;
  valid_ = true;
}

void PublishedBook::Invalidate() {
  const std::lock_guard lock(mutex_);
  valid_ = false;
}

bool PublishedBook::Read(std::size_t depth, std::chrono::nanoseconds steady_now,
                         model::BookView* view) const {
  const std::lock_guard lock(mutex_);
  if (!valid_) return false;
  const auto top = [depth](const std::vector<model::Level>& levels) {
    return std::vector<model::Level>(
        levels.begin(),
        levels.begin() + static_cast<std::ptrdiff_t>(std::min(depth, levels.size())));
  };
  view->bids = top(bids_);
  view->asks = top(asks_);
  view->source = model::Source::kWebSocket;
  view->exchange_time = stamp_.exchange_time;
  view->exchange_sequence = stamp_.exchange_sequence;
  view->age = std::max(steady_now - published_at_, std::chrono::nanoseconds(0));
  return true;
}

}  // namespace switchyard::exchange
