#include "exchanges/lighter/position/position_decoder.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/status.h"
#include "exchanges/lighter/order/order_words.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;
using position::v1::FundingPayment;
using position::v1::Liquidation;

absl::Status Malformed(std::string_view what, const absl::Status& why) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   fmt::format("cannot read {}: {}", what, std::string(why.message())));
}

std::string TextIn(const Json& object, std::string_view field) {
  const auto text = json::OptionalText(object, field);
  return text.ok() && *text ? **text : std::string();
}

std::int64_t StampIn(const Json& object, std::string_view field) {
  const auto stamp = json::OptionalInt64(object, field);
  return stamp.ok() ? stamp->value_or(0) : 0;
}

void ReadMarginMode(const Json& row, RawPosition& out) {
  const std::string mode = TextIn(row, "margin_mode");
  if (mode == "0") {
    out.margin_mode = common::v1::MARGIN_MODE_CROSS;
  } else if (mode == "1") {
    out.margin_mode = common::v1::MARGIN_MODE_ISOLATED;
  } else if (!mode.empty()) {
    out.margin_mode = common::v1::MARGIN_MODE_UNRECOGNISED;
    out.raw_margin_mode = mode;
  }
}

// Magnitude and sign are told apart.
absl::Status ReadSize(const Json& row, const model::Instrument& instrument, const Decimal& lots,
                      RawPosition& out) {
  SWITCHYARD_ASSIGN_OR_RETURN(out.size, ToQuantity(lots, instrument));
  if (lots.is_zero()) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t sign, json::RequireInt64(row, "sign"));
  if (lots.is_negative() || (sign != 1 && sign != -1)) {
    return absl::InternalError(fmt::format("position {} of sign {}", lots.ToShortString(), sign));
  }
  if (sign < 0) out.size = out.size.Negated();
  return absl::OkStatus();
}

absl::Status ReadMoney(const Json& row, const model::Instrument& instrument, RawPosition& out) {
  const std::pair<std::string_view, std::optional<Decimal>*> money[] = {
      {"position_value", &out.value},
      {"unrealized_pnl", &out.unrealised_profit},
      {"realized_pnl", &out.realised_profit},
  };
  for (const auto& [field, target] : money) {
    SWITCHYARD_ASSIGN_OR_RETURN(const auto amount, json::OptionalDecimal(row, field));
    if (amount) *target = amount->Normalised();
  }
  const std::pair<std::string_view, std::optional<Decimal>*> prices[] = {
      {"avg_entry_price", &out.entry_price}, {"liquidation_price", &out.liquidation_price}};
  for (const auto& [field, target] : prices) {
    SWITCHYARD_ASSIGN_OR_RETURN(const auto price, json::OptionalDecimal(row, field));
    if (!price || *price <= Decimal()) continue;
    SWITCHYARD_ASSIGN_OR_RETURN(*target, ToPrice(*price, instrument));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const auto margin, json::OptionalDecimal(row, "allocated_margin"));
  if (margin && out.margin_mode == common::v1::MARGIN_MODE_ISOLATED) {
    out.margin = margin->Normalised();
  }
  // Theirs counts what was paid.
  SWITCHYARD_ASSIGN_OR_RETURN(const auto paid,
                              json::OptionalDecimal(row, "total_funding_paid_out"));
  if (paid) out.funding = paid->Normalised().Negated();
  if (out.value && !out.size.is_zero()) {
    constexpr int kScale = 12;
    const auto mark =
        Decimal::Divide(out.value->Absolute(), out.size.Absolute(), kScale, Rounding::kHalfEven);
    if (mark.ok()) out.mark_price = mark->Normalised();
  }
  return absl::OkStatus();
}

// Nullopt: a flat row that is not wanted.
absl::StatusOr<std::optional<RawPosition>> ReadPosition(const Json& row,
                                                        const model::InstrumentTable& instruments,
                                                        bool keep_flat) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t market, json::RequireInt64(row, "market_id"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal lots, json::RequireDecimal(row, "position"));
  if (lots.is_zero() && !keep_flat) return std::optional<RawPosition>();
  const auto instrument = InstrumentOfMarket(instruments, market);
  if (!instrument.ok()) {
    if (lots.is_zero()) return std::optional<RawPosition>();
    return instrument.status();
  }
  RawPosition out;
  out.symbol = (*instrument)->symbol;
  out.settle = (*instrument)->settle;
  SWITCHYARD_RETURN_IF_ERROR(ReadSize(row, **instrument, lots, out));
  ReadMarginMode(row, out);
  SWITCHYARD_ASSIGN_OR_RETURN(const auto percent,
                              json::OptionalDecimal(row, "initial_margin_fraction"));
  if (percent) {
    SWITCHYARD_ASSIGN_OR_RETURN(out.leverage, ToLeverage(*percent));
  }
  SWITCHYARD_RETURN_IF_ERROR(ReadMoney(row, **instrument, out));
  return std::optional(std::move(out));
}

}  // namespace

