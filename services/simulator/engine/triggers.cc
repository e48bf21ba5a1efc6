#include "services/simulator/engine/triggers.h"

#include <utility>

namespace switchyard::simulator::engine {
namespace {

std::int64_t Watched(const Prices& prices, PriceSource source) {
  switch (source) {
    case PriceSource::kMark:
      return prices.mark;
    case PriceSource::kIndex:
      return prices.index;
    case PriceSource::kLast:
      break;
  }
  return prices.last;
}

}  // namespace

Trigger& TriggerBook::Add(const Trigger& trigger) {
  auto owned = std::make_unique<Trigger>(trigger);
  Trigger& added = *owned;
  added.id = next_id_++;
  open_[added.order.market].emplace(added.id, &added);
  all_.emplace(added.id, std::move(owned));
  return added;
}

Trigger* TriggerBook::Find(UserId user, std::int64_t id) const {
  const auto found = all_.find(id);
  return found == all_.end() || found->second->order.user != user ? nullptr : found->second.get();
}

std::vector<Trigger*> TriggerBook::Of(UserId user) const {
  std::vector<Trigger*> triggers;
  for (const auto& [id, trigger] : all_) {
    if (trigger->order.user == user) triggers.push_back(trigger.get());
  }
  return triggers;
}

void TriggerBook::End(Trigger& trigger, TriggerState state, std::int64_t now_ns) {
  trigger.state = state;
  trigger.finished_ns = now_ns;
  due_.erase(trigger.id);
  const auto found = open_.find(trigger.order.market);
  if (found == open_.end()) return;
  found->second.erase(trigger.id);
  if (found->second.empty()) open_.erase(found);
}

void TriggerBook::Look(const Market& market, const Prices& prices) {
  const auto found = open_.find(&market);
  if (found == open_.end()) return;
  for (const auto& [id, trigger] : found->second) {
    const std::int64_t price = Watched(prices, trigger->source);
    if (trigger->at_least ? price >= trigger->price : price <= trigger->price) {
      due_.emplace(id, trigger);
    }
  }
}

std::vector<Trigger*> TriggerBook::TakeDue() {
  std::vector<Trigger*> due;
  for (const auto& [id, trigger] : std::exchange(due_, {})) due.push_back(trigger);
  return due;
}

std::vector<Trigger*> TriggerBook::TakeExpired(std::int64_t now_ns) {
  std::vector<Trigger*> expired;
  for (const auto& [market, triggers] : open_) {
    for (const auto& [id, trigger] : triggers) {
      if (trigger->expires_ns != 0 && now_ns >= trigger->expires_ns) expired.push_back(trigger);
    }
  }
  return expired;
}

}  // namespace switchyard::simulator::engine
