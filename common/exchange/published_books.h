#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "common/exchange/published_book.h"

namespace switchyard::exchange {

// Published books by instrument, for readers on any thread.
class PublishedBooks {
 public:
  explicit PublishedBooks(std::size_t depth) : depth_(depth) {}

  std::shared_ptr<PublishedBook> GetOrCreate(model::InstrumentId instrument) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<PublishedBook>& book = books_[instrument];
    if (book == nullptr) book = std::make_shared<PublishedBook>(depth_);
    return book;
  }
  // Null where no book was ever kept.
  std::shared_ptr<PublishedBook> Find(model::InstrumentId instrument) const {
    const std::lock_guard lock(mutex_);
    const auto found = books_.find(instrument);
    return found == books_.end() ? nullptr : found->second;
  }

 private:
  const std::size_t depth_;
  mutable std::mutex mutex_;
  std::map<model::InstrumentId, std::shared_ptr<PublishedBook>> books_;
};

}  // namespace switchyard::exchange
