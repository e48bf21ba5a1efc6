#include "services/simulator/exchanges/gateio/trading/wallet.h"

#include <algorithm>
#include <array>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/trading/credentials.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::Amount;
using engine::BalanceReason;

constexpr std::int64_t kDefaultRangeS = 7 * 86'400;
constexpr int kTransferDecimals = 8;

constexpr std::array<std::string_view, 5> kAccounts = {"spot", "margin", "futures", "delivery",
                                                       "options"};

std::string_view FeeOf(std::string_view currency) {
  return currency == "USDT" || currency == "USDC" ? "1" : "0.0001";
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return text;
}

bool IsOrderId(std::string_view text) {
  return text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '_' || c == '.' || c == '-';
         });
}

}  // namespace

ApiResult Wallet::ReadMoney(const Json& body, std::string& currency, Amount& amount) const {
  if (!body.is_object()) return Failure(400, "INVALID_REQUEST_BODY", "invalid request body");
  currency = TextOf(body, "currency");
  if (currency.empty()) return MissingParameter("currency");
  const auto parsed = Amount::Parse(TextOf(body, "amount"));
  if (!parsed || *parsed <= Amount()) return BadParameter("amount");
  amount = *parsed;
  return {};
}

void Wallet::Move(engine::UserId user, const std::string& currency, Amount change,
                  BalanceReason reason, std::string_view text) {
  ledger_.Apply({.user = user,
                 .currency = currency,
                 .available_change = change,
                 .locked_change = {},
                 .after = {},
                 .reason = reason,
                 .time_ns = clock_.NowNs(),
                 .text = std::string(text)});
}

ApiResult Wallet::Transfer(const Caller& caller, const Json& body) {
  std::string currency;
  Amount amount;
  if (ApiResult bad = ReadMoney(body, currency, amount); !bad.ok()) return bad;
  const std::string from = TextOf(body, "from");
  const std::string to = TextOf(body, "to");
  for (const std::string& account : {from, to}) {
    if (std::find(kAccounts.begin(), kAccounts.end(), account) == kAccounts.end()) {
      return BadParameter("from or to");
    }
  }
  // One side must be spot, and the simulator opens futures alone besides.
  const bool into = from == "spot" && to == "futures";
  if (!into && !(from == "futures" && to == "spot")) return BadParameter("from and to");
  if (TextOf(body, "settle").empty()) return MissingParameter("settle");
  if (Lower(TextOf(body, "settle")) != "usdt") return BadParameter("settle");
  if (currency != "USDT") return Failure(400, "INVALID_CURRENCY", "Invalid currency");
  engine::Int128 finest = 1;
  for (int i = kTransferDecimals; i < Amount::kScale; ++i) finest *= 10;
  if (amount.units() % finest != 0) return BadParameter("amount: more than 8 decimals");
  const std::int64_t now_ns = clock_.NowNs();
  if (into) {
    if (ledger_.Of(caller.user, currency).available < amount) {
      return Failure(400, "BALANCE_NOT_ENOUGH", "Not enough balance");
    }
    Move(caller.user, currency, -amount, BalanceReason::kTransfer, "futures");
    futures_.Transfer(caller.user, amount, now_ns);
  } else {
    if (futures_.Transfer(caller.user, -amount, now_ns) != engine::Refusal::kNone) {
      return Failure(400, "FUTURES_BALANCE_NOT_ENOUGH", "Not enough futures balance");
    }
    Move(caller.user, currency, amount, BalanceReason::kTransfer, "futures");
  }
  const std::int64_t id = ++last_transfer_;
  transfers_[std::to_string(id)] = id;
  const std::string client_id = TextOf(body, "client_order_id");
  if (!client_id.empty()) transfers_[client_id] = id;
  return Success(fmt::format("{{\"tx_id\":{}}}", id));
}

ApiResult Wallet::OrderStatus(const Json& parameters) const {
  std::string key = TextOf(parameters, "tx_id");
  if (key.empty()) key = TextOf(parameters, "client_order_id");
  if (key.empty()) return MissingParameter("client_order_id or tx_id");
  const auto found = transfers_.find(key);
  if (found == transfers_.end()) return Failure(404, "ORDER_NOT_FOUND", "transfer not found");
  return Success(fmt::format("{{\"tx_id\":\"{}\",\"status\":\"SUCCESS\"}}", found->second));
}

