#pragma once

#include <optional>

#include "services/order/order_reads.h"
#include "switchyard/order/v1/order_service.pb.h"

// The part of a list of the past that is older than the journal: the exchange is asked for it, and
// what the journal has all the same is left out. In a turn.
namespace switchyard::order {

// How far back the answer to this request is whole, and whether pages of the exchange's follow.
v1::HistoryCoverage CoverageOf(AccountDesk& desk, const v1::ListOrdersRequest& request);
v1::HistoryCoverage CoverageOf(AccountDesk& desk, const v1::ListFillsRequest& request);

// `position` is behind the journal.
void ListOlderOrders(AccountDesk& desk, const v1::ListOrdersRequest& request,
                     const PastPosition& position, Answer<v1::ListOrdersResponse> answer);
// `order`: of this one alone.
void ListOlderFills(AccountDesk& desk, const v1::ListFillsRequest& request,
                    const PastPosition& position, std::optional<exchange::OrderReference> order,
                    Answer<v1::ListFillsResponse> answer);

}  // namespace switchyard::order
