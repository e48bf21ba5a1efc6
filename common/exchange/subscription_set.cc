#include "common/exchange/subscription_set.h"

#include <algorithm>

namespace switchyard::exchange {

SubscriptionSet::SubscriptionSet(const retry::Pace& pace, std::chrono::nanoseconds answer_timeout)
    : pacer_(pace), answer_timeout_(answer_timeout) {}

void SubscriptionSet::SetState(Entry& entry, State state) {
  if (entry.state == State::kConfirmed) --confirmed_;
  entry.state = state;
  if (entry.state == State::kConfirmed) ++confirmed_;
}

void SubscriptionSet::Want(const StreamKey& key) {
  const auto [found, added] = entries_.try_emplace(key);
  Entry& entry = found->second;
  if (added) {
    ++wanted_;
    to_send_.insert(key);
    return;
  }
  if (!entry.wanted) ++wanted_;
  entry.wanted = true;
  // One that is yet to be left is left first: only a confirmation tells its owner to begin.
  if (entry.state == State::kRefused) {
    SetState(entry, State::kToSubscribe);
    to_send_.insert(key);
  }
}

void SubscriptionSet::Unwant(const StreamKey& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.wanted) return;
  Entry& entry = found->second;
  entry.wanted = false;
  --wanted_;
  if (entry.state == State::kConfirmed) {
    SetState(entry, State::kToLeave);
    to_send_.insert(key);
  } else if (entry.state == State::kToSubscribe || entry.state == State::kRefused) {
    to_send_.erase(key);
    entries_.erase(found);
  }
}

void SubscriptionSet::Renew(const StreamKey& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.state != State::kConfirmed) return;
  SetState(found->second, State::kToLeave);
  to_send_.insert(key);
}

std::optional<SubscriptionSet::Request> SubscriptionSet::Next(std::chrono::nanoseconds now) {
  if (to_send_.empty() || !pacer_.TryStart(now)) return std::nullopt;
  const StreamKey key = *to_send_.begin();
  to_send_.erase(to_send_.begin());
  Entry& entry = entries_.at(key);
  const bool leave = entry.state == State::kToLeave;
  SetState(entry, leave ? State::kLeaving : State::kAsked);
  // Whatever is still said about subscribing, the exchange said before it leaves.
  if (leave) std::erase_if(late_, [&key](const auto& late) { return late.second.key == key; });
  const Request request{next_id_, key, leave ? Action::kUnsubscribe : Action::kSubscribe,
                        ++entry.unanswered};
  next_id_ = next_id_ == 0x7FFFFFFF ? 1 : next_id_ + 1;
  requests_[request.id] = {request, now};
  return request;
}

std::optional<SubscriptionSet::Request> SubscriptionSet::OnAnswer(std::int64_t id, bool refused,
                                                                  std::chrono::nanoseconds now) {
  if (const auto late = late_.find(id); late != late_.end()) {
    const Request request = late->second;
    late_.erase(late);
    return OnLateAnswer(request, refused, now);
  }
  const auto pending = requests_.find(id);
  if (pending == requests_.end()) return std::nullopt;
  const Request request = pending->second.request;
  requests_.erase(pending);
  pacer_.Finished();
  const auto found = entries_.find(request.key);
  if (found == entries_.end()) return request;
  Entry& entry = found->second;
  entry.since = now;
  entry.unanswered = 0;
  if (request.action == Action::kSubscribe && !refused) {
    SetState(entry, entry.wanted ? State::kConfirmed : State::kToLeave);
    if (!entry.wanted) to_send_.insert(request.key);
  } else if (!entry.wanted) {
    entries_.erase(found);
  } else if (request.action == Action::kUnsubscribe) {
    // Left in order to come again, or wanted again meanwhile.
    SetState(entry, State::kToSubscribe);
    to_send_.insert(request.key);
  } else {
    SetState(entry, State::kRefused);
  }
  return request;
}

std::optional<SubscriptionSet::Request> SubscriptionSet::UnansweredOf(const StreamKey& key,
                                                                      Action action) const {
  for (const auto& [id, pending] : requests_) {
    if (pending.request.key == key && pending.request.action == action) return pending.request;
  }
  if (action != Action::kSubscribe) return std::nullopt;
  for (const auto& [id, request] : late_) {
    if (request.key == key) return request;
  }
  return std::nullopt;
}

std::optional<SubscriptionSet::Request> SubscriptionSet::OldestUnanswered() const {
  if (requests_.empty()) return std::nullopt;
  const auto oldest = std::ranges::min_element(
      requests_, {}, [](const auto& pending) { return pending.second.sent_at; });
  return oldest->second.request;
}

