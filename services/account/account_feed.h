#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/decimal/decimal.h"
#include "common/exchange/account_client.h"
#include "common/stream/event_stream.h"
#include "common/time/time.h"
#include "services/accounts/state_topic.h"
#include "switchyard/account/v1/account_events.pb.h"

namespace switchyard::account {

// maintenance margin / equity, of the account's cross part where it has one: liquidation begins at
// 1. Nullopt: not known, or there is nothing to secure. Half to even at 6 decimals.
std::optional<Decimal> MarginRatio(const v1::Account& account);

// The state of one account as its client tells it, and the streams that read it. Makes a margin
// call when the margin ratio of the account, or of one of its isolated positions, reaches
// `margin_call_ratio`, and again only after it has been below. Any thread; outlives the client that
// tells it and every stream that reads it.
class AccountFeed final : public exchange::AccountListener, public stream::TopicOwner {
 public:
  AccountFeed(std::string exchange, std::string account, const Decimal& margin_call_ratio,
              const Clock& clock);

  // The stream gets the present state, if there is one, and all changes.
  void Attach(const std::shared_ptr<stream::EventStream>& stream);
  // Idempotent.
  void Detach(const std::shared_ptr<stream::EventStream>& stream);
  std::uint32_t readers() const;

  void OnSnapshot(const v1::AccountSnapshot& snapshot) override;
  void OnChange(const v1::AccountEvent& change) override;
  void OnIsolatedMargin(const exchange::IsolatedMargin& margin) override;
  void OnStale(model::StaleReason reason) override;

  void Refresh(std::shared_ptr<stream::EventStream> stream,
               std::vector<stream::TopicId> topics) override;

 private:
  template <typename T>
  struct Held {
    T value;
    std::chrono::nanoseconds told_at;  // steady; the ages in `value` are of then
  };
  // Currency, wallet, the exchange's own name of the wallet: ordered as answers are.
  using BalanceKey = std::tuple<std::string, v1::Wallet, std::string>;

  // All below: mutex_ held.
  void HoldBalance(const v1::Balance& balance);
  // Takes a change into the state.
  void Apply(const v1::AccountEvent& change);
  v1::AccountEvent WholeState() const;
  void CallMarginIfDue(accounts::Streams& pushed);
  void CallMargin(v1::MarginCall call, TimeNs receive_time, accounts::Streams& pushed);

  const Decimal margin_call_ratio_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // guards what follows; a stream's lock is taken inside it
  bool valid_ = false;
  Held<v1::Account> account_{};
  std::map<BalanceKey, Held<v1::Balance>> balances_;
  std::map<std::string, v1::LeverageSetting> leverages_;
  bool margin_called_ = false;
  // Isolated positions of which the same is true.
  std::set<std::pair<std::string, common::v1::PositionSide>> isolated_called_;
  accounts::StateTopic<v1::AccountEvent> topic_;
};

}  // namespace switchyard::account
