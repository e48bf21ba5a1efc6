#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/decimal/decimal.h"
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

// How near one isolated position is to liquidation.
struct IsolatedMargin {
  std::string symbol;
  common::v1::PositionSide side = common::v1::POSITION_SIDE_UNSPECIFIED;
  // maintenance margin / (margin + unrealised profit): liquidation begins about where it is 1, and
  // a position without anything left counts as 1. Nullopt: there is none (any more), or it is not
  // known.
  std::optional<Decimal> ratio;
  TimeNs receive_time;
};

// Hears changes of the account, on the client's connection thread, in the order of arrival. Must
// not block.
class AccountListener {
 public:
  virtual ~AccountListener() = default;
  virtual void OnSnapshot(const account::v1::AccountSnapshot& snapshot) = 0;
  // One of the DELTA payloads of account.v1.AccountEvent is set; nothing else.
  virtual void OnChange(const account::v1::AccountEvent& change) = 0;
  // The margin of an isolated position moved.
  virtual void OnIsolatedMargin(const IsolatedMargin& margin) = 0;
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
  std::optional<Decimal> max_fee;  // refused before anything is sent where the fee is higher
};

struct TransferCommand {
  std::string request_id;
  std::string currency;
  account::v1::TransferEndpoint from, to;
  Decimal amount;
};

// Which withdrawals or transfers are asked for.
struct FundsQuery {
  std::string currency;  // empty = all
  TimeNs start, end;     // inclusive, exclusive; 0 = unbounded
  std::uint32_t page_size = 100;
  std::string page_token;
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

  // Funds are sent at most once for a request_id as long as callers ask by Find before they repeat
  // one of unknown fate, and respect FundsNotReceivedAfter.
  virtual void Withdraw(WithdrawCommand command,
                        Reply<FundsResult<account::v1::Withdrawal>> reply) = 0;
  // Errors: NotFound, the exchange has no withdrawal of this request_id now.
  virtual void FindWithdrawal(std::string request_id, Reply<account::v1::Withdrawal> reply) = 0;
  virtual void ListWithdrawals(FundsQuery query, Reply<Page<account::v1::Withdrawal>> reply) = 0;
  virtual void Transfer(TransferCommand command,
                        Reply<FundsResult<account::v1::Transfer>> reply) = 0;
  // Errors: NotFound, as FindWithdrawal; Unimplemented, the exchange cannot tell: an unknown
  // outcome of such a transfer stays unknown.
  virtual void FindTransfer(TransferCommand command, Reply<account::v1::Transfer> reply) = 0;
  virtual void ListTransfers(FundsQuery query, Reply<Page<account::v1::Transfer>> reply) = 0;
  // So long after a command of unknown fate the exchange may still take it.
  virtual std::chrono::nanoseconds FundsNotReceivedAfter() const = 0;
  virtual void GetStatus(Reply<ClientStatus> reply) = 0;
};

}  // namespace switchyard::exchange
