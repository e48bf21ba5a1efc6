#pragma once

#include "common/exchange/order_client.h"
#include "common/json/json.h"
#include "common/model/order.h"

// Reports as short JSON: what a report does not say is left out, enums without their prefix,
// numbers as text, times in milliseconds.
namespace switchyard::exchanges::gateio {

json::Json DescribeOrder(const model::OrderReport& report);
json::Json DescribeFill(const model::FillReport& fill);
json::Json DescribeLiquidation(const position::v1::Liquidation& liquidation);

}  // namespace switchyard::exchanges::gateio
