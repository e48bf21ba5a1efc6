#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/order_client.h"
#include "common/json/json.h"
#include "common/time/time.h"
#include "exchanges/gateio/order/order_reports.h"

// What the answers to commands say of each order. Pure; any thread.
namespace switchyard::exchanges::gateio {

// The answer to placing, amending or canceling one order: the order itself. Unknown where it is
// neither an order nor at least its id: something other than Gate.io's order engine has answered.
exchange::CommandResult ResultOf(const OrderReports& reports, std::string_view what,
                                 const json::Json& answer, const Origin& origin);

// The answer to placing a conditional order, which is its id alone.
exchange::CommandResult ConditionalResultOf(const exchange::PlaceCommand& command,
                                            std::string_view what, const json::Json& answer,
                                            TimeNs receive_time);

// The answer to amending a conditional order, which is its id alone. Unknown where it names another
// order: whether that one stands in its place is not documented.
exchange::CommandResult AmendedResultOf(const std::string& id, std::string_view what,
                                        const json::Json& answer);

// The items of a batch's answer, in the order of `ids`. An item belongs to the order whose id is in
// its `text` or `id`; where it has neither, to the one at its place. An order without an item is of
// unknown fate.
std::vector<exchange::CommandResult> BatchResultsOf(const OrderReports& reports,
                                                    std::string_view what,
                                                    const std::vector<std::string>& ids,
                                                    const json::Json& answer, const Origin& origin,
                                                    TimeNs now);

}  // namespace switchyard::exchanges::gateio
