#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/account_client.h"
#include "exchanges/gateio/futures/position/live_marks.h"
#include "exchanges/gateio/futures/position/position_book.h"
#include "exchanges/gateio/private/private_socket.h"

namespace switchyard::exchanges::gateio::futures {

// maintenance margin / (margin + unrealised profit) of an isolated position: Gate.io liquidates it
// about where that is 1 (inferred from Position's maintenance margin). Nullopt: not isolated, flat,
// or not known. Half to even at 6 decimals.
std::optional<Decimal> IsolatedRatioOf(const position::v1::Position& position);

// How near the isolated positions of one account are to liquidation: follows the positions and
// their mark prices and tells each ratio that moves. Connection thread.
class IsolatedMargins {
 public:
  // False where nobody can be told now: a snapshot follows.
  using Tell = std::function<bool(const exchange::IsolatedMargin&)>;

  // `market_data` outlives it. `feed` null = marks are polled.
  IsolatedMargins(std::string exchange, std::string account,
                  exchange::MarketDataClient& market_data, const std::shared_ptr<AccountLink>& link,
                  std::unique_ptr<MarkFeed> feed, Tell tell);

  // All positions as REST told them when it was asked at `asked_at` (steady).
  void OnSnapshot(std::vector<RawPosition> positions, std::chrono::nanoseconds asked_at,
                  std::shared_ptr<const model::InstrumentTable> table);
  // A push of futures.positions; before the first snapshot nothing is made of it.
  // Errors: as ReadPositions.
  absl::Status OnPush(const PrivateDelivery& delivery);

  std::vector<exchange::ConnectionStatus> Status() const { return marks_.Status(); }

 private:
  using Key = std::pair<std::string, common::v1::PositionSide>;

  void OnMark(const std::string& symbol, const Decimal& price, const Stamp& stamp);
  void TellOf(const std::vector<position::v1::Position>& positions);
  void FollowIsolated();

  const Clock& clock_;
  const Tell tell_;
  PositionBook book_;
  LiveMarks marks_;
  std::shared_ptr<const model::InstrumentTable> table_;
  std::set<Key> told_;             // with a ratio
  std::set<Key> untold_closings_;  // had one; to be told with the next snapshot
};

}  // namespace switchyard::exchanges::gateio::futures
