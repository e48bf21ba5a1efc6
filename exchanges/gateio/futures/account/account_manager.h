#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exchanges/gateio/account/account_manager.h"
#include "exchanges/gateio/futures/account/account_decoder.h"
#include "exchanges/gateio/futures/account/isolated_margins.h"

namespace switchyard::exchanges::gateio::futures {

// The futures account. Pushes of futures.balances tell totals alone, so that each of them has the
// figures read anew over REST, at most once a second. Isolated positions are followed for the sake
// of their margin.
class AccountManager final : public gateio::AccountManager {
 public:
  using Identity = gateio::AccountManager::Identity;

  AccountManager(Identity identity, exchange::MarketDataClient& market_data)
      : gateio::AccountManager(Product::kFutures, std::move(identity), market_data) {}
  ~AccountManager() override { Stop(); }

  // Where mark prices are pushed from; without it they are polled. Once, between SetLink and Start.
  void SetMarkFeed(std::unique_ptr<MarkFeed> feed) { mark_feed_ = std::move(feed); }
  void Start(exchange::AccountListener& listener) override;
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override;
  void GetAccount(std::chrono::nanoseconds max_age,
                  exchange::Reply<exchange::SourcedReply<account::v1::Account>> reply) override;
  void ListBalances(
      std::chrono::nanoseconds max_age,
      exchange::Reply<exchange::SourcedReply<std::vector<account::v1::Balance>>> reply) override;
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

  void OnBalances(const PrivateDelivery& delivery) override;
  // Connection thread, from the socket.
  void OnPositions(const PrivateDelivery& delivery);

 private:
  using Settings = std::vector<account::v1::LeverageSetting>;
  using SettingReply = exchange::Reply<exchange::SettingResult>;

  void ReadState(std::function<void(std::function<void()>)> apply,
                 std::function<void(const absl::Status&)> fail) override;
  void ReadAccount(std::function<void(absl::StatusOr<RawAccount>)> done);
  // The account as it is now or, where it is young enough, as it was last read.
  void WithAccount(
      std::chrono::nanoseconds max_age,
      std::function<void(absl::StatusOr<RawAccount>, std::chrono::nanoseconds age)> done);
  void ReadSetting(const model::Instrument& instrument,
                   std::function<void(absl::StatusOr<account::v1::LeverageSetting>)> done);
  // Sends a change of one market's setting and tells what became of it.
  void ChangeSetting(const model::Instrument& instrument, RestRequest request, std::string what,
                     SettingReply reply);
  // The figures some time after a push.
  void RefreshSoon();

  std::optional<RawAccount> latest_;  // connection thread
  std::chrono::nanoseconds read_at_{0};
  bool refresh_planned_ = false;
  std::unique_ptr<MarkFeed> mark_feed_;  // until Start
  std::unique_ptr<IsolatedMargins> margins_;
};

}  // namespace switchyard::exchanges::gateio::futures
