#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

#include "common/model/book.h"

namespace switchyard::exchange {

// What a published book is stamped with.
struct BookStamp {
  TimeNs exchange_time{}, receive_time{};
  std::uint64_t exchange_sequence = 0;
};

// The top of a valid book, copied by its connection thread for readers on other threads. A mutex
// around a short copy: measured as good as a seqlock at this size, and simpler.
class PublishedBook {
 public:
  explicit PublishedBook(std::size_t depth) : depth_(depth) {}

  // Connection thread.
  void Publish(const model::Book& book, const BookStamp& stamp,
               std::chrono::nanoseconds steady_now);
  void Invalidate();

  // Any thread. At most `depth` levels a side; false, and nothing written, where no valid book is
  // kept. The view's scales are left as they are: the instrument has them.
  bool Read(std::size_t depth, std::chrono::nanoseconds steady_now, model::BookView* view) const;

 private:
  const std::size_t depth_;
  mutable std::mutex mutex_;
  bool valid_ = false;
  std::vector<model::Level> bids_, asks_;
  BookStamp stamp_;
  std::chrono::nanoseconds published_at_{0};
};

}  // namespace switchyard::exchange
