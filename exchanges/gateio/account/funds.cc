#include "exchanges/gateio/account/funds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <optional>
#include <utility>

#include "common/crypto/bytes.h"
#include "common/crypto/sha.h"
#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/account/account_book.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/market_data/page_token.h"
#include "exchanges/gateio/rest/answer.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio {
namespace {

namespace v1 = account::v1;
using json::Json;

constexpr std::size_t kLongestOrderId = 32;
constexpr std::size_t kHashDigits = 31;
// Gate.io looks back no further.
constexpr std::chrono::hours kWithdrawalSpan = std::chrono::hours(24) * 30;
constexpr std::string_view kFuturesCurrency = "USDT";

std::string Upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

// One member of a JSON object whose order is that of the documentation.
void Add(std::string& body, std::string_view name, std::string_view value) {
  body += body.empty() ? '{' : ',';
  body += fmt::format("\"{}\":{}", name, json::Serialise(std::string(value)));
}

struct State {
  std::string_view name;
  v1::WithdrawalState state;
};
// Source: API v4, "Withdrawal", status; an open set.
constexpr State kStates[] = {
    {"DONE", v1::WITHDRAWAL_STATE_COMPLETED},
    {"BCODE", v1::WITHDRAWAL_STATE_COMPLETED},
    {"CANCEL", v1::WITHDRAWAL_STATE_CANCELED},
    {"REJECT", v1::WITHDRAWAL_STATE_REJECTED},
    {"INVALID", v1::WITHDRAWAL_STATE_REJECTED},
    {"FAIL", v1::WITHDRAWAL_STATE_FAILED},
    {"REQUEST", v1::WITHDRAWAL_STATE_PENDING},
    {"REVIEW", v1::WITHDRAWAL_STATE_PENDING},
    {"MANUAL", v1::WITHDRAWAL_STATE_PENDING},
    {"LOCKED", v1::WITHDRAWAL_STATE_PENDING},
    {"CANCELPEND", v1::WITHDRAWAL_STATE_PENDING},
    {"VERIFY", v1::WITHDRAWAL_STATE_ACTION_REQUIRED},
    {"FVERIFY", v1::WITHDRAWAL_STATE_ACTION_REQUIRED},
    {"DMOVE", v1::WITHDRAWAL_STATE_PROCESSING},
    {"PROCES", v1::WITHDRAWAL_STATE_PROCESSING},
    {"PEND", v1::WITHDRAWAL_STATE_PROCESSING},
    {"SPLITPEND", v1::WITHDRAWAL_STATE_PROCESSING},
    {"EXTPEND", v1::WITHDRAWAL_STATE_PROCESSING},
};

absl::StatusOr<v1::Withdrawal> ReadWithdrawal(const Json& object) {
  v1::Withdrawal out;
  out.set_exchange_withdrawal_id(TextOf(object, "id"));
  if (out.exchange_withdrawal_id().empty()) return absl::InternalError("no id");
  out.set_client_withdrawal_id(TextOf(object, "withdraw_order_id"));
  out.set_currency(Upper(TextOf(object, "currency")));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal amount, json::RequireDecimal(object, "amount"));
  out.set_quantity(amount.ToShortString());
  for (const char* const field : {"fee", "fee_amount"}) {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Decimal> fee,
                                json::OptionalDecimal(object, field));
    if (!fee) continue;
    out.set_fee(fee->ToShortString());
    out.set_fee_currency(out.currency());
  }
  out.set_network(Upper(TextOf(object, "chain")));
  out.set_address(TextOf(object, "address"));
  out.set_address_tag(TextOf(object, "memo"));
  out.set_raw_state(TextOf(object, "status"));
  // Answers of 2021 have none: it was taken.
  out.set_state(out.raw_state().empty() ? v1::WITHDRAWAL_STATE_PENDING
                                        : ToWithdrawalState(out.raw_state()));
  // "DONE" counts only once it is on the chain.
  const std::string block = TextOf(object, "block_number");
  if (out.state() == v1::WITHDRAWAL_STATE_COMPLETED && block == "0") {
    out.set_state(v1::WITHDRAWAL_STATE_PROCESSING);
  }
  out.set_transaction_id(TextOf(object, "txid"));
  const std::string why = TextOf(object, "fail_reason");
  if (!why.empty()) {
    *out.mutable_rejection() = ToProto(MakeError(absl::StatusCode::kFailedPrecondition,
                                                 common::v1::ERROR_REASON_COMMAND_REFUSED, why,
                                                 {{"exchange_message", why}}));
  }
  out.set_create_time_ns(TimeFromSeconds(TextOf(object, "timestamp")).value_or(TimeNs()).value);
  out.set_update_time_ns(TimeFromSeconds(TextOf(object, "timestamp2")).value_or(TimeNs()).value);
  return out;
}

