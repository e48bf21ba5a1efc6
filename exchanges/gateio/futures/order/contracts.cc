#include "exchanges/gateio/futures/order/contracts.h"

#include <fmt/format.h>

#include "common/status/status.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio::futures {

absl::StatusOr<Decimal> ToContracts(const model::Instrument& instrument, const Decimal& base) {
  const auto contracts = Decimal::Divide(base, instrument.multiplier,
                                         UnitsOf(instrument).size_scale, Rounding::kExact);
  if (contracts.ok()) return contracts->Normalised();
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_NOT_REPRESENTABLE,
                   fmt::format("{} of {} is no number of contracts of {}", base.ToShortString(),
                               instrument.symbol, instrument.multiplier.ToShortString()),
                   {{"field", "quantity"}});
}

absl::StatusOr<Decimal> ToBase(const model::Instrument& instrument, const Decimal& contracts) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal base,
                              Decimal::Multiply(contracts, instrument.multiplier));
  return base.Normalised();
}

json::Json SizeOf(const Decimal& contracts, common::v1::Side side) {
  const Decimal size = side == common::v1::SIDE_SELL ? contracts.Negated() : contracts;
  if (const auto whole = size.MantissaAt(0); whole.ok()) return *whole;
  return size.ToShortString();
}

}  // namespace switchyard::exchanges::gateio::futures
