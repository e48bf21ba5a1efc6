#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "switchyard/common/v1/values.pb.h"

namespace switchyard::order::risk {

// What one open order can still do to a position.
struct OpenOrder {
  std::string symbol;
  common::v1::Side side = common::v1::SIDE_UNSPECIFIED;
  // UNSPECIFIED counts as NET.
  common::v1::PositionSide position_side = common::v1::POSITION_SIDE_UNSPECIFIED;
  Decimal quantity;            // base units that may still fill
  bool only_reduces = false;   // adds to no position
  bool rests = true;           // false: IOC, FOK and MARKET, which are never open orders
  Decimal filled = Decimal();  // base units so far
};

// The size of one position as the exchange tells it: base units, negative = short.
struct PositionSize {
  std::string symbol;
  common::v1::PositionSide side = common::v1::POSITION_SIDE_UNSPECIFIED;
  Decimal size;
};

// The most that a position can become in either direction if all open orders that lead there fill.
struct Reach {
  Decimal long_quantity;   // base units; negative: it stays short whatever fills
  Decimal short_quantity;  // base units; negative: it stays long whatever fills
};

// Open orders and positions of one account, summed as limits need them. Both are owned by others
// (the order manager, the exchange): these are the sums, kept up to date by whoever changes an
// order, orders that are not ours included. A fill and the position that it makes are told apart,
// in either order: whichever comes alone counts on top, until the other one comes or kSettling is
// over, so that no limit is overrun between the two. Times are steady. One thread.
class Exposure {
 public:
  static constexpr std::chrono::nanoseconds kSettling = std::chrono::seconds(5);

  explicit Exposure(std::chrono::nanoseconds now) : created_at_(now) {}

  // Adds an order, or replaces what was said of it.
  void Put(std::string_view key, OpenOrder order);
  // What may still fill, for instance after an amendment. Unknown keys are ignored, here and below.
  void SetQuantity(std::string_view key, const Decimal& quantity);
  // `filled` of it filled so far, whoever told it first: what is new can no longer fill, and its
  // position is told apart. To be called before SetQuantity and Remove, which tell of no fills.
  void SetFilled(std::string_view key, const Decimal& filled, std::chrono::nanoseconds now);
  // It is terminal.
  void Remove(std::string_view key);
  const OpenOrder* Find(std::string_view key) const;

  // All positions that are not flat, asked for at `asked_at`: replaces all that was told before
  // then. Positions are live from now on, unless they were lost after the question.
  void SetPositions(const std::vector<PositionSize>& positions, std::chrono::nanoseconds asked_at);
  // One position changed, told by the private stream.
  void SetPosition(const PositionSize& position, std::chrono::nanoseconds now);
  // From now on changes may be missed: what is known grows old until SetPositions.
  void PositionsLost(std::chrono::nanoseconds now);

  // True once SetPositions was called.
  bool positions_known() const { return known_; }
  // 0 while changes are being told; else since when not.
  std::chrono::nanoseconds PositionsAge(std::chrono::nanoseconds now) const;

  // Errors: OutOfRange, the sums exceed 38 digits.
  absl::StatusOr<Reach> ReachOf(std::string_view symbol, common::v1::PositionSide side,
                                std::chrono::nanoseconds now) const;
  // As told. 0 where none was.
  Decimal PositionOf(std::string_view symbol, common::v1::PositionSide side) const;
  // Sides of this market that have a position or an open order; at least NET.
  std::vector<common::v1::PositionSide> SidesOf(std::string_view symbol) const;
  // Markets with a position or an open order, in alphabetical order.
  std::vector<std::string> Symbols() const;
  // Orders that rest.
  std::uint32_t open_orders() const { return open_orders_; }

 private:
  // (symbol, position side, UNSPECIFIED replaced by NET).
  using PositionKey = std::pair<std::string, common::v1::PositionSide>;
  struct Change {
    Decimal quantity;  // positive = longer
    std::chrono::nanoseconds since;
  };
  struct Position {
    Decimal size;
    std::optional<std::chrono::nanoseconds> told_at;
    // What open orders may add. Absent: the sum exceeds 38 digits.
    std::optional<Decimal> buys = Decimal(), sells = Decimal();
    std::uint32_t orders = 0;
    // Fills without their position, or the reverse with the sign changed: all of one sign.
    std::deque<Change> settling;

    bool flat() const { return orders == 0 && size.is_zero() && settling.empty(); }
  };

  static PositionKey KeyOf(std::string_view symbol, common::v1::PositionSide side);
  static void Settle(Position& position, Decimal change, std::chrono::nanoseconds now);
  void Count(const OpenOrder& order, bool adds);
  void MendSums(const PositionKey& key, Position& position) const;

  const std::chrono::nanoseconds created_at_;
  std::map<std::string, OpenOrder, std::less<>> orders_;
  std::map<PositionKey, Position> positions_;
  std::uint32_t open_orders_ = 0;
  bool known_ = false;
  std::optional<std::chrono::nanoseconds> lost_at_;
};

}  // namespace switchyard::order::risk
