#include "services/order/request_checks.h"

#include <fmt/format.h>

#include "common/status/status.h"
#include "services/market_data/page_token.h"
#include "services/market_data/validation.h"
#include "services/order/risk/fields.h"
#include "services/order/risk/terms.h"
#include "services/order/risk/ticket.h"

namespace switchyard::order {
namespace {

constexpr std::uint32_t kMaxWaitMs = 600'000;

absl::Status CheckMaxAge(std::int64_t max_age_ns) {
  return max_age_ns < 0 ? InvalidField("max_age_ns", "is negative") : absl::OkStatus();
}

absl::Status CheckSide(common::v1::Side side) {
  return common::v1::Side_IsValid(side) ? absl::OkStatus()
                                        : InvalidField("side", "is no such side");
}

template <typename Request>
absl::StatusOr<PastPosition> CheckPaging(const Request& request) {
  SWITCHYARD_RETURN_IF_ERROR(CheckMaxAge(request.max_age_ns()));
  SWITCHYARD_RETURN_IF_ERROR(
      market_data::ParsePageSize(request.page_size(), market_data::kMaxListed).status());
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string position, market_data::PagePosition(request));
  return PastPosition::Parse(position);
}

}  // namespace

absl::Status CheckRequest(const v1::PlaceOrderRequest& request) {
  if (!request.has_ticket()) return InvalidField("ticket", "is required");
  return risk::CheckSingleTicket(request.ticket());
}

absl::Status CheckRequest(const v1::PlaceOrdersRequest& request) {
  return risk::CheckTicketList(request.tickets());
}

absl::Status CheckRequest(const v1::AmendOrderRequest& request) {
  return risk::CheckAmend(request);
}

absl::Status CheckRequest(const v1::CancelOrderRequest& request) {
  SWITCHYARD_RETURN_IF_ERROR(risk::CheckId("request_id", request.request_id()));
  return risk::CheckOrderKey("order", request.order());
}

absl::Status CheckRequest(const v1::CancelOrdersRequest& request) {
  SWITCHYARD_RETURN_IF_ERROR(risk::CheckId("request_id", request.request_id()));
  if (request.orders().empty()) return InvalidField("orders", "is required");
  if (request.orders_size() > kMaxCanceledKeys) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
        fmt::format("orders: {} are more than {}", request.orders_size(), kMaxCanceledKeys),
        {{"field", "orders"}});
  }
  for (int i = 0; i < request.orders_size(); ++i) {
    SWITCHYARD_RETURN_IF_ERROR(
        risk::CheckOrderKey(fmt::format("orders[{}]", i), request.orders(i)));
  }
  return absl::OkStatus();
}

absl::Status CheckRequest(const v1::CancelAllOrdersRequest& request) {
  SWITCHYARD_RETURN_IF_ERROR(risk::CheckId("request_id", request.request_id()));
  return CheckSide(request.side());
}

absl::Status CheckRequest(const v1::GetOrderRequest& request) {
  SWITCHYARD_RETURN_IF_ERROR(CheckMaxAge(request.max_age_ns()));
  return risk::CheckOrderKey("order", request.order());
}

absl::Status CheckRequest(const v1::WaitForOrderRequest& request) {
  if (!v1::WaitCondition_IsValid(request.condition())) {
    return InvalidField("condition", "is no such condition");
  }
  if (request.timeout_ms() > kMaxWaitMs) {
    return InvalidField("timeout_ms", fmt::format("is more than {}", kMaxWaitMs));
  }
  return risk::CheckOrderKey("order", request.order());
}

absl::Status CheckRequest(const v1::StreamOrderEventsRequest& request) {
  if (request.session_id().empty()) return absl::OkStatus();
  return risk::CheckId("session_id", request.session_id(), risk::kMaxSessionIdLength);
}

absl::StatusOr<std::uint64_t> CheckPage(const v1::ListOpenOrdersRequest& request) {
  SWITCHYARD_ASSIGN_OR_RETURN(const PastPosition position, CheckPaging(request));
  if (position.history.has_value()) return BadPageToken();
  return position.before;
}

absl::StatusOr<PastPosition> CheckPage(const v1::ListOrdersRequest& request) {
  SWITCHYARD_RETURN_IF_ERROR(
      market_data::CheckTimes(request.start_time_ns(), request.end_time_ns()));
  for (const int state : request.states()) {
    if (!v1::OrderState_IsValid(state) || state == v1::ORDER_STATE_UNSPECIFIED) {
      return InvalidField("states", fmt::format("{} is no state", state));
    }
  }
  return CheckPaging(request);
}

absl::StatusOr<PastPosition> CheckPage(const v1::ListFillsRequest& request) {
  SWITCHYARD_RETURN_IF_ERROR(
      market_data::CheckTimes(request.start_time_ns(), request.end_time_ns()));
  if (request.has_order()) {
    SWITCHYARD_RETURN_IF_ERROR(risk::CheckOrderKey("order", request.order()));
  }
  return CheckPaging(request);
}

}  // namespace switchyard::order
