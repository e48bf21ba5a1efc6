#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/clients/fake/fake_account.h"

namespace switchyard::clients::fake {

// The fake's accounts: `main` on gateio (spot) and gateio_futures, `one` and `two` on lighter. Any
// thread.
class FakeAccounts {
 public:
  FakeAccounts(const Market& market, int fill_every);

  // As the contract: an empty name is the only one. Errors: InvalidArgument (UNKNOWN_EXCHANGE,
  // UNKNOWN_ACCOUNT).
  absl::StatusOr<FakeAccount*> Find(const std::string& exchange, const std::string& account);
  // Exchange and name of each.
  std::vector<std::pair<std::string, std::string>> Names() const;
  static bool IsSpot(const std::string& exchange) { return exchange == "gateio"; }

 private:
  std::map<std::pair<std::string, std::string>, FakeAccount> accounts_;
};

}  // namespace switchyard::clients::fake
