#pragma once

#include <memory>

#include "common/exchange/book_sequencer.h"
#include "common/exchange/published_books.h"
#include "common/exchange/topic_board.h"

namespace switchyard::exchange {

// Tells what became of one instrument's book: to streams by the topic board, to readers on other
// threads by the published copy. Connection thread.
class BookPublisher {
 public:
  BookPublisher(model::InstrumentId instrument, const Clock& clock, TopicBoard& board,
                PublishedBooks& published)
      : instrument_(instrument),
        clock_(clock),
        board_(board),
        copy_(published.GetOrCreate(instrument)) {}

  // The book is valid and stands at `sequence`, by `change`.
  void Publish(const model::Book& book, std::uint64_t sequence, const BookChange& change);
  // The book must not be trusted until it is published again.
  void MarkStale(model::StaleReason reason);

 private:
  const model::InstrumentId instrument_;
  const Clock& clock_;
  TopicBoard& board_;
  const std::shared_ptr<PublishedBook> copy_;  // readers may hold it for longer
};

}  // namespace switchyard::exchange