v1::Transfer Described(const exchange::TransferCommand& command) {
  v1::Transfer out;
  out.set_client_transfer_id(command.request_id);
  out.set_currency(command.currency);
  out.set_quantity(command.amount.ToShortString());
  *out.mutable_from() = command.from;
  *out.mutable_to() = command.to;
  return out;
}

// Gate.io's name of a wallet; empty where it has none.
std::string_view WalletName(v1::Wallet wallet) {
  switch (wallet) {
    case v1::WALLET_UNSPECIFIED:
    case v1::WALLET_SPOT:
      return "spot";
    case v1::WALLET_CONTRACT:
      return "futures";
    default:
      return {};
  }
}

absl::StatusOr<RestRequest> SubAccountRequest(const exchange::TransferCommand& command) {
  const bool to = !command.to.sub_account().empty();
  if (to && !command.from.sub_account().empty()) {
    return InvalidField("from.sub_account", "one end must be the configured account");
  }
  const v1::TransferEndpoint& own = to ? command.from : command.to;
  const v1::TransferEndpoint& sub = to ? command.to : command.from;
  const std::string_view type = WalletName(sub.wallet());
  if (type.empty() || WalletName(own.wallet()) != "spot") {
    return InvalidField(to ? "to.wallet" : "from.wallet",
                        "between spot and a sub account's spot or contract wallet only");
  }
  RestRequest request;
  request.method = "POST";
  request.path = request.limit = paths::kWalletSubTransfers;
  Add(request.body, "currency", command.currency);
  Add(request.body, "sub_account", sub.sub_account());
  Add(request.body, "sub_account_type", type);
  Add(request.body, "amount", command.amount.ToShortString());
  Add(request.body, "direction", to ? "to" : "from");
  Add(request.body, "client_order_id", command.request_id);
  request.body += '}';
  return request;
}

}  // namespace

std::string WithdrawOrderId(std::string_view request_id) {
  if (request_id.size() <= kLongestOrderId) return std::string(request_id);
  return "h" + crypto::ToHex(crypto::Sha256(request_id)).substr(0, kHashDigits);
}

absl::StatusOr<RestRequest> WithdrawRequest(const exchange::WithdrawCommand& command) {
  if (command.network.empty()) return InvalidField("network", "is required");
  RestRequest request;
  request.method = "POST";
  request.path = request.limit = paths::kWithdrawals;
  Add(request.body, "currency", command.currency);
  Add(request.body, "amount", command.amount.ToShortString());
  Add(request.body, "address", command.address);
  if (!command.tag.empty()) Add(request.body, "memo", command.tag);
  Add(request.body, "chain", command.network);
  Add(request.body, "withdraw_order_id", WithdrawOrderId(command.request_id));
  request.body += '}';
  return request;
}

RestRequest FindWithdrawalRequest(std::string_view withdraw_order_id, TimeNs now) {
  RestRequest request;
  request.path = request.limit = paths::kWalletWithdrawals;
  request.query = {{"withdraw_order_id", std::string(withdraw_order_id)},
                   {"from", fmt::to_string((now - kWithdrawalSpan).Seconds())},
                   {"limit", "10"}};
  return request;
}

