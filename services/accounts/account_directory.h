#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::accounts {

// One configured account of one exchange, and the client of it that a service uses.
template <typename Client>
struct ServedAccount {
  std::string exchange;
  config::v1::AccountConfig config;
  Client* client = nullptr;  // not owned

  const std::string& name() const { return config.name(); }
};

// The accounts that a service serves, by exchange and name. Filled before anything is served, then
// read from any thread; what it gives out stays valid as long as it lives. Does not own clients.
template <typename Client>
class AccountDirectory {
 public:
  using Account = ServedAccount<Client>;

  // `client` must outlive this object.
  void Add(std::string exchange, config::v1::AccountConfig config, Client& client) {
    std::string name = config.name();
    accounts_[exchange].insert_or_assign(std::move(name),
                                         Account{exchange, std::move(config), &client});
  }

  // The account that a request names; an empty name is the exchange's only one.
  // Errors: InvalidArgument, UNKNOWN_ACCOUNT.
  absl::StatusOr<const Account*> Find(std::string_view exchange, std::string_view name) const {
    const auto of_exchange = accounts_.find(exchange);
    if (of_exchange == accounts_.end()) {
      return Unknown(fmt::format("no account of {} is configured here", exchange), exchange);
    }
    const auto& accounts = of_exchange->second;
    if (name.empty()) {
      if (accounts.size() == 1) return &accounts.begin()->second;
      return Unknown(
          fmt::format("account is required: {} of {} are configured", accounts.size(), exchange),
          exchange);
    }
    const auto found = accounts.find(name);
    if (found != accounts.end()) return &found->second;
    return Unknown(fmt::format("no account '{}' of {} is configured", name, exchange), exchange);
  }

  // Calls `visit(account)` for each, ordered by exchange and name.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& [exchange, accounts] : accounts_) {
      for (const auto& [name, account] : accounts) visit(account);
    }
  }

 private:
  static absl::Status Unknown(std::string_view message, std::string_view exchange) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_UNKNOWN_ACCOUNT,
                     message, {{"field", "account"}, {"exchange", std::string(exchange)}});
  }

  std::map<std::string, std::map<std::string, Account, std::less<>>, std::less<>> accounts_;
};

}  // namespace switchyard::accounts
