#include "exchanges/gateio/futures/order/liquidations.h"

#include <fmt/format.h>

#include "common/status/status.h"
#include "exchanges/gateio/futures/order/contracts.h"
#include "exchanges/gateio/order/order_words.h"
#include "exchanges/gateio/order/report_fields.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using json::Json;

absl::Status Malformed(const absl::Status& why) { return MalformedReport("a liquidation", why); }

// Decimal text without exponent; "" where the field is missing.
absl::StatusOr<std::string> DecimalText(const Json& object, std::string_view field) {
  const auto value = json::OptionalDecimal(object, field);
  if (!value.ok()) return Malformed(value.status());
  return *value ? (*value)->ToShortString() : std::string();
}

void PutSource(const Origin& origin, position::v1::Liquidation& out) {
  out.set_receive_time_ns(origin.receive_time.value);
  out.set_source(origin.source == model::Source::kWebSocket ? common::v1::SOURCE_WEBSOCKET
                                                            : common::v1::SOURCE_REST);
}

// Told by the socket in milliseconds and over REST in whole seconds.
TimeNs TimeOf(const Json& object) {
  const TimeNs fine = TimeByMagnitude(TextOf(object, "time_ms"));
  return fine.given() ? fine : TimeByMagnitude(TextOf(object, "time"));
}

// Neither path gives an id of its own; this is the same on both.
std::string IdOf(std::string_view kind, const Json& object, const model::Instrument& instrument) {
  const std::string order = TextOf(object, "order_id");
  return fmt::format("{}-{}-{}", kind, TimeOf(object).Seconds(),
                     order.empty() || order == "0" ? instrument.exchange_symbol : order);
}

common::v1::PositionSide HalfOf(const Decimal& size) {
  if (size.is_zero()) return common::v1::POSITION_SIDE_UNSPECIFIED;
  return size.is_negative() ? common::v1::POSITION_SIDE_SHORT : common::v1::POSITION_SIDE_LONG;
}

// The members that both kinds have, by field.
absl::Status ReadCommon(const Json& object, const model::Instrument& instrument,
                        const Origin& origin, position::v1::Liquidation& out) {
  out.set_symbol(instrument.symbol);
  out.set_currency(instrument.settle.empty() ? instrument.quote : instrument.settle);
  SWITCHYARD_ASSIGN_OR_RETURN(*out.mutable_price(), DecimalText(object, "fill_price"));
  SWITCHYARD_ASSIGN_OR_RETURN(*out.mutable_entry_price(), DecimalText(object, "entry_price"));
  SWITCHYARD_ASSIGN_OR_RETURN(*out.mutable_leverage(), DecimalText(object, "leverage"));
  const std::string order = TextOf(object, "order_id");
  if (order != "0") out.set_exchange_order_id(order);
  out.set_exchange_time_ns(TimeOf(object).value);
  PutSource(origin, out);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<position::v1::Liquidation> ReadLiquidation(const Json& liquidation,
                                                          const Origin& origin) {
  SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                              InstrumentOf(liquidation, "contract", origin));
  position::v1::Liquidation out;
  out.set_kind(position::v1::LIQUIDATION_KIND_LIQUIDATION);
  out.set_liquidation_id(IdOf("liq", liquidation, *instrument));
  SWITCHYARD_RETURN_IF_ERROR(ReadCommon(liquidation, *instrument, origin, out));
  const auto size = json::RequireDecimal(liquidation, "size");
  const auto left = json::OptionalDecimal(liquidation, "left");
  for (const absl::Status& status : {size.status(), left.status()}) {
    if (!status.ok()) return Malformed(status);
  }
  out.set_position_side(HalfOf(*size));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal whole, ToBase(*instrument, size->Absolute()));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal rest,
                              ToBase(*instrument, left->value_or(Decimal()).Absolute()));
  const auto reduced = Decimal::Subtract(whole, rest);
  if (!reduced.ok()) return Malformed(reduced.status());
  out.set_quantity(reduced->ToShortString());
  if (*left) out.set_remaining_quantity(rest.ToShortString());
  SWITCHYARD_ASSIGN_OR_RETURN(*out.mutable_mark_price(), DecimalText(liquidation, "mark_price"));
  SWITCHYARD_ASSIGN_OR_RETURN(*out.mutable_liquidation_price(),
                              DecimalText(liquidation, "liq_price"));
  SWITCHYARD_ASSIGN_OR_RETURN(*out.mutable_margin(), DecimalText(liquidation, "margin"));
  return out;
}

