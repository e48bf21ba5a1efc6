#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/position_client.h"
#include "common/model/market_data.h"
#include "switchyard/position/v1/position.pb.h"

// Finding one position among those that a client answered. Pure.
namespace switchyard::position {

// The position of `symbol` on the side that a request names (UNSPECIFIED: the only one there can
// be). Null: it is flat.
// Errors: InvalidArgument, INVALID_FIELD: the side does not go with the account's mode.
absl::StatusOr<const v1::Position*> FindPosition(const std::vector<v1::Position>& positions,
                                                 std::string_view symbol,
                                                 common::v1::PositionSide side);

// A flat one. `side` as the request names it.
v1::Position FlatPosition(const model::Instrument& instrument, std::string_view account,
                          common::v1::PositionSide side, const exchange::PositionsReply& reply);

// Orders by symbol, then side, then the exchange's own id.
void SortPositions(std::vector<v1::Position>& positions);
// Where a page goes on: behind the position with this text. Ordered as SortPositions orders.
std::string PlaceOf(const v1::Position& position);

}  // namespace switchyard::position
