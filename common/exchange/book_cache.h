#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

#include "common/exchange/market_data_client.h"

namespace switchyard::exchange {

// The best `depth` levels a side of a book from REST.
model::BookView TopOfBook(std::span<const model::Level> bids, std::span<const model::Level> asks,
                          const model::Instrument& instrument, std::size_t depth);
// The best level a side.
model::Quote QuoteOf(const model::BookView& book);

// The last book that REST gave, by instrument, for reads that allow a cached answer. Any thread.
class BookCache {
 public:
  // False where nothing is deep and young enough for the query.
  bool Read(model::InstrumentId instrument, const BookQuery& query, std::chrono::nanoseconds now,
            model::BookView* view) const;
  void Keep(model::InstrumentId instrument, std::uint32_t depth, const model::BookView& view,
            std::chrono::nanoseconds now);

 private:
  struct Entry {
    model::BookView view;
    std::uint32_t depth = 0;
    std::chrono::nanoseconds read_at{0};
  };
  mutable std::mutex mutex_;
  std::map<model::InstrumentId, Entry> entries_;
};

}  // namespace switchyard::exchange