absl::StatusOr<RestRequest> WithdrawalsRequest(const exchange::FundsQuery& query, TimeNs now) {
  RestRequest request;
  request.path = request.limit = paths::kWalletWithdrawals;
  if (!query.currency.empty()) request.query.emplace_back("currency", query.currency);
  const TimeNs start = query.start.given() ? query.start : now - kWithdrawalSpan;
  request.query.emplace_back("from", fmt::to_string(start.Seconds()));
  if (query.end.given()) request.query.emplace_back("to", fmt::to_string(query.end.Seconds()));
  request.query.emplace_back("limit", fmt::to_string(query.page_size));
  if (!query.page_token.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t offset, ParsePageToken(query.page_token));
    request.query.emplace_back("offset", fmt::to_string(offset));
  }
  return request;
}

v1::WithdrawalState ToWithdrawalState(std::string_view status) {
  const auto* const found = std::find_if(std::begin(kStates), std::end(kStates),
                                         [&](const State& each) { return each.name == status; });
  return found == std::end(kStates) ? v1::WITHDRAWAL_STATE_UNRECOGNISED : found->state;
}

absl::StatusOr<v1::Withdrawal> DecodeWithdrawal(const std::string& body,
                                                const exchange::WithdrawCommand& command) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json object, ParseBody(paths::kWithdrawals, body));
  auto withdrawal = ReadWithdrawal(object);
  if (!withdrawal.ok()) return Unreadable(paths::kWithdrawals, withdrawal.status());
  withdrawal->set_client_withdrawal_id(command.request_id);
  if (withdrawal->network().empty()) withdrawal->set_network(command.network);
  return withdrawal;
}

absl::StatusOr<exchange::Page<v1::Withdrawal>> DecodeWithdrawals(
    const std::string& body, const exchange::FundsQuery& query) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json list, ParseList(paths::kWalletWithdrawals, body));
  exchange::Page<v1::Withdrawal> page;
  for (const Json& object : list) {
    auto withdrawal = ReadWithdrawal(object);
    if (!withdrawal.ok()) return Unreadable(paths::kWalletWithdrawals, withdrawal.status());
    page.items.push_back(*std::move(withdrawal));
  }
  std::stable_sort(page.items.begin(), page.items.end(), [](const auto& a, const auto& b) {
    return a.create_time_ns() > b.create_time_ns();
  });
  if (list.size() >= query.page_size) {
    std::int64_t offset = 0;
    if (!query.page_token.empty()) {
      SWITCHYARD_ASSIGN_OR_RETURN(offset, ParsePageToken(query.page_token));
    }
    page.next_page_token = fmt::to_string(offset + static_cast<std::int64_t>(list.size()));
  }
  return page;
}

RestRequest WithdrawFeeRequest(std::string_view currency) {
  RestRequest request;
  request.path = request.limit = paths::kWalletWithdrawStatus;
  request.query = {{"currency", std::string(currency)}};
  return request;
}

absl::StatusOr<std::optional<Decimal>> DecodeWithdrawFee(const std::string& body,
                                                         std::string_view currency,
                                                         std::string_view network) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json list, ParseList(paths::kWalletWithdrawStatus, body));
  for (const Json& object : list) {
    if (Upper(TextOf(object, "currency")) != Upper(currency)) continue;
    const Json* const chains = json::Find(object, "withdraw_fix_on_chains");
    if (chains != nullptr && chains->is_object()) {
      for (const auto& [chain, fee] : chains->items()) {
        if (Upper(chain) != Upper(network)) continue;
        SWITCHYARD_ASSIGN_OR_RETURN(const Decimal value, json::RequireDecimal(fee, ""));
        return std::optional(value.Normalised());
      }
    }
    SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Decimal> fee,
                                json::OptionalDecimal(object, "withdraw_fix"));
    return fee ? std::optional(fee->Normalised()) : std::nullopt;
  }
  return std::optional<Decimal>();
}

absl::StatusOr<RestRequest> TransferRequest(const exchange::TransferCommand& command) {
  if (IsTraceable(command)) return SubAccountRequest(command);
  const std::string_view from = WalletName(command.from.wallet());
  const std::string_view to = WalletName(command.to.wallet());
  if (from.empty()) return InvalidField("from.wallet", "is not one of Gate.io's");
  if (to.empty()) return InvalidField("to.wallet", "is not one of Gate.io's");
  if (from == to) return InvalidField("to.wallet", "is the same as from");
  RestRequest request;
  request.method = "POST";
  request.path = request.limit = paths::kWalletTransfers;
  Add(request.body, "currency", command.currency);
  Add(request.body, "from", from);
  Add(request.body, "to", to);
  Add(request.body, "amount", command.amount.ToShortString());
  // One end is the futures wallet.
  Add(request.body, "settle", "usdt");
  request.body += '}';
  return request;
}

