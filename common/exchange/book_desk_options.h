#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "common/exchange/book_sequencer.h"
#include "common/exchange/market_data_client.h"

namespace switchyard::exchange {

// How the books of one exchange are kept, as data.
struct BookDeskOptions {
  std::string exchange;
  // Levels that a book must be able to show; below that a cut book is renewed from a snapshot.
  std::size_t depth = 50;
  // The exchange sends whole books on subscription, so a lost one is had by subscribing anew.
  bool stream_has_snapshots = false;
  std::chrono::nanoseconds first_retry = std::chrono::milliseconds(200);
  std::chrono::nanoseconds longest_retry = std::chrono::seconds(5);
  // At least this long between two renewals, or two resyncs after a crossed book.
  std::chrono::nanoseconds pause = std::chrono::seconds(1);
  // How long the stream may be behind a snapshot before it counts as stalled.
  std::chrono::nanoseconds catch_up = std::chrono::milliseconds(500);
};

// What a book desk asks of its owner.
struct BookDeskHooks {
  // Reads a book over REST; the reply comes on the connection thread, later.
  std::function<void(model::InstrumentId, Reply<BookChange>)> read_snapshot;
  // Subscribes anew on the same socket.
  std::function<void(model::InstrumentId)> resubscribe;
  // The subscription is stuck: subscribes anew, then on a new socket.
  std::function<void(model::InstrumentId)> renew;
};

}  // namespace switchyard::exchange
