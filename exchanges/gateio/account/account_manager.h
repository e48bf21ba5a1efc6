#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/account_client.h"
#include "common/exchange/client_context.h"
#include "exchanges/gateio/account/account_link.h"
#include "exchanges/gateio/account/instrument_access.h"
#include "exchanges/gateio/account/reconciler.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::gateio {

// What the accounts of both products share: their life, fees, and refusing what only the other one
// has. State lives on the link's connection thread.
class AccountManager : public exchange::AccountClient {
 public:
  struct Identity {
    std::string exchange, account;
    bool websocket = true;  // false: the account is polled
    bool can_withdraw = false;
  };

  // `market_data` outlives it.
  AccountManager(Product product, Identity identity, exchange::MarketDataClient& market_data);
  ~AccountManager() override;
  // Once, before Start. The socket's life goes to OnSocketReady and OnSocketLost, its balance
  // pushes to OnBalances.
  void SetLink(std::unique_ptr<AccountLink> link);

  const exchange::Capabilities& capabilities() const override;
  void Start(exchange::AccountListener& listener) override;
  void Stop() override;
  void GetFees(std::vector<std::string> symbols,
               exchange::Reply<std::vector<account::v1::FeeRates>> reply) override;
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override {
    link_->GetStatus(std::move(reply));
  }

  // What one of the products lacks; a derived class has the others.
  void ListLeverage(std::string symbol,
                    exchange::Reply<std::vector<account::v1::LeverageSetting>> reply) override;
  void ListBrackets(std::string symbol,
                    exchange::Reply<std::vector<account::v1::LeverageBracket>> reply) override;
  void SetLeverage(std::string symbol, common::v1::PositionSide side, Decimal leverage,
                   exchange::Reply<exchange::SettingResult> reply) override;
  void SetMarginMode(std::string symbol, common::v1::MarginMode mode,
                     exchange::Reply<exchange::SettingResult> reply) override;
  void SetPositionMode(account::v1::PositionMode mode,
                       exchange::Reply<exchange::SettingResult> reply) override;
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
  // Gate.io refuses what is signed more than 60 s before it arrives; the rest is for its own
  // queues. Source: API v4, "Authentication".
  std::chrono::nanoseconds FundsNotReceivedAfter() const override {
    return std::chrono::seconds(90);
  }

  // Connection thread, from the socket.
  void OnSocketReady() { reconciler_->OnSocketReady(); }
  void OnSocketLost(const absl::Status& why) { reconciler_->OnSocketLost(why); }
  virtual void OnBalances(const PrivateDelivery& delivery) = 0;

 protected:
  // Reads the whole state, then calls `apply` with what takes it over and tells the listener.
  virtual void ReadState(std::function<void(std::function<void()>)> apply,
                         std::function<void(const absl::Status&)> fail) = 0;

  // Connection thread from here.
  AccountLink& link() { return *link_; }
  const std::shared_ptr<AccountLink>& shared_link() const { return link_; }
  exchange::MarketDataClient& market_data() const { return market_data_; }
  const InstrumentAccess& instruments() const { return *instruments_; }
  exchange::AccountListener& listener() { return *listener_; }
  Reconciler& reconciler() { return *reconciler_; }
  const Identity& identity() const { return identity_; }

 private:
  absl::Status Lacking(std::string_view what) const;

  const Product product_;
  const Identity identity_;
  exchange::MarketDataClient& market_data_;
  // Shared with answers of the market data client, which may come after this is gone.
  std::shared_ptr<AccountLink> link_;
  std::unique_ptr<InstrumentAccess> instruments_;
  exchange::AccountListener* listener_ = nullptr;
  std::unique_ptr<Reconciler> reconciler_;
};

// Errors: InvalidArgument, naming the field.
absl::StatusOr<std::unique_ptr<exchange::AccountClient>> CreateAccountClient(
    Product product, const AccountOptions& options, const exchange::ClientContext& context);

}  // namespace switchyard::exchanges::gateio
