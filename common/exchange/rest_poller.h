#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>

#include "common/exchange/topic_board.h"

namespace switchyard::exchange {

// Keeps readers informed of topics that no socket carries: one REST read per topic and interval,
// which the exchange's limits pace further. When REST ends to answer as well, the topic's readers
// are told within `patience_for_answers` (STALE). Connection thread.
class RestPoller {
 public:
  struct Options {
    // False: there is never a socket, and polling is how topics are served.
    bool websocket = true;
    // Not carried by a socket for this long, a topic is polled.
    std::chrono::nanoseconds patience = std::chrono::seconds(5);
    std::chrono::nanoseconds interval = std::chrono::seconds(1);
    // How long the answer to a poll holds; three polls may go wrong.
    std::chrono::nanoseconds patience_for_answers = std::chrono::seconds(3);
  };
  struct Hooks {
    // Whether a socket carries the topic: that others are open is of no use to it.
    std::function<bool(const DemandKey&)> carried;
    std::function<void(const DemandKey&)> poll;
  };

  RestPoller(Options options, TopicBoard& board, const Clock& clock, Hooks hooks);

  // About four times a second.
  void Tick();
  void Forget(const DemandKey& key) { waits_.erase(key); }
  // Whether an answer is still of use: a socket may carry the topic again.
  bool useful(const DemandKey& key) const { return !options_.websocket || !hooks_.carried(key); }

 private:
  struct Wait {
    std::chrono::nanoseconds since{0};
    std::optional<std::chrono::nanoseconds> first_poll, last_poll;
  };

  void Poll(const DemandKey& key, Wait& wait, std::chrono::nanoseconds now);

  const Options options_;
  TopicBoard& board_;
  const Clock& clock_;
  const Hooks hooks_;
  std::map<DemandKey, Wait> waits_;  // of topics that are not carried
  // When a socket last carried something, or nothing was wanted: a topic that is wanted in the
  // midst of an outage does not wait for itself.
  std::optional<std::chrono::nanoseconds> last_carried_;
};

}  // namespace switchyard::exchange
