#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/accounts/account_directory.h"
#include "services/accounts/requests.h"
#include "services/order/account_desk.h"
#include "services/process/service_context.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"

namespace switchyard::order {

// OrderService over the desks of a process's accounts: checks requests, hands them to the desk's
// thread, answers from it. Called by gRPC's threads; outlives the server.
class OrderService final : public v1::OrderService::WithRawCallbackMethod_StreamOrderEvents<
                               v1::OrderService::CallbackService> {
 public:
  // What `context` refers to must outlive this object.
  OrderService(const process::ServiceContext& context,
               std::vector<std::unique_ptr<AccountDesk>> desks);
  ~OrderService() override;

  // Starts every desk. Once, before anything is served.
  void Start();
  // From now on nothing new is taken; returns when what is under way is done, or the drain time is
  // over. Idempotent; before the server stops.
  void Drain();
  // Ends every desk. Idempotent; after the server.
  void Stop();

  // How the private connections of an exchange's accounts are, together; ready where every account
  // is known and its private stream is there. No accounts: ready.
  void GetStatus(std::string_view exchange, exchange::Reply<exchange::ClientStatus> reply) const;
  std::uint32_t OpenStreams(std::string_view exchange) const;

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  using CallPtr = accounts::CallPtr;
  using Directory = accounts::AccountDirectory<AccountDesk>;

  Unary* PlaceOrder(Context*, const v1::PlaceOrderRequest*, v1::PlaceOrderResponse*) override;
  Unary* PlaceOrders(Context*, const v1::PlaceOrdersRequest*, v1::PlaceOrdersResponse*) override;
  Unary* AmendOrder(Context*, const v1::AmendOrderRequest*, v1::AmendOrderResponse*) override;
  Unary* CancelOrder(Context*, const v1::CancelOrderRequest*, v1::CancelOrderResponse*) override;
  Unary* CancelOrders(Context*, const v1::CancelOrdersRequest*, v1::CancelOrdersResponse*) override;
  Unary* CancelAllOrders(Context*, const v1::CancelAllOrdersRequest*,
                         v1::CancelAllOrdersResponse*) override;
  Unary* GetOrder(Context*, const v1::GetOrderRequest*, v1::GetOrderResponse*) override;
  Unary* WaitForOrder(Context*, const v1::WaitForOrderRequest*, v1::WaitForOrderResponse*) override;
  Unary* ListOpenOrders(Context*, const v1::ListOpenOrdersRequest*,
                        v1::ListOpenOrdersResponse*) override;
  Unary* ListOrders(Context*, const v1::ListOrdersRequest*, v1::ListOrdersResponse*) override;
  Unary* ListFills(Context*, const v1::ListFillsRequest*, v1::ListFillsResponse*) override;
  Unary* GetRiskLimits(Context*, const v1::GetRiskLimitsRequest*,
                       v1::GetRiskLimitsResponse*) override;
  Unary* SetKillSwitch(Context*, const v1::SetKillSwitchRequest*,
                       v1::SetKillSwitchResponse*) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamOrderEvents(
      Context*, const grpc::ByteBuffer* request) override;

  // The desk that a request names. `rpc` as in the capability table.
  // Errors: InvalidArgument (UNKNOWN_EXCHANGE, UNKNOWN_ACCOUNT); Unimplemented.
  template <typename Request>
  absl::StatusOr<AccountDesk*> Find(const Request& request, std::string_view rpc) const;
  // Answers `call` with the response, unless it is over.
  template <typename Response>
  static std::function<void(absl::StatusOr<Response>)> Answering(CallPtr call, Response* response);

  const process::ServiceContext context_;
  std::vector<std::unique_ptr<AccountDesk>> desks_;
  Directory directory_;
  std::map<std::string, metrics::Gauge*, std::less<>> streams_;  // by exchange
};

}  // namespace switchyard::order
