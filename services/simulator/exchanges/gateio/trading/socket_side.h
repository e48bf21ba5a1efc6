#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "services/simulator/exchanges/gateio/listing.h"
#include "services/simulator/exchanges/gateio/private_side.h"
#include "services/simulator/exchanges/gateio/rate_limiter.h"
#include "services/simulator/exchanges/gateio/trading/api.h"
#include "services/simulator/exchanges/gateio/trading/authenticator.h"
#include "services/simulator/exchanges/gateio/trading/private_channels.h"
#include "services/simulator/held_answers.h"

namespace switchyard::simulator::gateio {

// A call of the WebSocket API: what answers it.
struct SocketCall {
  bool acknowledges = false;  // a first frame echoes the request
  bool commands = true;       // it makes, changes or cancels orders
  bool places = false;        // it makes or changes orders
  std::function<ApiResult(const Caller&, const Json& parameters)> answer;
};

// The private half of one product's sockets: subscriptions with a signature each, and the WebSocket
// API with its login. Source: gateio.md sections 7 to 9 and 11. I/O thread only.
class SocketSide final {
 public:
  // What it works with; all outlive it.
  struct Parts {
    const Listings& listings;
    const ExchangeClock& clock;
    RateLimiter& limiter;
    faults::FaultTable& faults;
    HeldAnswers& held;
    PrivateChannels& channels;
  };

  explicit SocketSide(const Parts& parts) : parts_(parts), authenticator_(parts.clock) {}

  // `name` is the channel without the product, "order_place".
  void Add(std::string name, SocketCall call) { calls_[std::move(name)] = std::move(call); }
  // Tells the symbol of an order that a call names only by its id; empty = unknown.
  using SymbolFinder = std::function<std::string(const Caller&, const Json&)>;
  void set_symbol_finder(SymbolFinder finder) { symbol_of_order_ = std::move(finder); }
  // Ends all logins at once. Returns how many there were.
  std::uint64_t ExpireLogins() {
    ++login_epoch_;
    return std::exchange(logins_, 0);
  }

  std::unique_ptr<PrivateSession> Open(transport::Socket& socket, SubscriptionKeeper& keeper,
                                       const std::string& connection_id, bool decimal_sizes);
  // Full names of its channels, those of the WebSocket API too.
  bool HasChannel(std::string_view channel) const;

 private:
  class Session;

  Product product() const { return parts_.channels.product(); }

  const Parts parts_;
  const Authenticator authenticator_;
  std::map<std::string, SocketCall, std::less<>> calls_;
  SymbolFinder symbol_of_order_;
  std::uint64_t login_epoch_ = 1;
  std::uint64_t logins_ = 0;  // in this epoch
};

}  // namespace switchyard::simulator::gateio
