#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "common/model/market_data.h"
#include "exchanges/gateio/account/account_link.h"

namespace switchyard::exchanges::gateio {

// Keeps the state of a private half in step with the exchange: has it read whole when the socket
// begins to tell everything, again until that succeeds, and says when what was told may be wrong.
// What a socket may have left out unnoticed is found by reading all the same
// every 30 s; without a socket that is every 2 s. Connection thread.
class Reconciler {
 public:
  struct Hooks {
    // Reads everything; calls `apply` with what takes it over, or `fail`. Both are dropped where
    // the socket was lost meanwhile.
    std::function<void(std::function<void(std::function<void()> take_over)> apply,
                       std::function<void(const absl::Status& why)> fail)>
        read;
    std::function<void(model::StaleReason)> stale;
  };

  // `what` names the state in the log. `link` outlives it.
  Reconciler(AccountLink& link, std::string what, bool websocket, Hooks hooks);

  void OnSocketReady();
  void OnSocketLost(const absl::Status& why);
  // Reads anew, now; what is known stays valid meanwhile.
  void ReadAgain();
  // The listener was told a state and may rely on it.
  bool valid() const { return valid_; }
  // Changes with every loss and recovery of the socket.
  std::uint64_t generation() const { return generation_; }

 private:
  void OnFailed(const absl::Status& why);

  AccountLink& link_;
  const std::string what_;
  const bool websocket_;
  const Hooks hooks_;
  bool valid_ = false;
  std::uint64_t generation_ = 0;
  std::uint64_t reads_ = 0;  // taken over; each plans the next
  std::chrono::nanoseconds retry_delay_{0};
};

}  // namespace switchyard::exchanges::gateio
