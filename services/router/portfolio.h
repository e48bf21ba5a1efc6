#pragma once

#include <vector>

#include "switchyard/router/v1/router_service.pb.h"

namespace switchyard::router {

// Sums over accounts, one per currency, ordered by currency. Nothing is converted; a sum that does
// not fit 38 digits stays empty. Pure.
std::vector<v1::CurrencyTotal> SumByCurrency(
    const google::protobuf::RepeatedPtrField<v1::PortfolioAccount>& accounts);

}  // namespace switchyard::router
