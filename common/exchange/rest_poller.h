#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>

#include "common/exchange/topic_board.h"

namespace switchyard::exchange {

// Keeps readers informed while there is no socket: one REST read per topic and interval, which the
// exchange's limits pace further. Connection thread.
class RestPoller {
 public:
  struct Options {
    // False: there is never a socket, and polling is how topics are served.
    bool websocket = true;
    // Without a socket for this long, polling begins.
    std::chrono::nanoseconds patience = std::chrono::seconds(5);
    std::chrono::nanoseconds interval = std::chrono::seconds(1);
  };
  struct Hooks {
    std::function<bool()> connected;
    std::function<void(const DemandKey&)> poll;
  };

  RestPoller(Options options, TopicBoard& board, const Clock& clock, Hooks hooks);

  // About four times a second.
  void Tick();
  void Forget(const DemandKey& key) { last_.erase(key); }
  // Whether an answer is still of use: a socket may have come meanwhile.
  bool useful() const { return !options_.websocket || !hooks_.connected(); }

 private:
  const Options options_;
  TopicBoard& board_;
  const Clock& clock_;
  const Hooks hooks_;
  std::optional<std::chrono::nanoseconds> without_socket_since_;
  std::map<DemandKey, std::chrono::nanoseconds> last_;
};

}  // namespace switchyard::exchange
