#include "services/simulator/engine/order_store.h"

namespace switchyard::simulator::engine {

ClientOrder& OrderStore::Add(const ClientOrder& order) {
  auto owned = std::make_unique<ClientOrder>(order);
  ClientOrder& added = *owned;
  added.id = next_id_++;
  by_id_.emplace(added.id, std::move(owned));
  if (!added.text.empty()) by_text_[{added.user, added.text}] = &added;
  orders_[added.user].push_back(&added);
  open_[added.user].emplace(added.id, &added);
  return added;
}

void OrderStore::Finish(ClientOrder& order) { open_[order.user].erase(order.id); }

ClientOrder* OrderStore::Find(UserId user, std::int64_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() || found->second->user != user ? nullptr : found->second.get();
}

ClientOrder* OrderStore::FindByText(UserId user, std::string_view text) const {
  const auto found = by_text_.find({user, std::string(text)});
  return found == by_text_.end() ? nullptr : found->second;
}

ClientOrder* OrderStore::FindByBookId(OrderId id) const {
  const auto found = by_id_.find(static_cast<std::int64_t>(id & ~kClientBit));
  return found == by_id_.end() ? nullptr : found->second.get();
}

const std::vector<ClientOrder*>& OrderStore::OrdersOf(UserId user) const {
  static const std::vector<ClientOrder*> kNone;
  const auto found = orders_.find(user);
  return found == orders_.end() ? kNone : found->second;
}

const std::vector<ClientFill>& OrderStore::FillsOf(UserId user) const {
  static const std::vector<ClientFill> kNone;
  const auto found = fills_.find(user);
  return found == fills_.end() ? kNone : found->second;
}

std::vector<ClientOrder*> OrderStore::OpenOrders(UserId user, const Market* market) const {
  std::vector<ClientOrder*> orders;
  const auto found = open_.find(user);
  if (found == open_.end()) return orders;
  for (const auto& [id, order] : found->second) {
    if (market == nullptr || order->market == market) orders.push_back(order);
  }
  return orders;
}

std::size_t OrderStore::OpenCount(UserId user, const Market* market) const {
  return OpenOrders(user, market).size();
}

}  // namespace switchyard::simulator::engine
