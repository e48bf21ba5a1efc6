#include "services/order/state/fill_sums.h"

#include <string>

#include "common/status/status.h"

namespace switchyard::order {
namespace {

absl::Status AddFee(const std::string& currency, const std::string& amount, FillSums& sums) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal fee, Decimal::Parse(amount));
  Decimal& sum = sums.fees[currency];
  SWITCHYARD_ASSIGN_OR_RETURN(sum, Decimal::Add(sum, fee));
  return absl::OkStatus();
}

}  // namespace

absl::Status AddFill(const v1::Fill& fill, FillSums& sums) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal price, Decimal::Parse(fill.price()));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal quantity, Decimal::Parse(fill.quantity()));
  FillSums added = sums;
  SWITCHYARD_ASSIGN_OR_RETURN(added.quantity, Decimal::Add(sums.quantity, quantity));
  const absl::StatusOr<Decimal> quote = Decimal::Multiply(price, quantity);
  const absl::StatusOr<Decimal> sum =
      quote.ok() && sums.quote.has_value() ? Decimal::Add(*sums.quote, *quote) : quote;
  added.quote = sum.ok() && sums.quote.has_value() ? std::optional(*sum) : std::nullopt;
  if (fill.fee().empty()) {
    added.fees_known = false;
  } else {
    SWITCHYARD_RETURN_IF_ERROR(AddFee(fill.fee_currency(), fill.fee(), added));
  }
  for (const v1::FeeAmount& fee : fill.additional_fees()) {
    SWITCHYARD_RETURN_IF_ERROR(AddFee(fee.currency(), fee.amount(), added));
  }
  sums = std::move(added);
  return absl::OkStatus();
}

}  // namespace switchyard::order
