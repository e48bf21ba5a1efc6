#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/exchange/account_client.h"
#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/config/v1/config.pb.h"

// From a request's fields, and an account's configuration, to what a client is asked for. Pure.
// Errors are InvalidArgument and name the field; other reasons are stated.
namespace switchyard::account {

// Above 0, at most 1; empty = 0.8.
absl::StatusOr<Decimal> ParseMarginCallRatio(const config::v1::AccountConfig& config);
// Withdrawals that are allowed need somewhere to go.
absl::Status CheckWithdrawals(const config::v1::AccountConfig& config);

// Refuses what the configuration does not allow, before anything else is looked at.
// Errors: FailedPrecondition, DISABLED_BY_CONFIGURATION or ADDRESS_NOT_ALLOWED.
absl::StatusOr<exchange::WithdrawCommand> ParseWithdrawal(const v1::WithdrawRequest& request,
                                                          const config::v1::AccountConfig& config);
// Errors: FailedPrecondition, DISABLED_BY_CONFIGURATION.
absl::StatusOr<exchange::TransferCommand> ParseTransfer(const v1::TransferRequest& request,
                                                        const config::v1::AccountConfig& config);

// Of ListWithdrawals and ListTransfers. Also INVALID_PAGE_TOKEN.
absl::StatusOr<exchange::FundsQuery> ParseFundsQuery(const v1::ListWithdrawalsRequest& request);
absl::StatusOr<exchange::FundsQuery> ParseFundsQuery(const v1::ListTransfersRequest& request);

// A leverage of at least 1.
absl::StatusOr<Decimal> ParseLeverage(const std::string& text);
// `symbol` goes with how the exchange sets leverage: for one market, or for the account.
absl::Status CheckLeverageScope(const std::string& symbol, exchange::Scope scope);

}  // namespace switchyard::account
