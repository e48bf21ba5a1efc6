#pragma once

#include <string>
#include <vector>

#include "exchanges/gateio/account/account_manager.h"
#include "exchanges/gateio/spot/account/balances.h"

namespace switchyard::exchanges::gateio::spot {

// The spot account: balances kept by spot.balances over a reading of GET /spot/accounts, and the
// funds that leave it. Gate.io values a spot account nowhere in its spot interface: there are no
// figures.
class AccountManager final : public gateio::AccountManager {
 public:
  using Identity = gateio::AccountManager::Identity;

  AccountManager(Identity identity, exchange::MarketDataClient& market_data)
      : gateio::AccountManager(Product::kSpot, std::move(identity), market_data) {}
  ~AccountManager() override { Stop(); }

  void GetAccount(std::chrono::nanoseconds max_age,
                  exchange::Reply<exchange::SourcedReply<account::v1::Account>> reply) override;
  void ListBalances(
      std::chrono::nanoseconds max_age,
      exchange::Reply<exchange::SourcedReply<std::vector<account::v1::Balance>>> reply) override;
  void Withdraw(exchange::WithdrawCommand command,
                exchange::Reply<exchange::FundsResult<account::v1::Withdrawal>> reply) override;
  void FindWithdrawal(std::string request_id,
                      exchange::Reply<account::v1::Withdrawal> reply) override;
  void ListWithdrawals(exchange::FundsQuery query,
                       exchange::Reply<exchange::Page<account::v1::Withdrawal>> reply) override;
  void Transfer(exchange::TransferCommand command,
                exchange::Reply<exchange::FundsResult<account::v1::Transfer>> reply) override;
  void FindTransfer(exchange::TransferCommand command,
                    exchange::Reply<account::v1::Transfer> reply) override;
  void ListTransfers(exchange::FundsQuery query,
                     exchange::Reply<exchange::Page<account::v1::Transfer>> reply) override;

  void OnBalances(const PrivateDelivery& delivery) override;

 private:
  void ReadState(std::function<void(std::function<void()>)> apply,
                 std::function<void(const absl::Status&)> fail) override;
  void ReadBalances(std::function<void(absl::StatusOr<std::vector<account::v1::Balance>>)> done);
  void SendWithdrawal(const exchange::WithdrawCommand& command,
                      exchange::Reply<exchange::FundsResult<account::v1::Withdrawal>> reply);
  // The account's name on everything that is told of it.
  std::vector<account::v1::Balance> Named(std::vector<account::v1::Balance> balances) const;
  template <typename Message>
  Message Named(Message message) const {
    message.set_exchange(identity().exchange);
    message.set_account(identity().account);
    return message;
  }

  Balances balances_;             // connection thread
  account::v1::Account account_;  // without figures
};

}  // namespace switchyard::exchanges::gateio::spot
