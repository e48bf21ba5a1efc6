#pragma once

#include "switchyard/account/v1/account_service.grpc.pb.h"
#include "switchyard/position/v1/position_service.grpc.pb.h"
#include "tests/clients/fake/answers.h"
#include "tests/clients/fake/fake_accounts.h"

namespace switchyard::clients::fake {

// What every account of the fake holds.
account::v1::Account FiguresOf(const std::string& exchange, const std::string& account);
account::v1::Balance BalanceOf(const std::string& exchange, const std::string& account);

// PositionService over the fake's accounts: positions come from the fills. Any thread.
class PositionAnswers final : public position::v1::PositionService::Service {
 public:
  explicit PositionAnswers(FakeAccounts& accounts) : accounts_(accounts) {}

  grpc::Status ListPositions(grpc::ServerContext*,
                             const position::v1::ListPositionsRequest* request,
                             position::v1::ListPositionsResponse* response) override;

 private:
  FakeAccounts& accounts_;
};

// AccountService: fixed balances, and a leverage that can be set. Any thread.
class AccountAnswers final : public account::v1::AccountService::Service {
 public:
  AccountAnswers(const Answers& answers, FakeAccounts& accounts)
      : answers_(answers), accounts_(accounts) {}

  grpc::Status ListBalances(grpc::ServerContext*, const account::v1::ListBalancesRequest* request,
                            account::v1::ListBalancesResponse* response) override;
  grpc::Status GetLeverage(grpc::ServerContext*, const account::v1::GetLeverageRequest* request,
                           account::v1::GetLeverageResponse* response) override;
  grpc::Status SetLeverage(grpc::ServerContext*, const account::v1::SetLeverageRequest* request,
                           account::v1::SetLeverageResponse* response) override;

 private:
  const Answers& answers_;
  FakeAccounts& accounts_;
};

}  // namespace switchyard::clients::fake
