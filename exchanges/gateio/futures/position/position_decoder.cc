#include "exchanges/gateio/futures/position/position_decoder.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/futures/order/liquidations.h"
#include "exchanges/gateio/rest/answer.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using common::v1::MarginMode;
using json::Json;

constexpr std::string_view kWhat = "positions";
// `adl_ranking`: 1 is the first to be deleveraged, 5 the last, 6 none.
constexpr std::int64_t kLastRank = 5;

bool IsPositive(const std::optional<Figure>& figure) {
  return figure && !figure->value.is_zero() && !figure->value.is_negative();
}

// What is told as 0 where there is none.
absl::StatusOr<std::optional<Figure>> ReadPositive(const Json& object, std::string_view field,
                                                   const Stamp& stamp) {
  SWITCHYARD_ASSIGN_OR_RETURN(std::optional<Figure> figure, ReadFigure(object, field, stamp));
  if (!IsPositive(figure)) figure.reset();
  return figure;
}

// `leverage` "0" is cross margin, held by `cross_leverage_limit`; all else is isolated.
// Source: API v4, "Futures", update position leverage.
absl::Status ReadLeverage(const Json& object, RawPosition& out) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Figure> leverage,
                              ReadFigure(object, "leverage", out.stamp));
  const std::string mode = TextOf(object, "pos_margin_mode");
  if (mode == "cross" || mode == "isolated") {
    out.margin_mode =
        mode == "cross" ? common::v1::MARGIN_MODE_CROSS : common::v1::MARGIN_MODE_ISOLATED;
  } else if (!mode.empty()) {
    out.margin_mode = common::v1::MARGIN_MODE_UNRECOGNISED;
    out.raw_margin_mode = mode;
  } else if (leverage) {
    out.margin_mode = leverage->value.is_zero() ? common::v1::MARGIN_MODE_CROSS
                                                : common::v1::MARGIN_MODE_ISOLATED;
  }
  if (IsPositive(leverage)) {
    out.leverage = leverage;
    return absl::OkStatus();
  }
  for (const char* const field : {"cross_leverage_limit", "lever"}) {
    if (out.leverage) break;
    SWITCHYARD_ASSIGN_OR_RETURN(out.leverage, ReadPositive(object, field, out.stamp));
  }
  return absl::OkStatus();
}

absl::Status ReadFigures(const Json& object, bool is_flat, RawPosition& out) {
  const std::pair<const char*, std::optional<Figure>*> fields[] = {
      {"maintenance_rate", &out.maintenance_rate},
      {"margin", &out.margin},
      {"realised_pnl", &out.realised_profit},
      {"pnl_fund", &out.funding},
      {"value", &out.value},
      {"unrealised_pnl", &out.unrealised_profit},
  };
  for (const auto& [name, target] : fields) {
    SWITCHYARD_ASSIGN_OR_RETURN(*target, ReadFigure(object, name, out.stamp));
  }
  const std::pair<const char*, std::optional<Figure>*> positive[] = {
      {"entry_price", &out.entry_price},
      {"mark_price", &out.mark_price},
      {"liq_price", &out.liquidation_price},
      // Told as 0 by accounts that have no such figure.
      {"maintenance_margin", &out.maintenance_margin},
  };
  for (const auto& [name, target] : positive) {
    SWITCHYARD_ASSIGN_OR_RETURN(*target, ReadPositive(object, name, out.stamp));
  }
  if (is_flat) out.entry_price.reset();
  return absl::OkStatus();
}

absl::Status ReadRest(const Json& object, RawPosition& out) {
  SWITCHYARD_ASSIGN_OR_RETURN(out.max_leverage, json::OptionalDecimal(object, "leverage_max"));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<std::int64_t> rank,
                              json::OptionalInt64(object, "adl_ranking"));
  if (rank && *rank >= 1 && *rank <= kLastRank) {
    out.deleverage_rank_percent = static_cast<std::uint32_t>((kLastRank + 1 - *rank) * 20);
  }
  const std::string id = TextOf(object, "pid");
  if (id != "0") out.exchange_position_id = id;
  out.open_time = TimeFromSeconds(TextOf(object, "open_time")).value_or(TimeNs());
  out.exchange_time = TimeFromMillis(TextOf(object, "time_ms")).value_or(TimeNs());
  for (const char* const field : {"update_time", "time"}) {
    if (!out.exchange_time.given()) {
      out.exchange_time = TimeFromSeconds(TextOf(object, field)).value_or(TimeNs());
    }
  }
  return absl::OkStatus();
}

// Nullopt: a flat position of an unknown contract.
absl::StatusOr<std::optional<RawPosition>> ReadPosition(const Json& object,
                                                        const model::InstrumentTable& table,
                                                        const Stamp& stamp) {
  RawPosition out;
  out.stamp = stamp;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string contract, json::RequireString(object, "contract"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal contracts, json::RequireDecimal(object, "size"));
  const model::Instrument* const instrument = table.FindExchangeSymbol(contract);
  if (instrument == nullptr) {
    if (contracts.is_zero()) return std::optional<RawPosition>();
    return absl::InternalError(fmt::format("a position in the unknown contract {}", contract));
  }
  out.instrument = instrument->id;
  out.symbol = instrument->symbol;
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal size,
                              Decimal::Multiply(contracts, instrument->multiplier));
  out.size = {size.Normalised(), stamp};
  SWITCHYARD_ASSIGN_OR_RETURN(out.side, ToPositionSide(TextOf(object, "mode")));
  const bool wrong_way =
      (out.side == common::v1::POSITION_SIDE_LONG && size.is_negative()) ||
      (out.side == common::v1::POSITION_SIDE_SHORT && !size.is_negative() && !size.is_zero());
  if (wrong_way) return absl::InternalError(fmt::format("{}: size against its side", contract));
  SWITCHYARD_RETURN_IF_ERROR(ReadLeverage(object, out));
  SWITCHYARD_RETURN_IF_ERROR(ReadFigures(object, size.is_zero(), out));
  SWITCHYARD_RETURN_IF_ERROR(ReadRest(object, out));
  return std::optional(std::move(out));
}

}  // namespace

absl::StatusOr<std::vector<RawPosition>> ReadPositions(const Json& list,
                                                       const model::InstrumentTable& table,
                                                       const Stamp& stamp) {
  std::vector<RawPosition> positions;
  const auto read = [&](const Json& object) -> absl::Status {
    auto position = ReadPosition(object, table, stamp);
    if (!position.ok()) return Unreadable(kWhat, position.status());
    if (*position) positions.push_back(**std::move(position));
    return absl::OkStatus();
  };
  if (list.is_object()) {
    SWITCHYARD_RETURN_IF_ERROR(read(list));
    return positions;
  }
  if (!list.is_array()) return Unreadable(kWhat, absl::InternalError("no list"));
  for (const Json& object : list) SWITCHYARD_RETURN_IF_ERROR(read(object));
  return positions;
}

}  // namespace switchyard::exchanges::gateio::futures
