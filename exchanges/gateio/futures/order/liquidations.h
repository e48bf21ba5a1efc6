#pragma once

#include "absl/status/statusor.h"
#include "exchanges/gateio/order/order_reports.h"
#include "switchyard/position/v1/liquidation.pb.h"
#include "switchyard/position/v1/position.pb.h"

// What futures.liquidates and futures.auto_deleverages tell, and sizes of positions, over either
// path. Pure; any thread. Exchange and account of the messages are left to the caller. Errors as
// OrderReports.
namespace switchyard::exchanges::gateio::futures {

absl::StatusOr<position::v1::Liquidation> ReadLiquidation(const json::Json& liquidation,
                                                          const Origin& origin);
absl::StatusOr<position::v1::Liquidation> ReadAutoDeleverage(const json::Json& deleverage,
                                                             const Origin& origin);

// A position's size in base units, negative = short, and which half of the position it is.
struct PositionSize {
  const model::Instrument* instrument = nullptr;
  common::v1::PositionSide side = common::v1::POSITION_SIDE_NET;
  Decimal size;
};
absl::StatusOr<PositionSize> ReadPositionSize(const json::Json& position, const Origin& origin);
// GET positions: the sizes of those that are not flat.
absl::StatusOr<std::vector<position::v1::Position>> ReadPositionSizes(const std::string& body,
                                                                      const Origin& origin,
                                                                      const std::string& exchange,
                                                                      const std::string& account);
// NET, LONG or SHORT of `single`, `dual_long`, `dual_short`. Errors: Internal.
absl::StatusOr<common::v1::PositionSide> ToPositionSide(std::string_view mode);

}  // namespace switchyard::exchanges::gateio::futures
