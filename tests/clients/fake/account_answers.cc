#include "tests/clients/fake/account_answers.h"

#include "common/decimal/decimal.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"

namespace switchyard::clients::fake {
namespace {

constexpr std::int64_t kLargestLeverage = 100;

}  // namespace

account::v1::Account FiguresOf(const std::string& exchange, const std::string& account) {
  account::v1::Account figures;
  figures.set_exchange(exchange);
  figures.set_account(account);
  figures.set_currency("USDT");
  figures.mutable_total()->mutable_equity()->set_value("1000.5");
  figures.mutable_total()->mutable_equity()->set_derived(true);
  figures.mutable_total()->mutable_available()->set_value("900");
  return figures;
}

account::v1::Balance BalanceOf(const std::string& exchange, const std::string& account) {
  account::v1::Balance balance;
  balance.set_exchange(exchange);
  balance.set_account(account);
  balance.set_currency("USDT");
  balance.set_total("1000.500000000000000001");
  balance.set_available("900");
  return balance;
}

grpc::Status PositionAnswers::ListPositions(grpc::ServerContext*,
                                            const position::v1::ListPositionsRequest* request,
                                            position::v1::ListPositionsResponse* response) {
  const auto account = accounts_.Find(request->exchange(), request->account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  if (FakeAccounts::IsSpot(request->exchange())) {
    return ToGrpcStatus(NotInCapabilities(request->exchange(), "positions"));
  }
  for (const auto& position : (*account)->Positions()) *response->add_positions() = position;
  return grpc::Status::OK;
}

grpc::Status AccountAnswers::ListBalances(grpc::ServerContext*,
                                          const account::v1::ListBalancesRequest* request,
                                          account::v1::ListBalancesResponse* response) {
  const auto account = accounts_.Find(request->exchange(), request->account());
  if (!account.ok()) return ToGrpcStatus(account.status());
  *response->add_balances() = BalanceOf(request->exchange(), "main");
  return grpc::Status::OK;
}

grpc::Status AccountAnswers::GetLeverage(grpc::ServerContext*,
                                         const account::v1::GetLeverageRequest* request,
                                         account::v1::GetLeverageResponse* response) {
  response->mutable_setting()->set_symbol(request->symbol());
  response->mutable_setting()->set_leverage("10");
  response->mutable_setting()->set_margin_mode(common::v1::MARGIN_MODE_CROSS);
  auto& bracket = *response->add_brackets();
  bracket.set_tier(1);
  bracket.set_notional_floor("0");
  bracket.set_max_leverage("100");
  response->mutable_freshness()->set_source(common::v1::SOURCE_REST);
  return grpc::Status::OK;
}

grpc::Status AccountAnswers::SetLeverage(grpc::ServerContext*,
                                         const account::v1::SetLeverageRequest* request,
                                         account::v1::SetLeverageResponse* response) {
  if (answers_.before_command) {
    if (auto status = answers_.before_command("SetLeverage", *request); !status.ok()) return status;
  }
  const auto leverage = Decimal::Parse(request->leverage());
  if (!leverage.ok() || *leverage > Decimal::FromInt(kLargestLeverage)) {
    return ToGrpcStatus(MakeError(absl::StatusCode::kInvalidArgument,
                                  common::v1::ERROR_REASON_LEVERAGE_NOT_ALLOWED,
                                  "leverage is not allowed", {{"nearest", "100"}}));
  }
  response->mutable_setting()->set_symbol(request->symbol());
  response->mutable_setting()->set_leverage(request->leverage());
  return grpc::Status::OK;
}

}  // namespace switchyard::clients::fake
