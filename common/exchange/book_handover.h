#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "common/exchange/book_sequencer.h"
#include "common/model/market_data.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// Brings books over a planned change of sockets without a break. While both sockets carry a book
// only the old one's frames count; those of the new one are kept, and continue the book when it has
// taken over: what the old one told already is left out, and the first frame behind it may overlap,
// which is exact because sizes are absolute. Connection thread.
class BookHandover {
 public:
  // Kept of one book; should there be more, the oldest go and the book is resynchronised.
  static constexpr std::size_t kMostFrames = 4'096;
  // How far the new socket may be behind the old one.
  static constexpr std::chrono::seconds kMostLag{1};

  struct Hooks {
    // Two sockets carry the book now.
    std::function<bool(model::InstrumentId)> in_rollover;
    // The number that the book stands at; none where it is not valid.
    std::function<std::optional<std::uint64_t>(model::InstrumentId)> current;
    // Applies a frame.
    std::function<void(model::InstrumentId, const BookChange&)> apply;
  };

  BookHandover(const Clock& clock, Hooks hooks);

  // Nothing is under way: frames go to their book directly.
  bool idle() const { return books_.empty(); }
  // A frame of the socket that is to take over.
  void Keep(model::InstrumentId instrument, const BookChange& change);
  // A frame of the socket that carries the book.
  void OnFrame(model::InstrumentId instrument, BookChange& change);
  // Applies what is kept of books whose change of sockets is done. After every batch.
  void Finish();
  // Nobody wants the book, or its numbers mean something else now.
  void Forget(model::InstrumentId instrument) { books_.erase(instrument); }

 private:
  struct Book {
    std::deque<BookChange> kept;
    std::optional<std::chrono::nanoseconds> switched_at;  // steady
  };

  void Switch(model::InstrumentId instrument, Book& book);
  // Applies the first frame that goes beyond the book; drops older ones. True when it has.
  bool Continue(model::InstrumentId instrument, BookChange& change, std::chrono::nanoseconds since);

  const Clock& clock_;
  const Hooks hooks_;
  std::map<model::InstrumentId, Book> books_;
};

}  // namespace switchyard::exchange
