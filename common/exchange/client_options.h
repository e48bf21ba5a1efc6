#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/client_context.h"

namespace switchyard::exchange {

// What every client is told by its configuration, with defaults.
struct ClientOptions {
  std::string exchange;
  bool websocket = true;
  std::chrono::nanoseconds linger = std::chrono::seconds(30);
  std::chrono::nanoseconds instrument_refresh = std::chrono::seconds(300);
  std::chrono::nanoseconds rest_snapshot_after = std::chrono::seconds(5);
  // Between two REST reads of the same topic while there is no socket.
  std::chrono::nanoseconds poll_interval = std::chrono::seconds(1);
  // How long the answer to such a read holds: without another the topic goes STALE.
  std::chrono::nanoseconds poll_expiry() const { return 3 * poll_interval; }
  // How often the exchange's clock is measured; never more seldom than instruments are loaded.
  std::chrono::nanoseconds clock_interval = std::chrono::seconds(60);
  std::vector<std::string> symbols;  // kept subscribed without readers

  // Errors: InvalidArgument, naming the field.
  static absl::StatusOr<ClientOptions> From(const ExchangeConfig& config);
};

}  // namespace switchyard::exchange
