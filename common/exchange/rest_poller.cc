#include "common/exchange/rest_poller.h"

#include <utility>
#include <vector>

namespace switchyard::exchange {

RestPoller::RestPoller(Options options, TopicBoard& board, const Clock& clock, Hooks hooks)
    : options_(options), board_(board), clock_(clock), hooks_(std::move(hooks)) {}

void RestPoller::Tick() {
  const std::chrono::nanoseconds now = clock_.Steady();
  board_.ExpirePolled(options_.patience_for_answers);
  const std::vector<DemandKey> demands = board_.Demands();
  std::vector<DemandKey> alone;
  for (const DemandKey& key : demands) {
    if (useful(key)) {
      alone.push_back(key);
    } else {
      waits_.erase(key);
    }
  }
  if (alone.size() < demands.size() || demands.empty() || !last_carried_) last_carried_ = now;
  for (const DemandKey& key : alone) {
    Wait& wait = waits_.try_emplace(key, Wait{*last_carried_, {}, {}}).first->second;
    if (options_.websocket && now - wait.since < options_.patience) continue;
    if (!board_.HasReaders(key)) continue;
    if (wait.last_poll && now - *wait.last_poll < options_.interval) continue;
    Poll(key, wait, now);
  }
}

void RestPoller::Poll(const DemandKey& key, Wait& wait, std::chrono::nanoseconds now) {
  wait.last_poll = now;
  if (!wait.first_poll) wait.first_poll = now;
  // Where there is a socket on other days, readers know at once why the first snapshot is late.
  if (options_.websocket || now - *wait.first_poll > options_.patience_for_answers) {
    board_.PublishMissing(key, model::StaleReason::kDisconnected, clock_.Now());
  }
  hooks_.poll(key);
}

}  // namespace switchyard::exchange
