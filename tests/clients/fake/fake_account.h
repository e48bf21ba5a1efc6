#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position.pb.h"
#include "tests/clients/fake/answers.h"

namespace switchyard::clients::fake {

// The largest order that the fake's limit lets pass, base units.
inline constexpr std::int64_t kLargestQuantity = 1000;

// An order and whether it is an earlier command's effect.
struct Commanded {
  order::v1::Order order;
  bool replayed = false;
};

// Orders, fills, positions and journal of one account, kept as the contract says and matched when
// they arrive. No journal file, no exchange. Any thread.
class FakeAccount {
 public:
  // Every `fill_every`th order that comes to rest is filled by half; 0 = none.
  FakeAccount(std::string exchange, std::string account, const Market& market, int fill_every);
  FakeAccount(const FakeAccount&) = delete;
  FakeAccount& operator=(const FakeAccount&) = delete;

  absl::StatusOr<Commanded> Place(const order::v1::OrderTicket& ticket);
  absl::StatusOr<Commanded> Amend(const order::v1::AmendOrderRequest& request);
  absl::StatusOr<Commanded> Cancel(const order::v1::OrderKey& key, const std::string& request_id);
  // Of a symbol, or of all where empty. Returns the orders as they are then.
  std::vector<order::v1::Order> CancelAll(std::string_view symbol);
  order::v1::KillSwitch SetKillSwitch(const order::v1::SetKillSwitchRequest& request);

  absl::StatusOr<order::v1::Order> Find(const order::v1::OrderKey& key) const;
  // Newest first.
  std::vector<order::v1::Order> Orders(bool open_alone) const;
  std::vector<order::v1::Fill> Fills(std::string_view client_order_id) const;
  std::vector<position::v1::Position> Positions() const;
  order::v1::KillSwitch kill_switch() const;

  common::v1::JournalPosition End() const;
  // The rows after `position`; of another epoch: one GAP.
  std::vector<order::v1::OrderEvent> EventsAfter(const common::v1::JournalPosition& position) const;
  // A stream of this session is open: orders may be bound to it.
  void Connect(const std::string& session_id);

 private:
  order::v1::Order* Lookup(const order::v1::OrderKey& key);
  // The best price of the other side.
  std::string Opposite(const order::v1::OrderTicket& ticket) const;
  bool Crosses(const order::v1::OrderTicket& ticket) const;
  absl::Status Check(const order::v1::OrderTicket& ticket) const;
  // Matches what crosses the book, or rests.
  void Execute(order::v1::Order& order);
  void Fill(order::v1::Order& order, const Decimal& quantity, std::string_view price,
            order::v1::LiquidityRole role);
  void Finish(order::v1::Order& order, order::v1::OrderState state, order::v1::FinishReason reason);
  // Commits the order's change.
  void Commit(order::v1::Order& order);
  order::v1::OrderEvent& NewRow();

  const std::string exchange_;
  const std::string account_;
  const Market& market_;
  const int fill_every_;
  mutable std::mutex mutex_;
  std::vector<order::v1::Order> orders_;
  std::vector<order::v1::Fill> fills_;
  std::vector<order::v1::OrderEvent> journal_;
  std::map<std::string, Decimal> net_;         // base units by symbol
  std::map<std::string, std::string> served_;  // request_id to order
  std::set<std::string> sessions_;
  order::v1::KillSwitch kill_switch_;
  int rested_ = 0;
};

}  // namespace switchyard::clients::fake
