#pragma once

#include <chrono>
#include <map>

#include "common/exchange/lane_options.h"
#include "common/exchange/subscription_set.h"

namespace switchyard::exchange {

// What one socket carries and how well it answers, whatever the socket and its owner are.
// Connection thread; times are steady.
class LaneState {
 public:
  // `options` outlives it.
  explicit LaneState(const LaneOptions& options);

  SubscriptionSet& subscriptions() { return subscriptions_; }
  const SubscriptionSet& subscriptions() const { return subscriptions_; }

  // Asks again what waited too long for an answer. False where the socket, not the subscription, is
  // at fault: it was asked twice about one without an answer.
  bool CheckAnswers(std::chrono::nanoseconds now);

  // Notes that a subscription is stuck. True where it soon was so again: asking anew does not help.
  bool StuckAgain(const StreamKey& key, std::chrono::nanoseconds now);
  void Unwant(const StreamKey& key);

  // The exchange is about to cut this socket.
  void Replace() { replace_ = true; }
  // Whether a new socket is due; asked while there is none.
  bool TakeReplacement(std::chrono::nanoseconds opened_at, std::chrono::nanoseconds now);

  void OnClosed();

 private:
  const LaneOptions& options_;
  SubscriptionSet subscriptions_;
  std::map<StreamKey, std::chrono::nanoseconds> stuck_;  // when last
  bool replace_ = false;
};

}  // namespace switchyard::exchange
