#include "services/position/position_lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"

namespace switchyard::position {
namespace {

using common::v1::PositionSide;

auto OrderOf(const v1::Position& position) {
  return std::tuple(std::string_view(position.symbol()), position.position_side(),
                    std::string_view(position.exchange_position_id()));
}

bool IsHedged(PositionSide side) {
  return side == common::v1::POSITION_SIDE_LONG || side == common::v1::POSITION_SIDE_SHORT;
}

}  // namespace

absl::StatusOr<const v1::Position*> FindPosition(const std::vector<v1::Position>& positions,
                                                 std::string_view symbol, PositionSide side) {
  const v1::Position* found = nullptr;
  for (const v1::Position& position : positions) {
    if (position.symbol() != symbol) continue;
    if (IsHedged(position.position_side()) && !IsHedged(side)) {
      return InvalidField("position_side",
                          "LONG or SHORT is required: the account is in HEDGE mode");
    }
    if (!IsHedged(position.position_side()) && IsHedged(side)) {
      return InvalidField("position_side", "must be NET: the account is in ONE_WAY mode");
    }
    const bool same = !IsHedged(side) || position.position_side() == side;
    if (!same) continue;
    if (found != nullptr) {
      return absl::UnimplementedError(
          fmt::format("{}: the exchange splits this position into several", symbol));
    }
    found = &position;
  }
  return found;
}

v1::Position FlatPosition(const model::Instrument& instrument, std::string_view account,
                          PositionSide side, const exchange::PositionsReply& reply) {
  v1::Position flat;
  flat.set_exchange(instrument.exchange);
  flat.set_account(std::string(account));
  flat.set_symbol(instrument.symbol);
  flat.set_position_side(IsHedged(side) ? side : common::v1::POSITION_SIDE_NET);
  flat.set_settle_currency(instrument.settle);
  flat.mutable_size()->set_value("0");
  flat.mutable_size()->set_source(exchange::ToProto(reply.source));
  flat.mutable_size()->set_age_ns(reply.age.count());
  return flat;
}

void SortPositions(std::vector<v1::Position>& positions) {
  std::sort(positions.begin(), positions.end(),
            [](const auto& a, const auto& b) { return OrderOf(a) < OrderOf(b); });
}

std::string PlaceOf(const v1::Position& position) {
  // The separator sorts before every character of a symbol.
  return fmt::format("{}\n{}\n{}", position.symbol(), static_cast<int>(position.position_side()),
                     position.exchange_position_id());
}

}  // namespace switchyard::position
