#include "common/exchange/book_publisher.h"

namespace switchyard::exchange {

void BookPublisher::Publish(const model::Book& book, std::uint64_t sequence,
                            const BookChange& change) {
  copy_->Publish(book, {change.exchange_time, change.receive_time, sequence}, clock_.Steady());
  EventStamp stamp;
  stamp.exchange_time = change.exchange_time;
  stamp.receive_time = change.receive_time;
  stamp.exchange_sequence = sequence;
  board_.PublishBook(instrument_, book, stamp);
}

void BookPublisher::MarkStale(model::StaleReason reason) {
  copy_->Invalidate();
  board_.PublishStale({instrument_, Channel::kOrderBook, 0}, reason, clock_.Now());
}

}  // namespace switchyard::exchange