ApiResult Wallet::Withdraw(const Caller& caller, const Json& body) {
  Withdrawal withdrawal;
  if (ApiResult bad = ReadMoney(body, withdrawal.currency, withdrawal.amount); !bad.ok()) {
    return bad;
  }
  withdrawal.chain = TextOf(body, "chain");
  withdrawal.address = TextOf(body, "address");
  withdrawal.memo = TextOf(body, "memo");
  withdrawal.order_id = TextOf(body, "withdraw_order_id");
  if (withdrawal.chain.empty()) return MissingParameter("chain");
  if (withdrawal.address.empty()) return BadParameter("address");
  if (!IsOrderId(withdrawal.order_id)) return BadParameter("withdraw_order_id");
  const engine::Balance balance = ledger_.Of(caller.user, withdrawal.currency);
  if (!ledger_.AllOf(caller.user).contains(withdrawal.currency)) {
    return Failure(400, "INVALID_CURRENCY", "Invalid currency");
  }
  withdrawal.fee = *Amount::Parse(FeeOf(withdrawal.currency));
  if (withdrawal.amount <= withdrawal.fee) return BadParameter("amount: below the minimum");
  if (balance.available < withdrawal.amount) {
    return Failure(400, "BALANCE_NOT_ENOUGH", "Not enough balance");
  }
  withdrawal.id = ++last_withdrawal_;
  withdrawal.user = caller.user;
  withdrawal.created_ns = clock_.NowNs();
  withdrawals_.push_back(withdrawal);
  Move(caller.user, withdrawal.currency, -withdrawal.amount, BalanceReason::kWithdraw,
       fmt::format("w{}", withdrawal.id));
  std::string answer;
  // Lower case and `fee_amount`, as captured.
  JsonWriter(answer)
      .BeginObject()
      .Text("id", fmt::format("w{}", withdrawal.id))
      .Text("currency", Lower(withdrawal.currency))
      .Text("amount", withdrawal.amount.Text())
      .Text("address", withdrawal.address)
      .Text("memo", withdrawal.memo)
      .Text("status", "REQUEST")
      .Text("chain", Lower(withdrawal.chain))
      .Text("withdraw_order_id", withdrawal.order_id)
      .Text("fee_amount", withdrawal.fee.Text())
      .EndObject();
  return Success(std::move(answer));
}

std::string_view Wallet::StatusOf(const Withdrawal& withdrawal) const {
  const std::int64_t now_ns = clock_.NowNs();
  if (withdrawal.cancelled_ns != 0) {
    return now_ns - withdrawal.cancelled_ns < kStepNs ? "CANCELPEND" : "CANCEL";
  }
  const std::int64_t age_ns = now_ns - withdrawal.created_ns;
  return age_ns < kStepNs ? "REQUEST" : age_ns < 2 * kStepNs ? "EXTPEND" : "DONE";
}

void Wallet::AppendRecord(JsonWriter& json, const Withdrawal& withdrawal) const {
  const std::string_view status = StatusOf(withdrawal);
  const bool done = status == "DONE";
  json.BeginObject()
      .Text("id", fmt::format("w{}", withdrawal.id))
      .Text("txid", done ? fmt::format("{:064x}", withdrawal.id) : "")
      .Text("block_number", done ? "41575382" : "0")
      .Text("withdraw_order_id", withdrawal.order_id)
      .Text("timestamp", std::to_string(withdrawal.created_ns / kNsPerS))
      .Text("amount", withdrawal.amount.Text())
      .Text("fee", withdrawal.fee.Text())
      .Text("currency", withdrawal.currency)
      .Text("address", withdrawal.address)
      .Text("memo", withdrawal.memo);
  if (status == "CANCEL") json.Text("fail_reason", "cancelled by user");
  json.Text("status", status).Text("chain", withdrawal.chain).EndObject();
}

void Wallet::Settle() {
  for (Withdrawal& withdrawal : withdrawals_) {
    if (withdrawal.returned || StatusOf(withdrawal) != "CANCEL") continue;
    withdrawal.returned = true;
    Move(withdrawal.user, withdrawal.currency, withdrawal.amount, BalanceReason::kWithdraw,
         fmt::format("w{}", withdrawal.id));
  }
}

ApiResult Wallet::CancelWithdrawal(const Caller& caller, std::string_view id) {
  for (Withdrawal& withdrawal : withdrawals_) {
    if (withdrawal.user != caller.user || fmt::format("w{}", withdrawal.id) != id) continue;
    if (StatusOf(withdrawal) != "REQUEST") {
      return Failure(400, "INVALID_WITHDRAW_CANCEL_STATUS",
                     "Cancelling withdrawal not allowed with current status");
    }
    withdrawal.cancelled_ns = clock_.NowNs();
    std::string body;
    JsonWriter json(body);
    AppendRecord(json, withdrawal);
    return Success(std::move(body), 202);
  }
  return Failure(400, "INVALID_WITHDRAW_ID", "Invalid withdraw id");
}

