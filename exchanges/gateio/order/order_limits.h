#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/exchange/market_data_client.h"
#include "common/retry/rate_limiter.h"
#include "exchanges/gateio/channels.h"

namespace switchyard::exchanges::gateio {

// What a command counts against.
enum class CommandKind : std::uint8_t { kPlace, kCancel };

// Gate.io's limits of orders: spot places, batches and amends 10 per s together in each market,
// futures 100 per s; cancels 200 per s apart from them; on the socket futures have 100 per s for
// all together, of which cancels may take a part that places leave alone. One thread.
// Source: API v4, "Rate limits".
class OrderLimits {
 public:
  explicit OrderLimits(Product product);

  // One command about these markets: each order of a batch counts, so a market may stand several
  // times. Errors: ResourceExhausted, RATE_LIMITED, with the delay: nothing was taken.
  absl::Status Admit(CommandKind kind, bool over_websocket, const std::vector<std::string>& symbols,
                     std::chrono::nanoseconds now);
  // What the answer to it said.
  void Settle(CommandKind kind, const std::vector<std::string>& symbols,
              const retry::Reported& reported, const std::optional<std::chrono::nanoseconds>& pause,
              std::chrono::nanoseconds now);

  std::vector<exchange::LimitHeadroom> Headrooms(std::chrono::nanoseconds now);

 private:
  std::string NameOf(CommandKind kind, const std::string& symbol);

  const Product product_;
  retry::RateLimiter limiter_;
  std::map<std::string, std::int64_t> defined_;  // permits by name, each per second
};

}  // namespace switchyard::exchanges::gateio
