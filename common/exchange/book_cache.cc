#include "common/exchange/book_cache.h"

#include <algorithm>

namespace switchyard::exchange {

model::BookView TopOfBook(std::span<const model::Level> bids, std::span<const model::Level> asks,
                          const model::Instrument& instrument, std::size_t depth) {
  model::BookView view;
  const auto top = [depth](std::span<const model::Level> levels) {
    const auto cut = levels.first(std::min(depth, levels.size()));
    return std::vector<model::Level>(cut.begin(), cut.end());
  };
  view.bids = top(bids);
  view.asks = top(asks);
  view.price_scale = instrument.price_scale;
  view.quantity_scale = instrument.quantity_scale;
  view.source = model::Source::kRest;
  return view;
}

model::Quote QuoteOf(const model::BookView& book) {
  model::Quote quote;
  if (!book.bids.empty()) quote.bid = book.bids.front();
  if (!book.asks.empty()) quote.ask = book.asks.front();
  quote.price_scale = book.price_scale;
  quote.quantity_scale = book.quantity_scale;
  quote.source = book.source;
  quote.age = book.age;
  quote.exchange_time = book.exchange_time;
  quote.exchange_sequence = book.exchange_sequence;
  return quote;
}

bool BookCache::Read(model::InstrumentId instrument, const BookQuery& query,
                     std::chrono::nanoseconds now, model::BookView* view) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(instrument);
  if (found == entries_.end()) return false;
  const Entry& entry = found->second;
  if (entry.depth < query.depth || now - entry.read_at > query.max_age) return false;
  *view = entry.view;
  if (view->bids.size() > query.depth) view->bids.resize(query.depth);
  if (view->asks.size() > query.depth) view->asks.resize(query.depth);
  view->source = model::Source::kCache;
  view->age = now - entry.read_at;
  return true;
}

void BookCache::Keep(model::InstrumentId instrument, std::uint32_t depth,
                     const model::BookView& view, std::chrono::nanoseconds now) {
  const std::lock_guard lock(mutex_);
  entries_[instrument] = {view, depth, now};
}

}  // namespace switchyard::exchange