absl::StatusOr<position::v1::Liquidation> ReadAutoDeleverage(const Json& deleverage,
                                                             const Origin& origin) {
  SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                              InstrumentOf(deleverage, "contract", origin));
  position::v1::Liquidation out;
  out.set_kind(position::v1::LIQUIDATION_KIND_AUTO_DELEVERAGING);
  out.set_liquidation_id(IdOf("adl", deleverage, *instrument));
  SWITCHYARD_RETURN_IF_ERROR(ReadCommon(deleverage, *instrument, origin, out));
  const auto traded = json::RequireDecimal(deleverage, "trade_size");
  const auto rest = json::RequireDecimal(deleverage, "position_size");
  for (const absl::Status& status : {traded.status(), rest.status()}) {
    if (!status.ok()) return Malformed(status);
  }
  // Of a position that is gone only the size remains, whose sign is not documented.
  out.set_position_side(HalfOf(*rest));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal reduced, ToBase(*instrument, traded->Absolute()));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal remaining, ToBase(*instrument, rest->Absolute()));
  out.set_quantity(reduced.ToShortString());
  out.set_remaining_quantity(remaining.ToShortString());
  return out;
}

absl::StatusOr<common::v1::PositionSide> ToPositionSide(std::string_view mode) {
  if (mode == "single") return common::v1::POSITION_SIDE_NET;
  if (mode == "dual_long") return common::v1::POSITION_SIDE_LONG;
  if (mode == "dual_short") return common::v1::POSITION_SIDE_SHORT;
  return MalformedReport("a position", absl::InternalError(fmt::format("mode '{}'", mode)));
}

absl::StatusOr<PositionSize> ReadPositionSize(const Json& position, const Origin& origin) {
  PositionSize out;
  SWITCHYARD_ASSIGN_OR_RETURN(out.instrument, InstrumentOf(position, "contract", origin));
  SWITCHYARD_ASSIGN_OR_RETURN(out.side, ToPositionSide(TextOf(position, "mode")));
  const auto size = json::RequireDecimal(position, "size");
  if (!size.ok()) return MalformedReport("a position", size.status());
  SWITCHYARD_ASSIGN_OR_RETURN(out.size, ToBase(*out.instrument, *size));
  return out;
}

absl::StatusOr<std::vector<position::v1::Position>> ReadPositionSizes(const std::string& body,
                                                                      const Origin& origin,
                                                                      const std::string& exchange,
                                                                      const std::string& account) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json list, ParseList("positions", body));
  std::vector<position::v1::Position> out;
  for (const Json& entry : list) {
    SWITCHYARD_ASSIGN_OR_RETURN(const PositionSize read, ReadPositionSize(entry, origin));
    if (read.size.is_zero()) continue;
    position::v1::Position& position = out.emplace_back();
    position.set_exchange(exchange);
    position.set_account(account);
    position.set_symbol(read.instrument->symbol);
    position.set_position_side(read.side);
    position.set_side(read.size.is_negative() ? common::v1::SIDE_SELL : common::v1::SIDE_BUY);
    position.mutable_size()->set_value(read.size.Absolute().ToShortString());
    position.mutable_size()->set_source(common::v1::SOURCE_REST);
    position.set_settle_currency(read.instrument->settle);
    position.set_receive_time_ns(origin.receive_time.value);
  }
  return out;
}

}  // namespace switchyard::exchanges::gateio::futures
