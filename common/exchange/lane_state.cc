#include "common/exchange/lane_state.h"

#include <algorithm>

namespace switchyard::exchange {
namespace {

// A subscription that is stuck a second time within this needs more than to be asked for anew.
constexpr std::chrono::minutes kStuckAgain{1};

}  // namespace

LaneState::LaneState(const LaneOptions& options)
    : options_(options), subscriptions_(options.pace, options.answer_timeout) {}

bool LaneState::CheckAnswers(std::chrono::nanoseconds now) {
  return std::ranges::none_of(subscriptions_.TakeOverdue(now),
                              [](const auto& request) { return request.attempt >= 2; });
}

bool LaneState::StuckAgain(const StreamKey& key, std::chrono::nanoseconds now) {
  const auto [found, first] = stuck_.try_emplace(key, now);
  if (first) return false;
  if (now - found->second >= kStuckAgain) {
    found->second = now;
    return false;
  }
  stuck_.erase(found);
  return true;
}

void LaneState::Unwant(const StreamKey& key) {
  stuck_.erase(key);
  subscriptions_.Unwant(key);
}

bool LaneState::TakeReplacement(std::chrono::nanoseconds opened_at, std::chrono::nanoseconds now) {
  const bool old = options_.rollover.count() != 0 && now - opened_at > options_.rollover;
  const bool due = old || replace_;
  replace_ = false;
  return due;
}

void LaneState::OnClosed() {
  subscriptions_.OnDisconnected();
  replace_ = false;
}

}  // namespace switchyard::exchange
