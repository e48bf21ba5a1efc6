#include "tests/clients/fake/fake_accounts.h"

#include <fmt/format.h>

#include "common/status/status.h"

namespace switchyard::clients::fake {

FakeAccounts::FakeAccounts(const Market& market, int fill_every) {
  for (const auto& [exchange, account] :
       std::vector<std::pair<std::string, std::string>>{{"gateio", "main"},
                                                        {"gateio_futures", "main"},
                                                        {"lighter", "one"},
                                                        {"lighter", "two"}}) {
    accounts_.try_emplace(std::pair(exchange, account), exchange, account, market, fill_every);
  }
}

absl::StatusOr<FakeAccount*> FakeAccounts::Find(const std::string& exchange,
                                                const std::string& account) {
  FakeAccount* found = nullptr;
  int candidates = 0;
  bool known = false;
  for (auto& [name, entry] : accounts_) {
    if (name.first != exchange) continue;
    known = true;
    if (!account.empty() && name.second != account) continue;
    ++candidates;
    found = &entry;
  }
  if (candidates == 1) return found;
  const auto reason =
      known ? common::v1::ERROR_REASON_UNKNOWN_ACCOUNT : common::v1::ERROR_REASON_UNKNOWN_EXCHANGE;
  return MakeError(absl::StatusCode::kInvalidArgument, reason,
                   fmt::format("\"{}\" names {} accounts of {}", account, candidates, exchange));
}

std::vector<std::pair<std::string, std::string>> FakeAccounts::Names() const {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [name, account] : accounts_) names.push_back(name);
  return names;
}

}  // namespace switchyard::clients::fake