bool IsTraceable(const exchange::TransferCommand& command) {
  return !command.from.sub_account().empty() || !command.to.sub_account().empty();
}

RestRequest FindTransferRequest(const exchange::TransferCommand& command) {
  RestRequest request;
  request.path = request.limit = paths::kWalletOrderStatus;
  request.query = {{"client_order_id", command.request_id}};
  return request;
}

v1::TransferState ToTransferState(std::string_view status) {
  if (status == "PENDING") return v1::TRANSFER_STATE_PENDING;
  if (status == "SUCCESS") return v1::TRANSFER_STATE_COMPLETED;
  if (status == "FAIL") return v1::TRANSFER_STATE_FAILED;
  if (status == "PARTIAL_SUCCESS") return v1::TRANSFER_STATE_PARTIALLY_COMPLETED;
  return v1::TRANSFER_STATE_UNRECOGNISED;
}

absl::StatusOr<v1::Transfer> DecodeTransfer(const std::string& body,
                                            const exchange::TransferCommand& command) {
  v1::Transfer out = Described(command);
  // Between own wallets it is done with its answer; sub accounts' are told by order_status.
  out.set_state(IsTraceable(command) ? v1::TRANSFER_STATE_PENDING : v1::TRANSFER_STATE_COMPLETED);
  if (body.empty()) return out;
  SWITCHYARD_ASSIGN_OR_RETURN(const Json object, ParseBody(paths::kWalletTransfers, body));
  out.set_exchange_transfer_id(TextOf(object, "tx_id"));
  return out;
}

absl::StatusOr<v1::Transfer> DecodeTransferStatus(const std::string& body,
                                                  const exchange::TransferCommand& command) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json object, ParseBody(paths::kWalletOrderStatus, body));
  v1::Transfer out = Described(command);
  out.set_exchange_transfer_id(TextOf(object, "tx_id"));
  out.set_raw_state(TextOf(object, "status"));
  if (out.raw_state().empty()) {
    return Unreadable(paths::kWalletOrderStatus, absl::InternalError("no status"));
  }
  out.set_state(ToTransferState(out.raw_state()));
  return out;
}

absl::StatusOr<RestRequest> TransfersRequest(const exchange::FundsQuery& query) {
  return AccountBookRequest("dnw", "", query.start, query.end, query.page_size, query.page_token);
}

absl::StatusOr<exchange::Page<v1::Transfer>> DecodeTransfers(const std::string& body,
                                                             const exchange::FundsQuery& query) {
  SWITCHYARD_ASSIGN_OR_RETURN(
      exchange::Page<BookEntry> entries,
      DecodeAccountBook(body, query.start, query.end, query.page_size, query.page_token));
  exchange::Page<v1::Transfer> page;
  page.next_page_token = std::move(entries.next_page_token);
  for (const BookEntry& entry : entries.items) {
    if (entry.type != "dnw") continue;
    if (!query.currency.empty() && Upper(query.currency) != kFuturesCurrency) continue;
    const bool in = !entry.change.is_negative();
    v1::Transfer& out = page.items.emplace_back();
    out.set_exchange_transfer_id(entry.id);
    out.set_currency(std::string(kFuturesCurrency));
    out.set_quantity(entry.change.Absolute().ToString());
    out.mutable_from()->set_wallet(in ? v1::WALLET_SPOT : v1::WALLET_CONTRACT);
    out.mutable_to()->set_wallet(in ? v1::WALLET_CONTRACT : v1::WALLET_SPOT);
    out.set_state(v1::TRANSFER_STATE_COMPLETED);
    out.set_create_time_ns(entry.time.value);
    out.set_update_time_ns(entry.time.value);
  }
  return page;
}

}  // namespace switchyard::exchanges::gateio
