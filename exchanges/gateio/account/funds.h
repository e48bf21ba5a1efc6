#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/account_client.h"
#include "exchanges/gateio/rest/rest_request.h"
#include "switchyard/account/v1/funds.pb.h"

// Withdrawals and transfers as Gate.io takes and tells them. Pure; any thread. Errors of decoders:
// Internal, MALFORMED_EXCHANGE_MESSAGE. Source: API v4, "Withdrawal" and "Wallet".
namespace switchyard::exchanges::gateio {

// The `withdraw_order_id` of a request: its id where it fits (32 of [0-9A-Za-z_.-]), else "h" and
// 31 hex digits of its hash. Equal for equal ids.
std::string WithdrawOrderId(std::string_view request_id);

// Errors: InvalidArgument, INVALID_FIELD (no network: Gate.io asks for one always).
absl::StatusOr<RestRequest> WithdrawRequest(const exchange::WithdrawCommand& command);
// One withdrawal by its `withdraw_order_id`, as far back as Gate.io looks. `now`: its clock.
RestRequest FindWithdrawalRequest(std::string_view withdraw_order_id, TimeNs now);
// The page token is an offset. Errors: InvalidArgument (page token).
absl::StatusOr<RestRequest> WithdrawalsRequest(const exchange::FundsQuery& query, TimeNs now);

account::v1::WithdrawalState ToWithdrawalState(std::string_view status);
// The answer to a withdrawal. What it leaves out is taken from `command`.
absl::StatusOr<account::v1::Withdrawal> DecodeWithdrawal(const std::string& body,
                                                         const exchange::WithdrawCommand& command);
// Newest first.
absl::StatusOr<exchange::Page<account::v1::Withdrawal>> DecodeWithdrawals(
    const std::string& body, const exchange::FundsQuery& query);

// GET withdraw_status: what a withdrawal of this currency over this network costs.
RestRequest WithdrawFeeRequest(std::string_view currency);
// Nullopt: not told.
absl::StatusOr<std::optional<Decimal>> DecodeWithdrawFee(const std::string& body,
                                                         std::string_view currency,
                                                         std::string_view network);

// Between wallets of the account, or with a sub account of it.
// Errors: InvalidArgument, INVALID_FIELD: no such transfer.
absl::StatusOr<RestRequest> TransferRequest(const exchange::TransferCommand& command);
// Whether Gate.io can tell what became of it: transfers with sub accounts alone carry our id.
bool IsTraceable(const exchange::TransferCommand& command);
RestRequest FindTransferRequest(const exchange::TransferCommand& command);

account::v1::TransferState ToTransferState(std::string_view status);
// What the command says and the exchange has taken. An empty body is an answer, too.
absl::StatusOr<account::v1::Transfer> DecodeTransfer(const std::string& body,
                                                     const exchange::TransferCommand& command);
// GET order_status of a command.
absl::StatusOr<account::v1::Transfer> DecodeTransferStatus(
    const std::string& body, const exchange::TransferCommand& command);
// There is no list of transfers between own wallets: the futures account's book has those with it,
// type `dnw`. Errors: also InvalidArgument (page token).
absl::StatusOr<RestRequest> TransfersRequest(const exchange::FundsQuery& query);
absl::StatusOr<exchange::Page<account::v1::Transfer>> DecodeTransfers(
    const std::string& body, const exchange::FundsQuery& query);

}  // namespace switchyard::exchanges::gateio
