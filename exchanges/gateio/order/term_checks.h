#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/model/market_data.h"
#include "common/model/order.h"

// What Gate.io cannot express, whatever the product. Pure; any thread.
namespace switchyard::exchanges::gateio {

bool IsConditional(order::v1::OrderType type);
// Ends as a MARKET order, at once or when triggered.
bool IsMarket(order::v1::OrderType type);

// Errors: Unimplemented, NOT_IN_CAPABILITIES; InvalidArgument, INVALID_FIELD.
absl::Status CheckCommonTerms(std::string_view exchange, const model::OrderTerms& terms);

// Errors: InvalidArgument, NOT_REPRESENTABLE with `nearest`, where `quantity` is not a multiple of
// the instrument's step.
absl::Status CheckStep(const model::Instrument& instrument, const Decimal& quantity);

}  // namespace switchyard::exchanges::gateio
