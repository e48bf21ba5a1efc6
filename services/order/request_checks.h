#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "services/order/reads/past_position.h"
#include "switchyard/order/v1/order_service.pb.h"

// What OrderService's requests must look like, beyond what services/order/risk checks. Pure.
// Errors: InvalidArgument with the field's name, INVALID_FIELD unless stated.
namespace switchyard::order {

inline constexpr int kMaxCanceledKeys = 100;

absl::Status CheckRequest(const v1::PlaceOrderRequest& request);
// The list alone; its tickets are checked one by one.
absl::Status CheckRequest(const v1::PlaceOrdersRequest& request);
absl::Status CheckRequest(const v1::AmendOrderRequest& request);
absl::Status CheckRequest(const v1::CancelOrderRequest& request);
// Also REQUEST_TOO_LARGE.
absl::Status CheckRequest(const v1::CancelOrdersRequest& request);
absl::Status CheckRequest(const v1::CancelAllOrdersRequest& request);
absl::Status CheckRequest(const v1::GetOrderRequest& request);
absl::Status CheckRequest(const v1::WaitForOrderRequest& request);
absl::Status CheckRequest(const v1::StreamOrderEventsRequest& request);

// Number or sequence behind which the page begins; 0 = the first page. Also checks the size of the
// page, its times, its filters. Errors: also INVALID_PAGE_TOKEN.
absl::StatusOr<std::uint64_t> CheckPage(const v1::ListOpenOrdersRequest& request);
absl::StatusOr<PastPosition> CheckPage(const v1::ListOrdersRequest& request);
absl::StatusOr<PastPosition> CheckPage(const v1::ListFillsRequest& request);

}  // namespace switchyard::order
