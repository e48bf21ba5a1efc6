#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"

namespace switchyard::process {

// The exchange clients of a process, by id; does not own them. Filled before anything is served,
// then read from any thread.
class ExchangeClients {
 public:
  using Map = std::map<std::string, exchange::MarketDataClient*, std::less<>>;

  // `client` must outlive this object.
  void Add(std::string id, exchange::MarketDataClient& client);

  // The client that a request's `exchange` field names.
  // Errors: InvalidArgument, INVALID_FIELD (empty) or UNKNOWN_EXCHANGE (not served here).
  absl::StatusOr<exchange::MarketDataClient*> Find(std::string_view exchange) const;

  // Ordered by id.
  const Map& all() const { return clients_; }

 private:
  Map clients_;
};

}  // namespace switchyard::process
