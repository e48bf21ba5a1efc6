#include "exchanges/lighter/position/margin_drafts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/status/status.h"
#include "exchanges/lighter/position/position_decoder.h"
#include "exchanges/lighter/utils/converters.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr std::int64_t kWhole = 10'000;  // an initial margin of all of the value
constexpr int kMoneyScale = 6;

absl::Status CheckPerpetual(const model::Instrument& instrument) {
  if (instrument.kind == model::InstrumentKind::kPerpetual) return absl::OkStatus();
  return NotInCapabilities(instrument.exchange, "margin on spot markets");
}

// As the exchange's percent text tells it.
absl::StatusOr<Decimal> LeverageOf(std::int64_t margin_fraction) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal percent, Decimal::FromMantissa(margin_fraction, 2));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto leverage, ToLeverage(percent));
  return *leverage;
}

}  // namespace

absl::StatusOr<Draft> LeverageDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                    const Decimal& leverage, common::v1::MarginMode mode) {
  SWITCHYARD_RETURN_IF_ERROR(CheckPerpetual(instrument));
  if (mode != common::v1::MARGIN_MODE_CROSS && mode != common::v1::MARGIN_MODE_ISOLATED) {
    return InvalidField("margin_mode", "must be CROSS or ISOLATED");
  }
  if (leverage < Decimal::FromInt(1) || leverage > Decimal::FromInt(kWhole)) {
    return InvalidField("leverage", "must be 1 to 10000");
  }
  SWITCHYARD_ASSIGN_OR_RETURN(
      const Decimal quotient,
      Decimal::Divide(Decimal::FromInt(kWhole), leverage, 0, Rounding::kDown));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t fraction, quotient.MantissaAt(0));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal told, LeverageOf(fraction));
  if (told != leverage) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal below, LeverageOf(std::min(fraction + 1, kWhole)));
    return MakeError(
        absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_NOT_REPRESENTABLE,
        fmt::format("a leverage of {} is no margin in steps of 0.01 %", leverage.ToShortString()),
        {{"field", "leverage"}, {"nearest", below.ToShortString() + "," + told.ToShortString()}});
  }
  signing::UpdateLeverage out;
  out.account_index = owner.account_index;
  out.api_key_index = owner.api_key_index;
  out.market_index = MarketIdOf(instrument);
  out.initial_margin_fraction = fraction;
  out.margin_mode = mode == common::v1::MARGIN_MODE_CROSS ? signing::MarginMode::kCross
                                                          : signing::MarginMode::kIsolated;
  return Draft{out, {}};
}

absl::StatusOr<Draft> MarginDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                  const Decimal& amount) {
  SWITCHYARD_RETURN_IF_ERROR(CheckPerpetual(instrument));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal unit, Decimal::FromMantissa(1, kMoneyScale));
  signing::UpdateMargin out;
  out.account_index = owner.account_index;
  out.api_key_index = owner.api_key_index;
  out.market_index = MarketIdOf(instrument);
  SWITCHYARD_ASSIGN_OR_RETURN(out.usdc_amount,
                              ToUnits("amount", amount.Absolute(), unit, signing::bounds::kMax60));
  out.direction =
      amount.is_negative() ? signing::MarginDirection::kRemove : signing::MarginDirection::kAdd;
  return Draft{out, {}};
}

}  // namespace switchyard::exchanges::lighter