// The key was asked for again, is about to be, or is not wanted any more.
std::optional<SubscriptionSet::Request> SubscriptionSet::OnLateAnswer(
    const Request& request, bool refused, std::chrono::nanoseconds now) {
  if (refused) return std::nullopt;  // the answer to the request that followed decides
  const auto [found, added] = entries_.try_emplace(request.key);
  Entry& entry = found->second;
  if (added) {
    entry.wanted = false;  // the exchange carries what nobody wants
  } else if (entry.state == State::kAsked) {
    const auto again = std::ranges::find_if(requests_, [&request](const auto& pending) {
      return pending.second.request.key == request.key;
    });
    const Request superseded = again->second.request;
    requests_.erase(again);
    GiveUp(superseded);
  } else if (entry.state == State::kToSubscribe) {
    to_send_.erase(request.key);
  } else if (entry.state != State::kRefused) {
    return std::nullopt;
  }
  entry.since = now;
  entry.unanswered = 0;
  SetState(entry, entry.wanted ? State::kConfirmed : State::kToLeave);
  if (entry.wanted) return request;
  to_send_.insert(request.key);
  return std::nullopt;
}

// Frees the request's place in the window. The exchange may answer it all the same.
void SubscriptionSet::GiveUp(const Request& request) {
  pacer_.Finished();
  if (request.action != Action::kSubscribe) return;
  if (late_.size() == kMaxLate) late_.erase(late_.begin());
  late_[request.id] = request;
}

void SubscriptionSet::RetryRefused(std::chrono::nanoseconds now, std::chrono::nanoseconds pause) {
  for (auto& [key, entry] : entries_) {
    if (entry.state != State::kRefused || now - entry.since < pause) continue;
    SetState(entry, State::kToSubscribe);
    to_send_.insert(key);
  }
}

bool SubscriptionSet::OnData(const StreamKey& key, std::chrono::nanoseconds now) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.wanted) return false;
  found->second.since = now;
  return true;
}

void SubscriptionSet::OnDisconnected() {
  pacer_.Reset();
  requests_.clear();
  late_.clear();
  to_send_.clear();
  for (auto it = entries_.begin(); it != entries_.end();) {
    if (!it->second.wanted) {
      it = entries_.erase(it);
      continue;
    }
    SetState(it->second, State::kToSubscribe);
    it->second.unanswered = 0;
    to_send_.insert(it->first);
    ++it;
  }
}

std::vector<SubscriptionSet::Request> SubscriptionSet::TakeOverdue(std::chrono::nanoseconds now) {
  std::vector<Request> overdue;
  for (const auto& [id, pending] : requests_) {
    if (now - pending.sent_at >= answer_timeout_) overdue.push_back(pending.request);
  }
  for (const Request& request : overdue) {
    requests_.erase(request.id);
    GiveUp(request);
    const auto found = entries_.find(request.key);
    if (found == entries_.end()) continue;
    if (!found->second.wanted) {
      entries_.erase(found);
      continue;
    }
    SetState(found->second, State::kToSubscribe);
    to_send_.insert(request.key);
  }
  return overdue;
}

std::vector<StreamKey> SubscriptionSet::TakeSilent(std::chrono::nanoseconds now,
                                                   std::chrono::nanoseconds silence) {
  std::vector<StreamKey> silent;
  for (auto& [key, entry] : entries_) {
    if (entry.state != State::kConfirmed || now - entry.since < silence) continue;
    entry.since = now;
    silent.push_back(key);
  }
  std::ranges::sort(silent);
  return silent;
}

std::vector<StreamKey> SubscriptionSet::wanted() const {
  std::vector<StreamKey> keys;
  keys.reserve(wanted_);
  for (const auto& [key, entry] : entries_) {
    if (entry.wanted) keys.push_back(key);
  }
  std::ranges::sort(keys);
  return keys;
}

bool SubscriptionSet::IsConfirmed(const StreamKey& key) const {
  const auto found = entries_.find(key);
  return found != entries_.end() && found->second.state == State::kConfirmed;
}

bool SubscriptionSet::CarriesAllOf(const SubscriptionSet& other) const {
  return std::ranges::all_of(other.entries_, [this](const auto& entry) {
    return !entry.second.wanted || entry.second.state != State::kConfirmed ||
           IsConfirmed(entry.first);
  });
}

}  // namespace switchyard::exchange
