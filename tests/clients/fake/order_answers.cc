#include "tests/clients/fake/order_answers.h"

#include <fmt/format.h>

#include <string>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/time/time.h"

namespace switchyard::clients::fake {
namespace {

using order::v1::StreamOrderEventsRequest;
using order::v1::StreamOrderEventsResponse;

constexpr int kHeartbeatMs = 1000;
constexpr int kStepMs = 5;
// Open orders come in pages of one, so that a client that forgets a page is found out.
constexpr std::size_t kOpenOrdersPage = 1;

}  // namespace

template <typename Request, typename Response, typename Command>
grpc::Status OrderAnswers::Run(std::string_view rpc, const Request& request, Response& response,
                               Command command) {
  if (answers_.before_command) {
    if (grpc::Status status = answers_.before_command(rpc, request); !status.ok()) return status;
  }
  const auto account = accounts_.Find(request.exchange(), request.account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  const absl::Status done = command(**account, response);
  if (!done.ok()) return ToGrpcStatus(done);
  if (answers_.after_command) return answers_.after_command(rpc, request);
  return grpc::Status::OK;
}

grpc::Status OrderAnswers::PlaceOrder(grpc::ServerContext*,
                                      const order::v1::PlaceOrderRequest* request,
                                      order::v1::PlaceOrderResponse* response) {
  return Run("PlaceOrder", *request, *response,
             [&](FakeAccount& account, auto& answer) -> absl::Status {
               SWITCHYARD_ASSIGN_OR_RETURN(const auto placed, account.Place(request->ticket()));
               *answer.mutable_order() = placed.order;
               answer.set_replayed(placed.replayed);
               return absl::OkStatus();
             });
}

grpc::Status OrderAnswers::AmendOrder(grpc::ServerContext*,
                                      const order::v1::AmendOrderRequest* request,
                                      order::v1::AmendOrderResponse* response) {
  return Run("AmendOrder", *request, *response,
             [&](FakeAccount& account, auto& answer) -> absl::Status {
               SWITCHYARD_ASSIGN_OR_RETURN(const auto amended, account.Amend(*request));
               *answer.mutable_order() = amended.order;
               answer.set_replayed(amended.replayed);
               return absl::OkStatus();
             });
}

grpc::Status OrderAnswers::CancelOrder(grpc::ServerContext*,
                                       const order::v1::CancelOrderRequest* request,
                                       order::v1::CancelOrderResponse* response) {
  return Run("CancelOrder", *request, *response,
             [&](FakeAccount& account, auto& answer) -> absl::Status {
               SWITCHYARD_ASSIGN_OR_RETURN(const auto canceled,
                                           account.Cancel(request->order(), request->request_id()));
               *answer.mutable_order() = canceled.order;
               answer.set_replayed(canceled.replayed);
               return absl::OkStatus();
             });
}

grpc::Status OrderAnswers::CancelAllOrders(grpc::ServerContext*,
                                           const order::v1::CancelAllOrdersRequest* request,
                                           order::v1::CancelAllOrdersResponse* response) {
  return Run("CancelAllOrders", *request, *response, [&](FakeAccount& account, auto& answer) {
    for (const auto& order : account.CancelAll(request->symbol())) {
      *answer.add_results()->mutable_order() = order;
    }
    return absl::OkStatus();
  });
}

grpc::Status OrderAnswers::SetKillSwitch(grpc::ServerContext*,
                                         const order::v1::SetKillSwitchRequest* request,
                                         order::v1::SetKillSwitchResponse* response) {
  return Run("SetKillSwitch", *request, *response, [&](FakeAccount& account, auto& answer) {
    *answer.mutable_kill_switch() = account.SetKillSwitch(*request);
    if (!request->cancel_open_orders()) return absl::OkStatus();
    for (const auto& order : account.CancelAll("")) {
      *answer.add_results()->mutable_order() = order;
    }
    return absl::OkStatus();
  });
}

grpc::Status OrderAnswers::GetOrder(grpc::ServerContext*, const order::v1::GetOrderRequest* request,
                                    order::v1::GetOrderResponse* response) {
  const auto account = accounts_.Find(request->exchange(), request->account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  const auto order = (*account)->Find(request->order());
  if (!order.ok()) return ToGrpcStatus(order.status());
  *response->mutable_order() = *order;
  if (!request->include_fills()) return grpc::Status::OK;
  for (const auto& fill : (*account)->Fills(order->ticket().client_order_id())) {
    *response->add_fills() = fill;
  }
  return grpc::Status::OK;
}

grpc::Status OrderAnswers::WaitForOrder(grpc::ServerContext*,
                                        const order::v1::WaitForOrderRequest* request,
                                        order::v1::WaitForOrderResponse* response) {
  const auto account = accounts_.Find(request->exchange(), request->account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  // Every outcome is known at once here.
  const auto order = (*account)->Find(request->order());
  if (!order.ok()) return ToGrpcStatus(order.status());
  *response->mutable_order() = *order;
  return grpc::Status::OK;
}

grpc::Status OrderAnswers::ListOpenOrders(grpc::ServerContext*,
                                          const order::v1::ListOpenOrdersRequest* request,
                                          order::v1::ListOpenOrdersResponse* response) {
  const auto account = accounts_.Find(request->exchange(), request->account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  *response->mutable_position() = (*account)->End();
  const auto orders = (*account)->Orders(/*open_alone=*/true);
  const std::size_t start = request->page_token().empty() ? 0 : std::stoul(request->page_token());
  for (std::size_t index = start; index < orders.size(); ++index) {
    if (index == start + kOpenOrdersPage) {
      response->set_next_page_token(fmt::to_string(index));
      break;
    }
    *response->add_orders() = orders[index];
  }
  return grpc::Status::OK;
}

grpc::Status OrderAnswers::ListOrders(grpc::ServerContext*,
                                      const order::v1::ListOrdersRequest* request,
                                      order::v1::ListOrdersResponse* response) {
  const auto account = accounts_.Find(request->exchange(), request->account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  for (const auto& order : (*account)->Orders(/*open_alone=*/false)) {
    bool wanted = request->states().empty();
    for (const int state : request->states()) wanted = wanted || state == order.state();
    if (wanted) *response->add_orders() = order;
  }
  return grpc::Status::OK;
}

grpc::Status OrderAnswers::ListFills(grpc::ServerContext*,
                                     const order::v1::ListFillsRequest* request,
                                     order::v1::ListFillsResponse* response) {
  const auto account = accounts_.Find(request->exchange(), request->account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  for (const auto& fill : (*account)->Fills(request->order().client_order_id())) {
    *response->add_fills() = fill;
  }
  return grpc::Status::OK;
}

grpc::Status OrderAnswers::GetRiskLimits(grpc::ServerContext*,
                                         const order::v1::GetRiskLimitsRequest* request,
                                         order::v1::GetRiskLimitsResponse* response) {
  const auto account = accounts_.Find(request->exchange(), request->account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  auto& limit = *response->add_limits();
  limit.set_kind(order::v1::RISK_LIMIT_KIND_ORDER_QUANTITY);
  limit.set_limit(fmt::to_string(kLargestQuantity));
  *response->mutable_kill_switch() = (*account)->kill_switch();
  response->set_accepting_orders(!response->kill_switch().engaged());
  if (!response->accepting_orders()) response->set_refusal("the kill switch is engaged");
  return grpc::Status::OK;
}

grpc::Status OrderAnswers::StreamOrderEvents(
    grpc::ServerContext* context, const StreamOrderEventsRequest* request,
    grpc::ServerWriter<StreamOrderEventsResponse>* writer) {
  OrderEventsScript script(*context, *writer, stopping_, streams_++);
  if (answers_.stream_order_events) return answers_.stream_order_events(*request, script);
  const auto account = accounts_.Find(request->exchange(), request->account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  return FlowEvents(*request, **account, script);
}

grpc::Status OrderAnswers::FlowEvents(const StreamOrderEventsRequest& request, FakeAccount& account,
                                      OrderEventsScript& script) const {
  if (!request.session_id().empty()) account.Connect(request.session_id());
  common::v1::JournalPosition position =
      request.has_resume_from() ? request.resume_from() : account.End();
  script.Write(AcknowledgeAll<StreamOrderEventsResponse>(1, kHeartbeatMs));
  int sent = 0;
  for (int waited = 0;; waited += kStepMs) {
    StreamOrderEventsResponse response;
    for (const auto& event : account.EventsAfter(position)) {
      *response.add_events() = event;
      position.set_epoch(event.epoch());
      position.set_sequence(event.sequence());
    }
    if (response.events().empty() && waited % kHeartbeatMs == 0) {
      response.mutable_heartbeat()->set_publish_time_ns(SystemClock().Now().value);
    }
    const bool anything = response.has_heartbeat() || !response.events().empty();
    if (anything && !script.Write(response)) break;
    sent += response.events_size();
    if (answers_.cut_orders_after > 0 && sent >= answers_.cut_orders_after) {
      return {grpc::StatusCode::UNAVAILABLE, "cut, as the test wants it"};
    }
    if (!script.Pause(kStepMs)) break;
  }
  return grpc::Status::OK;
}

}  // namespace switchyard::clients::fake
