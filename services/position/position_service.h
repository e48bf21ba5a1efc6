#pragma once

#include <cstdint>
#include <string_view>

#include "common/exchange/position_client.h"
#include "services/accounts/account_desks.h"
#include "services/accounts/account_directory.h"
#include "services/accounts/request_ledger.h"
#include "services/position/position_feed.h"
#include "services/process/service_context.h"
#include "switchyard/position/v1/position_service.grpc.pb.h"

namespace switchyard::position {

using Accounts = accounts::AccountDirectory<exchange::PositionClient>;
using PositionAccount = Accounts::Account;
using CloseLedger = accounts::RequestLedger<v1::ClosePositionResponse>;
using MarginLedger = accounts::RequestLedger<v1::AdjustPositionMarginResponse>;

// PositionService over the accounts of a process. Commands are served once for each request id, as
// long as the process lives (see RequestLedger for its bounds); a closing order also beyond that,
// because the exchange knows it by an id that is made from the request's. Called by gRPC's threads;
// outlives the server and the clients' Stop.
class PositionService final : public v1::PositionService::WithRawCallbackMethod_StreamPositions<
                                  v1::PositionService::CallbackService> {
 public:
  // What `context` refers to, and the clients, must outlive this object. Adds a task to the ticker.
  PositionService(const process::ServiceContext& context, Accounts accounts);

  // Starts the clients. Once, before anything is served.
  void Start() { desks_.Start(); }
  // Takes no new command and waits, at most so long, for those under way.
  void Drain(std::chrono::nanoseconds timeout);
  // How many streams read positions of `exchange`.
  std::uint32_t OpenStreams(std::string_view exchange) const {
    return desks_.OpenStreams(exchange);
  }

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  // What the service keeps of one account.
  struct Desk {
    Desk(const PositionAccount& account, const Clock& clock)
        : feed(account.exchange, account.name(), clock) {}
    PositionFeed feed;
    CloseLedger closes;
    MarginLedger margins;
  };
  using Desks = accounts::AccountDesks<exchange::PositionClient, Desk>;
  using Target = Desks::Target;

  Unary* ListPositions(Context* context, const v1::ListPositionsRequest* request,
                       v1::ListPositionsResponse* response) override;
  Unary* GetPosition(Context* context, const v1::GetPositionRequest* request,
                     v1::GetPositionResponse* response) override;
  Unary* ClosePosition(Context* context, const v1::ClosePositionRequest* request,
                       v1::ClosePositionResponse* response) override;
  Unary* AdjustPositionMargin(Context* context, const v1::AdjustPositionMarginRequest* request,
                              v1::AdjustPositionMarginResponse* response) override;
  Unary* ListFundingPayments(Context* context, const v1::ListFundingPaymentsRequest* request,
                             v1::ListFundingPaymentsResponse* response) override;
  Unary* ListLiquidations(Context* context, const v1::ListLiquidationsRequest* request,
                          v1::ListLiquidationsResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamPositions(
      Context* context, const grpc::ByteBuffer* request) override;

  template <typename T, typename Request, typename Response>
  Unary* ListHistory(std::string_view rpc, const Request* request, Response* response,
                     void (exchange::PositionClient::*list)(exchange::HistoryQuery,
                                                            exchange::Reply<exchange::Page<T>>),
                     T* (Response::*add)());

  const process::ServiceContext context_;
  Desks desks_;
};

}  // namespace switchyard::position
