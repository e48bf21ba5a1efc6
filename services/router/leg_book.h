#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "switchyard/marketdata/v1/events.pb.h"

namespace switchyard::router {

struct BookLevel {
  std::int64_t price;
  std::int64_t quantity;
  friend bool operator==(const BookLevel&, const BookLevel&) = default;
};

// One exchange's book as a client of the contract keeps it: from SNAPSHOT, DELTA and STALE events
// alone. value = mantissa x 10^exponent. A plain value; one thread at a time.
class LegBook {
 public:
  // Both sides of the event are checked before either side of the book changes.
  // Errors: DataLoss, a delta that does not continue the book; InvalidArgument, arrays of different
  // lengths; OutOfRange, a value that does not fit at the book's exponent. The book is then invalid
  // until the next snapshot.
  absl::Status Apply(const marketdata::v1::MarketDataEvent& event);
  // From an answer of GetOrderBook. Errors as Apply.
  absl::Status Load(const marketdata::v1::OrderBookLevels& levels);
  void Invalidate();

  // False before the first snapshot, after STALE and after an error.
  bool valid() const { return valid_; }
  int price_exponent() const { return price_exponent_; }
  int quantity_exponent() const { return quantity_exponent_; }
  // Best first.
  const std::vector<BookLevel>& bids() const { return bids_; }
  const std::vector<BookLevel>& asks() const { return asks_; }

 private:
  absl::Status ApplyDelta(const marketdata::v1::MarketDataEvent& event);
  // Brings the book to exponents at which both it and the levels are whole.
  absl::Status AlignExponents(const marketdata::v1::OrderBookLevels& levels);

  bool valid_ = false;
  std::uint64_t epoch_ = 0;
  std::uint64_t sequence_ = 0;
  int price_exponent_ = 0;
  int quantity_exponent_ = 0;
  std::vector<BookLevel> bids_;
  std::vector<BookLevel> asks_;
};

// mantissa x 10^from at the exponent `to` (<= from). False when it does not fit.
bool Rescale(std::int64_t mantissa, int from, int to, std::int64_t* rescaled);

}  // namespace switchyard::router
