#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/simulator/engine/client_order.h"

namespace switchyard::simulator::engine {

// Every order and fill of every client, for good: the ledger that tests compare with. References
// stay valid.
class OrderStore {
 public:
  // Ids are given from `first_id` on.
  explicit OrderStore(std::int64_t first_id) : next_id_(first_id) {}

  // Gives the order its id.
  ClientOrder& Add(const ClientOrder& order);
  // The order is no longer open.
  void Finish(ClientOrder& order);
  void AddFill(const ClientFill& fill) { fills_[fill.user].push_back(fill); }

  // Null: there is none, or it is another user's.
  ClientOrder* Find(UserId user, std::int64_t id) const;
  // The newest order with this text. Null: none.
  ClientOrder* FindByText(UserId user, std::string_view text) const;
  ClientOrder* FindByBookId(OrderId id) const;
  // Oldest first.
  const std::vector<ClientOrder*>& OrdersOf(UserId user) const;
  const std::vector<ClientFill>& FillsOf(UserId user) const;
  // Open orders by id, oldest first; `market` null = of all.
  std::vector<ClientOrder*> OpenOrders(UserId user, const Market* market) const;
  std::size_t OpenCount(UserId user, const Market* market) const;

 private:
  std::int64_t next_id_;
  std::unordered_map<std::int64_t, std::unique_ptr<ClientOrder>> by_id_;
  std::map<std::pair<UserId, std::string>, ClientOrder*> by_text_;
  std::unordered_map<UserId, std::vector<ClientOrder*>> orders_;
  std::unordered_map<UserId, std::vector<ClientFill>> fills_;
  std::unordered_map<UserId, std::map<std::int64_t, ClientOrder*>> open_;
};

}  // namespace switchyard::simulator::engine