absl::StatusOr<std::optional<Decimal>> ToLeverage(const Decimal& margin_percent) {
  if (margin_percent.is_zero()) return std::optional<Decimal>();
  SWITCHYARD_ASSIGN_OR_RETURN(
      const Decimal leverage,
      Decimal::Divide(Decimal::FromInt(100), margin_percent, 2, Rounding::kDown));
  return std::optional(leverage.Normalised());
}

absl::StatusOr<std::vector<RawPosition>> ReadPositions(const Json& positions,
                                                       const model::InstrumentTable& instruments,
                                                       bool keep_flat) {
  std::vector<RawPosition> out;
  if (positions.is_null()) return out;
  if (!positions.is_structured()) {
    return Malformed("positions", absl::InternalError("neither list nor object"));
  }
  for (const Json& row : positions) {
    auto read = ReadPosition(row, instruments, keep_flat);
    if (!read.ok()) return Malformed("positions", read.status());
    if (*read) out.push_back(**std::move(read));
  }
  return out;
}

absl::StatusOr<FundingPayment> ReadFundingPayment(const Json& payment, const Origin& origin) {
  constexpr std::string_view kWhat = "a funding payment";
  const auto market = json::RequireInt64(payment, "market_id");
  const auto change = json::RequireDecimal(payment, "change");
  const auto percent = json::OptionalDecimal(payment, "rate");
  const auto lots = json::OptionalDecimal(payment, "position_size");
  for (const absl::Status& status :
       {market.status(), change.status(), percent.status(), lots.status()}) {
    if (!status.ok()) return Malformed(kWhat, status);
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                              InstrumentOfMarket(origin.instruments, *market));
  FundingPayment out;
  out.set_symbol(instrument->symbol);
  out.set_currency(instrument->settle);
  out.set_payment_id(TextIn(payment, "funding_id"));
  if (out.payment_id().empty()) return Malformed(kWhat, absl::InternalError("no funding_id"));
  out.set_amount(change->ToShortString());
  if (*percent) {
    const auto rate = Decimal::FromMantissa((*percent)->mantissa(), (*percent)->scale() + 2);
    if (!rate.ok()) return Malformed(kWhat, rate.status());
    out.set_rate(rate->ToShortString());
  }
  constexpr std::uint32_t kInterval = 3600;
  out.set_interval_seconds(kInterval);
  if (*lots) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal size, ToQuantity((*lots)->Absolute(), *instrument));
    out.set_position_size(size.ToString());
  }
  const std::string side = TextIn(payment, "position_side");
  if (side == "long") out.set_position_side(common::v1::POSITION_SIDE_LONG);
  if (side == "short") out.set_position_side(common::v1::POSITION_SIDE_SHORT);
  out.set_payment_time_ns(TimeByMagnitude(StampIn(payment, "timestamp")).value);
  return out;
}

absl::StatusOr<std::optional<Liquidation>> ReadNotification(const Json& notification,
                                                            const Origin& origin) {
  constexpr std::string_view kWhat = "a notification";
  const std::string kind = TextIn(notification, "kind");
  const bool liquidated = kind == "liquidation";
  if (!liquidated && kind != "deleverage") return std::optional<Liquidation>();
  const Json* const content = json::Find(notification, "content");
  if (content == nullptr || !content->is_object()) {
    return Malformed(kWhat, absl::InternalError("no content"));
  }
  const auto market = json::RequireInt64(*content, "market_index");
  const auto lots = json::RequireDecimal(*content, "size");
  const auto price = json::RequireDecimal(*content, liquidated ? "price" : "settlement_price");
  for (const absl::Status& status : {market.status(), lots.status(), price.status()}) {
    if (!status.ok()) return Malformed(kWhat, status);
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const model::Instrument* const instrument,
                              InstrumentOfMarket(origin.instruments, *market));
  Liquidation out;
  out.set_symbol(instrument->symbol);
  out.set_currency(instrument->settle);
  out.set_liquidation_id(TextIn(notification, "id"));
  if (out.liquidation_id().empty()) return Malformed(kWhat, absl::InternalError("no id"));
  out.set_kind(liquidated ? position::v1::LIQUIDATION_KIND_LIQUIDATION
                          : position::v1::LIQUIDATION_KIND_AUTO_DELEVERAGING);
  out.set_raw_kind(kind);
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal size, ToQuantity(lots->Absolute(), *instrument));
  out.set_quantity(size.ToString());
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal at, ToPrice(*price, *instrument));
  out.set_price(at.ToString());
  // The order that reduced it was a sale where the position was long. A deleveraging does not say.
  const auto is_ask = json::OptionalBool(*content, "is_ask");
  if (liquidated && is_ask.ok() && *is_ask) {
    out.set_position_side(**is_ask ? common::v1::POSITION_SIDE_LONG
                                   : common::v1::POSITION_SIDE_SHORT);
  }
  out.set_exchange_time_ns(TimeByMagnitude(StampIn(*content, "timestamp")).value);
  out.set_receive_time_ns(origin.receive_time.value);
  out.set_source(origin.source == model::Source::kRest ? common::v1::SOURCE_REST
                                                       : common::v1::SOURCE_WEBSOCKET);
  return std::optional(std::move(out));
}

}  // namespace switchyard::exchanges::lighter
