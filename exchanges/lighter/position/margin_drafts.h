#pragma once

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/model/market_data.h"
#include "exchanges/lighter/order/order_transactions.h"
#include "exchanges/lighter/private/transaction_lane.h"
#include "switchyard/common/v1/values.pb.h"

// What secures positions, as transactions. Pure; any thread. Source: protocol reference 3.10 and
// 6.10. Errors: Unimplemented, NOT_IN_CAPABILITIES, on spot markets; InvalidArgument, INVALID_FIELD
// or, with the nearest valid values, NOT_REPRESENTABLE.
namespace switchyard::exchanges::lighter {

// The leverage and margin mode of one market, which are set together. The exchange takes the
// initial margin in steps of 1e-4 of the value, so that it has not every leverage: one that it does
// not tell again as the same, to two decimals, is refused. Whether the market allows it, and
// whether the mode may change (not with a position or an order), the exchange says.
absl::StatusOr<Draft> LeverageDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                    const Decimal& leverage, common::v1::MarginMode mode);

// Adds collateral to an isolated position, or takes it away where `amount` is negative. Steps of
// 1e-6.
absl::StatusOr<Draft> MarginDraft(const KeyOwner& owner, const model::Instrument& instrument,
                                  const Decimal& amount);

}  // namespace switchyard::exchanges::lighter
