#include "common/exchange/rest_poller.h"

#include <utility>

namespace switchyard::exchange {

RestPoller::RestPoller(Options options, TopicBoard& board, const Clock& clock, Hooks hooks)
    : options_(options), board_(board), clock_(clock), hooks_(std::move(hooks)) {}

void RestPoller::Tick() {
  if (!useful()) {
    without_socket_since_.reset();
    return;
  }
  const std::chrono::nanoseconds now = clock_.Steady();
  if (!without_socket_since_) without_socket_since_ = now;
  if (options_.websocket && now - *without_socket_since_ < options_.patience) return;
  for (const DemandKey& key : board_.Demands()) {
    if (!board_.HasReaders(key)) continue;
    const auto [last, first] = last_.try_emplace(key, now);
    if (!first && now - last->second < options_.interval) continue;
    last->second = now;
    if (options_.websocket) {
      board_.PublishMissing(key, model::StaleReason::kDisconnected, clock_.Now());
    }
    hooks_.poll(key);
  }
}

}  // namespace switchyard::exchange
