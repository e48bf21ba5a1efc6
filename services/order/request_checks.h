#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "switchyard/order/v1/order_service.pb.h"

// What OrderService's requests must look like, beyond what services/order/risk checks. Pure.
// Errors: InvalidArgument with the field's name, INVALID_FIELD unless stated.
namespace switchyard::order {

inline constexpr int kMaxCanceledKeys = 100;

// Where a page of a list of the past begins: in the journal, then behind it in what the exchange
// still knows.
struct PastPosition {
  std::uint64_t before = 0;  // number or sequence behind which; 0 = the newest
  // Set: behind the journal. The exchange's own token, and the page size that it was made for.
  std::optional<std::string> history;
  std::uint32_t history_page_size = 0;

  bool is_first() const { return before == 0 && !history.has_value(); }
  std::string ToText() const;
  // Errors: InvalidArgument, INVALID_PAGE_TOKEN.
  static absl::StatusOr<PastPosition> Parse(const std::string& text);
};

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
