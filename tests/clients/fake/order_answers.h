#pragma once

#include <atomic>

#include "switchyard/order/v1/order_service.grpc.pb.h"
#include "tests/clients/fake/answers.h"
#include "tests/clients/fake/fake_accounts.h"

namespace switchyard::clients::fake {

// OrderService over the fake's accounts. Any thread.
class OrderAnswers final : public order::v1::OrderService::Service {
 public:
  OrderAnswers(const Answers& answers, const StopSignal& stopping, FakeAccounts& accounts)
      : answers_(answers), stopping_(stopping), accounts_(accounts) {}

  int streams() const { return streams_; }

  grpc::Status PlaceOrder(grpc::ServerContext*, const order::v1::PlaceOrderRequest* request,
                          order::v1::PlaceOrderResponse* response) override;
  grpc::Status AmendOrder(grpc::ServerContext*, const order::v1::AmendOrderRequest* request,
                          order::v1::AmendOrderResponse* response) override;
  grpc::Status CancelOrder(grpc::ServerContext*, const order::v1::CancelOrderRequest* request,
                           order::v1::CancelOrderResponse* response) override;
  grpc::Status CancelAllOrders(grpc::ServerContext*,
                               const order::v1::CancelAllOrdersRequest* request,
                               order::v1::CancelAllOrdersResponse* response) override;
  grpc::Status GetOrder(grpc::ServerContext*, const order::v1::GetOrderRequest* request,
                        order::v1::GetOrderResponse* response) override;
  grpc::Status WaitForOrder(grpc::ServerContext*, const order::v1::WaitForOrderRequest* request,
                            order::v1::WaitForOrderResponse* response) override;
  grpc::Status ListOpenOrders(grpc::ServerContext*, const order::v1::ListOpenOrdersRequest* request,
                              order::v1::ListOpenOrdersResponse* response) override;
  grpc::Status ListOrders(grpc::ServerContext*, const order::v1::ListOrdersRequest* request,
                          order::v1::ListOrdersResponse* response) override;
  grpc::Status ListFills(grpc::ServerContext*, const order::v1::ListFillsRequest* request,
                         order::v1::ListFillsResponse* response) override;
  grpc::Status StreamOrderEvents(
      grpc::ServerContext* context, const order::v1::StreamOrderEventsRequest* request,
      grpc::ServerWriter<order::v1::StreamOrderEventsResponse>* writer) override;
  grpc::Status GetRiskLimits(grpc::ServerContext*, const order::v1::GetRiskLimitsRequest* request,
                             order::v1::GetRiskLimitsResponse* response) override;
  grpc::Status SetKillSwitch(grpc::ServerContext*, const order::v1::SetKillSwitchRequest* request,
                             order::v1::SetKillSwitchResponse* response) override;

 private:
  // Runs one command between the hooks.
  template <typename Request, typename Response, typename Command>
  grpc::Status Run(std::string_view rpc, const Request& request, Response& response,
                   Command command);

  // What is in the journal after the position asked for, then what comes.
  grpc::Status FlowEvents(const order::v1::StreamOrderEventsRequest& request, FakeAccount& account,
                          OrderEventsScript& script) const;

  const Answers& answers_;
  const StopSignal& stopping_;
  FakeAccounts& accounts_;
  std::atomic<int> streams_{0};
};

}  // namespace switchyard::clients::fake
