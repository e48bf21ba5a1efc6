#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "services/order/account_desk.h"
#include "services/order/request_checks.h"
#include "switchyard/order/v1/order_service.pb.h"

// The reads of OrderService on one account's desk: from memory and journal where what is known is
// young enough, else after asking the exchange. All in a turn; replies come when everything that
// they tell is committed. Requests have been checked.
namespace switchyard::order {

template <typename T>
using Answer = std::function<void(absl::StatusOr<T> answer)>;

// Finds the order that a key names; one that is known to the exchange alone is asked for there.
// Errors: NotFound, UNKNOWN_ORDER; those of the exchange's client.
void WithOrder(AccountDesk& desk, const v1::OrderKey& key, Answer<std::uint64_t> found);

void GetOrder(AccountDesk& desk, const v1::GetOrderRequest& request,
              Answer<v1::GetOrderResponse> answer);
void ListOpenOrders(AccountDesk& desk, const v1::ListOpenOrdersRequest& request,
                    std::uint64_t before, Answer<v1::ListOpenOrdersResponse> answer);
// Orders of any state: those of the journal (placed here, or seen), then older ones that the
// exchange still knows. Likewise fills.
void ListOrders(AccountDesk& desk, const v1::ListOrdersRequest& request,
                const PastPosition& position, Answer<v1::ListOrdersResponse> answer);
void ListFills(AccountDesk& desk, const v1::ListFillsRequest& request, const PastPosition& position,
               Answer<v1::ListFillsResponse> answer);
// `markets` where limits need them.
v1::GetRiskLimitsResponse RiskLimits(AccountDesk& desk, const std::string& symbol,
                                     const OrderCommands::Markets& markets);

// What a request's page_size means.
std::uint32_t PageSizeOf(std::uint32_t page_size);

// As it is told to a caller now: with its age.
v1::Order Told(const v1::Order& order, TimeNs now);

absl::Status UnknownOrder(const std::string& exchange, const v1::OrderKey& key);

}  // namespace switchyard::order
