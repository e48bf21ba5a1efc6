#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "services/simulator/delivery.h"
#include "services/simulator/exchanges/lighter/private_side.h"
#include "services/simulator/exchanges/lighter/trading/desk.h"
#include "services/simulator/exchanges/lighter/trading/key_ring.h"
#include "services/simulator/faults/fault_table.h"

namespace switchyard::simulator::lighter {

// Who hears what of which account. I/O thread only.
class PrivateChannels final : public DeskListener {
 public:
  // All must outlive it; `delivery` is what frames go by. The desk comes with Start, for the two
  // need one another.
  PrivateChannels(Delivery& delivery, KeyRing& keys, faults::FaultTable& faults)
      : delivery_(delivery), keys_(keys), faults_(faults) {}
  void Start(Desk& desk) { desk_ = &desk; }

  static bool IsChannel(std::string_view name);
  // Name of the exchange's symbol that a topic is about; empty = of none or of several.
  std::string SymbolOf(const AccountTopic& topic) const;
  // The topic of "account_orders/0/1234". Empty: no such channel, market or account.
  std::optional<AccountTopic> Parse(std::string_view text) const;
  // The name that frames carry: "account_orders:0", "account_all:1234".
  static std::string FrameChannel(const AccountTopic& topic);
  // Empty: the token may hear the topic; else why not.
  std::string Refuses(const AccountTopic& topic, std::string_view token);

  // Adds a subscriber and sends it the snapshot. It must be removed before it dies.
  void Add(const AccountTopic& topic, Subscription& subscription);
  void Remove(const AccountTopic& topic, Subscription& subscription);
  // Sends what has changed of positions and money; every 10 ms.
  void OnTick();

  // Liquidations and deleveragings of an account, oldest first.
  struct Forced {
    engine::ForcedClose close;
    bool deleverage;
  };
  const std::vector<Forced>& ForcedOf(std::int64_t account) { return forced_[account]; }

  void OnOrder(const Order& order) override;
  void OnTrade(std::int64_t account, const AccountTrade& trade) override;
  void OnPosition(std::int64_t account, const Listing& listing) override;
  void OnAssets(std::int64_t account) override { dirty_money_.insert(account); }
  void OnForcedClose(std::int64_t account, const Listing& listing, const engine::ForcedClose& close,
                     bool deleverage) override;

 private:
  bool Heard(const AccountTopic& topic) const { return listeners_.contains(topic); }
  void Push(const AccountTopic& topic, const std::string& body);
  std::string Snapshot(const AccountTopic& topic);
  // The parts of frames: keys and values without braces.
  std::string OrdersBody(const AccountTopic& topic, const std::vector<const Order*>& orders);
  std::string TradesBody(std::int64_t account, const std::vector<const AccountTrade*>& trades,
                         bool with_volumes);
  std::string PositionsBody(std::int64_t account);
  std::string AssetsBody(std::int64_t account);
  std::string StatsBody(std::int64_t account);
  std::string AllBody(std::int64_t account, const std::vector<const AccountTrade*>& trades);
  std::string MarketBody(const AccountTopic& topic, const std::vector<const Order*>& orders,
                         const std::vector<const AccountTrade*>& trades);
  std::string Frame(const AccountTopic& topic, bool snapshot, const std::string& body) const;

  Delivery& delivery_;
  KeyRing& keys_;
  faults::FaultTable& faults_;
  Desk* desk_ = nullptr;
  std::map<AccountTopic, std::vector<Subscription*>> listeners_;
  std::set<std::int64_t> dirty_money_;
  std::set<std::pair<std::int64_t, std::int64_t>> dirty_positions_;  // account, market
  std::map<std::int64_t, std::vector<Forced>> forced_;
};

}  // namespace switchyard::simulator::lighter
