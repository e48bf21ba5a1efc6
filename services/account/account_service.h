#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "services/account/account_desk.h"
#include "services/accounts/account_desks.h"
#include "services/process/service_context.h"
#include "switchyard/account/v1/account_service.grpc.pb.h"

namespace switchyard::account {

// AccountService over the accounts of a process. Moves funds only where the account's configuration
// says so, to addresses that it lists, and once for each request id (see MoveFunds). Called by
// gRPC's threads; outlives the server and the clients' Stop.
class AccountService final : public v1::AccountService::WithRawCallbackMethod_StreamAccount<
                                 v1::AccountService::CallbackService> {
 public:
  // What `context` refers to, and the clients, must outlive the service.
  // Errors: InvalidArgument, naming a field of an account's configuration.
  static absl::StatusOr<std::unique_ptr<AccountService>> Create(
      const process::ServiceContext& context, Accounts accounts);

  // Starts the clients. Once, before anything is served.
  void Start() { desks_.Start(); }
  // Moves no further funds and waits, at most so long, for what is under way.
  void Drain(std::chrono::nanoseconds timeout);
  // How many streams read an account of `exchange`.
  std::uint32_t OpenStreams(std::string_view exchange) const {
    return desks_.OpenStreams(exchange);
  }

 private:
  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;

  using Desks = accounts::AccountDesks<exchange::AccountClient, AccountDesk>;
  using Target = Desks::Target;

  AccountService(const process::ServiceContext& context, Accounts accounts)
      : context_(context), desks_(context.clients, context.streams, std::move(accounts)) {}

  Unary* GetAccount(Context* context, const v1::GetAccountRequest* request,
                    v1::GetAccountResponse* response) override;
  Unary* ListBalances(Context* context, const v1::ListBalancesRequest* request,
                      v1::ListBalancesResponse* response) override;
  Unary* GetLeverage(Context* context, const v1::GetLeverageRequest* request,
                     v1::GetLeverageResponse* response) override;
  Unary* SetLeverage(Context* context, const v1::SetLeverageRequest* request,
                     v1::SetLeverageResponse* response) override;
  Unary* SetMarginMode(Context* context, const v1::SetMarginModeRequest* request,
                       v1::SetMarginModeResponse* response) override;
  Unary* SetPositionMode(Context* context, const v1::SetPositionModeRequest* request,
                         v1::SetPositionModeResponse* response) override;
  Unary* GetFees(Context* context, const v1::GetFeesRequest* request,
                 v1::GetFeesResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamAccount(
      Context* context, const grpc::ByteBuffer* request) override;
  Unary* Withdraw(Context* context, const v1::WithdrawRequest* request,
                  v1::WithdrawResponse* response) override;
  Unary* ListWithdrawals(Context* context, const v1::ListWithdrawalsRequest* request,
                         v1::ListWithdrawalsResponse* response) override;
  Unary* Transfer(Context* context, const v1::TransferRequest* request,
                  v1::TransferResponse* response) override;
  Unary* ListTransfers(Context* context, const v1::ListTransfersRequest* request,
                       v1::ListTransfersResponse* response) override;

  template <typename T, typename Request, typename Response>
  Unary* ListFunds(std::string_view rpc, const Request* request, Response* response,
                   void (exchange::AccountClient::*list)(exchange::FundsQuery,
                                                         exchange::Reply<exchange::Page<T>>),
                   T* (Response::*add)());

  const process::ServiceContext context_;
  Desks desks_;
};

}  // namespace switchyard::account