ApiResult Wallet::ListWithdrawals(const Caller& caller, const Json& parameters) {
  Settle();
  const std::string currency = TextOf(parameters, "currency");
  const std::string id = TextOf(parameters, "withdraw_id");
  const std::string order_id = TextOf(parameters, "withdraw_order_id");
  Window window = WindowOf(parameters, 100, 1000);
  if (!window.valid) return BadParameter("limit, offset, from or to");
  if (TextOf(parameters, "from").empty()) {
    window.from_s = clock_.NowNs() / kNsPerS - kDefaultRangeS;
  }
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (auto it = withdrawals_.rbegin(); it != withdrawals_.rend() && !window.full(); ++it) {
    if (it->user != caller.user || (!currency.empty() && it->currency != currency)) continue;
    if (!id.empty() && fmt::format("w{}", it->id) != id) continue;
    if (!order_id.empty() && it->order_id != order_id) continue;
    if (window.Holds(it->created_ns / kNsPerS) && window.Take()) AppendRecord(json, *it);
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult Wallet::Push(const Caller& caller, const Json& body) {
  std::string currency;
  Amount amount;
  if (ApiResult bad = ReadMoney(body, currency, amount); !bad.ok()) return bad;
  const auto receiver = IntegerOf(body, "receive_uid", 0, 1);
  const auto keys = SeededKeys();
  const bool known = receiver && std::any_of(keys.begin(), keys.end(), [&](const ApiKey& key) {
                       return key.user == *receiver && key.user != caller.user;
                     });
  if (!known) return BadParameter("receive_uid");
  if (ledger_.Of(caller.user, currency).available < amount) {
    return Failure(400, "BALANCE_NOT_ENOUGH", "Not enough balance");
  }
  Move(caller.user, currency, -amount, BalanceReason::kWithdraw, "push");
  Move(*receiver, currency, amount, BalanceReason::kDeposit, "push");
  return Success(fmt::format("{{\"id\":\"{}\"}}", ++last_transfer_));
}

ApiResult Wallet::WithdrawStatus(const Json& parameters) const {
  const std::string wanted = TextOf(parameters, "currency");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (const auto& [currency, balance] : ledger_.AllOf(SeededKeys().front().user)) {
    if (!wanted.empty() && wanted != currency) continue;
    json.BeginObject()
        .Text("currency", currency)
        .Text("name", currency)
        .Text("name_cn", currency)
        .Text("deposit", "0")
        .Text("withdraw_percent", "0%")
        .Text("withdraw_fix", FeeOf(currency))
        .Text("withdraw_day_limit", "1000000")
        .Text("withdraw_day_limit_remain", "1000000")
        .Text("withdraw_amount_mini", FeeOf(currency))
        .Text("withdraw_eachtime_limit", "1000000");
    json.Key("withdraw_fix_on_chains").BeginObject().Text("ETH", FeeOf(currency)).EndObject();
    json.EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult Wallet::DepositAddress(const Json& parameters) const {
  const std::string currency = TextOf(parameters, "currency");
  if (currency.empty()) return MissingParameter("currency");
  const char* const address = "0x0000000000000000000000000000000000000001";
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Text("currency", currency).Text("address", address);
  json.Key("multichain_addresses")
      .BeginArray()
      .BeginObject()
      .Text("chain", "ETH")
      .Text("address", address)
      .Text("payment_id", "")
      .Text("payment_name", "")
      .Number("obtain_failed", 0)
      .Number("min_confirms", 10)
      .EndObject()
      .EndArray();
  json.Text("min_deposit_amount", "0.01").Raw("min_confirms", "null").EndObject();
  return Success(std::move(body));
}

void Wallet::AddRoutes(PrivateRest& rest) {
  using Call = PrivateCall;
  const auto add = [&](const char* endpoint, Pace pace, auto answer) {
    rest.Add(endpoint, {pace, std::move(answer)});
  };
  add("POST wallet/transfers", Pace::kTransfer,
      [this](const Call& call) { return Transfer(call.caller, call.body); });
  for (const char* path :
       {"POST wallet/sub_account_transfers", "POST wallet/sub_account_to_sub_account"}) {
    add(path, Pace::kTransfer,
        [](const Call&) { return Failure(400, "SUB_ACCOUNT_NOT_FOUND", "sub account not found"); });
  }
  for (const char* path : {"GET wallet/sub_account_transfers", "GET wallet/deposits",
                           "GET wallet/saved_address", "GET wallet/push"}) {
    add(path, Pace::kQuery, [](const Call&) { return Success("[]"); });
  }
  add("GET wallet/order_status", Pace::kQuery,
      [this](const Call& call) { return OrderStatus(call.parameters); });
  add("GET wallet/withdraw_status", Pace::kQuery,
      [this](const Call& call) { return WithdrawStatus(call.parameters); });
  add("GET wallet/deposit_address", Pace::kQuery,
      [this](const Call& call) { return DepositAddress(call.parameters); });
  add("GET wallet/withdrawals", Pace::kQuery,
      [this](const Call& call) { return ListWithdrawals(call.caller, call.parameters); });
  add("POST withdrawals", Pace::kWithdraw,
      [this](const Call& call) { return Withdraw(call.caller, call.body); });
  add("DELETE withdrawals/{}", Pace::kQuery,
      [this](const Call& call) { return CancelWithdrawal(call.caller, call.id()); });
  add("POST withdrawals/push", Pace::kQuery,
      [this](const Call& call) { return Push(call.caller, call.body); });
}

}  // namespace switchyard::simulator::gateio
