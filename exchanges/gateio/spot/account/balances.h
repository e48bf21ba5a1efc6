#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/time/time.h"
#include "exchanges/gateio/account/figure.h"
#include "switchyard/account/v1/account.pb.h"
#include "switchyard/account/v1/account_events.pb.h"

namespace switchyard::exchanges::gateio::spot {

// GET /spot/accounts: every balance of the spot wallet, ages 0. Pure.
// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE. Source: API v4, "Spot", accounts.
absl::StatusOr<std::vector<account::v1::Balance>> DecodeBalances(const std::string& body);

// A push of spot.balances: one change each. Pure. Errors as above.
// Source: Spot WebSocket v4, "Balances".
absl::StatusOr<std::vector<account::v1::BalanceChange>> ReadBalanceChanges(const json::Json& list);

// kUnrecognised for a text that Gate.io has invented since; UNSPECIFIED for none and for "other".
account::v1::BalanceChangeType ToChangeType(std::string_view change_type);

// The balances of one account as the exchange last told them. Connection thread.
class Balances {
 public:
  // Replaces what is known, but for what was pushed after `asked_at` (steady).
  void Replace(const std::vector<account::v1::Balance>& balances, std::chrono::nanoseconds asked_at,
               std::chrono::nanoseconds now);
  // False where a younger one is known already.
  bool Apply(const account::v1::Balance& balance, std::chrono::nanoseconds now);
  // With their ages at `now`.
  std::vector<account::v1::Balance> List(std::chrono::nanoseconds now) const;

 private:
  struct Held {
    account::v1::Balance balance;
    std::chrono::nanoseconds told_at;
  };
  std::map<std::string, Held> balances_;
};

}  // namespace switchyard::exchanges::gateio::spot
