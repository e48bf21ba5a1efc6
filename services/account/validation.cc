#include "services/account/validation.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/status/status.h"
#include "services/accounts/requests.h"
#include "services/market_data/page_token.h"
#include "services/market_data/validation.h"

namespace switchyard::account {
namespace {

constexpr std::string_view kDefaultMarginCallRatio = "0.8";
constexpr std::uint32_t kDefaultPage = 100;

absl::Status Disabled(std::string_view what, std::string_view field) {
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   common::v1::ERROR_REASON_DISABLED_BY_CONFIGURATION,
                   fmt::format("{} are off: {} is not set for this account", what, field));
}

absl::Status CheckCurrency(const std::string& currency) {
  return currency.empty() ? InvalidField("currency", "is required") : absl::OkStatus();
}

absl::Status CheckEndpoint(std::string_view field, bool has, const v1::TransferEndpoint& endpoint) {
  if (!has) return InvalidField(field, "is required");
  if (!v1::Wallet_IsValid(endpoint.wallet()) || endpoint.wallet() == v1::WALLET_UNRECOGNISED) {
    return InvalidField(fmt::format("{}.wallet", field), "is no such wallet");
  }
  if (!endpoint.raw_wallet().empty()) {
    return InvalidField(fmt::format("{}.raw_wallet", field), "must be empty in a request");
  }
  return absl::OkStatus();
}

template <typename Request, typename IsState>
absl::StatusOr<exchange::FundsQuery> ParseQuery(const Request& request, IsState is_state) {
  exchange::FundsQuery query;
  query.currency = request.currency();
  query.start = request.start_time_ns();
  query.end = request.end_time_ns();
  SWITCHYARD_RETURN_IF_ERROR(
      market_data::CheckTimes(request.start_time_ns(), request.end_time_ns()));
  SWITCHYARD_RETURN_IF_ERROR(accounts::ParseMaxAge(request.max_age_ns()).status());
  for (const int state : request.states()) {
    if (!is_state(state)) return InvalidField("states", fmt::format("{} is no state", state));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_size,
                              market_data::ParsePageSize(request.page_size(), kDefaultPage));
  SWITCHYARD_ASSIGN_OR_RETURN(query.page_token, market_data::PagePosition(request));
  return query;
}

}  // namespace

absl::StatusOr<Decimal> ParseMarginCallRatio(const config::v1::AccountConfig& config) {
  const std::string text = config.margin_call_ratio().empty() ? std::string(kDefaultMarginCallRatio)
                                                              : config.margin_call_ratio();
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal ratio,
                              accounts::ParsePositive("margin_call_ratio", text));
  // At 1 the exchange liquidates: a call above it never comes.
  if (ratio > Decimal::FromInt(1)) {
    return InvalidField("margin_call_ratio", fmt::format("{} is more than 1", text));
  }
  return ratio;
}

absl::Status CheckWithdrawals(const config::v1::AccountConfig& config) {
  if (!config.withdrawals() || !config.withdrawal_addresses().empty()) return absl::OkStatus();
  return InvalidField("withdrawal_addresses", "withdrawals are on, but no address is given");
}

absl::StatusOr<exchange::WithdrawCommand> ParseWithdrawal(const v1::WithdrawRequest& request,
                                                          const config::v1::AccountConfig& config) {
  if (!config.withdrawals()) return Disabled("withdrawals", "withdrawals");
  exchange::WithdrawCommand command;
  SWITCHYARD_RETURN_IF_ERROR(
      accounts::CheckRequestId("client_withdrawal_id", request.client_withdrawal_id()));
  SWITCHYARD_RETURN_IF_ERROR(CheckCurrency(request.currency()));
  SWITCHYARD_ASSIGN_OR_RETURN(command.amount,
                              accounts::ParsePositive("quantity", request.quantity()));
  if (request.address().empty()) return InvalidField("address", "is required");
  const auto& allowed = config.withdrawal_addresses();
  if (std::find(allowed.begin(), allowed.end(), request.address()) == allowed.end()) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     common::v1::ERROR_REASON_ADDRESS_NOT_ALLOWED,
                     "the address is not among the account's withdrawal_addresses");
  }
  if (!request.max_fee().empty()) {
    const auto max_fee = Decimal::Parse(request.max_fee());
    if (!max_fee.ok() || max_fee->is_negative()) {
      return InvalidField("max_fee", "must be a decimal of at least 0");
    }
    command.max_fee = *max_fee;
  }
  if (request.wallet() != v1::WALLET_UNSPECIFIED && request.wallet() != v1::WALLET_SPOT) {
    return InvalidField("wallet", "withdrawals are made from the exchange's own spot wallet");
  }
  command.request_id = request.client_withdrawal_id();
  command.currency = request.currency();
  command.network = request.network();
  command.address = request.address();
  command.tag = request.address_tag();
  return command;
}

absl::StatusOr<exchange::TransferCommand> ParseTransfer(const v1::TransferRequest& request,
                                                        const config::v1::AccountConfig& config) {
  if (!config.transfers()) return Disabled("transfers", "transfers");
  exchange::TransferCommand command;
  SWITCHYARD_RETURN_IF_ERROR(
      accounts::CheckRequestId("client_transfer_id", request.client_transfer_id()));
  SWITCHYARD_RETURN_IF_ERROR(CheckCurrency(request.currency()));
  SWITCHYARD_ASSIGN_OR_RETURN(command.amount,
                              accounts::ParsePositive("quantity", request.quantity()));
  SWITCHYARD_RETURN_IF_ERROR(CheckEndpoint("from", request.has_from(), request.from()));
  SWITCHYARD_RETURN_IF_ERROR(CheckEndpoint("to", request.has_to(), request.to()));
  if (request.from().wallet() == request.to().wallet() &&
      request.from().sub_account() == request.to().sub_account()) {
    return InvalidField("to", "is the same as from");
  }
  command.request_id = request.client_transfer_id();
  command.currency = request.currency();
  command.from = request.from();
  command.to = request.to();
  return command;
}

absl::StatusOr<exchange::FundsQuery> ParseFundsQuery(const v1::ListWithdrawalsRequest& request) {
  return ParseQuery(request, &v1::WithdrawalState_IsValid);
}

absl::StatusOr<exchange::FundsQuery> ParseFundsQuery(const v1::ListTransfersRequest& request) {
  return ParseQuery(request, &v1::TransferState_IsValid);
}

absl::StatusOr<Decimal> ParseLeverage(const std::string& text) {
  const auto leverage = Decimal::Parse(text);
  if (!leverage.ok()) return InvalidField("leverage", std::string(leverage.status().message()));
  if (*leverage < Decimal::FromInt(1)) return InvalidField("leverage", "must be at least 1");
  return *leverage;
}

absl::Status CheckLeverageScope(const std::string& symbol, exchange::Scope scope) {
  if (scope == exchange::Scope::kAccount && !symbol.empty()) {
    return InvalidField("symbol", "must be empty: leverage is set for the whole account");
  }
  if (scope != exchange::Scope::kAccount && symbol.empty()) {
    return InvalidField("symbol", "is required");
  }
  return absl::OkStatus();
}

}  // namespace switchyard::account
