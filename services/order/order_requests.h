#pragma once

#include <string>

#include "services/order/account_desk.h"
#include "services/order/reads/order_reads.h"
#include "switchyard/order/v1/order_service.pb.h"

// The commands of OrderService that name themselves by a request_id, the kill switch and the
// limits, on one account's desk. In a turn; requests have been checked. Errors: as the service
// says.
namespace switchyard::order {

void ServeAmend(AccountDesk& desk, const v1::AmendOrderRequest& request,
                Answer<v1::AmendOrderResponse> answer);
void ServeCancel(AccountDesk& desk, const v1::CancelOrderRequest& request,
                 Answer<v1::CancelOrderResponse> answer);
void ServeCancels(AccountDesk& desk, const v1::CancelOrdersRequest& request,
                  Answer<v1::CancelOrdersResponse> answer);
void ServeCancelAll(AccountDesk& desk, const v1::CancelAllOrdersRequest& request,
                    Answer<v1::CancelAllOrdersResponse> answer);
void ServeKillSwitch(AccountDesk& desk, const v1::SetKillSwitchRequest& request,
                     const std::string& principal, Answer<v1::SetKillSwitchResponse> answer);
// `markets` where limits need them.
v1::GetRiskLimitsResponse RiskLimits(AccountDesk& desk, const std::string& symbol,
                                     const OrderCommands::Markets& markets);

}  // namespace switchyard::order
