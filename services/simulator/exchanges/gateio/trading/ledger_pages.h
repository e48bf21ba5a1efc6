#pragma once

#include "absl/status/statusor.h"
#include "services/simulator/engine/order_store.h"
#include "switchyard/simulator/v1/simulator_service.pb.h"

namespace switchyard::simulator::gateio {

// Pages of what a store holds of the seeded users. Errors: InvalidArgument, a bad size or token.
absl::StatusOr<v1::ListClientOrdersResponse> ListOrders(const engine::OrderStore& store,
                                                        const v1::ListClientOrdersRequest& request);
absl::StatusOr<v1::ListClientFillsResponse> ListFills(const engine::OrderStore& store,
                                                      const v1::ListClientFillsRequest& request);

}  // namespace switchyard::simulator::gateio
