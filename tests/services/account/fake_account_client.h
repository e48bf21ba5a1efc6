#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/account_client.h"
#include "common/status/status.h"

namespace switchyard::testing {

// An account made of canned answers, given at once on the caller's thread. Any thread.
class FakeAccountClient final : public exchange::AccountClient {
 public:
  template <typename T>
  using Sourced = exchange::SourcedReply<T>;
  template <typename T>
  using Funds = absl::StatusOr<exchange::FundsResult<T>>;

  explicit FakeAccountClient(const exchange::Capabilities& capabilities)
      : capabilities_(capabilities) {}

  // Canned answers; set before the calls that they are for.
  absl::StatusOr<Sourced<account::v1::Account>> account_reply = Sourced<account::v1::Account>{};
  absl::StatusOr<Sourced<std::vector<account::v1::Balance>>> balances =
      Sourced<std::vector<account::v1::Balance>>{};
  absl::StatusOr<std::vector<account::v1::LeverageSetting>> settings =
      std::vector<account::v1::LeverageSetting>(1);
  absl::StatusOr<std::vector<account::v1::LeverageBracket>> brackets =
      std::vector<account::v1::LeverageBracket>();
  absl::StatusOr<exchange::SettingResult> setting_result = exchange::SettingResult{
      .fate = exchange::CommandFate::kConfirmed, .status = absl::OkStatus(), .setting = {}};
  absl::StatusOr<std::vector<account::v1::FeeRates>> fees = std::vector<account::v1::FeeRates>(1);
  absl::StatusOr<account::v1::Withdrawal> found_withdrawal = absl::NotFoundError("none");
  Funds<account::v1::Withdrawal> withdraw_result = exchange::FundsResult<account::v1::Withdrawal>{
      .fate = exchange::CommandFate::kConfirmed, .status = absl::OkStatus(), .record = {}};
  absl::StatusOr<exchange::Page<account::v1::Withdrawal>> withdrawals =
      exchange::Page<account::v1::Withdrawal>{};
  absl::StatusOr<account::v1::Transfer> found_transfer = absl::UnimplementedError("cannot tell");
  Funds<account::v1::Transfer> transfer_result = exchange::FundsResult<account::v1::Transfer>{
      .fate = exchange::CommandFate::kConfirmed, .status = absl::OkStatus(), .record = {}};
  absl::StatusOr<exchange::Page<account::v1::Transfer>> transfers =
      exchange::Page<account::v1::Transfer>{};
  std::chrono::nanoseconds not_received_after = std::chrono::hours(1);

  // What was asked.
  std::vector<exchange::WithdrawCommand> sent_withdrawals;
  std::vector<exchange::TransferCommand> sent_transfers;
  std::vector<std::string> asked;  // settings: "leverage BTC-USDT-PERP 5"
  std::chrono::nanoseconds last_max_age{-1};
  exchange::FundsQuery last_query;
  exchange::AccountListener* listener = nullptr;

  const exchange::Capabilities& capabilities() const override { return capabilities_; }
  void Start(exchange::AccountListener& told) override { listener = &told; }
  void Stop() override {}
  void GetAccount(std::chrono::nanoseconds max_age,
                  exchange::Reply<Sourced<account::v1::Account>> reply) override {
    last_max_age = max_age;
    reply(account_reply);
  }
  void ListBalances(std::chrono::nanoseconds max_age,
                    exchange::Reply<Sourced<std::vector<account::v1::Balance>>> reply) override {
    last_max_age = max_age;
    reply(balances);
  }
  void ListLeverage(std::string,
                    exchange::Reply<std::vector<account::v1::LeverageSetting>> reply) override {
    reply(settings);
  }
  void ListBrackets(std::string,
                    exchange::Reply<std::vector<account::v1::LeverageBracket>> reply) override {
    reply(brackets);
  }
  void SetLeverage(std::string symbol, common::v1::PositionSide, Decimal leverage,
                   exchange::Reply<exchange::SettingResult> reply) override {
    asked.push_back("leverage " + symbol + " " + leverage.ToString());
    reply(setting_result);
  }
  void SetMarginMode(std::string symbol, common::v1::MarginMode mode,
                     exchange::Reply<exchange::SettingResult> reply) override {
    asked.push_back("margin " + symbol + " " + common::v1::MarginMode_Name(mode));
    reply(setting_result);
  }
  void SetPositionMode(account::v1::PositionMode mode,
                       exchange::Reply<exchange::SettingResult> reply) override {
    asked.push_back("mode " + account::v1::PositionMode_Name(mode));
    reply(setting_result);
  }
  void GetFees(std::vector<std::string>,
               exchange::Reply<std::vector<account::v1::FeeRates>> reply) override {
    reply(fees);
  }
  void Withdraw(exchange::WithdrawCommand command,
                exchange::Reply<exchange::FundsResult<account::v1::Withdrawal>> reply) override {
    sent_withdrawals.push_back(std::move(command));
    reply(withdraw_result);
  }
  void FindWithdrawal(std::string, exchange::Reply<account::v1::Withdrawal> reply) override {
    reply(found_withdrawal);
  }
  void ListWithdrawals(exchange::FundsQuery query,
                       exchange::Reply<exchange::Page<account::v1::Withdrawal>> reply) override {
    last_query = std::move(query);
    reply(withdrawals);
  }
  void Transfer(exchange::TransferCommand command,
                exchange::Reply<exchange::FundsResult<account::v1::Transfer>> reply) override {
    sent_transfers.push_back(std::move(command));
    reply(transfer_result);
  }
  void FindTransfer(exchange::TransferCommand,
                    exchange::Reply<account::v1::Transfer> reply) override {
    reply(found_transfer);
  }
  void ListTransfers(exchange::FundsQuery query,
                     exchange::Reply<exchange::Page<account::v1::Transfer>> reply) override {
    last_query = std::move(query);
    reply(transfers);
  }
  std::chrono::nanoseconds FundsNotReceivedAfter() const override { return not_received_after; }
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override {
    reply(exchange::ClientStatus{});
  }

 private:
  const exchange::Capabilities& capabilities_;
};

}  // namespace switchyard::testing
