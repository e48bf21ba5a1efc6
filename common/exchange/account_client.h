#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/order_client.h"
#include "switchyard/account/v1/account.pb.h"
#include "switchyard/account/v1/account_events.pb.h"
#include "switchyard/account/v1/funds.pb.h"

namespace switchyard::exchange {

// The figures, balances and settings are the contract's own messages: they are passed on, not
// computed with by the service.

template <typename T>
struct SourcedReply {
  T value;
  model::Source source = model::Source::kRest;
  std::chrono::nanoseconds age{0};
};

// Hears changes of the account, on the client's connection thread, in the order of arrival. Must
// not block.
class AccountListener {
 public:
  virtual ~AccountListener() = default;
  virtual void OnSnapshot(const account::v1::AccountSnapshot& snapshot) = 0;
  // One of the DELTA payloads of account.v1.AccountEvent is set; nothing else.
  virtual void OnChange(const account::v1::AccountEvent& change) = 0;
  // What was told may be wrong; a snapshot follows.
  virtual void OnStale(model::StaleReason reason) = 0;
};

struct SettingResult {
  CommandFate fate = CommandFate::kUnknown;
  absl::Status status;
  std::optional<account::v1::LeverageSetting> setting;  // as it is after the command
};

struct WithdrawCommand {
  std::string request_id;  // becomes the exchange's own idempotency key
  std::string currency, network, address, tag;
  Decimal amount;
};

struct TransferCommand {
  std::string request_id;
  std::string currency;
  account::v1::Wallet from = account::v1::WALLET_UNSPECIFIED;
  account::v1::Wallet to = account::v1::WALLET_UNSPECIFIED;
  Decimal amount;
};

template <typename T>
struct FundsResult {
  CommandFate fate = CommandFate::kUnknown;
  absl::Status status;
  std::optional<T> record;  // what the exchange answered
};

// The account half of one account on one exchange. Threads, replies and errors as OrderClient.
class AccountClient {
 public:
  virtual ~AccountClient() = default;

  virtual const Capabilities& capabilities() const = 0;
  virtual void Start(AccountListener& listener) = 0;
  virtual void Stop() = 0;

  virtual void GetAccount(std::chrono::nanoseconds max_age,
                          Reply<SourcedReply<account::v1::Account>> reply) = 0;
  virtual void ListBalances(std::chrono::nanoseconds max_age,
                            Reply<SourcedReply<std::vector<account::v1::Balance>>> reply) = 0;
  // Settings with the market's brackets. `symbol` empty = every market in use.
  virtual void ListLeverage(std::string symbol,
                            Reply<std::vector<account::v1::LeverageSetting>> reply) = 0;
  virtual void ListBrackets(std::string symbol,
                            Reply<std::vector<account::v1::LeverageBracket>> reply) = 0;
  virtual void SetLeverage(std::string symbol, common::v1::PositionSide side, Decimal leverage,
                           Reply<SettingResult> reply) = 0;
  virtual void SetMarginMode(std::string symbol, common::v1::MarginMode mode,
                             Reply<SettingResult> reply) = 0;
  virtual void SetPositionMode(account::v1::PositionMode mode, Reply<SettingResult> reply) = 0;
  virtual void GetFees(std::vector<std::string> symbols,
                       Reply<std::vector<account::v1::FeeRates>> reply) = 0;

  virtual void Withdraw(WithdrawCommand command,
                        Reply<FundsResult<account::v1::Withdrawal>> reply) = 0;
  virtual void ListWithdrawals(HistoryQuery query, Reply<Page<account::v1::Withdrawal>> reply) = 0;
  virtual void Transfer(TransferCommand command,
                        Reply<FundsResult<account::v1::Transfer>> reply) = 0;
  virtual void ListTransfers(HistoryQuery query, Reply<Page<account::v1::Transfer>> reply) = 0;
  virtual void GetStatus(Reply<ClientStatus> reply) = 0;
};

}  // namespace switchyard::exchange
