#include "services/process/account_clients.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace switchyard::process {
namespace {

constexpr std::size_t kMaxName = 64;

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

}  // namespace

absl::Status CheckAccounts(const config::v1::ExchangeConfig& exchange) {
  std::set<std::string> names;
  for (int i = 0; i < exchange.accounts_size(); ++i) {
    const config::v1::AccountConfig& account = exchange.accounts(i);
    const auto field = [&](const char* name) {
      return fmt::format("exchange {}: accounts[{}].{}", exchange.exchange(), i, name);
    };
    if (!IsName(account.name())) {
      return InvalidField(field("name"), "must be 1 to 64 of [A-Za-z0-9_-]");
    }
    if (!names.insert(account.name()).second) {
      return InvalidField(field("name"), fmt::format("'{}' occurs twice", account.name()));
    }
    if (account.api_key().empty()) return InvalidField(field("api_key"), "is required");
    if (account.secret().empty()) return InvalidField(field("secret"), "is required");
  }
  if (!names.empty() && exchanges::FindPrivate(exchange.exchange()) == nullptr) {
    return InvalidField(fmt::format("exchange {}: accounts", exchange.exchange()),
                        "this program has no private half of the exchange");
  }
  return absl::OkStatus();
}

}  // namespace switchyard::process
